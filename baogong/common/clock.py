"""The only place that reads the clock; services get the time passed in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

now = timezone.now


def local(moment: datetime) -> datetime:
    """The same moment as the subdistrict's clocks show it."""
    return timezone.localtime(moment)


def at_local(day: date, clock: time) -> datetime:
    """The moment when the subdistrict's clocks show `clock` on `day`."""
    return timezone.make_aware(datetime.combine(day, clock))


def start_of_day(moment: datetime) -> datetime:
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def end_of_day(moment: datetime) -> datetime:
    return start_of_day(moment) + timedelta(days=1)
