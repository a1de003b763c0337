"""The problem counted in slots: what every part of the planner works on.

At a point whose slot takes `capacity` households, a building needs `fulls` full slots and, where `rest` > 0, one more
for the rest. Two facts keep the search small. Full slots of one building stand together: a run that another building
interrupts can be closed up, which moves its full slots earlier by more than it moves the other back. And the rest comes
after the full slots: at once, or later where a small rest lets a large building go first. So what a building does at a
point is one block, or a block of full slots and a block with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from baogong.planning.turns.problem import SLOT_COST, UNSERVED_COST, Building, Point, TurnProblem


@dataclass(frozen=True, slots=True)
class Visit:
    """What it means for one building to use one point; buildings and points by their number in the grid."""

    building: int
    point: int
    capacity: int  # households a slot
    slots: int  # how many the point has
    first: int  # slot that the building may use
    households: int
    distance_m: int
    fulls: int
    rest: int  # households in the slot that is not full, or 0
    rate: float  # households to a slot, the gap before the visit included
    full_rate: float  # the same of its full slots alone, where it has any
    rest_rate: float  # the same of its rest alone

    @property
    def length(self) -> int:
        """How many slots serve all its households."""
        return self.fulls + (self.rest > 0)

    def least_cost(self) -> int:
        """What it costs when nobody else is at the point; what is left out is counted as well."""
        run = Block(self, self.first, min(self.fulls, self.slots - self.first), False)
        rest = Block(self, run.end, 0, run.fulls == self.fulls and self.rest > 0 and run.end < self.slots)
        return UNSERVED_COST * self.households + run.cost + rest.cost


class Block(NamedTuple):
    """Adjoining slots of one visit: `fulls` full ones, then one with the rest if `rest`."""

    visit: Visit
    start: int
    fulls: int
    rest: bool

    @property
    def end(self) -> int:
        """The slot after the last one."""
        return self.start + self.fulls + self.rest

    @property
    def cost(self) -> int:
        """Walk and wait of the households served, less what leaving them out would cost."""
        visit, start, fulls = self.visit, self.start, self.fulls
        fare = visit.distance_m - UNSERVED_COST
        cost = visit.capacity * (fulls * fare + SLOT_COST * (fulls * start + fulls * (fulls - 1) // 2))
        return cost + visit.rest * (fare + SLOT_COST * (start + fulls)) if self.rest else cost


@dataclass(frozen=True, slots=True)
class Grid:
    """The problem by numbers. Everybody stands in a drawn order: ties go to others with another seed."""

    gap: int
    points: tuple[Point, ...]
    buildings: tuple[Building, ...]
    slots: tuple[int, ...]  # by point
    visits: tuple[dict[int, Visit], ...]  # by building, then by point; only points that can serve it

    @property
    def leaving_out(self) -> int:
        """What it costs to serve nobody."""
        return UNSERVED_COST * sum(building.households for building in self.buildings)


def lay_out(problem: TurnProblem, *, seed: int = 0) -> Grid:
    """Count the problem in slots; ties will go by a draw on the seed and the ids."""
    longest = max((problem.slots(point) for point in problem.points), default=0)
    problem = replace(problem, gap_slots=min(problem.gap_slots, longest))  # a longer gap outlasts the day all the same
    points = tuple(sorted(problem.points, key=lambda point: _draw(seed, point.id)))
    buildings = tuple(sorted(problem.buildings, key=lambda building: _draw(seed, building.id)))
    visits = tuple(
        {
            place: visit
            for place, point in enumerate(points)
            if (visit := _visit(problem, number, building, place, point)) is not None
        }
        for number, building in enumerate(buildings)
    )
    slots = tuple(problem.slots(point) for point in points)
    return Grid(problem.gap_slots, points, buildings, slots, visits)


def _draw(seed: int, name: str) -> bytes:
    return sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()


def _visit(problem: TurnProblem, number: int, building: Building, place: int, point: Point) -> Visit | None:
    """The building at the point, or None where the point cannot serve even one household of it."""
    capacity, slots = problem.capacity(point), problem.slots(point)
    first = problem.first_slot(point, building)
    if point.id not in building.distance_m or not capacity or not building.households or first >= slots:
        return None
    households, gap = building.households, problem.gap_slots
    fulls, rest = divmod(households, capacity)
    rate, rest_rate = households / (fulls + (rest > 0) + gap), rest / (1 + gap)
    full_rate = fulls * capacity / (fulls + gap) if fulls else rate
    distance_m = building.distance_m[point.id]
    return Visit(number, place, capacity, slots, first, households, distance_m, fulls, rest, rate, full_rate, rest_rate)
