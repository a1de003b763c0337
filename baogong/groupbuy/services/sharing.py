"""Give every line its share of what came: all in full where it is enough, by the common rule where it is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.events import event, record, record_all
from baogong.common.models import Event
from baogong.groupbuy.ledger import Bookkeeper, ValueChange
from baogong.groupbuy.models import OrderLine, OrderLineQuerySet, Round, RoundOffer
from baogong.groupbuy.refusals import NotReady, UnknownOffer, coded
from baogong.groupbuy.services.order_states import chunks, mark_confirmed, mark_less, orders_of, refresh_totals
from baogong.groupbuy.services.states import lock_round
from baogong.groupbuy.services.surplus import keep_surplus, waive_fee
from baogong.groupbuy.telling import in_our_language, short_text, tell
from baogong.planning.allocation import Claim, share_out
from baogong.supply.models import GoodsReceipt

Place = OrderLine.Place
WAITING_FOR_GOODS = {Round.State.ORDERED, Round.State.IN_TRANSIT, Round.State.RECEIVED}


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of one offer, in units: `reserve` is what came beyond the demand."""

    round_offer_id: UUID
    demand: int
    arrived: int
    granted: int

    @property
    def reserve(self) -> int:
        return self.arrived - self.granted


class _Want(NamedTuple):
    """One line of an offer of which too little came; `infants` are those of its household."""

    line_id: UUID
    order_id: UUID
    household_id: UUID
    offer_id: UUID
    quantity: int
    price_fen: int
    code: str
    infants: int


class _Short(NamedTuple):
    """A line that gets `granted`, less than it asked for."""

    want: _Want
    granted: int

    @property
    def units(self) -> int:
        return self.want.quantity - self.granted

    @property
    def less_fen(self) -> int:
        return self.units * self.want.price_fen


@transaction.atomic
def grant_lines(
    round_id: UUID,
    arrived: Mapping[UUID, int],
    *,
    seed: int,
    receipt: GoodsReceipt | None = None,
    actor: Actor,
    now: datetime,
) -> list[Granted]:
    """Share out `arrived` units per offer of the round, once for each offer.

    Who is short owes less or gets money back, and is told. Units beyond the demand go to the reserve under `receipt`.
    Ties are drawn from (seed, sku) and the order's code, so anybody can work the shares out again.
    Raises NotFound, UnknownOffer, NotReady (`round_not_ordered`, `already_shared_out`).
    """
    buy = lock_round(round_id)
    offers = _offers_to_share(buy, arrived)
    granted = grant_offers(buy, offers, arrived, seed=seed, actor=actor, now=now)
    keep_surplus(buy, {each.round_offer_id: each.reserve for each in granted}, receipt, actor=actor, now=now)
    if receipt:
        waive_fee(buy, receipt, actor=actor, now=now)
    return granted


def _offers_to_share(buy: Round, arrived: Mapping[UUID, int]) -> dict[UUID, RoundOffer]:
    if buy.state not in WAITING_FOR_GOODS:
        raise coded(NotReady(_("Round %(round)s waits for no goods") % {"round": buy.code}), "round_not_ordered")
    offers = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy).select_related("offer").in_bulk()
    if not arrived.keys() <= offers.keys() or min(arrived.values(), default=0) < 0:
        raise UnknownOffer(_("Something arrived that this round does not offer"))
    done = _lines_of(buy, arrived).exclude(place=Place.ORDERED)[:1].values_list("round_offer__name", flat=True)
    for name in done:
        raise coded(NotReady(_("%(name)s has been shared out already") % {"name": name}), "already_shared_out")
    return {key: offers[key] for key in arrived}


def grant_offers(
    buy: Round,
    offers: Mapping[UUID, RoundOffer],
    arrived: Mapping[UUID, int],
    *,
    seed: int,
    actor: Actor,
    now: datetime,
) -> list[Granted]:
    """The shares themselves, for a locked round; also at once for what no supplier can deliver."""
    waiting = _lines_of(buy, offers).filter(place=Place.ORDERED)
    demand: Counter[UUID] = Counter(dict(waiting.order_by().values_list("round_offer").annotate(Sum("quantity"))))
    scarce = [key for key in offers if arrived[key] < demand[key]]
    short = list(_shares(offers, _wants(waiting.filter(round_offer__in=scarce)), arrived, seed))
    waiting.update(granted=F("quantity"), place=Place.GRANTED)
    _cut(short)
    missing: Counter[UUID] = Counter()
    for each in short:
        missing[each.want.offer_id] += each.units
    _give_back(buy, offers, short, actor, now)
    mark_confirmed(orders_of(buy))
    granted = [Granted(key, demand[key], arrived[key], demand[key] - missing[key]) for key in offers]
    _note(buy, offers, granted, seed, actor, now)
    return granted


def _lines_of(buy: Round, offers: Iterable[UUID]) -> OrderLineQuerySet:
    lines: OrderLineQuerySet = OrderLine.objects.within(buy.subdistrict_id).filter(round_offer__in=list(offers))
    return lines.live()


def _wants(lines: OrderLineQuerySet) -> dict[UUID, list[_Want]]:
    """The lines to share among, by offer."""
    wants: dict[UUID, list[_Want]] = defaultdict(list)
    columns = ("pk", "order_id", "order__household_id", "round_offer_id", "quantity", "price_fen", "order__code")
    for row in lines.values_list(*columns, "order__household__infants"):
        want = _Want(*row)
        wants[want.offer_id].append(want)
    return wants


def _shares(
    offers: Mapping[UUID, RoundOffer], wants: Mapping[UUID, list[_Want]], arrived: Mapping[UUID, int], seed: int
) -> Iterator[_Short]:
    """Who gets less than asked. A household with infants has one unit of each thing before the rest is shared."""
    for offer_id, lines in wants.items():
        claims = [Claim(want.code, want.quantity, floor=1 if want.infants else 0) for want in lines]
        shares = share_out(arrived[offer_id], claims, seed=draw_seed(seed, offers[offer_id].sku))
        yield from (_Short(want, share.quantity) for want, share in zip(lines, shares, strict=True) if share.short)


def draw_seed(seed: int, sku: str) -> int:
    """The seed of one offer's draw: its own, so that the same household does not win every draw."""
    return int.from_bytes(sha256(f"{seed}:{sku}".encode()).digest()[:6])


def _cut(short: Iterable[_Short]) -> None:
    """Lower what was granted: lines that get the same number go in one statement."""
    by_granted: dict[int, list[UUID]] = defaultdict(list)
    for each in short:
        by_granted[each.granted].append(each.want.line_id)
    for granted, ids in by_granted.items():
        place = Place.GRANTED if granted else Place.SHORT
        for some in chunks(ids):
            OrderLine.objects.filter(pk__in=some).update(granted=granted, place=place)


def _give_back(
    buy: Round, offers: Mapping[UUID, RoundOffer], short: Sequence[_Short], actor: Actor, now: datetime
) -> None:
    """Each household that is short owes less or gets money back, and is told which goods and how much."""
    by_order: dict[UUID, list[_Short]] = defaultdict(list)
    worth: Counter[tuple[UUID, UUID, UUID]] = Counter()
    for each in short:
        by_order[each.want.order_id].append(each)
        supplier = offers[each.want.offer_id].offer.supplier_id
        worth[each.want.order_id, each.want.household_id, supplier] += each.less_fen
    back = Bookkeeper(buy, actor, now).post([ValueChange(*whose, -fen) for whose, fen in worth.items()], "short")
    refresh_totals(by_order)
    for some in chunks(by_order):
        mark_less(orders_of(buy, some))
    record_all(_short_event(offers, cut, back.get(order, 0), actor, now) for order, cut in by_order.items())
    with in_our_language():
        told = [_short_text(offers, cut, back.get(order, 0)) for order, cut in by_order.items()]
        tell(told, kind="short", actor=actor, now=now)


def _short_event(
    offers: Mapping[UUID, RoundOffer], cut: Sequence[_Short], back_fen: int, actor: Actor, now: datetime
) -> Event:
    first = cut[0].want
    values = {
        "code": first.code,
        "lines": [[offers[each.want.offer_id].sku, each.want.quantity, each.granted] for each in cut],
        "less_fen": sum(each.less_fen for each in cut),
        "refund_fen": back_fen,
    }
    return event(
        "groupbuy.order_short", first.order_id, actor=actor, now=now, household_id=first.household_id, values=values
    )


def _short_text(offers: Mapping[UUID, RoundOffer], cut: Sequence[_Short], back_fen: int) -> tuple[UUID, str]:
    items = [(offers[each.want.offer_id].name, each.want.quantity, each.granted) for each in cut]
    return cut[0].want.household_id, short_text(cut[0].want.code, items, sum(each.less_fen for each in cut), back_fen)


def _note(
    buy: Round, offers: Mapping[UUID, RoundOffer], granted: Sequence[Granted], seed: int, actor: Actor, now: datetime
) -> None:
    shares = [[offers[each.round_offer_id].sku, each.demand, each.arrived, each.granted] for each in granted]
    record("groupbuy.lines_granted", buy.pk, actor=actor, now=now, code=buy.code, seed=seed, shares=shares)
