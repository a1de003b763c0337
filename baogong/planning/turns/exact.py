"""Plan some points with some buildings exactly, as a whole-number program over patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baogong.planning.program import Columns, Program
from baogong.planning.turns.grid import Block, Grid
from baogong.planning.turns.market import Floats, Quotes
from baogong.planning.turns.patterns import Patterns, assemble, patterns
from baogong.planning.turns.problem import UNSERVED_COST

COLUMNS = 8_000  # of a program that is solved in seconds


@dataclass(frozen=True, slots=True)
class Part:
    """Some buildings, some points, and the patterns that may be in a plan that is better than the one in hand."""

    grid: Grid
    buildings: Sequence[int]
    points: Sequence[int]
    least: Floats  # [building of the grid], its cheapest visit at the prices
    found: list[Patterns]

    @property
    def size(self) -> int:
        """How many columns its program has."""
        return sum(map(len, self.found))


@dataclass(frozen=True, slots=True)
class Solved:
    """`blocks` is None where nothing better than the plan in hand was found in time."""

    blocks: list[Block] | None
    bound: float  # of the cost of these buildings at these points, if nothing outside `Part.found` is better


def part_of(
    grid: Grid, buildings: Sequence[int], points: Sequence[int], prices: list[Floats], quotes: Quotes, limit: float
) -> Part | None:
    """The patterns within `limit` of each building's cheapest way, or None if they are too many."""
    part = Part(grid, buildings, points, quotes.least, [])
    for building in buildings:
        least = float(quotes.least[building])
        for point, visit in grid.visits[building].items():
            if point in points and quotes.costs[building, point] <= least + limit:
                part.found.append(patterns(visit, grid.gap, prices[point], least, limit))
        if part.size > COLUMNS:
            return None
    return part


def solve(part: Part, *, nodes: int, seed: int) -> Solved:
    """The cheapest choice of patterns, every building at one point or left out."""
    program, base = _program(part, seed)
    outcome = program.solve_whole(nodes=nodes, gap=0.5)
    if outcome.values is None:
        return Solved(None, outcome.bound + base)
    return Solved(_blocks(part, outcome.values), outcome.bound + base)


def _program(part: Part, seed: int) -> tuple[Program, float]:
    """The program, and what its costs lack: each building's cheapest visit is taken off to keep the numbers small."""
    grid, count = part.grid, len(part.buildings)
    row_of = {building: row for row, building in enumerate(part.buildings)}
    program = Program(seed=seed)
    program.add_rows([1.0] * count, [1.0] * count)
    openings = {}
    for point in part.points:
        slots = grid.gap + grid.slots[point]
        openings[point] = program.add_rows([0.0] * slots, [1.0] * slots)
    link = program.add_rows([0.0] * len(part.found), [0.0] * len(part.found))
    owner = [row_of[one.visit.building] for one in part.found]
    opening = [openings[one.visit.point] for one in part.found]
    columns = assemble(part.found, grid.gap, owner, opening, link)
    taken_off = [part.least[one.visit.building] * (one.part < 1) for one in part.found]  # a TAIL has its HEAD
    columns.costs = (np.array(columns.costs) - np.concatenate(taken_off or [np.zeros(0)])).tolist()
    program.add_columns(columns, whole=True)
    program.add_columns(_left_out(part), whole=True)
    return program, float(sum(part.least[building] for building in part.buildings))


def _left_out(part: Part) -> Columns:
    """A column for leaving each building out."""
    columns = Columns()
    for row, building in enumerate(part.buildings):
        households = part.grid.buildings[building].households
        columns.add(UNSERVED_COST * households - float(part.least[building]), [row], [1.0], upper=1.0)
    return columns


def _blocks(part: Part, values: Floats) -> list[Block]:
    chosen = np.flatnonzero(values[: part.size] > 0.5)
    ends = np.cumsum([len(one) for one in part.found])
    blocks = []
    for number in chosen:
        which = int(np.searchsorted(ends, number, side="right"))
        one = part.found[which]
        blocks.append(one.block(int(number) - int(ends[which]) + len(one)))
    return blocks
