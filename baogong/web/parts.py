"""Plain records that some components take: a step on the way of the goods, a cell of the timetable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STATES = ("wait", "go", "done", "short", "late", "danger")


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the goods' way. `state` is one of STATES; `when` and `note` are texts for people."""

    state: str
    title: str
    when: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One slot: its minute, whose it is (empty: nobody's), and `kind` "", "past" or "me" (the reader's own)."""

    minute: int
    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class HourRow:
    """One line of the timetable: an hour and the cells that begin in it."""

    hour: int
    cells: Sequence[Cell]
