"""Take orders back: their units return to what remains, what was owed is owed no more, what was paid is refunded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from baogong.common.actors import Actor
from baogong.common.events import event, record_all
from baogong.groupbuy.ledger import Bookkeeper, ValueChange
from baogong.groupbuy.models import Order, OrderLine, Round
from baogong.groupbuy.problems import CANCELLED
from baogong.groupbuy.services.recording import take_stock


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An order that was taken back; `refund_fen` is what had been paid for it."""

    order_id: UUID
    household_id: UUID
    code: str
    refund_fen: int


def cancel_orders(
    buy: Round, reason: str, *, only: Order | None = None, actor: Actor, now: datetime
) -> list[Cancelled]:
    """Cancel one live order of a locked round, or all of them; many take as many statements as one."""
    orders = Order.objects.within(buy.subdistrict_id).filter(round=buy).live()
    if only:
        orders = orders.filter(pk=only.pk)
    rows = list(orders.values_list("pk", "household_id", "code"))
    worth = _release(buy, only)
    orders.update(state=Order.State.CANCELLED, cancelled_at=now, total_fen=0)
    back = Bookkeeper(buy, actor, now).post([ValueChange(*whose, -fen) for whose, fen in worth.items()], reason)
    cancelled = [Cancelled(pk, household, code, back.get(pk, 0)) for pk, household, code in rows]
    _note(cancelled, reason, actor, now)
    return cancelled


def _release(buy: Round, only: Order | None) -> Counter[tuple[UUID, UUID, UUID]]:
    """Put the units back and mark the lines; gives what they were worth by order, household and supplier."""
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy).exclude(place=CANCELLED)
    if only:
        lines = lines.filter(order=only)
    stock: Counter[UUID] = Counter()
    worth: Counter[tuple[UUID, UUID, UUID]] = Counter()
    columns = ("order_id", "order__household_id", "round_offer__offer__supplier_id", "round_offer_id", "quantity")
    for order, household, supplier, offer, quantity, price in lines.values_list(*columns, "price_fen"):
        stock[offer] -= quantity
        worth[order, household, supplier] += quantity * price
    take_stock(stock)
    lines.update(place=CANCELLED)
    return worth


def _note(cancelled: list[Cancelled], reason: str, actor: Actor, now: datetime) -> None:
    record_all(
        event(
            "groupbuy.order_cancelled",
            each.order_id,
            actor=actor,
            now=now,
            household_id=each.household_id,
            values={"code": each.code, "reason": reason, "refund_fen": each.refund_fen},
        )
        for each in cancelled
    )
