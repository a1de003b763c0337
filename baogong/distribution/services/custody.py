"""The chain of custody: each bag in one hand, each change of hands one row (law 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all, insert_columns
from baogong.distribution.models import Custody, Holder, Parcel, Plan
from baogong.distribution.recipients import chunks


def begin_custody(plan: Plan, *, actor: Actor, now: datetime) -> None:
    """The first row of a plan's new bags: they lie where they were packed."""
    bags = list(Parcel.objects.filter(delivery__plan=plan).order_by().values_list("pk", flat=True))
    same = {
        "subdistrict_id": plan.subdistrict_id,
        "step": 1,
        "giver": Holder.SORTING.value,
        "receiver": Holder.SORTING.value,
        "at": now,
        "actor_id": actor.account_id,
    }
    insert_columns(Custody, {"parcel_id": bags, **{name: [value] * len(bags) for name, value in same.items()}})


def pass_on(
    parcels: QuerySet[Parcel], receiver: Holder, receiver_id: UUID | None = None, *, actor: Actor, now: datetime
) -> int:
    """Everything in `parcels` goes into one hand; bags that are in that hand already stay. Returns how many went.

    The caller holds the rows that decide about the bags (their deliveries), so nobody else passes them on meanwhile.
    """
    moving = list(parcels.exclude(holder=receiver, holder_id=receiver_id))
    steps = _last_steps(moving)
    insert_all(_row(parcel, steps[parcel.pk] + 1, receiver, receiver_id, actor, now) for parcel in moving)
    for ids in chunks(parcel.pk for parcel in moving):
        Parcel.objects.filter(pk__in=ids).update(holder=receiver, holder_id=receiver_id)
    return len(moving)


def _last_steps(parcels: Sequence[Parcel]) -> dict[UUID, int]:
    steps: dict[UUID, int] = {}
    for ids in chunks(parcel.pk for parcel in parcels):
        rows = Custody.objects.filter(parcel__in=Parcel.objects.filter(pk__in=ids))
        steps.update(rows.order_by().values_list("parcel").annotate(Max("step")))
    return steps


def _row(parcel: Parcel, step: int, receiver: str, receiver_id: UUID | None, actor: Actor, now: datetime) -> Custody:
    return Custody(
        subdistrict_id=parcel.subdistrict_id,
        parcel_id=parcel.pk,
        step=step,
        giver=parcel.holder,
        receiver=receiver,
        receiver_id=receiver_id,
        at=now,
        actor_id=actor.account_id,
    )
