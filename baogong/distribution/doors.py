"""Whose goods a task leads to: a doorstep task has its own deliveries, a desk those of the turns at its point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from baogong.distribution.models import Delivery, DeliveryQuerySet, Task

Kind = Task.Kind


def deliveries_by_task(tasks: Sequence[Task]) -> dict[UUID, list[Delivery]]:
    """Every task's deliveries in the order of walking or of the turns, with household and turn; at most two queries."""
    found: dict[UUID, list[Delivery]] = {task.pk: [] for task in tasks}
    at_doors = [task for task in tasks if task.kind == Kind.DOORSTEP]
    if at_doors:
        for delivery in _with_household(Delivery.objects.filter(task__in=at_doors)).in_order():
            found[delivery.task_id].append(delivery)
    desks: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for task in tasks:
        if task.kind == Kind.DESK:
            desks[task.plan_id, task.point_id].append(task.pk)
    if desks:
        at_points = Delivery.objects.filter(plan__id__in={plan for plan, _point in desks})
        for delivery in _with_household(at_points.exclude(turn=None)).order_by("turn__starts_at", "household__sort_key"):
            for task_id in desks.get((delivery.plan_id, delivery.turn.point_id), ()):
                found[task_id].append(delivery)
    return found


def _with_household(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    with_household: DeliveryQuerySet = deliveries.select_related("household__building", "turn")
    return with_household
