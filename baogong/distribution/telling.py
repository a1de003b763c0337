"""What households are told about their goods: when, where, what to bring. In the installation's language."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from baogong.distribution.models import Turn
from baogong.web.words import span


def dated(day: date) -> str:
    """`11月25日（星期五）`: a message is read later too, so never today or tomorrow."""
    return format_date(day, pgettext("date with weekday", "l j F"))


class DeliveryTexts:
    """Texts about one day's deliveries: what many share is put into words once."""

    def __init__(self, day: date) -> None:
        self.day = dated(day)
        self.turn = _(
            "Your goods are ready. Come on %(day)s, %(time)s, to %(point)s. Your code is %(code)s, %(bags)s. "
            "One person per household, with a mask; bring the code or your door number."
        )
        self.door = _(
            "Your goods are ready. They come to your door on %(day)s, %(bags)s. Stay at home: the bags are put down in "
            "front of the door, somebody knocks and steps back."
        )
        self._turns: dict[UUID, dict[str, str]] = {}
        self._bags: dict[int, str] = {}

    def at_turn(self, turn: Turn, code: str, bags: int) -> str:
        """`turn` with its point."""
        shared = self._turns.get(turn.pk)
        if shared is None:
            time = span(turn.starts_at, turn.ends_at)
            shared = self._turns[turn.pk] = {"day": self.day, "time": time, "point": turn.point.name}
        return self.turn % {**shared, "code": code, "bags": self.bags(bags)}

    def at_door(self, bags: int) -> str:
        return self.door % {"day": self.day, "bags": self.bags(bags)}

    def bags(self, count: int) -> str:
        if count not in self._bags:
            self._bags[count] = ngettext("%(count)s bag", "%(count)s bags", count) % {"count": count}
        return self._bags[count]


def withdrawn_text(day: date) -> str:
    text = _("What you were told for %(day)s no longer holds. Your goods are safe; you will be told a new time.")
    return text % {"day": dated(day)}
