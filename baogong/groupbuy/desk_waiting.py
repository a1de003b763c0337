"""What waits for the supply task force: rounds to open or close, goods to take in or share out, money to move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from baogong.common.clock import end_of_day
from baogong.groupbuy.ledger import Account, balance_of
from baogong.groupbuy.models import OrderLine, Round, RoundPurchase, Transfer
from baogong.groupbuy.services.order_states import ON_THE_WAY
from baogong.web.words import fen, when, when_span

S = Round.State
AFTER_SALES = timedelta(days=30)  # how long a round that did not come about is looked at for refunds
MOST = 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to do: the mark `kind` with its `word`, what it is about, and the page where it is done."""

    kind: str
    word: str
    title: str
    sub: str
    url: str


class _Money(NamedTuple):
    """Open sums of a round, in fen."""

    owed: int
    payable: int
    refund_owed: int


NOTHING = _Money(0, 0, 0)


def waiting(subdistrict_id: UUID, at: datetime) -> list[Waiting]:
    """The goods first, then the rounds, then the money; four queries however much there is."""
    rounds = _rounds(subdistrict_id, at)
    found = list(_goods(subdistrict_id, at))
    found += [line for buy in rounds for line in _times(buy, at)]
    sums, under_way = _money(subdistrict_id, rounds), _under_way(subdistrict_id, rounds)
    found += [line for buy in rounds for line in _books(buy, sums.get(buy.pk, NOTHING), buy.pk in under_way)]
    return found


def _rounds(subdistrict_id: UUID, at: datetime) -> list[Round]:
    """Rounds that are not over, and those that failed or were called off not long ago."""
    recent = Q(closed_at__gte=at - AFTER_SALES, state__in=[S.FAILED, S.CANCELLED])
    live = ~Q(state__in=[S.FAILED, S.CANCELLED, S.SETTLED])
    rounds = Round.objects.within(subdistrict_id).filter(live | recent)
    return list(rounds.order_by("closes_at", "code")[:MOST])


def _goods(subdistrict_id: UUID, at: datetime) -> Iterator[Waiting]:
    """Purchase orders whose goods have come and wait to be shared out, or are due today."""
    purchases = RoundPurchase.objects.within(subdistrict_id).select_related("purchase_order__supplier", "round")
    due = Q(purchase_order__closed_at=None, purchase_order__deliver_from__lt=end_of_day(at))
    here = Q(purchase_order__receipts__final=True, purchase_order__receipts__allocated_at=None)
    for row in purchases.filter(due | here).order_by("purchase_order__deliver_from", "purchase_order__code")[:MOST]:
        order = row.purchase_order
        title = f"{order.supplier.name} {order.code}"
        if order.closed_at:
            yield Waiting("wait", pgettext("to do", "share out"), title, row.round.name, reverse("distribution:plans"))
        else:
            kind = "late" if order.deliver_until and order.deliver_until < at else "go"
            sub = when_span(order.deliver_from, order.deliver_until)
            yield Waiting(
                kind, pgettext("to do", "take in"), title, sub, reverse("supply:purchase_order", args=[order.pk])
            )


def _times(buy: Round, at: datetime) -> Iterator[Waiting]:
    if buy.state == S.OPEN:
        late = buy.closes_at <= at
        yield _of(
            buy,
            "late" if late else "go",
            pgettext("to do", "close") if late else pgettext("to do", "open"),
            pgettext("to do", "cut-off"),
            buy.closes_at,
        )
    elif buy.state == S.FORMED:
        yield _of(buy, "late", pgettext("to do", "order"), pgettext("to do", "closed"), buy.closed_at)
    elif buy.state in {S.DRAFT, S.APPROVED}:
        missed = buy.state == S.DRAFT and buy.opens_at <= at
        word = pgettext("to do", "open it") if buy.state == S.DRAFT else pgettext("to do", "opens by itself")
        yield _of(buy, "late" if missed else "wait", word, pgettext("to do", "opens"), buy.opens_at)


def _of(buy: Round, kind: str, word: str, what: str, moment: datetime | None) -> Waiting:
    return Waiting(kind, word, f"{buy.name} {buy.code}", f"{what} {when(moment)}".strip(), _page(buy))


def _page(buy: Round) -> str:
    return reverse("groupbuy:desk_round", args=[buy.pk])


def _money(subdistrict_id: UUID, rounds: list[Round]) -> dict[UUID, _Money]:
    closed = [buy.pk for buy in rounds if buy.closed_at]
    transfers = Transfer.objects.within(subdistrict_id).filter(round__in=closed)
    sums = transfers.order_by().values_list("round").annotate(
        owed=balance_of(Account.OWED), due=balance_of(Account.PAYABLE), back=balance_of(Account.REFUND_OWED)
    )  # fmt: skip
    return {pk: _Money(*money) for pk, *money in sums}


def _under_way(subdistrict_id: UUID, rounds: list[Round]) -> set[UUID]:
    """Rounds of which goods are not in people's hands yet."""
    lines = OrderLine.objects.within(subdistrict_id).filter(order__round=OuterRef("pk"), place__in=ON_THE_WAY)
    mine = Round.objects.within(subdistrict_id).filter(Exists(lines), pk__in=[buy.pk for buy in rounds])
    return set(mine.values_list("pk", flat=True))


def _books(buy: Round, money: _Money, under_way: bool) -> Iterator[Waiting]:
    if buy.state == S.RECEIVED and under_way:
        url = reverse("distribution:plans")
        yield Waiting("wait", pgettext("to do", "plan"), f"{buy.name} {buy.code}", _("its goods are here"), url)
    if money.refund_owed:
        yield _sum(buy, pgettext("to do", "refund"), money.refund_owed)
    if under_way or not buy.closed_at:
        return
    if money.payable:
        yield _sum(buy, pgettext("to do", "pay suppliers"), money.payable)
    if money.owed:
        yield _sum(buy, pgettext("to do", "still owed"), money.owed)
    if money == NOTHING and buy.state in {S.HANDING_OUT, S.RECEIVED}:
        yield Waiting(
            "wait", pgettext("to do", "settle"), f"{buy.name} {buy.code}", _("nobody owes anybody anything"), _page(buy)
        )


def _sum(buy: Round, word: str, amount_fen: int) -> Waiting:
    return Waiting("wait", word, f"{buy.name} {buy.code}", fen(amount_fen), _page(buy))
