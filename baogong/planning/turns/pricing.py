"""Find the slot prices with the best bound, and shares of buildings over points that go with them.

A linear program spreads the buildings over the points and knows only cuts: what the crowd at a point costs at least.
Its shares show where the crowds are too cheap; prices that keep such a crowd apart give a new cut. Its duals mix the
prices of all cuts into one set of prices, whose quotes give a bound that holds whatever the program overlooked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baogong.planning.program import Columns, Program
from baogong.planning.turns.crowd import Crowd, by_program, by_rate
from baogong.planning.turns.grid import Grid, Visit
from baogong.planning.turns.market import Floats, Market, Quotes, Stall

NEAREST = 8  # points that a building starts with in the program; others join when their price is right
STILL = 1e-6  # part of the cost that counts as no progress
SHARE = 1e-7


@dataclass(frozen=True, slots=True)
class Pricing:
    """The best prices met, by point [gap + slots], their quotes, and the last shares by building and point."""

    prices: list[Floats]
    quotes: Quotes
    shares: dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class _Cut:
    point: int
    row: int
    prices: Floats
    quotes: dict[int, float]  # by building


class _Master:
    """The program: one share for each building and point that matters, one cost for each point, rows of cuts."""

    def __init__(self, grid: Grid, market: Market) -> None:
        self.grid, self.market = grid, market
        self.points, self.cuts = len(grid.slots), list[_Cut]()
        self.columns: dict[tuple[int, int], int] = {}
        count = len(grid.visits)
        self.program = Program()
        self.program.add_rows([1.0] * count, [1.0] * count)
        first = Columns()
        for _ in range(self.points):
            first.add(1.0, [], [])
        for building in range(count):
            first.add(float(market.leaving_out[building]), [building], [1.0])
        self.program.add_columns(first)
        nearest = [sorted(visits.values(), key=Visit.least_cost)[:NEAREST] for visits in grid.visits]
        self.offer([(visit.building, visit.point) for visits in nearest for visit in visits])

    def offer(self, pairs: list[tuple[int, int]]) -> None:
        """Let these buildings use these points."""
        new = Columns()
        for building, point in pairs:
            cuts = [cut for cut in self.cuts if cut.point == point]
            rows, values = [cut.row for cut in cuts], [-cut.quotes[building] for cut in cuts]
            self.columns[building, point] = self.program.columns + new.add(0.0, [building, *rows], [1.0, *values])
        self.program.add_columns(new)

    def cut(self, point: int, prices: Floats) -> None:
        """The point costs at least what its crowd would pay at these prices, less the prices."""
        stall = self.market.stalls[point]
        quotes = dict(zip(stall.buildings.tolist(), stall.quote(prices).tolist(), strict=True))
        here = [(building, column) for (building, place), column in self.columns.items() if place == point]
        columns, values = [point, *(column for _, column in here)], [1.0, *(-quotes[building] for building, _ in here)]
        row = self.program.add_row(-float(prices.sum()), float("inf"), columns, values)
        self.cuts.append(_Cut(point, row, prices, quotes))

    def crowds(self, values: Floats) -> list[list[tuple[Visit, float]]]:
        """The visits with a share, by point."""
        found: list[list[tuple[Visit, float]]] = [[] for _ in range(self.points)]
        for (building, point), column in self.columns.items():
            if values[column] > SHARE:
                found[point].append((self.grid.visits[building][point], float(values[column])))
        return found

    def mixed(self, row_prices: Floats) -> list[Floats]:
        """The prices of all cuts, mixed by their duals."""
        prices = [np.zeros(self.grid.gap + slots) for slots in self.grid.slots]
        for cut in self.cuts:
            prices[cut.point] = prices[cut.point] + max(0.0, float(row_prices[cut.row])) * cut.prices
        return prices


def find_prices(
    grid: Grid, market: Market, start: list[Crowd], *, rounds: int, fine_rounds: int, limit: float
) -> Pricing:
    """Prices and shares after at most `rounds` rounds of guessed and `fine_rounds` of exact cuts.

    `start` is a plan in hand: its visits by point. Exact cuts look at visits within `limit` of the cheapest.
    """
    master = _Master(grid, market)
    for point, crowd in enumerate(start):
        master.cut(point, np.zeros(grid.gap + grid.slots[point]))
        master.cut(point, by_rate(crowd, grid.slots[point], grid.gap, apart=True))
    search = _Search(master, limit)
    search.run(rounds, fine=False)
    search.run(fine_rounds, fine=True)
    return search.pricing()


class _Search:
    """The rounds, and the best prices met in them."""

    def __init__(self, master: _Master, limit: float) -> None:
        self.master, self.limit = master, limit
        self.shares: dict[tuple[int, int], float] = {}
        self.prices = [np.zeros(master.grid.gap + slots) for slots in master.grid.slots]
        self.quotes = master.market.quote(self.prices)

    def pricing(self) -> Pricing:
        return Pricing(self.prices, self.quotes, self.shares)

    def run(self, rounds: int, *, fine: bool) -> None:
        """Cut until nothing is too cheap any more, or three rounds in a row bring no better bound."""
        still = 0
        for _ in range(rounds):
            before = self.quotes.bound
            if not self._round(fine=fine):
                break
            still = 0 if self.quotes.bound > before + STILL * abs(before) else still + 1
            if still == 3:
                break

    def _round(self, *, fine: bool) -> bool:
        """Solve the program, keep its prices if they are the best, add what it lacked; whether anything was added."""
        master, outcome = self.master, self.master.program.solve()
        if outcome.values is None:
            return False
        self.shares = {pair: float(outcome.values[column]) for pair, column in master.columns.items()}
        prices = master.mixed(outcome.row_prices)
        quotes = master.market.quote(prices)
        if quotes.bound > self.quotes.bound:
            self.prices, self.quotes = prices, quotes
        missing = self._missing(quotes, outcome.row_prices)
        crowds, costs = master.crowds(outcome.values), outcome.values
        cuts = [
            self._cut(point, crowd, float(costs[point]), prices[point], fine=fine) for point, crowd in enumerate(crowds)
        ]
        master.offer(missing)
        return any(cuts) or bool(missing)

    def _missing(self, quotes: Quotes, row_prices: Floats) -> list[tuple[int, int]]:
        """Visits outside the program that are cheaper than what their building pays in it."""
        pays = row_prices[: len(quotes.least), None]
        pairs = zip(*np.nonzero(quotes.costs < pays - 1e-6), strict=True)
        return [pair for building, point in pairs if (pair := (int(building), int(point))) not in self.master.columns]

    def _cut(self, point: int, crowd: Crowd, cost: float, prices: Floats, *, fine: bool) -> bool:
        """Add the strongest cut known against this crowd, if it costs more than the program believes."""
        if not crowd:
            return False
        stall = self.master.market.stalls[point]
        guesses = [
            by_rate(crowd, stall.slots, stall.gap, apart=apart) for apart in ([True, False] if stall.gap else [True])
        ]
        if stall.gap:
            guesses.append((guesses[0] + guesses[1]) / 2)
        if fine:
            guesses.append(by_program(crowd, stall, prices, self.limit))
        dearest, strongest = max(((_dear(stall, crowd, guess), guess) for guess in guesses), key=lambda one: one[0])
        if dearest <= cost + 1 + 1e-4 * abs(cost):
            return False
        self.master.cut(point, strongest)
        return True


def _dear(stall: Stall, crowd: Crowd, prices: Floats) -> float:
    """What the crowd pays at these prices, less the prices."""
    quotes = dict(zip(stall.buildings.tolist(), stall.quote(prices).tolist(), strict=True))
    return float(sum(share * quotes[visit.building] for visit, share in crowd)) - float(prices.sum())
