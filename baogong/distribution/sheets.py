"""What goes on paper: the rows of labels, lists and timetables, read with a constant number of queries.

The same rows make the printed pages (`prints.py`) and the spreadsheets (`workbooks.py`). No name and no telephone
number of a household is in them; of a pick-up code only the last two digits, enough to compare and too little to
collect with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from baogong.distribution.models import Delivery, DeliveryQuerySet, Parcel, ParcelLine, Plan, Task, Turn
from baogong.distribution.money import owed_at_delivery
from baogong.people.addresses import dashed
from baogong.people.models import Household
from baogong.places.models import Building, Subdistrict, Unit


@dataclass(frozen=True, slots=True)
class Piece:
    """Units of one thing in a bag."""

    name: str
    spec: str
    units: int
    order: str  # its order's code


@dataclass(frozen=True, slots=True)
class Label:
    """One bag: k of n for one door."""

    compound: str
    door: str  # 12-2-502
    has_unit: bool
    number: int
    bags: int
    cold: bool
    cold_until: datetime | None
    grams: int
    pieces: tuple[Piece, ...]
    code: str

    @property
    def orders(self) -> list[str]:
        return sorted({piece.order for piece in self.pieces})


@dataclass(frozen=True, slots=True)
class Door:
    """One household on a list."""

    unit: str
    flat: str
    floor: int | None
    bags: int
    grams: int
    cold: bool
    digits: str  # the last two of its pick-up code
    owed_fen: int
    state: str


@dataclass(frozen=True, slots=True)
class TurnList:
    """Who comes to a point in one turn."""

    turn: Turn
    doors: list[Door]

    @property
    def bags(self) -> int:
        return sum(door.bags for door in self.doors)


@dataclass(frozen=True, slots=True)
class RoundList:
    """The doors of one trip, in the order of the walk."""

    task: Task
    doors: list[Door]

    @property
    def bags(self) -> int:
        return sum(door.bags for door in self.doors)


@dataclass(frozen=True, slots=True)
class PickRow:
    """What one household gets of each of a sheet's goods; 0 where nothing."""

    door: str
    bags: int
    units: list[int]


@dataclass(frozen=True, slots=True)
class PickSheet:
    """A building's goods as a matrix: doors down, goods across, sums below."""

    building: Building
    goods: list[tuple[str, str]]  # name, spec
    rows: list[PickRow]
    sums: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Sheets:
    """Everything that can be printed of a plan, or of some of its buildings."""

    plan: Plan
    buildings: Any = None  # ids or a queryset; None means all

    @cached_property
    def hotline(self) -> str:
        return Subdistrict.objects.get(pk=self.plan.subdistrict_id).hotline

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """In the order of buildings and flats."""
        loaded = self._deliveries().select_related(
            "household__building__compound", "household__unit", "turn__point", "turn__building", "task"
        )
        return list(loaded.order_by("number").defer("household__building__outline", "turn__building__outline"))

    def _deliveries(self) -> DeliveryQuerySet:
        rows: DeliveryQuerySet = Delivery.objects.filter(plan=self.plan)
        return rows if self.buildings is None else rows.filter(household__building__in=self.buildings)

    @cached_property
    def parcels(self) -> dict[UUID, list[Parcel]]:
        """By delivery, k of n."""
        found: dict[UUID, list[Parcel]] = defaultdict(list)
        rows = Parcel.objects.within(self.plan.subdistrict_id).filter(delivery__in=self._deliveries().values("pk"))
        for parcel in rows.order_by("number"):
            found[parcel.delivery_id].append(parcel)
        return found

    @cached_property
    def pieces(self) -> dict[UUID, list[Piece]]:
        """By parcel, in the round's order."""
        found: dict[UUID, list[Piece]] = defaultdict(list)
        inside = self._deliveries().values("pk")
        lines = ParcelLine.objects.within(self.plan.subdistrict_id).filter(parcel__delivery__in=inside)
        offer = "order_line__round_offer__"
        columns = (f"{offer}name", f"{offer}spec", "quantity", "order_line__order__code")
        for parcel_id, *piece in lines.order_by(f"{offer}position", "pk").values_list("parcel_id", *columns):
            found[parcel_id].append(Piece(*piece))
        return found

    @cached_property
    def owed(self) -> dict[UUID, int]:
        return owed_at_delivery(self._deliveries(), self.plan.subdistrict_id)

    # ------------------------------------------------------------ labels

    def labels(self) -> list[Label]:
        """Every bag, door by door."""
        return [self._label(d, parcel) for d in self.deliveries for parcel in self.parcels[d.pk]]

    def _label(self, delivery: Delivery, parcel: Parcel) -> Label:
        household = delivery.household
        return Label(
            compound=household.building.compound.name,
            door=dashed(household.code),
            has_unit=household.unit_id is not None,
            number=parcel.number,
            bags=delivery.bags,
            cold=parcel.cold,
            cold_until=_cold_until(delivery) if parcel.cold else None,
            grams=parcel.grams,
            pieces=tuple(self.pieces[parcel.pk]),
            code=parcel.code,
        )

    # ------------------------------------------------------------ lists

    def _door(self, delivery: Delivery) -> Door:
        household = delivery.household
        return Door(
            unit=_unit_name(household.unit),
            flat=household.flat,
            floor=household.floor,
            bags=delivery.bags,
            grams=delivery.grams,
            cold=delivery.cold,
            digits=delivery.pickup_code[-2:],
            owed_fen=self.owed.get(delivery.pk, 0),
            state=delivery.state,
        )

    def turn_lists(self) -> list[TurnList]:
        """Point by point, turn by turn."""
        by_turn: dict[UUID, list[Delivery]] = defaultdict(list)
        turns: dict[UUID, Turn] = {}
        for delivery in self.deliveries:
            if delivery.turn:
                by_turn[delivery.turn.pk].append(delivery)
                turns[delivery.turn.pk] = delivery.turn
        in_order = sorted(turns.values(), key=lambda turn: (turn.point.name, turn.point_id, turn.starts_at))
        return [TurnList(turn, list(map(self._door, by_turn[turn.pk]))) for turn in in_order]

    def round_lists(self) -> list[RoundList]:
        """Trip by trip; with a lift from the top down, without one from the ground up."""
        by_task: dict[UUID, list[Delivery]] = defaultdict(list)
        for delivery in self.deliveries:
            if delivery.task_id and delivery.way == Delivery.Way.DOOR:
                by_task[delivery.task_id].append(delivery)
        tasks = Task.objects.filter(plan=self.plan, kind=Task.Kind.DOORSTEP).select_related(
            "building__compound", "unit"
        )
        in_order = tasks.order_by("building__compound__name", "building__sort_key", "building__code", "unit", "trip")
        return [
            RoundList(task, list(map(self._door, _as_walked(by_task[task.pk], task))))
            for task in in_order.defer("building__outline")
            if task.pk in by_task
        ]

    # ------------------------------------------------------------ picking

    def pick_sheets(self, *, across: int = 8) -> list[PickSheet]:
        """Building by building; more than `across` goods go on to the next sheet of the building."""
        by_building: dict[UUID, list[Delivery]] = defaultdict(list)
        for delivery in self.deliveries:
            by_building[delivery.household.building_id].append(delivery)
        return [sheet for group in by_building.values() for sheet in self._pick_sheets(group, across)]

    def _pick_sheets(self, deliveries: Sequence[Delivery], across: int) -> Iterable[PickSheet]:
        given = {delivery.pk: self._units(delivery) for delivery in deliveries}
        goods = list(dict.fromkeys(thing for units in given.values() for thing in units))
        for start in range(0, len(goods), across):
            some = goods[start : start + across]
            rows = [
                PickRow(dashed(d.household.code), d.bags, [given[d.pk].get(thing, 0) for thing in some])
                for d in deliveries
                if any(thing in given[d.pk] for thing in some)
            ]
            sums = [sum(row.units[place] for row in rows) for place in range(len(some))]
            yield PickSheet(deliveries[0].household.building, some, rows, sums)

    def _units(self, delivery: Delivery) -> dict[tuple[str, str], int]:
        """Units by (name, spec), over all bags."""
        units: dict[tuple[str, str], int] = defaultdict(int)
        for parcel in self.parcels[delivery.pk]:
            for piece in self.pieces[parcel.pk]:
                units[piece.name, piece.spec] += piece.units
        return units

    # ------------------------------------------------------------ timetable

    def turns(self) -> list[Turn]:
        """All turns of the plan; with `buildings`, those of the points that any of these comes to."""
        turns = Turn.objects.filter(plan=self.plan).select_related("point__compound", "building")
        if self.buildings is not None:
            own = Turn.objects.filter(plan=self.plan, building__in=self.buildings)
            turns = turns.filter(point__in=own.values("point"))
        return list(turns.order_by("point__name", "point", "starts_at").defer("building__outline"))


def _unit_name(unit: Unit | None) -> str:
    return unit.name if unit else ""


def _cold_until(delivery: Delivery) -> datetime | None:
    """Until then cold goods must be with their household."""
    if delivery.task:
        return delivery.task.due_at
    return delivery.turn.ends_at if delivery.turn else None


def _as_walked(deliveries: Iterable[Delivery], task: Task) -> list[Delivery]:
    assert task.building is not None
    return sorted(deliveries, key=lambda d: _step(d.household, down=task.building.lift))  # type: ignore[union-attr]


def _step(household: Household, *, down: bool) -> tuple[int, str]:
    floor = household.floor or 0
    return (-floor if down else floor), household.sort_key
