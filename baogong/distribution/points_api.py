"""The JSON door of the points where goods are handed out."""

from __future__ import annotations

from datetime import time
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from baogong.common.api import ApiRequest, page
from baogong.common.clock import now
from baogong.common.errors import NotFound
from baogong.distribution import queries, services
from baogong.distribution.api import REFUSED
from baogong.people import access
from baogong.places.models import Compound, Point
from baogong.places.services import MOST_DESKS, MOST_PRESENT, PointFacts, add_point

router = Router(tags=["distribution"])
MANAGE = "places.manage_points"


class PointOut(Schema):
    id: UUID
    compound: UUID
    compound_name: str
    name: str
    kind: str
    desks: int
    present_cap: int
    opens_at: time
    closes_at: time
    longitude: float | None
    latitude: float | None
    closed: bool
    closed_reason: str


class PointPage(Schema):
    items: list[PointOut]
    next: str | None


class PointChangeIn(Schema):
    """What shall be different; what is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=60)
    kind: Literal["distribution", "buffer"] | None = None
    desks: int | None = Field(None, ge=1, le=MOST_DESKS)
    present_cap: int | None = Field(None, ge=1, le=MOST_PRESENT)
    opens_at: time | None = None
    closes_at: time | None = None
    longitude: float | None = Field(None, ge=-180, le=180)
    latitude: float | None = Field(None, ge=-90, le=90)
    closed: bool | None = None
    closed_reason: str | None = Field(None, max_length=200, description="a point that is closed says why")


class PointIn(PointChangeIn):
    compound: UUID
    name: str = Field(min_length=1, max_length=60)


def point_out(point: Point) -> dict[str, Any]:
    names = ("name", "kind", "desks", "present_cap", "opens_at", "closes_at", "longitude", "latitude")
    return {
        "id": point.pk,
        "compound": point.compound_id,
        "compound_name": point.compound.name,
        "closed": point.closed,
        "closed_reason": point.closed_reason,
        **{name: getattr(point, name) for name in names},
    }


def facts_of(payload: PointChangeIn) -> PointFacts:
    return PointFacts(**payload.dict(exclude={"compound"}))


@router.get("/points", response={200: PointPage, **REFUSED}, operation_id="listPoints")
def list_points(request: ApiRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """Every point where goods are handed out or wait outside a gate, also the closed ones."""
    access.require(request.actor, MANAGE)
    points = queries.points_of(request.actor.subdistrict_id)
    return page(points, point_out, cursor=cursor, limit=limit, newest=False)


@router.post("/points", response={201: PointOut, **REFUSED}, operation_id="addPoint")
def add_one(request: ApiRequest, payload: PointIn) -> Any:
    """One more point of a compound; what is left out comes from the figures."""
    access.require(request.actor, MANAGE)
    compound = Compound.objects.within(request.actor.subdistrict_id).filter(pk=payload.compound).first()
    if compound is None:
        raise NotFound(_("There is no such compound"))
    made = add_point(compound, facts_of(payload), actor=request.actor, now=now())
    return Status(201, point_out(made))


@router.patch("/points/{id}", response={200: PointOut, **REFUSED}, operation_id="changePoint")
def change_point(request: ApiRequest, id: UUID, payload: PointChangeIn) -> Any:
    """Change a point, or close it with a reason; what published plans have promised there holds."""
    access.require(request.actor, MANAGE)
    return point_out(services.change_point(id, facts_of(payload), actor=request.actor, now=now()))
