"""The features of one building, as one thing wanted."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.imports import InputRow
from baogong.places.importing.rows import Entrance, Shape, Wanted, centre_key
from baogong.places.importing.shapes import joined


class NoPlace(BadInput):
    """A feature that says neither where nor which building it is."""

    code = "no_place"


def wanted_feature(rows: list[InputRow]) -> Wanted:
    """The polygon wins and what it leaves open is taken from the others; parts of a polygon are joined.

    Raises NoPlace.
    """
    ordered = sorted(rows, key=lambda row: (not has_outline(row), row.line))
    main, units = ordered[0], entrances(ordered)
    shape = joined([row["geometry"] for row in ordered if row["geometry"]]) if any(map(geometry_of, rows)) else None
    said = {name: first_given(ordered, name) for name in SAID}
    refuse_placeless(said, shape)
    with_units = {id(entrance.row) for entrance in units}
    return Wanted(
        row=main,
        community=said["community"] or "",
        compound=said["compound"] or "",
        name=said["building"] or said["name"] or "",
        code=said["code"] or "",
        osm_id=said["osm_id"],
        centre=centre_key(shape.centre) if shape else None,
        zone=said["zone"] if not units else None,
        households=said["households"] if not units else None,
        values=building_values(said, shape),
        entrances=units,
        merged=[row for row in ordered[1:] if id(row) not in with_units],
    )


SAID = (
    "community", "compound", "building", "name", "code", "osm_id", "zone", "households", "households_estimated",
    "floors", "lift", "longitude", "latitude", "height", "area", "kind_detail",
)  # fmt: skip


def geometry_of(row: InputRow) -> Shape | None:
    found: Shape | None = row["geometry"]
    return found


def has_outline(row: InputRow) -> bool:
    shape = geometry_of(row)
    return shape is not None and shape.outline is not None


def first_given(rows: list[InputRow], name: str) -> Any:
    return next((row[name] for row in rows if row[name] is not None), None)


def refuse_placeless(said: dict[str, Any], shape: Shape | None) -> None:
    if shape or said["code"] or said["osm_id"] is not None or (said["building"] and said["compound"]):
        return
    raise NoPlace(_("neither a geometry, nor a code, an osm_id, or compound and building"), column="geometry")


def building_values(said: dict[str, Any], shape: Shape | None) -> dict[str, Any]:
    """Fields of Building that the features give."""
    centre = shape.centre if shape else (None, None)
    values = {
        "floors": said["floors"],
        "lift": said["lift"],
        "longitude": said["longitude"] if said["longitude"] is not None else centre[0],
        "latitude": said["latitude"] if said["latitude"] is not None else centre[1],
        "outline": shape.outline if shape else None,
        "height_m": said["height"] or None,
        "area_m2": said["area"] or (round(shape.area_m2, 1) if shape and shape.outline else None),
        "kind_detail": said["kind_detail"],
        "osm_id": said["osm_id"],
        "households_estimated": said["households_estimated"],
    }
    return {name: value for name, value in values.items() if value is not None}


def entrances(rows: list[InputRow]) -> list[Entrance]:
    """One for each unit that a feature names."""
    found: dict[str, Entrance] = {}
    for row in rows:
        if row["unit"] and row["unit"] not in found:
            found[row["unit"]] = Entrance(row, row["unit"], row["households"] or 0, row["zone"])
    return list(found.values())
