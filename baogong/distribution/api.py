"""The JSON door of distribution: allocation, plans, turns, tasks, hand-over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from baogong.common.actors import Actor
from baogong.common.api import ApiRequest, Problem, page
from baogong.common.clock import local, now
from baogong.common.errors import BadInput, NotFound
from baogong.distribution import queries, services
from baogong.distribution.doors import deliveries_by_task
from baogong.distribution.models import Allocation, Delivery, Plan, Task, Turn
from baogong.people import access
from baogong.people.roles import Role
from baogong.supply.models import GoodsReceipt

router = Router(tags=["distribution"])
REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class AllocationOfferOut(Schema):
    offer: UUID
    sku: str
    demand: int
    arrived: int
    granted: int
    reserve: int


class AllocationOut(Schema):
    id: UUID
    purchase_order: UUID
    round: UUID
    seed: int
    at: datetime
    demand: int
    arrived: int
    granted: int
    offers: list[AllocationOfferOut]


class PlanIn(Schema):
    rounds: list[UUID] = Field(min_length=1, max_length=50)
    day: date
    seed: int = Field(0, ge=0, lt=2**31)


class PlanOut(Schema):
    id: UUID
    code: str
    state: str
    day: date
    rounds: list[UUID]
    turns: int
    tasks: int
    deliveries: int
    cost: int
    bound: int
    left_out: list[Any]


class TurnOut(Schema):
    id: UUID
    building: str
    point: str
    start: datetime
    end: datetime
    households: int
    priority: bool


class TurnPage(Schema):
    items: list[TurnOut]
    next: str | None


class TaskDeliveryOut(Schema):
    id: UUID
    flat: str
    floor: int | None
    bags: int
    grams: int
    state: str


class TaskOut(Schema):
    id: UUID
    kind: str
    state: str
    building: str | None
    point: str | None
    trip: int
    grams: int
    starts_at: datetime
    due_at: datetime
    deliveries: list[TaskDeliveryOut]


class TaskPage(Schema):
    items: list[TaskOut]
    next: str | None


class PaymentIn(Schema):
    """Cash taken at the hand-over."""

    amount_fen: int = Field(ge=1, le=100_000_000)
    receipt_number: str = Field(min_length=1, max_length=40)


class AtTheDoorIn(Schema):
    payment: PaymentIn | None = None


class HandOverIn(Schema):
    """One of three ways to say whose goods they are."""

    secret: str | None = Field(None, max_length=40, description="from the household's QR code")
    parcel: str | None = Field(None, max_length=40, description="from a bag's label")
    plan: UUID | None = Field(None, description="with pickup_code")
    pickup_code: str | None = Field(None, max_length=6)
    payment: PaymentIn | None = None


class DeliveryOut(Schema):
    id: UUID
    state: str
    way: str
    household: UUID
    flat: str
    bags: int
    again: bool
    handed_over_at: datetime | None


def allocation_out(allocation: Allocation) -> dict[str, Any]:
    return {
        "id": allocation.pk,
        "purchase_order": allocation.purchase_order_id,
        "round": allocation.round_id,
        "seed": allocation.seed,
        "at": local(allocation.at),
        "demand": allocation.demand,
        "arrived": allocation.arrived,
        "granted": allocation.granted,
        "offers": [
            {
                "offer": line.round_offer_id,
                "sku": line.round_offer.sku,
                "demand": line.demand,
                "arrived": line.arrived,
                "granted": line.granted,
                "reserve": line.reserve,
            }
            for line in allocation.offers.select_related("round_offer")
        ],
    }


def plan_out(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.pk,
        "code": plan.code,
        "state": plan.state,
        "day": plan.day,
        "rounds": list(plan.plan_rounds.values_list("round_id", flat=True)),
        "turns": plan.turns.count(),
        "tasks": plan.tasks.count(),
        "deliveries": plan.deliveries.count(),
        "cost": plan.cost,
        "bound": plan.bound,
        "left_out": plan.left_out,
    }


def turn_out(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.pk,
        "building": turn.building.code,
        "point": turn.point.name,
        "start": local(turn.starts_at),
        "end": local(turn.ends_at),
        "households": turn.households,
        "priority": turn.priority,
    }


def tasks_out(actor: Actor, tasks: list[Task]) -> list[dict[str, Any]]:
    """A volunteer knows the doors of the own tasks only; who answers for the building knows them anyway."""
    knows_all = actor.role != Role.VOLUNTEER
    doors = deliveries_by_task([task for task in tasks if knows_all or task.volunteer_id == actor.account_id])
    return [task_out(task, doors.get(task.pk, [])) for task in tasks]


def task_out(task: Task, deliveries: list[Delivery]) -> dict[str, Any]:
    return {
        "id": task.pk,
        "kind": task.kind,
        "state": task.state,
        "building": task.building.code if task.building else None,
        "point": task.point.name if task.point else None,
        "trip": task.trip,
        "grams": task.grams,
        "starts_at": local(task.starts_at),
        "due_at": local(task.due_at),
        "deliveries": [
            {
                "id": delivery.pk,
                "flat": delivery.household.flat,
                "floor": delivery.household.floor,
                "bags": delivery.bags,
                "grams": delivery.grams,
                "state": delivery.state,
            }
            for delivery in deliveries
        ],
    }


def delivery_out(delivery: Delivery, *, again: bool) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "state": delivery.state,
        "way": delivery.way,
        "household": delivery.household_id,
        "flat": delivery.household.flat,
        "bags": delivery.bags,
        "again": again,
        "handed_over_at": delivery.handed_over_at and local(delivery.handed_over_at),
    }


@router.post("/receipts/{id}/allocation", response={200: AllocationOut, **REFUSED}, operation_id="allocateReceipt")
def allocate_receipt(request: ApiRequest, id: UUID) -> Any:
    """Share out what came for a purchase order; asking again gives the same allocation."""
    access.require(request.actor, "distribution.allocate")
    if not GoodsReceipt.objects.within(request.actor.subdistrict_id).filter(pk=id).exists():
        raise NotFound
    return allocation_out(services.allocate(id, actor=request.actor, now=now()))


@router.post("/plans", response={201: PlanOut, **REFUSED}, operation_id="planDistribution")
def plan_distribution(request: ApiRequest, payload: PlanIn) -> Any:
    """A draft for one day: turns for controlled buildings, doorstep tasks for sealed ones."""
    access.require(request.actor, "distribution.plan")
    plan = services.plan_day(payload.rounds, payload.day, seed=payload.seed, actor=request.actor, now=now())
    return Status(201, plan_out(plan))


@router.post("/plans/{id}/publication", response={200: PlanOut, **REFUSED}, operation_id="publishPlan")
def publish_plan(request: ApiRequest, id: UUID) -> Any:
    access.require(request.actor, "distribution.publish")
    if not Plan.objects.within(request.actor.subdistrict_id).filter(pk=id).exists():
        raise NotFound
    return plan_out(services.publish_plan(id, actor=request.actor, now=now()))


@router.get("/turns", response={200: TurnPage, **REFUSED}, operation_id="listTurns")
def list_turns(request: ApiRequest, day: date | None = None, cursor: str | None = None, limit: int = 50) -> Any:
    """Live turns of published plans: a resident's own, or those in the area of a worker."""
    turns = queries.turns_for(request.actor, day=day).select_related("building", "point")
    return page(turns, turn_out, cursor=cursor, limit=limit, newest=False)


@router.get("/tasks", response={200: TaskPage, **REFUSED}, operation_id="listMyTasks")
def list_my_tasks(request: ApiRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """The actor's own tasks with the doors they lead to, and those it could take, whose doors it sees once it has."""
    access.require(request.actor, "distribution.hand_over")
    tasks = queries.tasks_for(request.actor).select_related("building", "point")
    return page(tasks, outs=partial(tasks_out, request.actor), cursor=cursor, limit=limit, newest=False)


@router.post("/tasks/{id}/acceptance", response={200: TaskOut, **REFUSED}, operation_id="acceptTask")
def accept_task(request: ApiRequest, id: UUID) -> Any:
    return changed_task(request, id, services.accept_task)


@router.post("/tasks/{id}/start", response={200: TaskOut, **REFUSED}, operation_id="startTask")
def start_task(request: ApiRequest, id: UUID) -> Any:
    """The bags leave the sorting place."""
    return changed_task(request, id, services.start_carrying)


@router.post("/tasks/{id}/hand-back", response={200: TaskOut, **REFUSED}, operation_id="handBackTask")
def hand_back_task(request: ApiRequest, id: UUID) -> Any:
    return changed_task(request, id, services.hand_back_task)


@router.post("/tasks/{id}/completion", response={200: TaskOut, **REFUSED}, operation_id="finishTask")
def finish_task(request: ApiRequest, id: UUID) -> Any:
    return changed_task(request, id, services.finish_task)


def changed_task(request: ApiRequest, id: UUID, act: Callable[..., object]) -> dict[str, Any]:
    access.require(request.actor, "distribution.hand_over")
    if not Task.objects.within(request.actor.subdistrict_id).filter(pk=id, volunteer=request.actor.account_id).exists():
        queries.task_for(request.actor, id)  # one's own is found also when the last hand-over has finished it
    act(id, actor=request.actor, now=now())
    [shown] = tasks_out(request.actor, [Task.objects.select_related("building", "point").get(pk=id)])
    return shown


@router.post("/deliveries/{id}/hand-over", response={200: DeliveryOut, **REFUSED}, operation_id="handOver")
def hand_over(request: ApiRequest, id: UUID, payload: AtTheDoorIn | None = None) -> Any:
    """Hand a household its goods at its flat; the second time is told (`again`), not counted."""
    access.require(request.actor, "distribution.hand_over")
    delivery = queries.delivery_for(request.actor, delivery_id=id)
    return handed_over(request, delivery, "flat", payload.payment if payload else None)


@router.post("/hand-overs", response={200: DeliveryOut, **REFUSED}, operation_id="handOverByCode")
def hand_over_by_code(request: ApiRequest, payload: HandOverIn) -> Any:
    """The same, found by what the household shows or a bag carries."""
    access.require(request.actor, "distribution.hand_over")
    if sum(way is not None for way in (payload.secret, payload.parcel, payload.pickup_code)) != 1:
        raise BadInput(_("Say one of secret, parcel, or plan with pickup_code"))
    delivery = queries.delivery_for(
        request.actor,
        secret=payload.secret,
        parcel_code=payload.parcel,
        plan_id=payload.plan,
        pickup_code=payload.pickup_code,
    )
    return handed_over(request, delivery, "code" if payload.pickup_code else "scan", payload.payment)


def handed_over(request: ApiRequest, delivery: Delivery, how: str, payment: PaymentIn | None) -> dict[str, Any]:
    paid = services.PaidAtDoor(payment.amount_fen, payment.receipt_number) if payment else None
    done = services.hand_over(delivery.pk, how=how, payment=paid, actor=request.actor, now=now())
    return delivery_out(done.delivery, again=done.again)
