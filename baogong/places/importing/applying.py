"""Puts the buildings of a chunk where they are wanted: what is new, what differs, what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from baogong.common.errors import RuleBroken
from baogong.common.events import event, record_all
from baogong.common.imports import Chunk, InputRow, changed_names
from baogong.common.imports.chunks import Outcome
from baogong.common.models import Event
from baogong.common.search import search_text
from baogong.common.sorting import natural_key
from baogong.places.importing.codes import made_code
from baogong.places.importing.estimates import estimated
from baogong.places.importing.features import wanted_feature
from baogong.places.importing.known import Known
from baogong.places.importing.rows import NOT_SORTED, Entrance, Wanted, feature_group, place_group, wanted_place
from baogong.places.models import Building, Unit, Zone
from baogong.places.services import put_in_zone, unit_added, unit_key, zone_of

STRENGTH: dict[str, int] = {"unchanged": 0, "changed": 1, "created": 2}
BUILDING_FIELDS = [
    "compound", "name", "floors", "lift", "households_expected", "households_estimated", "longitude", "latitude",
    "outline", "height_m", "area_m2", "kind_detail", "osm_id", "zone", "sort_key", "search",
]  # fmt: skip
QUIET = {"outline", "search", "sort_key"}  # no use in an event: too long, or they follow from the rest


def apply_places(chunk: Chunk) -> None:
    Applying(chunk).run(place_group, wanted_place)


def apply_features(chunk: Chunk) -> None:
    Applying(chunk).run(feature_group, wanted_feature)


class Applying:
    """One chunk on its way: objects are collected and stored at the end with few statements."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.known = Known(chunk.subdistrict_id)
        self.events: list[Event] = []
        self.new_buildings: dict[Any, Building] = {}
        self.changed_buildings: dict[Any, Building] = {}
        self.new_units: list[Unit] = []
        self.changed_units: dict[Any, Unit] = {}

    def run(self, group: Callable[[Any], Any], wanted: Callable[[list[InputRow]], Wanted]) -> None:
        groups: dict[object, list[InputRow]] = {}
        for row in self.chunk.rows:
            key = group(row.values)
            groups.setdefault(id(row) if key is None else key, []).append(row)
        for rows in groups.values():
            try:
                self.put(wanted(rows))
            except RuleBroken as refusal:
                for row in rows:
                    self.chunk.refuse_for(row, refusal)
        self.store()

    def store(self) -> None:
        Building.objects.bulk_create(self.new_buildings.values(), batch_size=500)
        Unit.objects.bulk_create(self.new_units, batch_size=1_000)
        mine = Building.objects.within(self.chunk.subdistrict_id)
        mine.bulk_update(self.changed_buildings.values(), BUILDING_FIELDS, batch_size=100)
        units = Unit.objects.within(self.chunk.subdistrict_id)
        units.bulk_update(self.changed_units.values(), ["zone", "households_expected"], batch_size=500)
        record_all(self.events)

    # ------------------------------------------------------------ one building

    def put(self, wanted: Wanted) -> None:
        """Settle all rows of a building. Raises RuleBroken before anything of it has been touched."""
        building = self.known.find(wanted)
        if building is None:
            building, outcome = self.added(wanted), "created"
        else:
            outcome = self.brought_up_to(building, wanted)
        outcomes = [self.entrance(building, one, fresh=outcome == "created") for one in wanted.entrances]
        outcome = stronger(outcome, self.counted(building, wanted))
        for entrance, of_unit in zip(wanted.entrances, outcomes, strict=True):
            of_row = stronger(of_unit, outcome) if entrance.row is wanted.row else of_unit
            self.chunk.say(of_row, entrance.row)  # type: ignore[arg-type]
        if all(entrance.row is not wanted.row for entrance in wanted.entrances):
            self.chunk.say(outcome, wanted.row)  # type: ignore[arg-type]
        self.chunk.say("merged", *wanted.merged)

    def added(self, wanted: Wanted) -> Building:
        """A new building, not stored yet."""
        compound, made = self.known.compound_for(wanted, actor=self.chunk.actor, now=self.chunk.now)
        self.events += made
        name = wanted.name or unnamed(wanted)
        building = Building(subdistrict_id=self.chunk.subdistrict_id, compound=compound, name=name, code=wanted.code)
        if not building.code:
            names = (wanted.community or NOT_SORTED, wanted.compound or NOT_SORTED, name)
            mark = str(wanted.osm_id or wanted.centre or "")
            building.code = made_code(*names, taken=self.known.by_code, mark=mark)
        changed_names(building, wanted.values)
        self.fill_in(building, wanted)
        zone = wanted.zone or Zone(compound.zone)
        building.zone = None if zone == compound.zone else zone
        follow_up(building)
        self.known.add(building)
        self.new_buildings[building.pk] = building
        values = {"code": building.code, "name": name, "zone": str(zone), "households": building.households_expected}
        self.note("places.building_added", building, values)
        return building

    def fill_in(self, building: Building, wanted: Wanted) -> None:
        """What a map does not say about a new building is estimated from its size."""
        guess = self.estimate(building, wanted.values.get("floors"))
        building.floors, building.lift = guess.floors, wanted.values.get("lift", guess.lift)
        if wanted.households is not None:
            building.households_expected = wanted.households
        elif wanted.entrances:
            building.households_expected = sum(entrance.households for entrance in wanted.entrances)
        else:
            building.households_expected, building.households_estimated = guess.households, True

    def estimate(self, building: Building, floors: int | None) -> Any:
        return estimated(building.kind_detail, building.name, building.area_m2, building.height_m, floors)

    def brought_up_to(self, building: Building, wanted: Wanted) -> Outcome:
        """Change what differs on a building that is there already."""
        values = dict(wanted.values)
        values.pop("households_estimated", None)
        if wanted.name:
            values["name"] = wanted.name
        if wanted.compound:
            compound, made = self.known.compound_for(wanted, actor=self.chunk.actor, now=self.chunk.now)
            self.events += made
            values["compound"] = compound
        names = changed_names(building, values)
        if names:
            follow_up(building)
            self.note(
                "places.building_changed", building, {name: told(building, name) for name in names if name not in QUIET}
            )
        moved = wanted.zone and put_in_zone(building, wanted.zone, actor=self.chunk.actor, now=self.chunk.now)
        if moved:
            self.events.append(moved)
        return self.touched(building) if names or moved else "unchanged"

    def touched(self, building: Building) -> Outcome:
        if building.pk not in self.new_buildings:
            self.changed_buildings[building.pk] = building
        return "changed"

    def counted(self, building: Building, wanted: Wanted) -> Outcome:
        """The building's households: as a row for the whole building says, else the sum of its units."""
        total = self.total(building, wanted)
        if total == building.households_expected:
            return "unchanged"
        building.households_expected = total
        building.households_estimated = (
            building.households_estimated and wanted.households is None and not wanted.entrances
        )
        self.note("places.households_counted", building, {"households": total})
        return self.touched(building)

    def total(self, building: Building, wanted: Wanted) -> int:
        if wanted.households is not None:
            return wanted.households
        if wanted.entrances:
            return sum(unit.households_expected for unit in self.known.units[building.pk].values())
        if building.households_estimated:
            return int(self.estimate(building, building.floors).households)
        return building.households_expected

    # ------------------------------------------------------------ its units

    def entrance(self, building: Building, wanted: Entrance, *, fresh: bool) -> Outcome:
        unit = self.known.units[building.pk].get(unit_key(wanted.name))
        if unit is None:
            self.add_unit(building, wanted)
            return "created"
        moved = self.move_unit(unit, building, wanted)
        counted = bool(wanted.households) and unit.households_expected != wanted.households
        if counted:
            unit.households_expected = wanted.households
        if moved or counted:
            self.changed_units[unit.pk] = unit
            return "created" if fresh else "changed"
        return "unchanged"

    def add_unit(self, building: Building, wanted: Entrance) -> None:
        unit = Unit(subdistrict_id=self.chunk.subdistrict_id, building=building, name=wanted.name)
        unit.households_expected = wanted.households
        around = zone_of(building)
        unit.zone = None if wanted.zone in {None, around} else wanted.zone
        self.known.units[building.pk][unit_key(unit.name)] = unit
        self.new_units.append(unit)
        self.events.append(unit_added(unit, actor=self.chunk.actor, now=self.chunk.now))

    def move_unit(self, unit: Unit, building: Building, wanted: Entrance) -> bool:
        unit.building = building  # the object in hand: the zone around the unit may just have changed
        moved = wanted.zone and put_in_zone(unit, wanted.zone, actor=self.chunk.actor, now=self.chunk.now)
        if moved:
            self.events.append(moved)
        return bool(moved)

    def note(self, verb: str, subject: Building | Unit, values: dict[str, Any]) -> None:
        self.events.append(event(verb, subject.pk, actor=self.chunk.actor, now=self.chunk.now, values=values))


def follow_up(building: Building) -> None:
    """Columns that follow from the others."""
    building.sort_key = natural_key(building.name)
    building.search = search_text(building.code, building.name, building.compound.name)[:400]


def told(building: Building, name: str) -> Any:
    value = getattr(building, name)
    return str(value.pk) if name == "compound" else value


def unnamed(wanted: Wanted) -> str:
    """A name for a building whose map names none: its number there, or where it stands."""
    if wanted.osm_id is not None:
        return f"未命名 {wanted.osm_id}"
    return "未命名 " + " ".join(map(str, wanted.centre or ()))


def stronger(*outcomes: str) -> str:
    return max(outcomes, key=STRENGTH.__getitem__)
