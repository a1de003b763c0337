"""Tasks of volunteers and workers: taken by one, started, finished, or handed back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.common.events import record
from baogong.distribution.models import Delivery, DeliveryQuerySet, Holder, Parcel, Task
from baogong.distribution.refusals import DeliveriesOpen, NotYourTask, TaskOver, TaskTaken
from baogong.distribution.services.custody import pass_on
from baogong.distribution.services.publishing import refuse_unpublished


@transaction.atomic
def accept_task(task_id: UUID, *, actor: Actor, now: datetime) -> Task:
    """Take a task that nobody has; one's own again changes nothing.

    Raises NotFound, TaskTaken, TaskOver, PlanNotPublished, PlanWithdrawn.
    """
    task = _task(task_id)
    refuse_unpublished(task.plan)
    won = Task.objects.filter(pk=task.pk, volunteer=None).open().update(volunteer=actor.account_id, accepted_at=now)
    task.refresh_from_db()
    if won:
        record("distribution.task_accepted", task.pk, actor=actor, now=now, plan=task.plan.code)
        return task
    _refuse_over(task)
    if task.volunteer_id != actor.account_id:
        raise TaskTaken(_("Somebody else has taken this task"))
    return task


@transaction.atomic
def hand_back_task(task_id: UUID, *, actor: Actor, now: datetime) -> Task:
    """Give up one's task; bags that it still has in hand lie at the sorting place again, for whoever takes it next.

    Raises NotFound, NotYourTask, TaskOver.
    """
    task = _own(task_id, actor)
    _hold(_deliveries(task))
    back = Task.objects.filter(pk=task.pk, volunteer=actor.account_id).open().update(volunteer=None, accepted_at=None)
    if not back:
        raise NotYourTask(_("This task is not yours any more"))
    if task.kind == Task.Kind.DOORSTEP:
        pass_on(_waiting_bags(task, holder=Holder.CARRIER), Holder.SORTING, actor=actor, now=now)
    task.refresh_from_db()
    record("distribution.task_handed_back", task.pk, actor=actor, now=now, plan=task.plan.code)
    return task


@transaction.atomic
def start_carrying(task_id: UUID, *, actor: Actor, now: datetime) -> int:
    """The bags leave the sorting place: of a doorstep task into the carrier's hands, of a desk all that are to be
    handed out at its point. Returns how many bags went; again moves none. Raises NotFound, NotYourTask, TaskOver.
    """
    task = _own(task_id, actor)
    _hold(_deliveries(task))
    doorstep = task.kind == Task.Kind.DOORSTEP
    receiver, receiver_id = (Holder.CARRIER, actor.account_id) if doorstep else (Holder.POINT, task.point_id)
    bags = pass_on(_waiting_bags(task), receiver, receiver_id, actor=actor, now=now)
    if bags:
        record("distribution.bags_taken", task.pk, actor=actor, now=now, plan=task.plan.code, bags=bags)
    return bags


@transaction.atomic
def finish_task(task_id: UUID, *, actor: Actor, now: datetime) -> Task:
    """Say that a task is done, once every household in it has its goods or was not met; twice is once.

    Raises NotFound, NotYourTask, DeliveriesOpen (`count`), TaskOver for a withdrawn one.
    """
    task = _task(task_id)
    if task.done_at and task.volunteer_id == actor.account_id:
        return task
    _own(task_id, actor)
    waiting = _deliveries(task).open().count()
    if waiting:
        text = ngettext(
            "%(count)s household has not got its goods yet; hand them over, or say that nobody was there",
            "%(count)s households have not got their goods yet; hand them over, or say that nobody was there",
            waiting,
        )
        raise DeliveriesOpen(text % {"count": waiting}, count=waiting)
    _done(Task.objects.filter(pk=task.pk), actor, now)
    task.refresh_from_db()
    return task


def finish_tasks_of(delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """The tasks whose last household this delivery was are done by themselves."""
    if delivery.task_id:
        tasks = Task.objects.filter(pk=delivery.task_id)
        waiting = Delivery.objects.filter(task__pk=delivery.task_id, plan=delivery.plan)
    else:
        assert delivery.turn is not None
        tasks = Task.objects.filter(plan=delivery.plan, kind=Task.Kind.DESK, point=delivery.turn.point)
        waiting = Delivery.objects.filter(plan=delivery.plan, turn__point=delivery.turn.point)
    if not waiting.open().exists():
        _done(tasks, actor, now)


def _done(tasks: QuerySet[Task], actor: Actor, now: datetime) -> None:
    for pk in list(tasks.filter(done_at=None, withdrawn_at=None).values_list("pk", flat=True)):
        if Task.objects.filter(pk=pk, done_at=None, withdrawn_at=None).update(done_at=now):
            record("distribution.task_done", pk, actor=actor, now=now)


# ---------------------------------------------------------------- rules


def _task(task_id: UUID) -> Task:
    found: Task | None = Task.objects.filter(pk=task_id).select_related("plan").first()
    if found is None:
        raise NotFound(_("There is no such task"))
    return found


def _own(task_id: UUID, actor: Actor) -> Task:
    """The actor's own open task; the installation itself may act for anybody."""
    task = _task(task_id)
    refuse_unpublished(task.plan)
    _refuse_over(task)
    if task.volunteer_id != actor.account_id:
        raise NotYourTask(_("Take this task first"))
    return task


def _refuse_over(task: Task) -> None:
    if task.withdrawn_at:
        raise TaskOver(_("This task was withdrawn"))
    if task.done_at:
        raise TaskOver(_("This task is done"))


def _deliveries(task: Task) -> DeliveryQuerySet:
    """What a task is about: its own doors, or for a desk everybody who comes to its point."""
    deliveries: DeliveryQuerySet = Delivery.objects.filter(plan=task.plan)
    return (
        deliveries.filter(task=task) if task.kind == Task.Kind.DOORSTEP else deliveries.filter(turn__point=task.point)
    )


def _hold(deliveries: DeliveryQuerySet) -> None:
    """Hand-overs of these households wait until the bags have been passed on."""
    held = deliveries.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(held.values_list("pk", flat=True))


def _waiting_bags(task: Task, **where: str) -> QuerySet[Parcel]:
    return Parcel.objects.filter(delivery__in=_deliveries(task).open(), **where)
