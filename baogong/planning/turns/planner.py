"""From a problem to a plan: guess, price, spread, then solve exactly what is small enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from baogong.planning.turns.exact import part_of, solve
from baogong.planning.turns.grid import Block, Grid, lay_out
from baogong.planning.turns.market import Floats, Market
from baogong.planning.turns.pricing import Pricing, find_prices
from baogong.planning.turns.problem import Building, Turn, TurnPlan, TurnProblem
from baogong.planning.turns.search import NOWHERE, Spread

SMALL = 60  # buildings: up to here prices are always exact
NODES = 200  # of the tree of a whole-number program
PASSES, PAIRS = 8, 4_000  # of moving and exchanging buildings
PARTNERS = 2  # points that are planned again together with a third


def plan_turns(problem: TurnProblem, *, seed: int = 0, rounds: int = 60, parts: int = 12) -> TurnPlan:
    """Give every building a point and slots so that the walk, the wait and those left out cost least.

    `rounds` limits how long slot prices are improved, `parts` how many groups of points are planned again exactly where
    the whole is too large for it; fewer are faster and leave a larger gap. The same problem and seed always give the
    same plan. Ties between buildings go by a draw on the seed: with the day as seed, who comes first changes daily.
    """
    grid = lay_out(problem, seed=seed)
    spread = _first_guess(grid)
    pricing = find_prices(
        grid,
        Market(grid),
        [[(visit, 1.0) for visit in guests] for guests in spread.guests],
        rounds=rounds,
        fine_rounds=6 if grid.gap or len(grid.visits) <= SMALL else 0,
        limit=max(1_000.0, spread.cost / max(1, len(grid.visits))),
    )
    spread = min(spread, _rounded(grid, pricing), key=lambda one: one.cost)
    bound = _Refinement(grid, pricing, spread, seed).run(parts)
    return _written(problem, grid, spread, bound, seed)


def _first_guess(grid: Grid) -> Spread:
    """The largest buildings first, each where it costs least; then a few rounds of moving."""
    spread = Spread(grid)
    spread.put_all(_largest_first(grid, range(len(grid.buildings))))
    spread.improve(passes=PASSES)
    return spread


def _rounded(grid: Grid, pricing: Pricing) -> Spread:
    """Buildings whose share is whole stay where the prices put them, the others go where they cost least."""
    spread = Spread(grid)
    for (building, point), share in pricing.shares.items():
        if share > 0.99:
            spread.put(building, point)
    spread.put_all(_largest_first(grid, [number for number, at in enumerate(spread.place) if at == NOWHERE]))
    spread.improve(pricing.quotes.dearer, passes=PASSES, pairs=PAIRS)
    return spread


def _largest_first(grid: Grid, buildings: Iterable[int]) -> list[int]:
    return sorted(buildings, key=lambda number: -grid.buildings[number].households)


class _Refinement:
    """Plan the whole again exactly if it is small, else groups of points one after the other."""

    def __init__(self, grid: Grid, pricing: Pricing, spread: Spread, seed: int) -> None:
        self.grid, self.prices, self.quotes, self.spread, self.seed = grid, pricing.prices, pricing.quotes, spread, seed
        self.bound = pricing.quotes.bound

    def run(self, parts: int) -> int:
        """Improve the spread; the proven bound, rounded up as every plan costs a whole number."""
        if not self._whole():
            for group in self._groups(parts):
                self._again(group)
            self._whole()
        # Floating point leaves this much doubt about the bound.
        doubt = 0.01 + 1e-9 * abs(self.bound)
        return min(self.spread.cost, ceil(self.bound - doubt))

    def _whole(self) -> bool:
        """Solve everything at once if the patterns that may still be better are few; whether they were."""
        gap = self.spread.cost - self.bound
        if gap < 1:
            return True
        everyone, everywhere = range(len(self.grid.buildings)), range(len(self.grid.slots))
        part = part_of(self.grid, everyone, everywhere, self.prices, self.quotes, gap)
        if part is None:
            return False
        solved = solve(part, nodes=NODES, seed=self.seed)
        self.bound = max(self.bound, min(solved.bound, self.spread.cost))
        self._adopt(list(everywhere), solved.blocks)
        return True

    def _again(self, group: list[int]) -> bool:
        """Plan these points again with their buildings and those that are nowhere; whether it helped."""
        buildings = [visit.building for point in group for visit in self.spread.guests[point]]
        buildings += [number for number, at in enumerate(self.spread.place) if at == NOWHERE]
        limit = sum(map(self._surplus, group))
        part = None
        while part is None and limit > 1:
            part = part_of(self.grid, buildings, group, self.prices, self.quotes, limit)
            limit /= 4
        return part is not None and self._adopt(group, solve(part, nodes=NODES, seed=self.seed).blocks)

    def _adopt(self, points: list[int], blocks: list[Block] | None) -> bool:
        """Take over what was planned for these points if it is better than what they have."""
        return blocks is not None and self.spread.replace(points, blocks)

    def _groups(self, parts: int) -> Iterator[list[int]]:
        """Groups of points that lose most to the bound, each with those it could best exchange buildings with."""
        lead = sorted(range(len(self.grid.slots)), key=self._surplus, reverse=True)
        for point in lead[:parts]:
            yield [point, *self._partners(point)]

    def _partners(self, point: int) -> list[int]:
        """The points whose buildings fit here, and this point's there, at little more than their cheapest visits."""
        dearer, limit = self.quotes.dearer, max(1.0, self._surplus(point))
        ties = [0.0] * len(self.grid.slots)
        for building, at in enumerate(self.spread.place):
            if at == point:
                for other, extra in enumerate(dearer[building]):
                    ties[other] += max(0.0, limit - float(extra))
            elif at != NOWHERE:
                ties[at] += max(0.0, limit - float(dearer[building, point]))
        ties[point] = -1.0
        return sorted(range(len(ties)), key=lambda other: -ties[other])[:PARTNERS]

    def _surplus(self, point: int) -> float:
        """What the point costs above its part of the bound."""
        least: Floats = self.quotes.least
        guests = sum(float(least[visit.building]) for visit in self.spread.guests[point])
        return self.spread.costs[point] - guests + float(self.prices[point].sum())


def _written(problem: TurnProblem, grid: Grid, spread: Spread, bound: int, seed: int) -> TurnPlan:
    """The plan as turns, buildings in the order of the problem."""
    served: dict[str, list[tuple[int, int, str]]] = {building.id: [] for building in problem.buildings}
    for block in (block for blocks in spread.blocks for block in blocks):
        point, building = grid.points[block.visit.point], grid.buildings[block.visit.building]
        for slot in range(block.start, block.end):
            households = block.visit.capacity if slot < block.start + block.fulls else block.visit.rest
            served[building.id].append((point.opens_min + slot * problem.slot_minutes, households, point.id))
    turns = [turn for building in problem.buildings for turn in _turns(building, sorted(served[building.id]), problem)]
    left = {one.id: one.households - sum(count for _, count, _ in served[one.id]) for one in problem.buildings}
    return TurnPlan(tuple(turns), {name: count for name, count in left.items() if count}, spread.cost, bound, seed)


def _turns(building: Building, served: list[tuple[int, int, str]], problem: TurnProblem) -> Iterator[Turn]:
    """The turns of one building; the first ones are for its priority households."""
    waiting = min(building.priority_households, building.households)
    for start_min, households, point in served:
        yield Turn(building.id, point, start_min, start_min + problem.slot_minutes, households, waiting > 0)
        waiting -= households
