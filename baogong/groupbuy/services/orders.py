"""Ordering, whatever way it came in: on one's own phone, by telephone, at the door, on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.groupbuy.decision import Wish, WishLine, decide_orders
from baogong.groupbuy.models import Order, Round
from baogong.groupbuy.problems import scene_of
from baogong.groupbuy.refusals import refusal_of
from baogong.groupbuy.services.cancelling import cancel_orders
from baogong.groupbuy.services.recording import Recorder, Verdict, hours_of
from baogong.groupbuy.services.states import lock_round
from baogong.groupbuy.telling import OrderTexts, in_our_language, tell


@transaction.atomic
def place_orders(round_id: UUID, wishes: Sequence[Wish], *, actor: Actor, now: datetime) -> list[Verdict]:
    """Decide `wishes` in order of arrival and record what they became; one wish is a batch of one.

    A wish carries its household, its key, and whole units (1 or more) per offer of the round. A key that made an order
    before gives that order again. Verdicts say what became of each wish, in their order; a refused wish changes
    nothing (codes: `decision.decide_orders`). Raises NotFound for the round.
    """
    buy = lock_round(round_id)
    return [verdict for batch in _batches(wishes) for verdict in _place_batch(buy, batch, actor=actor, now=now)]


def _batches(wishes: Iterable[Wish]) -> Iterator[list[Wish]]:
    """Cut where a wish changes an order that an earlier one has touched: that one is written down first."""
    batch: list[Wish] = []
    touched: set[str] = set()
    for wish in wishes:
        key = wish.replaces or wish.key
        if key in touched and (wish.replaces or wish.amends):
            yield batch
            batch, touched = [], set()
        batch.append(wish)
        touched.add(key)
    if batch:
        yield batch


def _place_batch(buy: Round, wishes: Sequence[Wish], *, actor: Actor, now: datetime) -> list[Verdict]:
    scene = scene_of(buy, wishes)
    recorder = Recorder(buy, scene, actor=actor, now=now)
    verdicts = recorder.record(decide_orders(scene.standing, wishes, now))
    recorder.tell(verdicts)
    return verdicts


def place_order(round_id: UUID, wish: Wish, *, actor: Actor, now: datetime) -> Order:
    """One wish; its refusal is raised: RoundNotOpen, SoldOut, OverHouseholdCap, BadLines, UnknownOffer, ..."""
    [verdict] = place_orders(round_id, [wish], actor=actor, now=now)
    if verdict.order is None:
        raise verdict.refusal or AssertionError("a verdict without an order has its refusal")
    return verdict.order


def change_order(order_id: UUID, lines: Sequence[WishLine], *, actor: Actor, now: datetime) -> Order:
    """Set an order's lines to `lines` (units per offer of the round); its own units count as free.

    Refused (as by `place_order`, also OrderCancelled), it stays as it was. Raises NotFound.
    """
    order = _order(order_id)
    wish = Wish(order.household_id, order.key, tuple(lines), replaces=order.key, source=order.source)
    return place_order(order.round_id, wish, actor=actor, now=now)


@transaction.atomic
def cancel_order(order_id: UUID, *, actor: Actor, now: datetime) -> Order:
    """Take an order back while its round takes orders; what was paid becomes a refund. Twice is once.

    Raises NotFound, RoundNotOpen.
    """
    buy = lock_round(_order(order_id).round_id)
    order = _order(order_id)
    if order.state == Order.State.CANCELLED:
        return order
    if not buy.accepts_orders(at=now):
        raise refusal_of("round_not_open", hours_of(buy, now))
    cancelled = cancel_orders(buy, "cancelled", only=order, actor=actor, now=now)
    with in_our_language():
        text = OrderTexts(buy, now).is_cancelled
        told = [(each.household_id, text(each.code, each.refund_fen)) for each in cancelled]
        tell(told, kind="order_cancelled", actor=actor, now=now)
    order.refresh_from_db()
    return order


def _order(order_id: UUID) -> Order:
    found: Order | None = Order.objects.filter(pk=order_id).first()
    if found is None:
        raise NotFound(_("There is no such order"))
    return found
