"""What volunteers and workers have before them: their tasks, the doors of a trip, the households of a turn.

Of a household they see the door and its bags, no name and no telephone number, and that only while the task lasts.
Each function makes a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.distribution import queries
from baogong.distribution.models import Delivery, DeliveryQuerySet, Holder, Parcel, Plan, Task, TaskQuerySet, Turn
from baogong.distribution.money import owed_at_delivery
from baogong.people import access
from baogong.people.models import Account, Household, Volunteer
from baogong.people.roles import BUILDING_WORKERS

State = Delivery.State
WITH_PLACES = ("plan", "building__compound", "unit", "point__compound", "volunteer")


# ---------------------------------------------------------------- tasks


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with its households: `left` of `doors` still wait, with `bags` bags in all."""

    task: Task
    doors: int = 0
    left: int = 0
    bags: int = 0

    @property
    def handed(self) -> int:
        return self.doors - self.left


def free_tasks(actor: Actor) -> TaskQuerySet:
    """Tasks in the area that nobody has taken, the next one first."""
    free: TaskQuerySet = (
        queries.tasks_for(actor).filter(volunteer=None).order_by("starts_at", "building__sort_key", "pk")
    )
    return free


def no_tasks() -> TaskQuerySet:
    none: TaskQuerySet = Task.objects.none()
    return none


def done_tasks(actor: Actor, at: datetime) -> TaskQuerySet:
    """The actor's tasks of the last hours that are done, the last one first."""
    mine: TaskQuerySet = Task.objects.within(actor.subdistrict_id).filter(volunteer=actor.account_id)
    return mine.filter(done_at__gte=at - queries.JUST_DONE).order_by("-done_at", "pk")


def task_lines(tasks: TaskQuerySet | Sequence[Task], subdistrict_id: UUID) -> list[TaskLine]:
    """The tasks with their counts: three queries, or two for tasks that are loaded."""
    if isinstance(tasks, TaskQuerySet):
        tasks = list(tasks.select_related(*WITH_PLACES).defer("building__outline"))
    deliveries: DeliveryQuerySet = Delivery.objects.within(subdistrict_id)
    live = deliveries.live().order_by()
    doors = _counted(live.filter(task__in=[task.pk for task in tasks]), "task")
    desks = {task.plan_id for task in tasks if task.kind == Task.Kind.DESK}
    at_points = _counted(live.filter(plan__in=desks, turn__isnull=False), "plan", "turn__point")
    return [TaskLine(task, *_counts_of(task, doors, at_points)) for task in tasks]


Counted = Mapping[tuple[UUID, ...], tuple[int, int, int]]


def _counted(deliveries: DeliveryQuerySet, *by: str) -> Counted:
    sums = {"doors": Count("pk"), "left": Count("pk", filter=Q(state=State.WAITING)), "sum_bags": Sum("bags")}
    rows = deliveries.values_list(*by).annotate(**sums)
    return {row[: len(by)]: row[len(by) :] for row in rows}


def _counts_of(task: Task, doors: Counted, at_points: Counted) -> tuple[int, int, int]:
    if task.kind == Task.Kind.DESK:
        assert task.point_id is not None
        return at_points.get((task.plan_id, task.point_id), (0, 0, 0))
    return doors.get((task.pk,), (0, 0, 0))


def task_here(actor: Actor, task_id: UUID, at: datetime) -> Task:
    """One's own task, for some hours also when it is over; a free one in the area; for a building's worker any there.

    Raises NotFound for every other.
    """
    own = Q(volunteer=actor.account_id) & (
        Q(done_at=None, withdrawn_at=None)
        | Q(done_at__gte=at - queries.JUST_DONE)
        | Q(withdrawn_at__gte=at - queries.JUST_DONE)
    )
    reach = own | Q(pk__in=queries.tasks_for(actor).values("pk")) | _answered_for(actor)
    tasks = Task.objects.within(actor.subdistrict_id).filter(reach, pk=task_id)
    found: Task | None = tasks.select_related(*WITH_PLACES).defer("building__outline").first()
    if found is None:
        raise NotFound(_("There is no such task here"))
    return found


def _answered_for(actor: Actor) -> Q:
    """Whoever answers for a building sees what becomes of its goods, whoever carries them."""
    if actor.role not in BUILDING_WORKERS:
        return Q(pk__in=[])
    buildings = access.buildings_for(actor, queries.HAND_OVER)
    near = Q(building__in=buildings) | Q(point__compound__in=buildings.values("compound"))
    return near & Q(plan__state=Plan.State.PUBLISHED)


def volunteer_of(actor: Actor) -> Volunteer | None:
    """The actor as a volunteer, with the switch for duty."""
    found: Volunteer | None = Volunteer.objects.within(actor.subdistrict_id).filter(account=actor.account_id).first()
    return found


def bags_at_sorting_place(task: Task) -> int:
    """How many of its bags nobody has fetched yet."""
    waiting = deliveries_of(task).filter(state=State.WAITING)
    return Parcel.objects.filter(delivery__in=waiting, holder=Holder.SORTING).count()


def deliveries_of(task: Task) -> DeliveryQuerySet:
    """What a task is about: its own doors, or for a desk everybody who comes to its point."""
    deliveries: DeliveryQuerySet = Delivery.objects.filter(plan=task.plan)
    if task.kind == Task.Kind.DESK:
        return deliveries.filter(turn__point=task.point)
    return deliveries.filter(task=task)


# ---------------------------------------------------------------- doors


@dataclass(frozen=True, slots=True)
class Door:
    """A household with bags: what is to be paid with them, and when somebody last found nobody there."""

    delivery: Delivery
    owed_fen: int = 0
    not_met_at: datetime | None = None

    @property
    def household(self) -> Household:
        return self.delivery.household

    @property
    def waits(self) -> bool:
        return self.delivery.state == State.WAITING


NotMet = Mapping[UUID, datetime]


def doors_of(actor: Actor, task: Task, not_met: NotMet) -> list[Door]:
    """The doors of a trip as they are walked, with a lift from the top down, else from the ground up; where nobody
    was met, they come again at the end. Empty for whoever may not hand over there (yet). Two queries.
    """
    found = _doors(actor, queries.deliveries_for(actor).filter(task=task), not_met)
    lift = bool(task.building and task.building.lift)
    return sorted(found, key=lambda door: (door.not_met_at is not None, *_step(door.household, lift)))


def _step(household: Household, lift: bool) -> tuple[int, str]:
    floor = household.floor or 0
    return (-floor if lift else floor), household.sort_key


def _doors(actor: Actor, deliveries: DeliveryQuerySet, not_met: NotMet) -> list[Door]:
    near = (
        deliveries.live().select_related("household__unit", "household__building").defer("household__building__outline")
    )
    found = list(near.in_order())
    open_ids = [delivery.pk for delivery in found if delivery.state == State.WAITING]
    owed = owed_at_delivery(Delivery.objects.filter(pk__in=open_ids), actor.subdistrict_id)
    return [Door(each, owed.get(each.pk, 0), not_met.get(each.pk)) for each in found]


def door_here(actor: Actor, task: Task, delivery_id: UUID, not_met: NotMet) -> Door:
    """One household of a task. Raises NotFound for what belongs to another task, or to nobody here."""
    delivery = queries.delivery_for(actor, delivery_id=delivery_id)
    if not belongs_to(delivery, task):
        raise NotFound(_("There are no such goods here to hand over"))
    delivery.household = households_with_place([delivery.household_id])[delivery.household_id]
    owed = owed_at_delivery(Delivery.objects.filter(pk=delivery.pk), actor.subdistrict_id)
    return Door(delivery, owed.get(delivery.pk, 0), not_met.get(delivery.pk))


def households_with_place(ids: Iterable[UUID]) -> dict[UUID, Household]:
    """With building and unit, so that their doors can be written."""
    rows = Household.objects.filter(pk__in=list(ids)).select_related("unit", "building__compound")
    return {household.pk: household for household in rows.defer("building__outline")}


def belongs_to(delivery: Delivery, task: Task) -> bool:
    if task.kind == Task.Kind.DOORSTEP:
        return delivery.task_id == task.pk
    return delivery.plan_id == task.plan_id and delivery.turn is not None and delivery.turn.point_id == task.point_id


def name_of(account_id: UUID | None) -> str:
    """Who handed it over, by name; empty for the installation itself."""
    if account_id is None:
        return ""
    return Account.objects.filter(pk=account_id).values_list("name", flat=True).first() or ""


# ---------------------------------------------------------------- turns at a desk


@dataclass(frozen=True, slots=True)
class TurnLine:
    """A turn at the desk's point; `left` of its `doors` households have not come yet."""

    turn: Turn
    doors: int
    left: int

    @property
    def handed(self) -> int:
        return self.doors - self.left


def turns_of(task: Task) -> list[TurnLine]:
    """The turns at a desk's point in its plan, by the clock. One query."""
    turns = Turn.objects.filter(plan=task.plan, point=task.point).select_related("building").defer("building__outline")
    counted = turns.annotate(
        come=Count("deliveries"), left=Count("deliveries", filter=Q(deliveries__state=State.WAITING))
    )
    return [TurnLine(turn, turn.come, turn.left) for turn in counted.order_by("starts_at")]


def turn_now(lines: Sequence[TurnLine], at: datetime, wanted: str = "") -> int | None:
    """The place of the turn that the desk is at: the one asked for, else the one that goes on or comes next, else the
    last one; None where there is none.
    """
    for place, line in enumerate(lines):
        if str(line.turn.pk) == wanted:
            return place
    for place, line in enumerate(lines):
        if line.turn.ends_at > at:
            return place
    return len(lines) - 1 if lines else None


def doors_of_turns(actor: Actor, turns: Sequence[Turn], not_met: NotMet) -> dict[UUID, list[Door]]:
    """The households of some turns, by turn; empty for whoever has no desk there (yet). Two queries."""
    found: dict[UUID, list[Door]] = {turn.pk: [] for turn in turns}
    deliveries = queries.deliveries_for(actor).filter(turn__in=[turn.pk for turn in turns])
    for door in _doors(actor, deliveries, not_met):
        found[door.delivery.turn_id].append(door)  # type: ignore[index]
    return found


def parcels_of(delivery: Delivery) -> Any:
    return Parcel.objects.filter(delivery=delivery).order_by("number")
