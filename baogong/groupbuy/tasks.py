"""What rounds do by themselves: thin doors to services, safe to run twice or from two workers."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from baogong.common.clock import now
from baogong.groupbuy import services


@db_periodic_task(crontab(minute="*"))
def open_due_rounds() -> int:
    """Open every scheduled round whose time has come."""
    return services.open_due_rounds(now())


@db_periodic_task(crontab(minute="*"))
def close_due_rounds() -> int:
    """Close every round past its cut-off, and order from its suppliers."""
    return services.close_due_rounds(now())


@db_periodic_task(crontab(minute="*"))
def note_due_receipts() -> int:
    """Rounds of which everything has come are received."""
    return services.note_due_receipts(now())
