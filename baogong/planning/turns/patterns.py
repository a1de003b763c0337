"""All blocks worth looking at, as columns of a program.

At given prices a pattern (a whole visit: one block, or full slots and later the rest) that is dearer than the cheapest
one by more than a limit cannot be part of a plan that is better than the one in hand by less than that limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baogong.planning.program import Columns
from baogong.planning.turns.grid import Block, Visit
from baogong.planning.turns.market import Floats, Whole, running_least
from baogong.planning.turns.problem import SLOT_COST, UNSERVED_COST

ALONE, HEAD, TAIL = 0, -1, 1  # one block; full slots whose rest comes apart; that rest


@dataclass(frozen=True, slots=True)
class Patterns:
    """Blocks of one visit, one entry each. The cost of what an ALONE block leaves out is part of its cost."""

    visit: Visit
    cost: Floats
    start: Whole
    fulls: Whole
    rest: Whole  # 1 where the block ends with the rest
    part: Whole  # ALONE, HEAD or TAIL

    def __len__(self) -> int:
        return len(self.cost)

    def block(self, number: int) -> Block:
        return Block(self.visit, int(self.start[number]), int(self.fulls[number]), bool(self.rest[number]))


def patterns(visit: Visit, gap: int, prices: Floats, least: float, limit: float) -> Patterns:
    """The blocks of those patterns whose cost with prices [gap + slots] is at most `least` + `limit`."""
    paid = np.concatenate([[0.0], np.cumsum(prices)])
    parts = [*_alone(visit, gap, paid, least + limit), *_apart(visit, gap, paid, least + limit)]
    cost = np.concatenate([part[0] for part in parts])
    start, fulls, rest, kind = (np.concatenate([part[number] for part in parts]) for number in range(1, 5))
    return Patterns(visit, cost, start, fulls, rest, kind)


def assemble(found: Sequence[Patterns], gap: int, owner: Sequence[int], opening: Sequence[int], link: int) -> Columns:
    """One column for each block of `found`.

    `owner` and `opening` give for each visit the row that it must fill once and the row of its point's first priced
    slot; row `link` + i ties the HEAD of visit i to its TAIL.
    """
    counts = [len(one) for one in found]
    which = np.repeat(np.arange(len(found)), counts)
    start, fulls, rest, part = (
        np.concatenate([getattr(one, name) for one in found] or [np.zeros(0, dtype=np.int64)])
        for name in ("start", "fulls", "rest", "part")
    )
    owners = np.where(part == TAIL, link + which, np.array(owner, dtype=np.int64)[which])
    lengths = fulls + rest + gap
    sizes = 1 + (part == HEAD) + lengths  # coefficients of each column: its owner, its link, its slots
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)[: len(which)]
    rows, values = np.zeros(int(sizes.sum()), dtype=np.int64), np.ones(int(sizes.sum()))
    rows[starts] = owners
    heads = part == HEAD
    rows[starts[heads] + 1], values[starts[heads] + 1] = link + which[heads], -1.0
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    first = np.array(opening, dtype=np.int64)[which] + start
    rows[np.repeat(starts + 1 + heads, lengths) + within] = np.repeat(first, lengths) + within
    cost = np.concatenate([one.cost for one in found] or [np.zeros(0)])
    return Columns(cost.tolist(), [1.0] * len(cost), starts.tolist(), rows.tolist(), values.tolist())


_Part = tuple[Floats, Whole, Whole, Whole, Whole]  # cost, start, fulls, rest, part


def _alone(visit: Visit, gap: int, paid: Floats, most: float) -> list[_Part]:
    """Visits of one block: some full slots, all of them, or all households where the rest adjoins."""
    fits = min(visit.fulls, visit.slots - visit.first)
    parts = [_run(visit, fulls, 0, gap, paid, most) for fulls in range(fits + 1)]
    if visit.rest and (gap or not visit.fulls):
        parts.append(_run(visit, visit.fulls, 1, gap, paid, most))
    return parts


def _run(visit: Visit, fulls: int, rest: int, gap: int, paid: Floats, most: float) -> _Part:
    """One block from each slot where it fits and is cheap enough."""
    left_out = UNSERVED_COST * (visit.households - fulls * visit.capacity - rest * visit.rest)
    fits = visit.slots + 1 - fulls - rest if fulls + rest and left_out <= most else 0
    start = np.arange(visit.first, max(visit.first, fits))
    cost = left_out + _cost(visit, start, fulls, rest)
    return _part(cost + _paid(paid, start, fulls + rest + gap) <= most, cost, start, fulls, rest, ALONE)


def _apart(visit: Visit, gap: int, paid: Floats, most: float) -> list[_Part]:
    """Visits of two blocks, the rest at least a gap after the full slots; each kept if one with it is cheap enough."""
    count = visit.slots - visit.first - visit.fulls - gap
    if not (visit.rest and visit.fulls and count > 0):
        return []
    start = np.arange(visit.first, visit.first + count)
    heads, tails = _cost(visit, start, visit.fulls, 0), _cost(visit, start + visit.fulls + gap, 0, 1)
    head_paid = heads + _paid(paid, start, visit.fulls + gap)
    tail_paid = tails + _paid(paid, start + visit.fulls + gap, 1 + gap)
    keep_heads = head_paid + running_least(tail_paid) <= most
    keep_tails = tail_paid + np.minimum.accumulate(head_paid) <= most
    return [
        _part(keep_heads, heads, start, visit.fulls, 0, HEAD),
        _part(keep_tails, tails, start + visit.fulls + gap, 0, 1, TAIL),
    ]


def _cost(visit: Visit, start: Whole, fulls: int, rest: int) -> Floats:
    """Walk and wait of the households in `fulls` full slots from `start`, then perhaps one with the rest."""
    served = fulls * visit.capacity + rest * visit.rest
    wait = visit.capacity * (fulls * start + fulls * (fulls - 1) // 2) + rest * visit.rest * (start + fulls)
    cost: Floats = (served * visit.distance_m + SLOT_COST * wait).astype(float)
    return cost


def _paid(paid: Floats, start: Whole, length: int) -> Floats:
    """The prices of `length` slots from each of `start`."""
    price: Floats = paid[start + length] - paid[start]
    return price


def _part(keep: npt.NDArray[np.bool_], cost: Floats, start: Whole, fulls: int, rest: int, part: int) -> _Part:
    count = int(keep.sum())
    return cost[keep], start[keep], np.full(count, fulls), np.full(count, rest), np.full(count, part)
