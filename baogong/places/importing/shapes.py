"""Outlines of buildings: proving them, joining their parts, measuring them. Degrees in, square metres out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from shapely import make_valid, union_all
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from baogong.places.importing.rows import POINT_DIGITS, Shape

METRES_A_DEGREE = 111_320.0  # of latitude; of longitude times its cosine
LEAST_M2, MOST_M2 = 1.0, 5_000_000.0
OUTLINE_DIGITS = 8  # as OpenStreetMap's own extracts: a millimetre


class BrokenGeometry(Exception):
    """Why a geometry is no building."""


def sound_shape(geometry: Any) -> Shape:
    """A polygon, multipolygon or point, mended where its border crosses itself. Raises BrokenGeometry."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon", "Point"}:
        raise BrokenGeometry(_("“%(kind)s” is neither a polygon nor a point") % {"kind": str(kind)[:40]})
    try:
        found = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as wrong:
        raise BrokenGeometry(_("the coordinates are not those of a polygon or point")) from wrong
    refuse_outside(found)
    if kind == "Point":
        return Shape(None, rounded(found.x, found.y), 0.0)
    return polygon_shape(found)


def refuse_outside(found: BaseGeometry) -> None:
    if found.is_empty:
        raise BrokenGeometry(_("the geometry is empty"))
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BrokenGeometry(_("the coordinates are not degrees of longitude and latitude"))


def polygon_shape(found: BaseGeometry) -> Shape:
    polygon = polygons_of(found if found.is_valid else make_valid(found))
    area = square_metres(polygon)
    if not LEAST_M2 <= area <= MOST_M2:
        raise BrokenGeometry(_("its area is %(area).1f m², which is no building's") % {"area": area})
    centre = polygon.centroid
    return Shape(with_digits(mapping(polygon)), rounded(centre.x, centre.y), area)


def polygons_of(found: BaseGeometry) -> BaseGeometry:
    """Only what has an area: mending may leave lines behind."""
    parts = [part for part in getattr(found, "geoms", [found]) if isinstance(part, Polygon | MultiPolygon)]
    return parts[0] if len(parts) == 1 else union_all(parts)


def joined(shapes: Sequence[Shape]) -> Shape:
    """One building from its parts: maps cut into tiles hold a building in pieces. Points add nothing to polygons."""
    outlines = [one for one in shapes if one.outline]
    if len(outlines) < 2 or all(one.outline == outlines[0].outline for one in outlines):
        return (outlines or list(shapes))[0]
    return polygon_shape(union_all([shape(one.outline) for one in outlines]))


def square_metres(found: BaseGeometry) -> float:
    """The area on the ground, exact to a thousandth for anything the size of a building."""
    latitude = found.centroid.y if not found.is_empty else 0.0
    return float(found.area * METRES_A_DEGREE**2 * math.cos(math.radians(latitude)))


def rounded(longitude: float, latitude: float) -> tuple[float, float]:
    return round(float(longitude), POINT_DIGITS), round(float(latitude), POINT_DIGITS)


def with_digits(geometry: Any) -> Any:
    """The same geometry as plain lists, with as many digits as are kept."""
    if isinstance(geometry, dict):
        return {name: with_digits(value) for name, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [with_digits(value) for value in geometry]
    return round(geometry, OUTLINE_DIGITS) if isinstance(geometry, float) else geometry
