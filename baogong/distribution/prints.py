"""Papers of a published plan: bag labels, lists for desks and doors, pick lists, the timetable for the poster.

prints.render("labels", plan, buildings=access.buildings_for(actor, "distribution.print"), request=request)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from baogong.common.clock import local
from baogong.common.errors import NotFound
from baogong.distribution.models import Plan, Turn
from baogong.distribution.services.publishing import refuse_unpublished
from baogong.distribution.sheets import Label, Sheets
from baogong.people.qr import qr_svg
from baogong.places.models import Point
from baogong.web.parts import Cell, HourRow


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of print: its name for people, its template, and what fills it."""

    title: Any  # a lazy text
    template: str
    fill: Callable[[Sheets], dict[str, object]]


@dataclass(frozen=True, slots=True)
class LabelPrint:
    """A label with its QR code and the texts that have to be put together."""

    label: Label
    qr: str
    goods: str

    @property
    def size(self) -> str:
        """A long address has smaller letters, so that it stays within its frame."""
        return next((name for name, least in (("longest", 17), ("long", 12)) if len(self.label.door) >= least), "")


@dataclass(frozen=True, slots=True)
class PointTable:
    """The turns of one point as a railway poster shows them."""

    point: Point
    rows: list[HourRow]


def render(kind: str, plan: Plan, *, buildings: Any = None, request: HttpRequest | None = None) -> str:
    """A print of PAPERS as a whole page; `buildings` (ids or a queryset) leaves the others out.

    Raises NotFound for another kind, PlanNotPublished, PlanWithdrawn.
    """
    paper = PAPERS.get(kind)
    if paper is None:
        raise NotFound(_("There is no such print"))
    refuse_unpublished(plan)
    sheets = Sheets(plan, buildings)
    context = {"plan": plan, "hotline": sheets.hotline, "title": paper.title, **paper.fill(sheets)}
    return render_to_string(paper.template, context, request=request)


def _labels(sheets: Sheets) -> dict[str, object]:
    return {"labels": [_label(label) for label in sheets.labels()]}


def _label(label: Label) -> LabelPrint:
    comma = pgettext("between goods", ", ")
    goods = comma.join(f"{piece.name} × {piece.units}" for piece in label.pieces)
    return LabelPrint(label, qr_svg(label.code, label=_("Code of the bag")), goods)


def _turn_lists(sheets: Sheets) -> dict[str, object]:
    return {"lists": sheets.turn_lists()}


def _round_lists(sheets: Sheets) -> dict[str, object]:
    return {"lists": sheets.round_lists()}


def _pick_sheets(sheets: Sheets) -> dict[str, object]:
    return {"sheets": sheets.pick_sheets()}


def _timetable(sheets: Sheets) -> dict[str, object]:
    return {"tables": point_tables(sheets.turns(), sheets.plan.slot_minutes)}


def point_tables(turns: Iterable[Turn], slot_minutes: int) -> list[PointTable]:
    by_point: dict[Point, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_point[turn.point].append(turn)
    return [PointTable(point, _hours(found, slot_minutes)) for point, found in by_point.items()]


def _hours(turns: Sequence[Turn], slot_minutes: int) -> list[HourRow]:
    """An hour a line from the first turn to the last; slots that nobody has stand empty, where they fit the hour."""
    taken = {(local(turn.starts_at).hour, local(turn.starts_at).minute): turn.building.name for turn in turns}
    hours = [hour for hour, _minute in taken]
    even = 60 % slot_minutes == 0 and all(minute % slot_minutes == 0 for _hour, minute in taken)
    rows = []
    for hour in range(min(hours), max(hours) + 1):
        minutes = range(0, 60, slot_minutes) if even else sorted(minute for h, minute in taken if h == hour)
        rows.append(HourRow(hour, [Cell(minute, taken.get((hour, minute), "")) for minute in minutes]))
    return rows


PAPERS: dict[str, Paper] = {
    "labels": Paper(gettext_lazy("Bag labels"), "distribution/print_labels.html", _labels),
    "turns": Paper(gettext_lazy("Lists for the desks"), "distribution/print_turns.html", _turn_lists),
    "doors": Paper(gettext_lazy("Rounds to the doors"), "distribution/print_doors.html", _round_lists),
    "picking": Paper(gettext_lazy("Pick lists"), "distribution/print_picking.html", _pick_sheets),
    "timetable": Paper(gettext_lazy("Timetable of turns"), "distribution/print_timetable.html", _timetable),
}
