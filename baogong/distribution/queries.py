"""Reading turns, tasks and deliveries: each reader gets their own rows, the rest looks as if it were not there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from baogong.common import clock
from baogong.common.actors import Actor
from baogong.common.errors import BadInput, NotFound
from baogong.common.ids import normal_code
from baogong.distribution.models import Delivery, DeliveryQuerySet, Plan, Task, TaskQuerySet, Turn
from baogong.distribution.refusals import AmbiguousCode
from baogong.people import access
from baogong.people.models import Household
from baogong.people.roles import Role
from baogong.places.models import Building, Point

JUST_DONE = timedelta(hours=12)  # so long a volunteer is still told that a household had its goods already
SEE, HAND_OVER = "distribution.see_plans", "distribution.hand_over"


# ---------------------------------------------------------------- turns


def turns_for(actor: Actor, *, day: date | None = None) -> Any:
    """Live turns: a resident's own, or those of the buildings in a worker's area. Raises NotAllowed."""
    turns = Turn.objects.within(actor.subdistrict_id).filter(live=True)
    if actor.role == Role.RESIDENT:
        own = access.households_for(actor, "people.manage_own_household")
        turns = turns.filter(Exists(Delivery.objects.filter(turn=OuterRef("pk"), household__in=own)))
    else:
        access.require(actor, SEE)
        turns = turns.filter(building__in=access.buildings_for(actor, SEE))
    return turns if day is None else turns.filter(plan__day=day)


def turns_of_building(building: Building, *, since: date | None = None) -> Any:
    """Live turns of a building, for its poster and everybody in it: from a day on, in order, with their points."""
    turns = Turn.objects.filter(building=building, live=True, plan__day__gte=since or clock.local(clock.now()).date())
    return turns.select_related("point").order_by("starts_at")


# ---------------------------------------------------------------- points


def points_of(subdistrict_id: UUID) -> QuerySet[Point]:
    """Every point with its compound and community, compound by compound."""
    points: QuerySet[Point] = Point.objects.within(subdistrict_id).select_related("compound__community")
    return points.order_by("compound__community__name", "compound__name", "name")


def turns_ahead(point: Point, at: datetime) -> int:
    """How many live turns are still to come at a point."""
    return int(Turn.objects.within(point.subdistrict_id).filter(point=point, live=True, ends_at__gt=at).count())


# ---------------------------------------------------------------- tasks


def tasks_for(actor: Actor) -> TaskQuerySet:
    """Open tasks of published plans: the actor's own, and free ones in the area that it could take."""
    open_tasks: TaskQuerySet = Task.objects.within(actor.subdistrict_id)
    open_tasks = open_tasks.open().filter(plan__state=Plan.State.PUBLISHED)
    buildings = access.buildings_for(actor, HAND_OVER)
    near = Q(building__in=buildings) | Q(point__compound__in=buildings.values("compound"))
    return open_tasks.filter(Q(volunteer_id=actor.account_id) | Q(near, volunteer=None))


def my_tasks(actor: Actor) -> TaskQuerySet:
    """The open tasks that the actor has taken, the next one first."""
    return tasks_for(actor).filter(volunteer_id=actor.account_id).order_by("starts_at", "pk")


def task_for(actor: Actor, task_id: UUID) -> Task:
    """One of them; another's and none both raise NotFound."""
    found = tasks_for(actor).filter(pk=task_id).select_related("plan", "building", "unit", "point").first()
    if found is None:
        raise NotFound(_("There is no such task here"))
    return found


# ---------------------------------------------------------------- deliveries


def deliveries_for(actor: Actor) -> DeliveryQuerySet:
    """What the actor may hand over.

    A volunteer: the doors of its own tasks, and whoever comes to a point where it has the desk, also for some hours
    after. A worker of the building: everybody there.
    """
    mine: DeliveryQuerySet = Delivery.objects.within(actor.subdistrict_id).exclude(state=Delivery.State.PLANNED)
    if actor.is_system:
        return mine
    if not access.may(actor, HAND_OVER):
        return mine.none()
    if actor.role != Role.VOLUNTEER:
        return mine.filter(household__in=access.households_for(actor, HAND_OVER))
    own = Task.objects.within(actor.subdistrict_id).filter(volunteer_id=actor.account_id)
    own = own.filter(Q(done_at=None) | Q(done_at__gte=clock.now() - JUST_DONE))
    at_desk = own.filter(kind=Task.Kind.DESK, plan=OuterRef("plan"), point=OuterRef("turn__point"))
    return mine.filter(Q(task__in=own) | Exists(at_desk))


def delivery_for(
    actor: Actor,
    *,
    delivery_id: UUID | None = None,
    secret: str | None = None,
    parcel_code: str | None = None,
    plan_id: UUID | None = None,
    pickup_code: str | None = None,
) -> Delivery:
    """One delivery that the actor may hand over, by one of: its id, the secret of the household's QR code, a bag's
    label, the pick-up code (of a plan, or else of the plans of these days).

    Raises NotFound for unknown and foreign alike, AmbiguousCode, BadInput where nothing was named.
    """
    named = {"pk": delivery_id, "secret": secret, "parcels__code": parcel_code, "pickup_code": pickup_code}
    given = {column: _as_printed(column, value) for column, value in named.items() if value}
    if len(given) != 1:
        raise BadInput(_("Say whose goods these are: by code, label or flat"))
    found = deliveries_for(actor).filter(**given).select_related("household", "plan", "turn__point", "task")
    if pickup_code:
        found = found.filter(plan=plan_id) if plan_id else found.filter(plan__in=_plans_of_these_days(actor))
    return _only(found)


def _as_printed(column: str, value: UUID | str) -> UUID | str:
    if column == "secret":
        return normal_code(str(value))
    if column == "parcels__code":
        return str(value).strip().upper()
    return value if isinstance(value, UUID) else value.strip()


def _plans_of_these_days(actor: Actor) -> Any:
    today = clock.local(clock.now()).date()
    near = (today - timedelta(days=1), today + timedelta(days=1))
    return Plan.objects.within(actor.subdistrict_id).published().filter(day__range=near)


def _only(found: DeliveryQuerySet) -> Delivery:
    rows = list(found[:2])
    if not rows:
        raise NotFound(_("There are no such goods here to hand over"))
    if len(rows) > 1:
        raise AmbiguousCode(_("This code occurs in several plans; choose the plan first"), field="plan")
    return rows[0]


def delivery_at_flat(actor: Actor, ref: UUID | str, *, plan_id: UUID | None = None) -> Delivery:
    """The same by household: its id or code (`building/unit/flat`). What still waits goes before what was handed over,
    the newest plan before older ones. Raises NotFound.
    """
    named = Q(household__code=str(ref).strip().strip("/"))
    if isinstance(ref, UUID):
        named = Q(household_id=ref)
    found = deliveries_for(actor).live().filter(named).select_related("household", "plan", "turn__point", "task")
    if plan_id:
        found = found.filter(plan=plan_id)
    rows = sorted(found.order_by("-plan__day", "-pk"), key=lambda delivery: delivery.state != Delivery.State.WAITING)
    if not rows:
        raise NotFound(_("There are no such goods here to hand over"))
    return rows[0]


def deliveries_of(household: Household) -> DeliveryQuerySet:
    """Everything of published plans for a household, the newest first; also of those that were merged into it."""
    mine: DeliveryQuerySet = Delivery.objects.within(household.subdistrict_id)
    own = Q(household=household) | Q(household__merged_into=household)
    rows = mine.live().filter(own).select_related("plan", "turn__point", "task__volunteer")
    return rows.order_by("-plan__day", "-pk")


def delivery_of(household: Household) -> Delivery | None:
    """What the household's page shows: the next delivery that waits, else the last one."""
    waiting = deliveries_of(household).filter(state=Delivery.State.WAITING).order_by("plan__day", "pk").first()
    return waiting or deliveries_of(household).first()


# ---------------------------------------------------------------- plans


def plans_of(subdistrict_id: UUID) -> Any:
    """Every plan, the newest day first."""
    return Plan.objects.within(subdistrict_id).order_by("-day", "-code")


def plan_for(actor: Actor, plan_id: UUID) -> Plan:
    """A plan for those who see plans. Raises NotAllowed, NotFound."""
    access.require(actor, SEE)
    found: Plan | None = Plan.objects.within(actor.subdistrict_id).filter(pk=plan_id).first()
    if found is None:
        raise NotFound(_("There is no such plan"))
    return found
