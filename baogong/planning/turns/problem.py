"""What a plan of turns is made of: points with desks, buildings that come to them, and who comes when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from baogong.planning.strict import repeated

UNSERVED_COST = 1_000_000  # of one household left out
SLOT_COST = 10  # of one household waiting for one slot after the point's opening
FARTHEST_M = 100_000
DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Point:
    """A distribution point; times in minutes after local midnight."""

    id: str
    desks: int
    present_cap: int  # households that may be present at once
    opens_min: int
    closes_min: int


@dataclass(frozen=True, slots=True)
class Building:
    """A building whose households come, one person each; it uses one of the points in `distance_m`."""

    id: str
    households: int
    distance_m: Mapping[str, int]  # by point id; a point that is missing cannot be used
    priority_households: int = 0  # above `households` it counts as `households`
    not_before_min: int = 0  # no turn starts earlier; minutes after local midnight


@dataclass(frozen=True, slots=True)
class TurnProblem:
    """Buildings to be spread over the points' slots. Raises ValueError when it makes no sense."""

    points: tuple[Point, ...]
    buildings: tuple[Building, ...]
    slot_minutes: int = 10
    seconds_per_handover: int = 77
    gap_slots: int = 0  # empty slots between different buildings at a point

    def __post_init__(self) -> None:
        for complaint in _complaints(self):
            raise ValueError(complaint)

    def slots(self, point: Point) -> int:
        """How many whole slots lie between the point's opening and its closing."""
        return (point.closes_min - point.opens_min) // self.slot_minutes

    def capacity(self, point: Point) -> int:
        """How many households one slot takes at `point`."""
        return min(point.desks * self.slot_minutes * 60 // self.seconds_per_handover, point.present_cap)

    def first_slot(self, point: Point, building: Building) -> int:
        """The first slot at `point` that starts no earlier than the building may come."""
        return max(0, -(-(building.not_before_min - point.opens_min) // self.slot_minutes))


@dataclass(frozen=True, slots=True)
class Turn:
    """One slot at one point for some households of one building; times in minutes after local midnight."""

    building: str
    point: str
    start_min: int
    end_min: int
    households: int
    priority: bool = False  # for the elderly, the pregnant and others who come first


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """Turns by building and time, who is left out, and what it costs at least and in this plan."""

    turns: tuple[Turn, ...]
    unserved: Mapping[str, int] = field(default_factory=dict)  # households left out, by building id; none is 0
    cost: int = 0
    bound: int = 0  # no plan costs less
    seed: int = 0

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a part of its cost; 0 is proven best."""
        return (self.cost - self.bound) / max(1, self.cost)


def _complaints(problem: TurnProblem) -> list[str]:
    found = [] if problem.slot_minutes >= 1 else [f"slot_minutes must be at least 1, not {problem.slot_minutes}"]
    if problem.seconds_per_handover < 1:
        found.append(f"seconds_per_handover must be at least 1, not {problem.seconds_per_handover}")
    if problem.gap_slots < 0:
        found.append(f"gap_slots must not be negative: {problem.gap_slots}")
    found += [f"point {name!r} comes twice" for name in repeated(point.id for point in problem.points)]
    found += [f"building {name!r} comes twice" for name in repeated(one.id for one in problem.buildings)]
    found += [line for point in problem.points for line in _point_complaints(point)]
    known = {point.id for point in problem.points}
    return found + [line for building in problem.buildings for line in _building_complaints(building, known)]


def _point_complaints(point: Point) -> list[str]:
    if not 0 <= point.opens_min < point.closes_min <= DAY_MIN:
        return [f"point {point.id!r} must open before it closes, both within one day"]
    if point.desks < 0 or point.present_cap < 0:
        return [f"point {point.id!r} has a negative number"]
    return []


def _building_complaints(building: Building, known: set[str]) -> list[str]:
    if min(building.households, building.priority_households, building.not_before_min) < 0:
        return [f"building {building.id!r} has a negative number"]
    strangers = sorted(set(building.distance_m) - known)
    if strangers:
        return [f"building {building.id!r} names an unknown point {strangers[0]!r}"]
    if any(not 0 <= metres <= FARTHEST_M for metres in building.distance_m.values()):
        return [f"building {building.id!r} has a distance_m that is not between 0 and {FARTHEST_M}"]
    return []
