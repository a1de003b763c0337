"""Places as rows and as features, ready to be imported again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from baogong.places.models import Building, Unit
from baogong.places.services import zone_of


def export_places(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """One row a unit; a row for the whole building where it has no units, or more than what its units say."""
    units: dict[UUID, list[Unit]] = defaultdict(list)
    for unit in Unit.objects.within(subdistrict_id).order_by("name"):
        units[unit.building_id].append(unit)
    for building in stored(subdistrict_id):
        row = building_row(building)
        own = units[building.pk]
        if whole_row_needed(building, own):
            yield row
        for unit in own:
            unit.building = building
            yield {**row, "unit": unit.name, "households": unit.households_expected, "zone": zone_of(unit)}


def whole_row_needed(building: Building, units: list[Unit]) -> bool:
    if sum(unit.households_expected for unit in units) != building.households_expected:
        return True
    zones = {unit.zone or zone_of(building) for unit in units}
    return zones != {zone_of(building)}


def stored(subdistrict_id: UUID) -> Iterator[Building]:
    found = Building.objects.within(subdistrict_id).select_related("compound__community")
    yield from found.in_order().iterator(chunk_size=500)


def building_row(building: Building) -> dict[str, Any]:
    return {
        "code": building.code,
        "community": building.compound.community.name,
        "compound": building.compound.name,
        "building": building.name,
        "floors": building.floors,
        "lift": building.lift,
        "households": building.households_expected,
        "longitude": building.longitude,
        "latitude": building.latitude,
        "zone": zone_of(building).value,
    }


def export_features(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """One feature a building: everything that is known of it but its units."""
    for building in stored(subdistrict_id):
        yield {
            **building_row(building),
            "name": building.name,
            "osm_id": building.osm_id,
            "height": building.height_m,
            "area": building.area_m2,
            "kind_detail": building.kind_detail or None,
            "households_estimated": building.households_estimated,
            "geometry": building.outline or point(building),
        }


def point(building: Building) -> dict[str, Any] | None:
    if building.longitude is None or building.latitude is None:
        return None
    return {"type": "Point", "coordinates": [building.longitude, building.latitude]}
