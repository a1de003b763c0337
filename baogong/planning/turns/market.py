"""What every building would pay at every point when slots have prices.

A visit pays its cost and the prices of the slots it occupies. Each block also occupies the `gap` slots before its
first one, so a point with n slots has `gap` + n priced slots, the first `gap` of them before its opening. Whatever the
prices, no plan costs less than the cheapest visits of all the buildings together, less the sum of all prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baogong.planning.turns.grid import Grid, Visit
from baogong.planning.turns.problem import SLOT_COST, UNSERVED_COST

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
NEVER = 1e15  # dearer than anything that can happen


def running_least(costs: Floats) -> Floats:
    """The least of each entry and all later ones of its row."""
    least: Floats = np.minimum.accumulate(costs[..., ::-1], axis=-1)[..., ::-1]
    return least


class Stall:
    """One point and the buildings that may use it; tables that do not change with the prices."""

    def __init__(self, visits: list[Visit], slots: int, gap: int) -> None:
        self.slots, self.gap = slots, gap
        self.buildings: Whole = np.array([visit.building for visit in visits], dtype=np.int64)
        self.households: Whole = np.array([visit.households for visit in visits], dtype=np.int64)
        self.distance = np.array([visit.distance_m for visit in visits], dtype=float)
        self.first: Whole = np.array([visit.first for visit in visits], dtype=np.int64)
        self.capacity = visits[0].capacity if visits else 1
        self.sizes, self.size = np.unique(self.households, return_inverse=True)
        self.fulls, self.rest = self.sizes // self.capacity, self.sizes % self.capacity
        self.longest = int(min(self.fulls.max(initial=0), slots))

    def quote(self, prices: Floats) -> Floats:
        """The cheapest visit of each building at these prices [gap + slots], at most the cost of leaving it out."""
        leaving_out = UNSERVED_COST * self.households.astype(float)
        if not len(self.buildings):
            return leaving_out
        paid = np.concatenate([[0.0], np.cumsum(prices)])
        runs = self._runs(paid)
        whole = running_least(self._complete(paid, runs))[self.size, self.first] + self.distance * self.households
        cheapest: Floats = np.minimum(np.minimum(whole, self._partial(runs, prices)), leaving_out)
        return cheapest

    def _runs(self, paid: Floats) -> Floats:
        """Wait and prices of n full slots from slot s, [n, s]; the walk is not in it."""
        runs = np.full((self.longest + 1, self.slots + 1), NEVER)
        runs[0] = 0.0
        for length in range(1, self.longest + 1):
            start = np.arange(self.slots - length + 1)
            wait = self.capacity * SLOT_COST * (length * start + length * (length - 1) // 2)
            runs[length, : len(start)] = wait + paid[length + self.gap :][: len(start)] - paid[: len(start)]
        return runs

    def _complete(self, paid: Floats, runs: Floats) -> Floats:
        """Wait and prices of serving all households of each size, the full slots from slot s, [size, s]."""
        start = np.arange(self.slots)
        alone = np.full((len(self.sizes), self.slots + 1), NEVER)
        alone[:, :-1] = SLOT_COST * self.rest[:, None] * start + paid[1 + self.gap :] - paid[: self.slots]
        alone[self.rest == 0] = 0.0
        later = np.minimum(start + (self.fulls + self.gap * (self.fulls > 0))[:, None], self.slots)
        apart = runs[np.minimum(self.fulls, self.longest), :-1] + np.take_along_axis(running_least(alone), later, 1)
        apart[self.fulls > self.longest] = NEVER
        complete: Floats = np.minimum(apart, self._adjoining(paid)) if self.gap else apart
        return complete

    def _adjoining(self, paid: Floats) -> Floats:
        """As `_complete`, with the rest in the slot right after the full ones and no gap between."""
        start, fulls, rest = np.arange(self.slots), self.fulls[:, None], self.rest[:, None]
        wait = self.capacity * (fulls * start + fulls * (fulls - 1) // 2) + rest * (start + fulls)
        end = start + fulls + 1
        costs = SLOT_COST * wait + paid[np.minimum(end, self.slots) + self.gap] - paid[: self.slots]
        costs[(end > self.slots) | (rest == 0) | (fulls == 0)] = NEVER
        return np.asarray(costs)

    def _partial(self, runs: Floats, prices: Floats) -> Floats:
        """The cheapest way to serve only some full slots of each building, [building]."""
        if not self._crowded(prices):
            return np.full(len(self.buildings), NEVER)
        served = np.arange(self.longest + 1) * self.capacity
        costs = running_least(runs[:, :-1])[:, self.first].T + served * self.distance[:, None]
        costs = costs + UNSERVED_COST * (self.households[:, None] - served)
        costs[served > self.households[:, None]] = NEVER
        least: Floats = costs.min(axis=1)
        return least

    def _crowded(self, prices: Floats) -> bool:
        """Whether leaving one household out may ever be cheaper than serving it."""
        length = int(self.fulls.max(initial=0)) + 1
        if length + int(self.first.max(initial=0)) > self.slots:
            return True
        wait = SLOT_COST * self.slots * int(self.households.max(initial=0))
        return wait + (length + 1) * (1 + self.gap) * float(prices.max(initial=0.0)) > UNSERVED_COST / 2


@dataclass(frozen=True, slots=True)
class Quotes:
    """All quotes at some prices, and the bound that follows."""

    costs: Floats  # [building, point]; NEVER where it cannot go
    least: Floats  # [building]; at most the cost of leaving it out
    bound: float

    @property
    def dearer(self) -> Floats:
        """How much dearer each visit is than the building's cheapest way, [building, point]."""
        return self.costs - self.least[:, None]


class Market:
    """All points of a grid."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.leaving_out = UNSERVED_COST * np.array([float(building.households) for building in grid.buildings])
        self.stalls = [
            Stall([visits[point] for visits in grid.visits if point in visits], slots, grid.gap)
            for point, slots in enumerate(grid.slots)
        ]

    def quote(self, prices: list[Floats]) -> Quotes:
        """What everybody pays at these prices, by point [gap + slots]."""
        costs = np.full((len(self.leaving_out), len(self.stalls)), NEVER)
        for point, stall in enumerate(self.stalls):
            costs[stall.buildings, point] = stall.quote(prices[point])
        least = np.minimum(costs.min(axis=1, initial=NEVER), self.leaving_out)
        return Quotes(costs, least, float(least.sum() - sum(float(price.sum()) for price in prices)))
