"""Prices for the slots of one point that keep a given crowd apart.

The crowd is given as shares of visits, as a linear program has them: 0.4 of one building, all of another. Prices that
make the crowd as dear as possible show what it really costs to have it there. `by_rate` guesses them by filling the
slots as the timetable would; `by_program` finds the best ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np

from baogong.planning.program import Columns, Program
from baogong.planning.turns.grid import Visit
from baogong.planning.turns.market import Floats, Stall
from baogong.planning.turns.patterns import assemble, patterns
from baogong.planning.turns.problem import SLOT_COST, UNSERVED_COST

Crowd = Sequence[tuple[Visit, float]]  # visits and their shares, 0 < share <= 1
_LEAST = 1e-9
_Piece = tuple[float, int, float, int]  # households to a slot (in a heap: less than 0), first slot, slots, distance_m


def by_rate(crowd: Crowd, slots: int, gap: int, *, apart: bool) -> Floats:
    """Prices [gap + slots] from filling the slots with whoever has most households to a slot.

    Visits are cut into pieces of one slot and may interrupt each other; the gap before a block counts as part of it.
    With `apart` the rest is a piece of its own where it has fewer households to a slot than the full slots.
    """
    coming = [piece for one in crowd for piece in _pieces(*one, slots, gap, apart=apart)]
    coming.sort(key=lambda piece: -piece[1])
    ready: list[_Piece] = []
    rates = np.zeros(gap + slots)  # of the piece in the slot that would first make room; 0 where there is room
    for slot in range(gap + slots):
        while coming and coming[-1][1] <= slot:
            heappush(ready, coming.pop())
        rates[slot] = _fill(ready)
    left_over = [
        -rate * (UNSERVED_COST - fare - SLOT_COST * slots) for rate, _, amount, fare in ready if amount > _LEAST
    ]
    return _prices(rates, max(left_over, default=0.0))


def _pieces(visit: Visit, share: float, slots: int, gap: int, *, apart: bool) -> list[_Piece]:
    fulls, length = min(visit.fulls, slots), min(visit.length, slots)
    if apart and visit.rest and visit.rest * (fulls + gap) < fulls * visit.capacity:
        rate = fulls * visit.capacity / (fulls + gap)
        return [
            (-rate, visit.first, share * (fulls + gap), visit.distance_m),
            (-visit.rest, visit.first, share, visit.distance_m),
        ]
    rate = min(visit.households, length * visit.capacity) / (length + gap)
    return [(-rate, visit.first, share * (length + gap), visit.distance_m)]


def _fill(ready: list[_Piece]) -> float:
    """Fill one slot from `ready`; the least rate in it, or 0 where it does not fill up."""
    room, rate = 1.0, 0.0
    while ready and room > _LEAST:
        rate, first, amount, fare = heappop(ready)
        used = min(room, amount)
        room -= used
        if amount - used > _LEAST:
            heappush(ready, (rate, first, amount - used, fare))
    return -rate if room <= _LEAST else 0.0


def _prices(rates: Floats, last: float) -> Floats:
    """Prices that fall from slot to slot by what one slot of waiting costs, down to 0 where there is room."""
    prices, price = np.zeros(len(rates)), last
    for slot in range(len(rates) - 1, -1, -1):
        price = price + SLOT_COST * rates[slot] if rates[slot] else 0.0
        prices[slot] = price
    return prices


def by_program(crowd: Crowd, stall: Stall, prices: Floats, limit: float) -> Floats:
    """The best prices [gap + slots] for `crowd`, looking only at visits within `limit` of the cheapest at `prices`."""
    least = dict(zip(stall.buildings.tolist(), stall.quote(prices).tolist(), strict=True))
    found = [patterns(visit, stall.gap, prices, least[visit.building], limit) for visit, _ in crowd]
    shares, count = [share for _, share in crowd], len(crowd)
    program = Program()
    program.add_rows(shares, shares)
    opening = program.add_rows([0.0] * (stall.gap + stall.slots), [1.0] * (stall.gap + stall.slots))
    link = program.add_rows([0.0] * count, [0.0] * count)
    program.add_columns(assemble(found, stall.gap, range(count), [opening] * count, link))
    program.add_columns(_left_out(crowd))
    outcome = program.solve()
    return np.maximum(0.0, -outcome.row_prices[opening:link])


def _left_out(crowd: Crowd) -> Columns:
    columns = Columns()
    for row, (visit, _) in enumerate(crowd):
        columns.add(UNSERVED_COST * visit.households, [row], [1.0])
    return columns
