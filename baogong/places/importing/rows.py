"""What a row or a feature says about a building, in one form."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from baogong.common.imports import BadCell, InputRow

MOST_FLOORS, MOST_HOUSEHOLDS = 200, 5_000  # of one building: more is a typing error
NOT_SORTED = "未分"  # community and compound of a feature that names none
CENTRE_DIGITS = 5  # a metre: two features whose centres agree so far are the same building
POINT_DIGITS = 7


@dataclass(slots=True)
class Entrance:
    """What a row says about one unit of a building."""

    row: InputRow
    name: str
    households: int
    zone: Any


@dataclass(slots=True)
class Wanted:
    """A building as the file wants it. `row` gets the building's outcome, `merged` rows say the same building again."""

    row: InputRow
    community: str
    compound: str
    name: str
    code: str = ""
    osm_id: int | None = None
    centre: tuple[float, float] | None = None  # identity of a feature without code and osm_id
    zone: Any = None
    households: int | None = None  # of the whole building, where a row without unit says so
    values: dict[str, Any] = field(default_factory=dict)  # fields of Building, only those that are given
    defaults: dict[str, Any] = field(default_factory=dict)  # for a new building
    entrances: list[Entrance] = field(default_factory=list)
    merged: list[InputRow] = field(default_factory=list)


def place_group(values: Mapping[str, Any]) -> Hashable:
    """All rows of one building."""
    return values.get("code") or (values["community"], values["compound"], values["building"])


def place_identity(values: Mapping[str, Any]) -> Hashable:
    return (place_group(values), values.get("unit"))


def feature_group(values: Mapping[str, Any]) -> Hashable:
    """All features of one building: the same code, else the same osm_id, else the same rounded centre."""
    if values.get("code") or values.get("osm_id") is not None:
        return values.get("code") or values["osm_id"]
    shape = values.get("geometry")
    return centre_key(shape.centre) if shape else None


def wanted_place(rows: list[InputRow]) -> Wanted:
    """The rows of one building from a spreadsheet: at most one without a unit, and one for each of its units."""
    first = rows[0]
    whole = next((row for row in rows if not row["unit"]), None)
    values: dict[str, Any] = {"floors": max(row["floors"] for row in rows), "lift": any(row["lift"] for row in rows)}
    for name in ("longitude", "latitude"):
        given = next((row[name] for row in rows if row[name] is not None), None)
        values |= {} if given is None else {name: round(given, POINT_DIGITS)}
    zones = {row["zone"] for row in rows}
    return Wanted(
        row=whole or first,
        community=first["community"],
        compound=first["compound"],
        name=first["building"],
        code=first["code"] or "",
        zone=whole["zone"] if whole else (zones.pop() if len(zones) == 1 else None),
        households=whole["households"] if whole else None,
        values=values,
        entrances=[Entrance(row, row["unit"], row["households"], row["zone"]) for row in rows if row["unit"]],
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry that was proved sound: `outline` as GeoJSON (None for a point), centre in degrees, area in m2."""

    outline: dict[str, Any] | None
    centre: tuple[float, float]
    area_m2: float


def geometry(cell: str) -> Shape:
    """Parser of the geometry column. Raises BadCell for what is no polygon or point on this earth."""
    from baogong.places.importing.shapes import BrokenGeometry, sound_shape

    try:
        return sound_shape(json.loads(cell))
    except BrokenGeometry as wrong:
        raise BadCell("broken_geometry", str(wrong)) from wrong
    except (ValueError, RecursionError) as wrong:
        raise BadCell("broken_geometry", _("the geometry is not readable")) from wrong


def centre_key(centre: tuple[float, float]) -> tuple[float, float]:
    return round(centre[0], CENTRE_DIGITS), round(centre[1], CENTRE_DIGITS)
