"""The order of the buildings at one point, by a rule of thumb: next comes whoever has most households to a slot.

Without gaps and with one distance this is the best order; with gaps it is a good one.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from baogong.planning.turns.grid import Block, Visit
from baogong.planning.turns.problem import SLOT_COST, UNSERVED_COST

_Ready = tuple[float, int, Visit, bool]  # what may come now: -rate, building, visit, whether only its rest


def timetable(visits: Sequence[Visit], slots: int, gap: int) -> tuple[int, list[Block]]:
    """Cost and blocks of these visits at a point with `slots` slots; what finds no slot is left out and counted."""
    found = [_dispatch(visits, slots, gap, apart=apart) for apart in ((True, False) if gap else (True,))]
    costs = [sum(block.cost for block in blocks) for blocks in found]
    cheapest = costs.index(min(costs))
    return UNSERVED_COST * sum(visit.households for visit in visits) + costs[cheapest], found[cheapest]


def price(visits: Sequence[Visit], slots: int, gap: int) -> int:
    """The cost of their timetable alone, faster where there are no gaps."""
    waiting = None if gap else _waiting(visits, slots)
    if waiting is None:
        return timetable(visits, slots, gap)[0]
    return SLOT_COST * waiting + sum(visit.households * visit.distance_m for visit in visits)


def _waiting(visits: Sequence[Visit], slots: int) -> int | None:
    """Households times the slots they wait, without gaps, or None where not all find a slot.

    All full slots are alike, and never is one kept waiting for a rest.
    """
    coming = sorted((-visit.first, visit.fulls, visit.rest) for visit in visits)
    capacity = visits[0].capacity if visits else 0
    rests: list[int] = []
    waiting = now = fulls = 0
    while fulls or rests or coming:
        while coming and -coming[-1][0] <= now:
            _, more, rest = coming.pop()
            fulls += more
            if rest:
                heappush(rests, -rest)
        if fulls:
            run = min(fulls, -coming[-1][0] - now) if coming else fulls
            waiting += capacity * (run * now + run * (run - 1) // 2)
            fulls, now = fulls - run, now + run
        elif rests:
            waiting, now = waiting - heappop(rests) * now, now + 1
        elif coming:
            now = -coming[-1][0]
    return waiting if now <= slots else None


def _dispatch(visits: Sequence[Visit], slots: int, gap: int, *, apart: bool) -> list[Block]:
    """Fill the point from its first slot on; `apart` lets a small rest wait until larger buildings have been there."""
    coming = sorted(visits, key=lambda visit: -visit.first)
    ready: list[_Ready] = []
    blocks: list[Block] = []
    now = 0
    while ready or coming:
        start = now + gap if blocks else now
        _admit(coming, ready, start, apart=apart)
        if not ready:
            now += coming[-1].first - start
            continue
        if start >= slots:
            break
        _, _, visit, only_rest = heappop(ready)
        fulls = 0 if only_rest else min(visit.fulls, slots - start)
        rest = only_rest or (fulls == visit.fulls and visit.rest > 0 and start + fulls < slots)
        if rest and apart and not only_rest:
            _admit(coming, ready, start + fulls + gap, apart=apart)
            if ready and visit.rest < -ready[0][0]:
                heappush(ready, (-visit.rest_rate, visit.building, visit, True))
                rest = False
        blocks.append(Block(visit, start, fulls, rest))
        now = start + fulls + rest
    return blocks


def _admit(coming: list[Visit], ready: list[_Ready], slot: int, *, apart: bool) -> None:
    """Move the visits that may start in `slot` from `coming`, the next one last, to `ready`."""
    while coming and coming[-1].first <= slot:
        visit = coming.pop()
        heappush(ready, (-visit.full_rate if apart else -visit.rate, visit.building, visit, not visit.fulls))
