"""The JSON door of the figures: the numbers of the domain that are in force, and setting one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ninja import Field, Router, Schema, Status

from baogong.common.api import ApiRequest, Problem
from baogong.common.clock import local, now
from baogong.common.figures import set_figure
from baogong.home.offices import FigureLine, figures_in_force
from baogong.people import access

router = Router(tags=["figures"])
REFUSED = {400: Problem, 401: Problem, 403: Problem, 409: Problem, 422: Problem}


class FigureOut(Schema):
    name: str
    value: int
    unit: str
    title: str
    source: str
    least: int
    most: int
    since: datetime | None


class FigureList(Schema):
    items: list[FigureOut]


class FigureIn(Schema):
    name: str = Field(max_length=60)
    value: int
    source: str = Field(min_length=1, max_length=200, description="where the number comes from")


def figure_out(line: FigureLine) -> dict[str, Any]:
    meant = line.figure
    return {
        "name": line.name,
        "value": line.value,
        "unit": str(meant.unit),
        "title": str(meant.title),
        "source": str(line.source),
        "least": meant.least,
        "most": meant.most,
        "since": line.since and local(line.since),
    }


@router.get("/figures", response={200: FigureList, **REFUSED}, operation_id="listFigures")
def list_figures(request: ApiRequest) -> Any:
    """Every number of the domain as it is in force here; `since` is null for a default."""
    access.require(request.actor, "common.see_figures")
    return {"items": [figure_out(line) for line in figures_in_force(request.actor.subdistrict_id)]}


@router.post("/figures", response={201: FigureOut, **REFUSED}, operation_id="setFigure")
def put_figure(request: ApiRequest, payload: FigureIn) -> Any:
    """Put a number in force from now on; older settings stay as they were."""
    access.require(request.actor, "common.set_figures")
    set_figure(payload.name, Decimal(payload.value), payload.source, actor=request.actor, now=now())
    lines = {line.name: line for line in figures_in_force(request.actor.subdistrict_id)}
    return Status(201, figure_out(lines[payload.name]))
