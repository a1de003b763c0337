"""Thin doors to the sender: every minute, and right after something was queued."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from baogong.channels import services
from baogong.common.clock import now


@db_periodic_task(crontab(minute="*"))
def send_due_messages() -> int:
    """Whatever is due; safe to run twice or from two workers."""
    return services.send_due(now=now())


@db_task()
def send_now() -> int:
    """The same, asked for by whoever queued something."""
    return services.send_due(now=now())


@db_periodic_task(crontab(minute="41", hour="*"))
def forget_old_codes() -> int:
    """Messages with sign-in codes stay for a day at most."""
    return services.forget_old(now=now())
