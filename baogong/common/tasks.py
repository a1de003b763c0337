"""Periodic housekeeping: thin doors to services, safe to run twice or from two workers."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from baogong.common.audit import seal_all
from baogong.common.clock import now
from baogong.common.idempotency import forget_old_keys
from baogong.common.models import Event, IdempotencyKey
from baogong.common.statistics import gather_statistics


@db_periodic_task(crontab(minute="*"))
def seal_new_events() -> int:
    """Chain the events of the last minute."""
    waiting = Event.objects.everywhere().unsealed().order_by().values_list("subdistrict_id", flat=True).distinct()
    return sum(seal_all(subdistrict_id) for subdistrict_id in waiting)


@db_periodic_task(crontab(minute="41"))
def count_rows_anew() -> None:
    """Once an hour: a database that knows its own size looks things up the short way."""
    gather_statistics()


@db_periodic_task(crontab(minute="17", hour="19"))  # huey counts in UTC: 3:17 in Shanghai
def forget_idempotency_keys() -> int:
    """Keys are kept for a week."""
    known = IdempotencyKey.objects.everywhere().order_by().values_list("subdistrict_id", flat=True).distinct()
    return sum(forget_old_keys(subdistrict_id, now=now()) for subdistrict_id in known)
