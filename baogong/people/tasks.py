"""Periodic housekeeping of sign-ins: thin doors to services, safe to run twice or from two workers."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from baogong.common.clock import now
from baogong.people.services import phone_changes_due
from baogong.people.services.signing import forget_old_codes


@db_periodic_task(crontab(minute="*/5"))
def put_phone_changes_in_force() -> int:
    """Changed numbers whose day is over."""
    return phone_changes_due(now=now())


@db_periodic_task(crontab(minute="23", hour="*"))
def forget_sign_in_codes() -> int:
    """Codes and tries that count no more."""
    return forget_old_codes(now=now())


@db_periodic_task(crontab(minute="7", hour="20"))  # huey counts in UTC: 4:07 in Shanghai
def forget_old_sessions() -> None:
    """Sessions of browsers that never came back."""
    SessionStore.clear_expired()
