"""How far people walk to a point: the straight line from the coordinates, lengthened for corners and gates."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_M = 6_371_000
FARTHEST_M = 50_000  # farther apart in one subdistrict means wrong coordinates


class Placed(Protocol):
    """Something with coordinates in WGS 84 degrees, or without."""

    longitude: float | None
    latitude: float | None


def walk_m(start: Placed, end: Placed, *, detour_percent: int) -> int:
    """Metres on foot; 0 where either place has no coordinates."""
    if None in (start.longitude, start.latitude, end.longitude, end.latitude):
        return 0
    return min(FARTHEST_M, round(_straight_m(start, end) * detour_percent / 100))


def _straight_m(start: Placed, end: Placed) -> float:
    """The great circle's length, by the haversine formula."""
    here, there = radians(start.latitude or 0), radians(end.latitude or 0)
    east = radians((end.longitude or 0) - (start.longitude or 0))
    height = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(east / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(height))
