"""What households are told about their goods: when, where, what to bring. In the installation's language."""

from __future__ import annotations

from datetime import date

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from baogong.distribution.models import Delivery, Turn
from baogong.web.words import span


def dated(day: date) -> str:
    """`11月25日（星期五）`: a message is read later too, so never today or tomorrow."""
    return format_date(day, pgettext("date with weekday", "l j F"))


def bags(count: int) -> str:
    return ngettext("%(count)s bag", "%(count)s bags", count) % {"count": count}


def turn_text(delivery: Delivery, turn: Turn, day: date) -> str:
    """`turn` with its point."""
    text = _(
        "Your goods are ready. Come on %(day)s, %(time)s, to %(point)s. Your code is %(code)s, %(bags)s. "
        "One person per household, with a mask; bring the code or your door number."
    )
    return text % {
        "day": dated(day),
        "time": span(turn.starts_at, turn.ends_at),
        "point": turn.point.name,
        "code": delivery.pickup_code,
        "bags": bags(delivery.bags),
    }


def door_text(delivery: Delivery, day: date) -> str:
    text = _(
        "Your goods are ready. They come to your door on %(day)s, %(bags)s. Stay at home: the bags are put down in "
        "front of the door, somebody knocks and steps back."
    )
    return text % {"day": dated(day), "bags": bags(delivery.bags)}


def withdrawn_text(day: date) -> str:
    text = _("What you were told for %(day)s no longer holds. Your goods are safe; you will be told a new time.")
    return text % {"day": dated(day)}
