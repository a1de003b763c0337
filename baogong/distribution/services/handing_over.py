"""The last step: a household has its goods, or nobody was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput, NotFound
from baogong.common.events import record
from baogong.distribution.models import Delivery, Holder, Parcel, ParcelLine
from baogong.distribution.refusals import AlreadyHandedOver, DeliveryReturned, PlanNotPublished, PlanWithdrawn
from baogong.distribution.services.custody import pass_on
from baogong.distribution.services.tasks import finish_tasks_of
from baogong.distribution.services.till import PaidAtDoor, take_money
from baogong.groupbuy.models import Order, OrderLine
from baogong.groupbuy.services import hand_over_lines, return_lines

State = Delivery.State
HOW = frozenset({"scan", "code", "flat"})


@dataclass(frozen=True, slots=True)
class HandedOver:
    """`again`: the household had its goods already; when and by whom stands on the delivery."""

    delivery: Delivery
    again: bool


@transaction.atomic
def hand_over(
    delivery_id: UUID, *, how: str, payment: PaidAtDoor | None = None, actor: Actor, now: datetime
) -> HandedOver:
    """A household has received all bags of this delivery. `how`: its code was scanned or typed, or its flat named.

    Twice is told, not counted; of two at the same moment one is first. Cash is taken down once per receipt number,
    also when the goods were handed over before. Raises NotFound, BadInput, PlanNotPublished, PlanWithdrawn,
    DeliveryReturned, and groupbuy's BadPayment and PaymentRefused.
    """
    if how not in HOW:
        raise BadInput(_("A hand-over is by scan, code or flat"), field="how")
    if payment:
        _hold(delivery_id)
    values = {"handed_over_at": now, "handed_over_by": actor.account_id, "handed_over_how": how}
    first = _settle(delivery_id, State.HANDED_OVER, **values)
    delivery = _delivery(delivery_id)
    if not first and delivery.state != State.HANDED_OVER:
        _refuse(delivery)
    if payment:
        take_money(delivery, _lines_of(delivery), payment, actor=actor, now=now)
    if first:
        _give(delivery, actor, now)
    return HandedOver(delivery, again=not first)


def _hold(delivery_id: UUID) -> None:
    """Two who bring the same receipt wait for each other."""
    Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id).values_list("pk").first()


def _settle(delivery_id: UUID, state: str, **values: object) -> bool:
    """Whether we were the first: the update's condition decides, and its row is held from here on."""
    return bool(Delivery.objects.filter(pk=delivery_id, state=State.WAITING).update(state=state, **values))


def _delivery(delivery_id: UUID) -> Delivery:
    rows = Delivery.objects.filter(pk=delivery_id).select_related("plan", "household", "turn__point", "task")
    found: Delivery | None = rows.first()
    if found is None:
        raise NotFound(_("There is no such delivery"))
    return found


def _refuse(delivery: Delivery) -> None:
    plan = delivery.plan.code
    if delivery.state == State.RETURNED:
        raise DeliveryReturned(_("These goods went back, since nobody was there; they have been refunded"), plan=plan)
    if delivery.state == State.WITHDRAWN:
        raise PlanWithdrawn(_("Plan %(plan)s was withdrawn; these bags were taken apart") % {"plan": plan}, plan=plan)
    raise PlanNotPublished(_("Plan %(plan)s is a draft; publish it first") % {"plan": plan}, plan=plan)


def _give(delivery: Delivery, actor: Actor, now: datetime) -> None:
    lines = _lines_of(delivery)
    _hold_orders(lines)
    hand_over_lines(lines, actor=actor, now=now)
    bags = pass_on(_bags_of(delivery), Holder.HOUSEHOLD, delivery.household_id, actor=actor, now=now)
    record(
        "distribution.handed_over",
        delivery.pk,
        actor=actor,
        now=now,
        household_id=delivery.household_id,
        plan=delivery.plan.code,
        how=delivery.handed_over_how,
        bags=bags,
    )
    finish_tasks_of(delivery, actor=actor, now=now)


def _hold_orders(lines: Sequence[UUID]) -> None:
    """An order may be in two plans; whoever hands over its last line must see what the other has done."""
    orders = OrderLine.objects.filter(pk__in=lines).order_by().values("order")
    held = Order.objects.select_for_update(no_key=True).filter(pk__in=orders).order_by("pk")
    list(held.values_list("pk", flat=True))


def _lines_of(delivery: Delivery) -> list[UUID]:
    lines = ParcelLine.objects.filter(parcel__in=Parcel.objects.filter(delivery=delivery))
    return list(lines.order_by().values_list("order_line_id", flat=True).distinct())


def _bags_of(delivery: Delivery) -> QuerySet[Parcel]:
    return Parcel.objects.filter(delivery=delivery)


@transaction.atomic
def return_delivery(delivery_id: UUID, reason: str, *, actor: Actor, now: datetime) -> Delivery:
    """Nobody took these goods, and nobody will today: they go back and become reserve, the household pays nothing for
    them or gets its money back, and is told. Twice is once.

    Raises NotFound, BadInput without a reason, AlreadyHandedOver, PlanNotPublished, PlanWithdrawn.
    """
    if not reason.strip():
        raise BadInput(_("Say why these goods come back"), field="reason")
    first = _settle(delivery_id, State.RETURNED, returned_at=now)
    delivery = _delivery(delivery_id)
    if not first:
        return _returned_before(delivery)
    return_lines(_lines_of(delivery), reason.strip(), actor=actor, now=now)
    bags = pass_on(_bags_of(delivery), Holder.RETURNED, actor=actor, now=now)
    record(
        "distribution.returned",
        delivery.pk,
        actor=actor,
        now=now,
        household_id=delivery.household_id,
        plan=delivery.plan.code,
        reason=reason.strip(),
        bags=bags,
    )
    finish_tasks_of(delivery, actor=actor, now=now)
    return delivery


def _returned_before(delivery: Delivery) -> Delivery:
    if delivery.state == State.HANDED_OVER:
        text = _("The household has these goods already")
        raise AlreadyHandedOver(text, plan=delivery.plan.code, at=str(delivery.handed_over_at))
    if delivery.state != State.RETURNED:
        _refuse(delivery)
    return delivery
