"""Spread the buildings over the points by putting in, moving and exchanging single buildings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from baogong.planning.turns.grid import Block, Grid, Visit
from baogong.planning.turns.market import NEVER, Floats, Whole
from baogong.planning.turns.problem import UNSERVED_COST
from baogong.planning.turns.timetable import price, timetable

NOWHERE = -1
PAIRS, WINDOWS = 4_000, 5  # exchanges tried in a row, and how often the next best where none helped
CROWDED_SLOT = 2 * UNSERVED_COST  # what an overfull slot costs, by the look of it


class Spread:
    """Which building goes to which point, each point with its timetable. Changes itself only for the better."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.place = [NOWHERE] * len(grid.visits)
        self.guests: list[list[Visit]] = [[] for _ in grid.slots]
        self.blocks: list[list[Block]] = [[] for _ in grid.slots]
        self.costs = [0] * len(grid.slots)
        self.tried = 0  # timetables looked at
        self._least = [{point: visit.least_cost() for point, visit in visits.items()} for visits in grid.visits]
        self._lengths: Whole = np.zeros((len(grid.visits), len(grid.slots)), dtype=np.int64)  # slots with their gap
        for building, visits in enumerate(grid.visits):
            for point, visit in visits.items():
                self._lengths[building, point] = visit.length + grid.gap
        self._nearest = [sorted(least, key=lambda point: (least[point], point)) for least in self._least]

    @property
    def cost(self) -> int:
        """Of the whole plan, what is left out included."""
        return sum(self.costs) + sum(
            self._left_out(building) for building, at in enumerate(self.place) if at == NOWHERE
        )

    def put_all(self, buildings: Iterable[int]) -> None:
        """Put each building in turn where it costs least."""
        for building in buildings:
            self._move(building)

    def put(self, building: int, point: int) -> None:
        """Put a building that is nowhere to a point."""
        self.place[building] = point
        self._set(point, [*self.guests[point], self.grid.visits[building][point]])

    def replace(self, points: Sequence[int], blocks: list[Block]) -> bool:
        """Take over blocks found elsewhere for all guests of these points and some that were nowhere, if cheaper.

        Whoever has no block is left out. Whether it was cheaper.
        """
        gone = {visit.building for point in points for visit in self.guests[point]}
        come = {block.visit.building for block in blocks}
        saved = sum(self.costs[point] for point in points) + sum(map(self._left_out, come - gone))
        if sum(block.cost for block in blocks) + sum(map(self._left_out, come | gone)) >= saved:
            return False
        for building in gone:
            self.place[building] = NOWHERE
        for point in points:
            self._settle(point, [block for block in blocks if block.visit.point == point])
        return True

    def _settle(self, point: int, blocks: list[Block]) -> None:
        guests = {block.visit.building: block.visit for block in blocks}
        for building in guests:
            self.place[building] = point
        self.guests[point], self.blocks[point] = list(guests.values()), blocks
        self.costs[point] = sum(map(self._left_out, guests)) + sum(block.cost for block in blocks)

    def improve(self, dearer: Floats, *, tries: int) -> None:
        """Move and exchange buildings until nothing helps or about `tries` timetables have been looked at.

        `dearer` [building, point] is how much dearer than its cheapest visit each visit is at good prices; exchanges
        that look best are tried first, and as long as nothing helps the next best.
        """
        last, skip = self.tried + tries, 0
        while self.tried < last and skip < WINDOWS * PAIRS:
            before = self.cost
            if not skip:
                self.move_all()
            for one, other in self._promising(dearer, skip):
                self._exchange(one, other)
            skip = 0 if self.cost < before else skip + PAIRS

    def move_all(self, passes: int = 1) -> None:
        """Move each building in turn to where the whole plan becomes cheapest, until nothing helps."""
        for _ in range(passes):
            before = self.cost
            for building in range(len(self.place)):
                self._move(building)
            if self.cost == before:
                break

    def _move(self, building: int) -> None:
        """Move one building to where the whole plan becomes cheapest."""
        at = self.place[building]
        rest = self._without(at, building)
        saved = self._left_out(building) if at == NOWHERE else self.costs[at] - self._price(at, rest)
        target = self._target(building, saved)
        if target != NOWHERE:
            if at != NOWHERE:
                self._set(at, rest)
            self.put(building, target)

    def _target(self, building: int, saved: int) -> int:
        """The point where adding the building costs least and less than `saved`, or NOWHERE."""
        target = NOWHERE
        for point in self._nearest[building]:
            if self._least[building][point] >= saved:  # it can cost no less than with nobody else there
                break
            if point != self.place[building]:
                guests = [*self.guests[point], self.grid.visits[building][point]]
                added = self._price(point, guests) - self.costs[point]
                if added < saved:
                    target, saved = point, added
        return target

    def _promising(self, dearer: Floats, skip: int) -> list[tuple[int, int]]:
        """Some pairs of buildings at different points, after `skip` others whose exchange looks better.

        That is at the prices of `dearer`, and where points are overfull, by how many slots more would fit.
        """
        placed = np.array([building for building, at in enumerate(self.place) if at != NOWHERE], dtype=np.int64)
        at = np.array([self.place[building] for building in placed], dtype=np.int64)
        table = dearer[np.ix_(placed, at)]  # each building where each other one is
        stays = np.diagonal(table)
        change = table + table.T - stays[:, None] - stays
        change = change + CROWDED_SLOT * self._overflow(placed, at)
        change[(at[:, None] == at) | np.tri(len(placed), dtype=bool)] = NEVER
        order = np.argsort(change, axis=None, kind="stable")[skip : skip + PAIRS]
        kept = order[change.ravel()[order] < NEVER / 2]
        ones, others = np.unravel_index(kept, change.shape)
        return [(int(placed[one]), int(placed[other])) for one, other in zip(ones, others, strict=True)]

    def _overflow(self, placed: Whole, at: Whole) -> Whole:
        """By how many slots more the points would be overfull if two buildings exchanged them, [one, other]."""
        length = self._lengths[np.ix_(placed, at)]
        stays = np.diagonal(length)
        load = np.bincount(at, weights=stays, minlength=len(self.guests)).astype(np.int64)
        spare = (np.array(self.grid.slots) + self.grid.gap - load)[at]
        more = length.T - stays[:, None]  # slots that the point of each one would need more for each other one
        worse: Whole = np.maximum(0, more - spare[:, None]) - np.maximum(0, -spare)[:, None]
        return worse + worse.T

    def _exchange(self, one: int, other: int) -> None:
        """Let two buildings exchange their points if that is cheaper."""
        here, there, visits = self.place[one], self.place[other], self.grid.visits
        if here == there or there not in visits[one] or here not in visits[other]:
            return
        guests_here = [*self._without(here, one), visits[other][here]]
        guests_there = [*self._without(there, other), visits[one][there]]
        budget = self.costs[here] + self.costs[there] - self._price(here, guests_here)
        if budget > 0 and self._price(there, guests_there) < budget:
            self._set(here, guests_here)
            self._set(there, guests_there)
            self.place[one], self.place[other] = there, here

    def _without(self, point: int, building: int) -> list[Visit]:
        return [] if point == NOWHERE else [visit for visit in self.guests[point] if visit.building != building]

    def _set(self, point: int, guests: list[Visit]) -> None:
        self.guests[point] = guests
        self.costs[point], self.blocks[point] = timetable(guests, self.grid.slots[point], self.grid.gap)

    def _price(self, point: int, guests: list[Visit]) -> int:
        self.tried += 1
        return price(guests, self.grid.slots[point], self.grid.gap)

    def _left_out(self, building: int) -> int:
        return UNSERVED_COST * self.grid.buildings[building].households
