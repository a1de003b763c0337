"""Counting wrong tries. A try is counted before it is looked at, so that many at once cannot slip past the count;
success takes the count back."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common import crypto
from baogong.common.errors import RuleBroken, TooMany
from baogong.people.models import SignInFailures

DAY_S = 24 * 3600
FREE_TRIES = 4  # a slip of the finger costs no waiting
FIRST_DELAY_S, LONGEST_DELAY_S = 30, 3600
MOST_A_DAY = 30
MOST_IN_A_ROW = 100


class InPerson(RuleBroken):
    """So many wrong tries in a row that only somebody who knows the person may open the sign-in again."""

    code, status = "in_person", 429


def subject_of(kind: str, value: str) -> bytes:
    """What tries are counted for: a `phone`, a `user`, an `address`."""
    return crypto.blind_index(f"tries {kind}", value)


@transaction.atomic
def count_try(subdistrict_id: UUID, subject: bytes, *, now: datetime) -> None:
    """Count one more try. Raises TooMany while it must wait, InPerson after a hundred wrong ones in a row."""
    row = _locked(subdistrict_id, subject)
    recent = [second for second in row.recent if second > now.timestamp() - DAY_S]
    if settings.BAOGONG_LIMITS:
        _refuse_if_blocked(row, recent, now)
    row.consecutive += 1
    row.recent = [*recent, now.timestamp()]
    row.blocked_until = now + delay(row.consecutive)
    row.save()


def _locked(subdistrict_id: UUID, subject: bytes) -> SignInFailures:
    rows = SignInFailures.objects.within(subdistrict_id)
    rows.get_or_create(subject=subject, defaults={"subdistrict_id": subdistrict_id})
    row: SignInFailures = rows.select_for_update().get(subject=subject)
    return row


def _refuse_if_blocked(row: SignInFailures, recent: list[float], now: datetime) -> None:
    if row.consecutive >= MOST_IN_A_ROW:
        raise InPerson(
            _("Too many wrong tries in a row. Ask your social worker or the administrator to open your sign-in again.")
        )
    wait_s = (row.blocked_until - now).total_seconds() if row.blocked_until else 0
    if len(recent) >= MOST_A_DAY:
        wait_s = max(wait_s, recent[-MOST_A_DAY] + DAY_S - now.timestamp())
    if wait_s > 0:
        raise wait(wait_s)


def wait(seconds: float) -> TooMany:
    """The refusal that says when to come back."""
    from baogong.web.words import age

    return TooMany(
        _("Too many tries. Try again in %(time)s.") % {"time": age(max(60, ceil(seconds)))}, retry_after_s=ceil(seconds)
    )


def delay(wrong_in_a_row: int) -> timedelta:
    """30 s after the fifth wrong try, doubling with each one more, an hour at most."""
    if wrong_in_a_row <= FREE_TRIES:
        return timedelta(0)
    doubled = min(wrong_in_a_row - FREE_TRIES - 1, 10)  # keeps the power small
    return timedelta(seconds=min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**doubled))


def forgive(subdistrict_id: UUID, subject: bytes) -> None:
    """Success: nothing is counted any more."""
    SignInFailures.objects.within(subdistrict_id).filter(subject=subject).delete()


# ---------------------------------------------------------------- by network address


@transaction.atomic
def count_from_address(subdistrict_id: UUID, purpose: str, address: str, *, most_an_hour: int, now: datetime) -> None:
    """Count a request from an address. Raises TooMany. The limits are wide: a whole compound may share one address."""
    row = _locked(subdistrict_id, subject_of(f"address {purpose}", address))
    recent = [second for second in row.recent if second > now.timestamp() - 3600]
    if settings.BAOGONG_LIMITS and len(recent) >= most_an_hour:
        raise wait(recent[-most_an_hour] + 3600 - now.timestamp())
    row.recent = [*recent[-most_an_hour:], now.timestamp()]
    row.save(update_fields=["recent"])


@transaction.atomic
def forget_old_tries(*, now: datetime) -> int:
    """Rows in which nothing counts any more; returns how many."""
    old = [
        row.pk
        for row in SignInFailures.objects.everywhere().filter(consecutive=0).iterator()
        if not row.recent or row.recent[-1] < now.timestamp() - DAY_S
    ]
    return int(SignInFailures.objects.filter(pk__in=old).delete()[0])
