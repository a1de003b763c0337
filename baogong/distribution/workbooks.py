"""The lists of a published plan as spreadsheets, row by row what `prints.py` puts on paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from baogong.common.clock import local
from baogong.common.errors import NotFound
from baogong.common.money import yuan
from baogong.common.tables import write_xlsx
from baogong.distribution.models import Plan
from baogong.distribution.services.publishing import refuse_unpublished
from baogong.distribution.sheets import Door, Sheets

Row = Sequence[object]


def workbook(kind: str, plan: Plan, *, buildings: Any = None) -> bytes:
    """An XLSX file of one of WORKBOOKS; `buildings` (ids or a queryset) leaves the others out.

    Raises NotFound for another kind, PlanNotPublished, PlanWithdrawn.
    """
    if kind not in WORKBOOKS:
        raise NotFound(_("There is no such list"))
    refuse_unpublished(plan)
    header, rows = WORKBOOKS[kind]
    file = io.BytesIO()
    write_xlsx(file, header(), rows(Sheets(plan, buildings)))
    return file.getvalue()


def _label_header() -> list[str]:
    return [
        _("Compound"),
        _("Door"),
        _("Bag"),
        _("of"),
        _("Cold"),
        _("Cold until"),
        _("Grams"),
        _("Goods"),
        _("Order numbers"),
        _("Code of the bag"),
    ]


def _label_rows(sheets: Sheets) -> Iterator[Row]:
    for label in sheets.labels():
        goods = "; ".join(f"{piece.name} {piece.spec} × {piece.units}" for piece in label.pieces)
        until = label.cold_until and local(label.cold_until)
        orders = " ".join(label.orders)
        yield [
            label.compound,
            label.door,
            label.number,
            label.bags,
            label.cold,
            until,
            label.grams,
            goods,
            orders,
            label.code,
        ]


def _door_header() -> list[str]:
    return [
        _("Unit"),
        _("Flat"),
        _("Floor"),
        _("Bags"),
        _("Grams"),
        _("Cold"),
        _("Code ends in"),
        _("To pay, yuan"),
    ]


def _door_cells(door: Door) -> list[object]:
    return [
        door.unit,
        door.flat,
        door.floor,
        door.bags,
        door.grams,
        door.cold,
        door.digits,
        yuan(door.owed_fen),
    ]


def _turn_header() -> list[str]:
    return [_("Point"), _("Start"), _("End"), _("Building"), *_door_header()]


def _turn_rows(sheets: Sheets) -> Iterator[Row]:
    for each in sheets.turn_lists():
        turn = each.turn
        head = [turn.point.name, local(turn.starts_at), local(turn.ends_at), turn.building.name]
        yield from ([*head, *_door_cells(door)] for door in each.doors)


def _round_header() -> list[str]:
    return [_("Compound"), _("Building"), _("Trip"), _("Start"), _("Due"), *_door_header()]


def _round_rows(sheets: Sheets) -> Iterator[Row]:
    for each in sheets.round_lists():
        task = each.task
        assert task.building is not None
        place = [task.building.compound.name, task.building.name, task.trip]
        times = [local(task.starts_at), local(task.due_at)]
        yield from ([*place, *times, *_door_cells(door)] for door in each.doors)


def _pick_header() -> list[str]:
    return [_("Building"), _("Door"), _("Goods"), _("Spec"), _("Units")]


def _pick_rows(sheets: Sheets) -> Iterator[Row]:
    """One line for each household and thing: a spreadsheet program makes any matrix of it."""
    for sheet in sheets.pick_sheets():
        for row in sheet.rows:
            for (name, spec), units in zip(sheet.goods, row.units, strict=True):
                if units:
                    yield [sheet.building.name, row.door, name, spec, units]


def _timetable_header() -> list[str]:
    return [_("Point"), _("Start"), _("End"), _("Building"), _("Households"), _("Goes first")]


def _timetable_rows(sheets: Sheets) -> Iterator[Row]:
    for turn in sheets.turns():
        yield [
            turn.point.name,
            local(turn.starts_at),
            local(turn.ends_at),
            turn.building.name,
            turn.households,
            turn.priority,
        ]


WORKBOOKS: dict[str, tuple[Callable[[], list[str]], Callable[[Sheets], Iterator[Row]]]] = {
    "labels": (_label_header, _label_rows),
    "turns": (_turn_header, _turn_rows),
    "doors": (_round_header, _round_rows),
    "picking": (_pick_header, _pick_rows),
    "timetable": (_timetable_header, _timetable_rows),
}
