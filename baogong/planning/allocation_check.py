"""Judge any allocation, also one edited by hand, without `share_out`: recompute the rule and compare."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from baogong.planning.allocation import Claim, Share


def breaches(arrived: int, claims: Sequence[Claim], shares: Sequence[Share]) -> list[str]:
    """What is wrong with `shares` of `arrived` packs, one sentence each; empty when nothing is.

    Checks that each claim has one share that adds up, that exactly min(arrived, demand) is given, that floors and
    priorities hold, and that within a priority fill rates are equal and rounded by largest remainder. Which of two
    equal remainders wins is left open.
    """
    found = _unmatched(claims, shares)
    if found:
        return found
    given = {share.id: share.quantity for share in shares}
    found = [*_sums(arrived, claims, shares), *_bounds(claims, given)]
    return found or _unfair(arrived, claims, given)


def _unmatched(claims: Sequence[Claim], shares: Sequence[Share]) -> list[str]:
    claimed, shared = sorted(claim.id for claim in claims), sorted(share.id for share in shares)
    if claimed == shared:
        return []
    wrong = sorted(set(claimed) ^ set(shared)) or sorted({name for name in shared if shared.count(name) > 1})
    return [f"{name!r} does not have exactly one claim and one share" for name in wrong]


def _sums(arrived: int, claims: Sequence[Claim], shares: Sequence[Share]) -> list[str]:
    asked = {claim.id: claim.quantity for claim in claims}
    found = [
        f"{share.id!r} asked for {asked[share.id]} but has {share.quantity} and is short {share.short}"
        for share in shares
        if share.quantity + share.short != asked[share.id]
    ]
    total, due = sum(share.quantity for share in shares), min(arrived, sum(asked.values()))
    return found if total == due else [*found, f"{total} packs are given where {due} are due"]


def _bounds(claims: Sequence[Claim], given: dict[str, int]) -> list[str]:
    return [
        f"{claim.id!r} asked for {claim.quantity} and gets {given[claim.id]}"
        for claim in claims
        if not 0 <= given[claim.id] <= claim.quantity
    ]


def _unfair(arrived: int, claims: Sequence[Claim], given: dict[str, int]) -> list[str]:
    """Walk through the priorities twice, as the rule says: once for the floors, once for the rest."""
    priorities = sorted({claim.priority for claim in claims})
    classes = [[claim for claim in claims if claim.priority == priority] for priority in priorities]
    left, found, budgets = arrived, list[str](), list[int]()
    for members in classes:
        budgets.append(min(left, sum(map(_floor, members))))
        left -= budgets[-1]
    for members, floors in zip(classes, budgets, strict=True):
        budget = min(floors + left, sum(claim.quantity for claim in members))
        left -= budget - floors
        found += _unfair_class(budget, members, given)
    return found


def _unfair_class(budget: int, members: Sequence[Claim], given: dict[str, int]) -> list[str]:
    total = sum(given[claim.id] for claim in members)
    if total != budget:
        return [f"priority {members[0].priority} gets {total} where {budget} is its part"]
    exact = _exact(budget, members)
    found = [
        f"{name!r} gets {given[name]} where {float(due):.2f} is its part"
        for name, due in exact.items()
        if abs(given[name] - due) >= 1
    ]
    raised = [due % 1 for name, due in exact.items() if given[name] > due]
    passed = [due % 1 for name, due in exact.items() if given[name] < due]
    if raised and passed and min(raised) < max(passed):
        found.append(f"priority {members[0].priority}: a smaller remainder was rounded up before a larger one")
    return found


def _exact(budget: int, members: Sequence[Claim]) -> dict[str, Fraction]:
    """What each member should get before rounding: raise r from below, one breakpoint floor / quantity at a time."""
    floors = sum(map(_floor, members))
    if budget < floors:
        return {claim.id: Fraction(_floor(claim) * budget, floors) for claim in members}
    rate = Fraction(0)
    heights = {claim.id: Fraction(_floor(claim), claim.quantity or 1) for claim in members}
    for point in sorted({*heights.values(), Fraction(1)}):
        weight = sum(claim.quantity for claim in members if heights[claim.id] <= rate)
        missing = budget - sum(max(Fraction(_floor(claim)), rate * claim.quantity) for claim in members)
        if missing <= (point - rate) * weight:
            rate += Fraction(missing) / max(1, weight)
            break
        rate = point
    return {claim.id: max(Fraction(_floor(claim)), rate * claim.quantity) for claim in members}


def _floor(claim: Claim) -> int:
    return min(claim.floor, claim.quantity)
