"""From a problem to a plan: guess, price, spread, then solve exactly what is small enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from baogong.planning.turns.exact import Part, part_of, solve
from baogong.planning.turns.grid import Grid, lay_out
from baogong.planning.turns.market import Market
from baogong.planning.turns.pricing import Pricing, find_prices
from baogong.planning.turns.problem import Building, Turn, TurnPlan, TurnProblem
from baogong.planning.turns.search import NOWHERE, Spread

SMALL = 60  # buildings: up to here prices are always exact
NODES = 200  # of the tree of a whole-number program
SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12)  # of the gap, within which a program may hold all patterns
PASSES = 8  # of moving each building once


def plan_turns(problem: TurnProblem, *, seed: int = 0, rounds: int = 60, tries: int = 150_000) -> TurnPlan:
    """Give every building a point and slots so that the walk, the wait and those left out cost least.

    `rounds` limits how long slot prices are improved, `tries` how many timetables of single points are compared; fewer
    are faster and leave a larger gap. The same problem and seed always give the same plan. Ties between buildings go by
    a draw on the seed: with the day as seed, who comes first changes daily.
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
    spread = min(spread, _rounded(grid, pricing, tries), key=lambda one: one.cost)
    bound = _finish(grid, pricing, spread, seed)
    return _written(problem, grid, spread, bound, seed)


def _first_guess(grid: Grid) -> Spread:
    """The largest buildings first, each where it costs least; then a few rounds of moving."""
    spread = Spread(grid)
    spread.put_all(_largest_first(grid, range(len(grid.buildings))))
    spread.move_all(PASSES)
    return spread


def _rounded(grid: Grid, pricing: Pricing, tries: int) -> Spread:
    """Buildings whose share is whole stay where the prices put them, the others go where they cost least."""
    spread = Spread(grid)
    for (building, point), share in pricing.shares.items():
        if share > 0.99:
            spread.put(building, point)
    spread.put_all(_largest_first(grid, [number for number, at in enumerate(spread.place) if at == NOWHERE]))
    spread.improve(pricing.quotes.dearer, tries=tries)
    return spread


def _largest_first(grid: Grid, buildings: Iterable[int]) -> list[int]:
    return sorted(buildings, key=lambda number: -grid.buildings[number].households)


def _finish(grid: Grid, pricing: Pricing, spread: Spread, seed: int) -> int:
    """Solve everything exactly if the patterns that may be better are few; the proven bound, whole like the cost.

    With few buildings that proves the best plan. With many, only the most promising patterns are looked at first; where
    that helps, the rest may be few enough afterwards, else the bound is that of the prices.
    """
    bound = pricing.quotes.bound
    for shares in (SHARES, SHARES[:1]):
        before = spread.cost
        share, part = _promising(grid, pricing, before - bound, shares)
        if part is None:
            break
        solved = solve(part, nodes=NODES, seed=seed)
        if solved.blocks is not None:
            spread.replace(part.points, solved.blocks)
        if share == 1:  # what is outside the part costs at least what was in hand
            bound = max(bound, min(solved.bound, before))
        if share == 1 or spread.cost == before:
            break
    doubt = 0.01 + 1e-9 * abs(bound)  # left by floating point
    return min(spread.cost, ceil(bound - doubt))


def _promising(grid: Grid, pricing: Pricing, gap: float, shares: Sequence[float]) -> tuple[float, Part | None]:
    """The patterns within the largest of these shares of the gap that a program can hold, and that share."""
    everyone, everywhere = range(len(grid.buildings)), range(len(grid.slots))
    for share in shares if gap >= 1 else ():
        part = part_of(grid, everyone, everywhere, pricing.prices, pricing.quotes, share * gap)
        if part is not None:
            return share, part
    return 0.0, None


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
