"""Plans, turns and deliveries for tests of pages, made with plain rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from baogong.distribution.models import Delivery, Parcel, ParcelLine, Plan, Task, Turn
from baogong.groupbuy.models import Order, OrderLine
from baogong.groupbuy.tests.browsing import signed_in
from baogong.people.models import Household
from baogong.people.tests.cast import NOON, Cast
from baogong.places.models import Building, Point

__all__ = ["TURN_AT", "make_delivery", "make_plan", "make_task", "make_turn", "pack", "signed_in"]

TURN_AT = NOON + timedelta(hours=2, minutes=20)  # 14:20 on the subdistrict's clocks
_numbers = count(1)


def make_plan(cast: Cast, *, state: str = Plan.State.PUBLISHED, at: datetime = NOON) -> Plan:
    return Plan.objects.create(
        subdistrict_id=cast.subdistrict_id, code=f"D1124-{next(_numbers):02d}", day=at.date(), state=state
    )


def make_turn(plan: Plan, point: Point, building: Building, starts_at: datetime = TURN_AT) -> Turn:
    return Turn.objects.create(
        subdistrict_id=plan.subdistrict_id,
        plan=plan,
        point=point,
        building=building,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=10),
        households=5,
        live=plan.state == Plan.State.PUBLISHED,
    )


def make_task(plan: Plan, building: Building, starts_at: datetime = NOON) -> Task:
    return Task.objects.create(
        subdistrict_id=plan.subdistrict_id,
        plan=plan,
        kind=Task.Kind.DOORSTEP,
        building=building,
        grams=8400,
        starts_at=starts_at,
        due_at=starts_at + timedelta(hours=2),
    )


def make_delivery(
    plan: Plan,
    household: Household,
    *,
    turn: Turn | None = None,
    task: Task | None = None,
    order: Order | None = None,
    **values: object,
) -> Delivery:
    """At a turn, or at the door; with one bag that holds everything of `order`."""
    number = next(_numbers)
    delivery = Delivery.objects.create(
        subdistrict_id=plan.subdistrict_id,
        plan=plan,
        household=household,
        number=number,
        way=Delivery.Way.TURN if turn else Delivery.Way.DOOR,
        turn=turn,
        task=task,
        pickup_code=f"{4700 + number:04d}",
        **{"bags": 1, "grams": 8400, "state": Delivery.State.WAITING, **values},
    )
    if order:
        pack(delivery, order)
    return delivery


def pack(delivery: Delivery, order: Order) -> Parcel:
    parcel = Parcel.objects.create(
        subdistrict_id=delivery.subdistrict_id, delivery=delivery, number=1, code=f"{order.code}-1", grams=8400
    )
    for line in OrderLine.objects.filter(order=order):
        ParcelLine.objects.create(
            subdistrict_id=delivery.subdistrict_id, parcel=parcel, order_line=line, quantity=line.quantity
        )
    return parcel
