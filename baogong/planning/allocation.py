"""Share out what arrived when it is less than what was ordered.

One closed batch goes through `share_out`. Where demand comes as a stream and the first must not take all, each comer
gets `projected_share`, and what was held back too carefully goes out at the end through `release`. Everything is
exact: integers only, no floats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Claim:
    """What one household or building asks for, in whole packs."""

    id: str
    quantity: int
    floor: int = 0  # given before anything else; above `quantity` it counts as `quantity`
    priority: int = 0  # smaller is served first


@dataclass(frozen=True, slots=True)
class Share:
    """What a claim gets; `quantity` + `short` is what it asked for."""

    id: str
    quantity: int
    short: int


@dataclass(frozen=True, slots=True)
class _Want:
    """What a claim should get before rounding: `whole` + `rest` / (a denominator common to its class)."""

    id: str
    whole: int
    rest: int


def share_out(arrived: int, claims: Sequence[Claim], *, seed: int = 0) -> list[Share]:
    """Give each claim its share of `arrived` whole packs; the shares stand in the order of the claims.

    Floors come first, by smaller priority; where the floors of one priority do not fit, in proportion to them. What
    is left goes to smaller priority first; within a priority everyone gets max(floor, r * quantity) with one r. Packs
    left by rounding go to the largest fractions, ties to a draw on (seed, id), so the order of the claims does not
    matter and the same input always gives the same answer. Give each offer its own seed, or the same household wins
    every draw.

    Raises ValueError when a number is negative or an id comes twice.
    """
    _refuse_nonsense(arrived, claims)
    classes = _classes(claims)
    budgets = _budgets(arrived, classes)
    given: dict[str, int] = {}
    for members, budget in zip(classes, budgets, strict=True):
        given |= _round(_wants(budget, members), budget, seed)
    return [Share(claim.id, given[claim.id], claim.quantity - given[claim.id]) for claim in claims]


def projected_share(remaining: int, demand: int, expected_later: int) -> int:
    """What one comer of a stream gets now: remaining * demand / (demand + expected_later), half up, at most `demand`.

    `remaining` is the stock in hand, `expected_later` what those still to come will probably ask for, in whole packs.
    Nobody gets more than asked or than there is; when no more demand is expected, the last comer may have it all.

    Raises ValueError when a number is negative.
    """
    if min(remaining, demand, expected_later) < 0:
        raise ValueError("remaining, demand and expected_later must not be negative")
    if demand == 0:
        return 0
    expected = demand + expected_later
    return min(demand, (2 * remaining * demand + expected) // (2 * expected))


def release(held_back: int, claims: Sequence[Claim], given: Mapping[str, int], *, seed: int = 0) -> list[Share]:
    """Hand the packs held back to those who were filled short, evening out the fill rates; nobody gives anything back.

    `given` says what each claim already has. The shares are totals: what was given plus what is added. Raises
    ValueError when a number is negative, an id comes twice or is missing from `given`, or a claim was given more than
    it asked for.
    """
    for claim in claims:
        if not 0 <= given.get(claim.id, -1) <= claim.quantity:
            raise ValueError(f"what was given to {claim.id!r} must lie between 0 and its quantity")
    raised = [replace(claim, floor=given[claim.id]) for claim in claims]
    return share_out(held_back + sum(claim.floor for claim in raised), raised, seed=seed)


def _refuse_nonsense(arrived: int, claims: Sequence[Claim]) -> None:
    if arrived < 0:
        raise ValueError(f"arrived must not be negative: {arrived}")
    seen: set[str] = set()
    for claim in claims:
        if claim.quantity < 0 or claim.floor < 0:
            raise ValueError(f"claim {claim.id!r} has a negative number")
        if claim.id in seen:
            raise ValueError(f"claim {claim.id!r} comes twice")
        seen.add(claim.id)


def _classes(claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims by priority, smallest first, no floor above its quantity."""
    classes: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        kept = claim if claim.floor <= claim.quantity else replace(claim, floor=claim.quantity)
        classes[claim.priority].append(kept)
    return [classes[priority] for priority in sorted(classes)]


def _budgets(arrived: int, classes: Sequence[Sequence[Claim]]) -> list[int]:
    """How many packs each class gets: its floors first, then what is left in the order of priority."""
    left = arrived
    budgets = []
    for members in classes:
        budgets.append(min(left, sum(claim.floor for claim in members)))
        left -= budgets[-1]
    for number, members in enumerate(classes):
        more = min(left, sum(claim.quantity for claim in members) - budgets[number])
        budgets[number] += more
        left -= more
    return budgets


def _wants(budget: int, members: Sequence[Claim]) -> list[_Want]:
    """What each member should get before rounding; together exactly `budget`."""
    floors = sum(claim.floor for claim in members)
    if budget < floors:
        return [_Want(claim.id, *divmod(claim.floor * budget, floors)) for claim in members]
    over, under = _fill_rate(budget, members)
    return [_want(claim, over, under) for claim in members]


def _want(claim: Claim, over: int, under: int) -> _Want:
    """max(floor, quantity * over / under)"""
    scaled = claim.quantity * over
    return _Want(claim.id, claim.floor, 0) if scaled <= claim.floor * under else _Want(claim.id, *divmod(scaled, under))


def _fill_rate(budget: int, members: Sequence[Claim]) -> tuple[int, int]:
    """The r, as numerator and denominator, with which the sum of max(floor, r * quantity) is `budget`.

    Needs floors that fit and a budget within the quantities. Starts with r = budget / quantities and sets aside,
    highest first, the floors that lie above r: each of them lowers r for the rest, so none comes back.
    """
    over, under = budget, sum(claim.quantity for claim in members)
    for quantity, floor, count in _by_height(members):
        if floor * under <= over * quantity:
            break
        over -= floor * count
        under -= quantity * count
    return (over, under) if under > 0 else (0, 1)


def _by_height(members: Sequence[Claim]) -> list[tuple[int, int, int]]:
    """Each different (quantity, floor) with the number of its claims, largest floor / quantity first."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for claim in members:
        if claim.floor:
            counts[claim.quantity, claim.floor] += 1
    # Two different fractions with denominators up to n differ by at least 1/n²: this whole number orders them exactly.
    scale = max((quantity for quantity, _ in counts), default=1) ** 2
    ordered = sorted(counts, key=lambda pair: (pair[1] * scale // pair[0], pair), reverse=True)
    return [(quantity, floor, counts[quantity, floor]) for quantity, floor in ordered]


def _round(wants: Sequence[_Want], budget: int, seed: int) -> dict[str, int]:
    """Whole packs by largest remainder, ties by a draw on (seed, id); together exactly `budget`."""
    given = {want.id: want.whole for want in wants}
    missing = budget - sum(given.values())
    if missing:
        tempted = sorted((want for want in wants if want.rest), key=lambda want: (-want.rest, _draw(seed, want.id)))
        for want in tempted[:missing]:
            given[want.id] += 1
    return given


def _draw(seed: int, claim_id: str) -> bytes:
    """A number that nobody can steer and anybody can recompute."""
    return sha256(f"{seed}:{claim_id}".encode("utf-8", "surrogatepass")).digest()
