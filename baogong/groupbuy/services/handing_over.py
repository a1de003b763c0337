"""Lines on their last way: into bags, into hands, or back because nobody took them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.events import event, record_all
from baogong.groupbuy.ledger import Account, Bookkeeper, ValueChange
from baogong.groupbuy.models import Order, OrderLine, OrderQuerySet, Round
from baogong.groupbuy.refusals import NotReady, coded
from baogong.groupbuy.services.order_states import (
    chunks,
    mark_less,
    orders_of,
    refresh_handed_over,
    refresh_totals,
)
from baogong.groupbuy.services.states import lock_round
from baogong.groupbuy.services.surplus import keep_returned
from baogong.groupbuy.telling import in_our_language, returned_text, tell

Place = OrderLine.Place


@transaction.atomic
def bag_lines(line_ids: Iterable[UUID]) -> int:
    """Granted lines go into bags; gives how many. Raises NotReady (`line_elsewhere`) where one is somewhere else.

    A query of ids takes one statement, however many lines it finds.
    """
    return _move(line_ids, Place.GRANTED, Place.BAGGED)


@transaction.atomic
def unbag_lines(line_ids: Iterable[UUID]) -> int:
    """Bags are opened again, because their plan was withdrawn. Raises NotReady (`line_elsewhere`)."""
    return _move(line_ids, Place.BAGGED, Place.GRANTED)


def _move(line_ids: Iterable[UUID], here: str, there: str) -> int:
    """From one place to the next, all or none: the condition says whether each was still where it was thought."""
    moved = 0
    whole = [line_ids] if isinstance(line_ids, QuerySet) else chunks(line_ids)
    for some in whole:
        lines = OrderLine.objects.filter(pk__in=some)
        expected = lines.count() if isinstance(some, QuerySet) else len(some)
        count = lines.filter(place=here).update(place=there)
        if count < expected:
            raise coded(NotReady(_("Some of these goods are somewhere else by now")), "line_elsewhere")
        moved += count
    return moved


@transaction.atomic
def hand_over_lines(line_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> list[UUID]:
    """Bagged lines are in the household's hands; gives the orders of which this was the last.

    Raises NotReady (`line_elsewhere`).
    """
    _move(line_ids, Place.BAGGED, Place.HANDED_OVER)
    done = refresh_handed_over(_orders_with(line_ids))
    record_all(
        event("groupbuy.order_handed_over", pk, actor=actor, now=now, household_id=household, values={"code": code})
        for pk, household, code in done
    )
    return [pk for pk, _household, _code in done]


def _orders_with(line_ids: Sequence[UUID]) -> OrderQuerySet:
    lines = OrderLine.objects.filter(pk__in=list(line_ids))
    orders: OrderQuerySet = Order.objects.filter(pk__in=list(set(lines.values_list("order_id", flat=True))))
    return orders


class _Back(NamedTuple):
    """One line that comes back."""

    round_id: UUID
    order_id: UUID
    household_id: UUID
    code: str
    supplier_id: UUID
    offer_id: UUID
    units: int
    price_fen: int


COLUMNS = (
    "order__round_id", "order_id", "order__household_id", "order__code", "round_offer__offer__supplier_id",
    "round_offer_id", "granted", "price_fen",
)  # fmt: skip


@transaction.atomic
def return_lines(line_ids: Sequence[UUID], reason: str, *, actor: Actor, now: datetime) -> int:
    """Goods that could not be handed over come back: the household owes less or gets its money back, and is told.

    The supplier has delivered, so the subdistrict carries them and keeps them in reserve. Gives the sum in fen.
    Raises BadInput without a reason, NotReady (`line_elsewhere`).
    """
    if not reason.strip():
        raise BadInput(_("Say why these goods come back"), field="reason")
    by_round: dict[UUID, list[_Back]] = defaultdict(list)
    for some in chunks(line_ids):
        for row in OrderLine.objects.filter(pk__in=some).values_list(*COLUMNS):
            by_round[row[0]].append(_Back(*row))
    rounds = [lock_round(round_id) for round_id in sorted(by_round)]
    _move(line_ids, Place.BAGGED, Place.RETURNED)
    return sum(_take_back(buy, by_round[buy.pk], reason.strip(), actor, now) for buy in rounds)


def _take_back(buy: Round, lines: Sequence[_Back], reason: str, actor: Actor, now: datetime) -> int:
    worth: Counter[tuple[UUID, UUID, UUID]] = Counter()
    units: Counter[UUID] = Counter()
    less: Counter[tuple[UUID, UUID, str]] = Counter()
    for line in lines:
        fen = line.units * line.price_fen
        worth[line.order_id, line.household_id, line.supplier_id] += fen
        less[line.order_id, line.household_id, line.code] += fen
        units[line.offer_id] += line.units
    changes = [ValueChange(*whose, -fen) for whose, fen in worth.items()]
    back = Bookkeeper(buy, actor, now).post(changes, "returned", against=Account.SHARE)
    keep_returned(buy, units, actor=actor, now=now)
    order_ids = [order for order, _household, _code in less]
    refresh_totals(order_ids)
    mark_less(orders_of(buy, order_ids))
    refresh_handed_over(orders_of(buy, order_ids))
    _announce(less, back, reason, actor, now)
    return less.total()


def _announce(
    less: Mapping[tuple[UUID, UUID, str], int], back: Mapping[UUID, int], reason: str, actor: Actor, now: datetime
) -> None:
    record_all(
        event(
            "groupbuy.goods_returned",
            order,
            actor=actor,
            now=now,
            household_id=household,
            values={"code": code, "less_fen": fen, "refund_fen": back.get(order, 0), "reason": reason},
        )
        for (order, household, code), fen in less.items()
    )
    with in_our_language():
        told = [
            (household, returned_text(code, fen, back.get(order, 0))) for (order, household, code), fen in less.items()
        ]
        tell(told, kind="returned", actor=actor, now=now)
