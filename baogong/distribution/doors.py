"""Whose goods a task leads to: a doorstep task has its own deliveries, a desk those of the turns at its point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from baogong.distribution.models import Delivery, DeliveryQuerySet, Task

Kind = Task.Kind


def deliveries_by_task(tasks: Sequence[Task]) -> dict[UUID, list[Delivery]]:
    """Every task's deliveries in the order of walking or of the turns, with household and turn; at most two queries."""
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    at_doors = [task for task in tasks if task.kind == Kind.DOORSTEP]
    if at_doors:
        for delivery in _with_household(Delivery.objects.filter(task__in=at_doors)).in_order():
            if delivery.task_id:
                found[delivery.task_id].append(delivery)
    desks = [task for task in tasks if task.kind == Kind.DESK]
    if desks:
        at_points = Delivery.objects.filter(plan__id__in={task.plan_id for task in desks})
        coming = list(_with_household(at_points).order_by("turn__starts_at", "household__sort_key"))
        for task in desks:
            found[task.pk] = [each for each in coming if each.plan_id == task.plan_id and _comes_to(each, task)]
    return found


def _comes_to(delivery: Delivery, desk: Task) -> bool:
    return delivery.turn is not None and delivery.turn.point_id == desk.point_id


def _with_household(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    with_household: DeliveryQuerySet = deliveries.select_related("household__building", "turn")
    return with_household
