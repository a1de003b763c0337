"""Why a plan must not be published: the planner's independent checker, and what only the rows can tell.

Works on the rows as they stand, so hand edits of a draft pass through it like everything else (law 7).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.figures import whole
from baogong.distribution import problems
from baogong.distribution.models import Delivery, Plan, Task, Turn
from baogong.distribution.problems import minute_of
from baogong.distribution.recipients import Recipient
from baogong.people.models import Household
from baogong.planning import turns_check
from baogong.planning.turns import TurnPlan, TurnProblem


class Planned(NamedTuple):
    """What a plan says about one household; plain values, since there may be tens of thousands."""

    pk: UUID
    household_id: UUID
    turn_id: UUID | None
    task_id: UUID | None
    way: str
    number: int
    pickup_code: str
    bags: int
    grams: int


def planned(plan: Plan) -> list[Planned]:
    """Every delivery of a plan."""
    return [Planned(*row) for row in Delivery.objects.filter(plan=plan).values_list(*Planned._fields)]


@dataclass(frozen=True)
class Standing:
    """A plan's rows beside what its households have coming now."""

    plan: Plan
    recipients: Mapping[UUID, Recipient]  # by household
    deliveries: Sequence[Planned]

    @cached_property
    def turns(self) -> dict[UUID, Turn]:
        turns = Turn.objects.filter(plan=self.plan).select_related("point", "building")
        return {turn.pk: turn for turn in turns}

    @cached_property
    def tasks(self) -> dict[UUID, Task]:
        return {task.pk: task for task in Task.objects.filter(plan=self.plan, kind=Task.Kind.DOORSTEP)}

    @cached_property
    def coming(self) -> list[Recipient]:
        """Those with goods coming who are to come to a turn."""
        known = [self.recipients.get(delivery.household_id) for delivery in self.deliveries if delivery.turn_id]
        return [recipient for recipient in known if recipient]

    def door(self, household_id: UUID) -> str:
        return str(Household.objects.filter(pk=household_id).values_list("code", flat=True).get())


def breaches_of(plan: Plan, recipients: Sequence[Recipient], deliveries: Sequence[Planned] | None = None) -> list[str]:
    """Everything that is wrong with a draft, one text each, in the reader's language; empty when it may be published.

    `recipients` are those who have goods of its rounds coming now; `deliveries` saves reading what was read already.
    """
    standing = Standing(
        plan, {each.household_id: each for each in recipients}, planned(plan) if deliveries is None else deliveries
    )
    checks = (_households, _doors, _turns, _loads, _other_plans, _planner)
    return [text for check in checks for text in check(standing)]


def _households(standing: Standing) -> Iterator[str]:
    """Everybody who has goods coming is in the plan, with exactly these goods, and nobody else."""
    planned = {delivery.household_id: delivery for delivery in standing.deliveries}
    missing = standing.recipients.keys() - planned.keys()
    if missing:
        yield _("%(count)s households have goods coming and are not in this plan; plan again") % {"count": len(missing)}
    gone = planned.keys() - standing.recipients.keys()
    if gone:
        yield _("%(count)s households of this plan have nothing coming any more; plan again") % {"count": len(gone)}
    changed = sum(
        (delivery.bags, delivery.grams) != (len(recipient.bags), recipient.grams)
        for delivery in standing.deliveries
        if (recipient := standing.recipients.get(delivery.household_id))
    )
    if changed:
        yield _("%(count)s households have other goods coming than this plan says; plan again") % {"count": changed}


def _doors(standing: Standing) -> Iterator[str]:
    """Each way fits where its household lives and the zone there."""
    for delivery in standing.deliveries:
        recipient = standing.recipients.get(delivery.household_id)
        if recipient is None:
            continue
        turn = standing.turns.get(delivery.turn_id) if delivery.turn_id else None
        task = standing.tasks.get(delivery.task_id) if delivery.task_id else None
        if turn and recipient.sealed:
            yield _("%(door)s is sealed and cannot come to a turn") % {"door": standing.door(delivery.household_id)}
        if turn and turn.building_id != recipient.building_id:
            yield _("%(door)s is at a turn of another building") % {"door": standing.door(delivery.household_id)}
        if not turn and (task is None or task.building_id != recipient.building_id):
            yield _("Nobody goes to the door of %(door)s") % {"door": standing.door(delivery.household_id)}


def _turns(standing: Standing) -> Iterator[str]:
    """A turn says how many come, and the point it is at hands out."""
    coming = Counter(delivery.turn_id for delivery in standing.deliveries if delivery.turn_id)
    for turn in standing.turns.values():
        if coming[turn.pk] != turn.households:
            facts = {"building": turn.building.name, "said": turn.households, "coming": coming[turn.pk]}
            yield _("A turn of %(building)s is for %(said)s households, and %(coming)s are to come") % facts
        if turn.point.closed:
            yield _("%(point)s is closed") % {"point": turn.point.name}


def _loads(standing: Standing) -> Iterator[str]:
    """No trolley carries more than it may, unless it is for one household alone."""
    most = whole("door.carrier_grams", standing.plan.subdistrict_id)
    loads: dict[UUID, list[int]] = defaultdict(list)
    for delivery in standing.deliveries:
        if delivery.task_id:
            loads[delivery.task_id].append(delivery.grams)
    for grams in loads.values():
        if len(grams) > 1 and sum(grams) > most:
            yield _("A trip carries %(grams)s g, more than %(most)s g") % {"grams": sum(grams), "most": most}


def _other_plans(standing: Standing) -> Iterator[str]:
    """Law 6: no other published plan has the point at that time."""
    plan = standing.plan
    taken = problems.live_spans(plan.subdistrict_id, plan.day)
    gap = plan.gap_slots * plan.slot_minutes
    for turn in standing.turns.values():
        start, end = minute_of(turn.starts_at, plan.day), minute_of(turn.ends_at, plan.day)
        if any(start < until + gap and begins < end + gap for begins, until in taken[turn.point_id]):
            facts = {"point": turn.point.name, "building": turn.building.name}
            yield _("%(point)s is taken by another plan when %(building)s is to come") % facts


def _planner(standing: Standing) -> Iterator[str]:
    """The checker beside the planner: opening hours, desks, cap, gaps, one building a slot, who comes first."""
    plan = standing.plan
    points = problems.open_points(plan.subdistrict_id)
    problem = problems.checked_problem(standing.coming, points, problems.numbers_of(plan), plan.subdistrict_id)
    answer = problems.planned_turns(standing.turns.values(), plan.day)
    if _all_can_go(problem, answer):  # only then it has a cost; else the checker says what is wrong
        answer = replace(answer, cost=turns_check.cost_of(problem, answer))
    for text in turns_check.breaches(problem, answer):
        yield _named(text, standing)


def _all_can_go(problem: TurnProblem, answer: TurnPlan) -> bool:
    metres = {building.id: building.distance_m for building in problem.buildings}
    return all(turn.point in metres.get(turn.building, {}) for turn in answer.turns)


def _named(text: str, standing: Standing) -> str:
    """The checker's sentence with the names of the rows instead of their ids."""
    for turn in standing.turns.values():
        text = text.replace(str(turn.point_id), turn.point.name).replace(str(turn.building_id), turn.building.name)
    return text
