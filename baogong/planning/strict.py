"""Read JSON strictly: wrong types, unknown keys and absurd numbers are refused with one line that names the place.

    fields = Fields(value, "people[3]", known={"id", "posts", "max_hours"})
    person = Person(fields.text("id"), tuple(fields.texts("posts")), fields.whole("max_hours", least=1, most=168))

Everything raised here is a `Refused`, a ValueError whose message fits on one line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import cast

MOST = 10**12  # no quantity, distance or sum of money in a planner file is larger
LONGEST_TEXT = 200
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")


class Refused(ValueError):
    """The input breaks the form of its file; the message is one line and names the place."""


def said(value: object) -> str:
    """`value` as it may appear in a one-line message: escaped, and cut to 60 characters."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = ascii(value) if not isinstance(value, int) or abs(value) <= MOST else "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."


def whole(value: object, place: str, *, least: int = 0, most: int = MOST) -> int:
    """`value` as a whole number from `least` to `most`; yes/no, fractions and text are refused."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{place} must be a whole number, not {said(value)}")
    if not least <= value <= most:
        raise Refused(f"{place} must lie between {least} and {most}, not {said(value)}")
    return value


def text(value: object, place: str) -> str:
    """`value` as a text of 1 to 200 characters that can be written as UTF-8."""
    if not isinstance(value, str):
        raise Refused(f"{place} must be a text, not {said(value)}")
    if not 1 <= len(value) <= LONGEST_TEXT:
        raise Refused(f"{place} must have 1 to {LONGEST_TEXT} characters, not {len(value)}")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refused(f"{place} is not valid Unicode: {said(value)}")
    return value


def clock(value: object, place: str) -> int:
    """`value` as a local time "HH:MM", in minutes after midnight; "24:00" is the end of the day."""
    found = CLOCK.fullmatch(text(value, place))
    if found is None:
        raise Refused(f"{place} must be a time HH:MM, not {said(value)}")
    hours, minutes = (int(part) for part in found.groups() if part is not None)
    return hours * 60 + minutes


def items(value: object, place: str) -> Iterator[tuple[object, str]]:
    """Each element of the list `value` with its own place, such as `people[3]`."""
    if not isinstance(value, list):
        raise Refused(f"{place} must be a list, not {said(value)}")
    return ((element, f"{place}[{number}]") for number, element in enumerate(value))


def table(value: object, place: str) -> dict[str, object]:
    """`value` as a JSON object; its keys are texts as `text` wants them."""
    if not isinstance(value, dict):
        raise Refused(f"{place} must be a table, not {said(value)}")
    for key in value:
        text(key, f"a name in {place}")
    return cast("dict[str, object]", value)


def repeated(names: Iterable[str]) -> list[str]:
    """The names that come more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


def unique(names: Iterable[str], place: str) -> None:
    """Refuse a name that comes twice."""
    for name in repeated(names):
        raise Refused(f"{place}: {said(name)} comes twice")


class Fields:
    """One JSON object read by name. Keys other than `known` are refused at once, missing ones when asked for.

    Every reader takes `default`, used when the key is absent; without it an absent key is refused. `place` is how
    messages name the object; the outermost object has the place "".
    """

    __slots__ = ("_place", "_values")

    def __init__(self, value: object, place: str, *, known: Collection[str]) -> None:
        self._place = place
        self._values = table(value, place or "the file")
        for key in self._values:
            if key not in known:
                raise Refused(f"{place or 'the file'} has an unknown key {said(key)}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def place(self, key: str) -> str:
        """How messages name the value under `key`."""
        return f"{self._place}.{key}" if self._place else key

    def value(self, key: str) -> object:
        """The raw value under `key`; refused when absent."""
        if key not in self._values:
            raise Refused(f"{self.place(key)} is missing")
        return self._values[key]

    def whole(self, key: str, *, default: int | None = None, least: int = 0, most: int = MOST) -> int:
        """The whole number under `key`, from `least` to `most`."""
        if default is not None and key not in self:
            return default
        return whole(self.value(key), self.place(key), least=least, most=most)

    def text(self, key: str) -> str:
        """The text under `key`, 1 to 200 characters."""
        return text(self.value(key), self.place(key))

    def clock(self, key: str) -> int:
        """The time "HH:MM" under `key`, in minutes after midnight."""
        return clock(self.value(key), self.place(key))

    def items(self, key: str, *, optional: bool = False) -> Iterator[tuple[object, str]]:
        """Each element of the list under `key` with its place; none where it is absent and `optional`."""
        return items([] if optional and key not in self else self.value(key), self.place(key))

    def texts(self, key: str, *, optional: bool = False) -> list[str]:
        """The list of different texts under `key`."""
        found = [text(element, place) for element, place in self.items(key, optional=optional)]
        unique(found, self.place(key))
        return found

    def wholes(self, key: str, *, optional: bool = False, least: int = 0, most: int = MOST) -> dict[str, int]:
        """The table of whole numbers under `key`, by name."""
        if optional and key not in self:
            return {}
        place = self.place(key)
        return {
            name: whole(number, f"{place}[{said(name)}]", least=least, most=most)
            for name, number in table(self.value(key), place).items()
        }
