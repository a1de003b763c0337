"""Turns as a railway poster shows them: an hour a line, its slots across, one building a slot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from baogong.common.clock import local
from baogong.distribution.models import Turn
from baogong.places.models import Point
from baogong.web.parts import Cell, HourRow

SHORTEST = 10  # minutes; of shorter slots an hour would not fit on a phone, so that only those taken are shown


@dataclass(frozen=True, slots=True)
class PointTable:
    """The turns of one point on one day; `mine` are those of the reader's building."""

    point: Point
    rows: list[HourRow]
    slot_minutes: int
    mine: list[Turn]


def point_tables(turns: Iterable[Turn], building_id: UUID | None, now: datetime) -> list[PointTable]:
    """One table for each point that the turns of a day name; `turns` with point and building loaded."""
    by_point: dict[UUID, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_point[turn.point_id].append(turn)
    tables = [_table(found, building_id, now) for found in by_point.values()]
    return sorted(tables, key=lambda table: (not table.mine, table.point.name))


def _table(turns: Sequence[Turn], building_id: UUID | None, now: datetime) -> PointTable:
    slot = min(int((turn.ends_at - turn.starts_at).total_seconds()) // 60 for turn in turns)
    mine = sorted((turn for turn in turns if turn.building_id == building_id), key=lambda turn: turn.starts_at)
    return PointTable(turns[0].point, hour_rows(turns, slot, building_id, now), slot, mine)


def hour_rows(turns: Sequence[Turn], slot: int, building_id: UUID | None, now: datetime) -> list[HourRow]:
    """From the first turn's hour to the last one's; free slots stand there empty."""
    taken = {(local(turn.starts_at).hour, local(turn.starts_at).minute): turn for turn in turns}
    hours = [hour for hour, _minute in taken]
    even = slot >= SHORTEST and 60 % slot == 0 and all(minute % slot == 0 for _hour, minute in taken)
    rows = []
    for hour in range(min(hours), max(hours) + 1):
        minutes = list(range(0, 60, slot)) if even else sorted(minute for h, minute in taken if h == hour)
        rows.append(HourRow(hour, [_cell(minute, taken.get((hour, minute)), building_id, now) for minute in minutes]))
    return rows


def _cell(minute: int, turn: Turn | None, building_id: UUID | None, now: datetime) -> Cell:
    if turn is None:
        return Cell(minute)
    kind = "me" if turn.building_id == building_id else "past" if turn.ends_at <= now else ""
    return Cell(minute, short_name(turn.building.name), kind)


def short_name(name: str) -> str:
    """`12号` for `12号楼`, so that six stand side by side on a phone."""
    return name.removesuffix("楼") if name.endswith("号楼") else name
