"""How a door is written: `building/unit/flat` in files, `12-2-502` on labels, `12号楼 2单元 502` in sentences."""

from __future__ import annotations

from baogong.common.search import search_text
from baogong.common.sorting import natural_key
from baogong.people.models import Household
from baogong.places.models import Building, Unit


def door_code(building_code: str, unit_name: str, flat: str) -> str:
    """`12/2/502`, or `12/502` where there is no unit: unique among the living households of a subdistrict."""
    return "/".join(filter(None, (building_code, unit_name, flat)))


def put_at_door(household: Household, building: Building, unit: Unit | None, flat: str, floor: int | None) -> None:
    """Set every column that follows from the door; saves nothing.

    `building` should have its compound loaded: a household is found by the compound's name too.
    """
    household.building, household.unit = building, unit
    household.flat, household.floor = flat, floor
    unit_name = unit.name if unit else ""
    household.code = door_code(building.code, unit_name, flat)
    household.sort_key = natural_key(f"{unit_name}/{flat}")
    household.search = search_text(household.code, dashed(household.code), building.name, building.compound.name)[:400]


def dashed(code: str) -> str:
    """`12-2-502`, for labels and lists."""
    return code.replace("/", "-")


def spoken_door(household: Household) -> str:
    """`12号楼 2单元 502`: the door in a sentence. Reads building and unit."""
    unit = household.unit.name if household.unit else ""
    if unit.isdecimal():
        unit += "单元"
    return " ".join(filter(None, (household.building.name, unit, household.flat)))
