"""From a problem to a plan: fill the seats, share the hours out fairly, name what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from baogong.planning.rosters.evening import even_out
from baogong.planning.rosters.problem import Gap, RosterPlan, RosterProblem, Shift
from baogong.planning.rosters.search import fill
from baogong.planning.rosters.team import FREE, Roster


def plan_roster(problem: RosterProblem, *, seed: int = 0, rounds: int = 12) -> RosterPlan:
    """Man the posts so that the fewest person-hours stay open; then even out hours and nights and avoid tiny shifts.

    Nobody is at two posts at once, longer on duty than `max_hours` (touching shifts are one spell, whatever the posts)
    or back before `min_rest_hours`. The plan's gaps name every open hour; `proven` says that no roster has fewer.
    `rounds` limits how often gaps are mended where that is not proven. The same problem and seed always give the same
    plan.
    """
    roster = Roster(problem)
    bound = fill(roster, seed=seed, rounds=rounds)
    even_out(roster, [problem.is_night(hour) for hour in range(problem.hours)], seed=seed)
    return RosterPlan(tuple(_shifts(problem, roster)), tuple(_gaps(problem, roster)), min(bound, roster.missing), seed)


def _shifts(problem: RosterProblem, roster: Roster) -> Iterator[Shift]:
    for person, row in zip(problem.people, roster.rows, strict=True):
        for start, end, at in _runs(row):
            if at != FREE:
                yield Shift(person.id, problem.posts[at].id, start, end)


def _gaps(problem: RosterProblem, roster: Roster) -> Iterator[Gap]:
    for post, row in zip(problem.posts, roster.open, strict=True):
        for start, end, missing in _runs(row):
            if missing:
                yield Gap(post.id, start, end, missing)


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Start, end and value of each stretch of equal values."""
    start = 0
    for value, stretch in groupby(row):
        end = start + sum(1 for _ in stretch)
        yield start, end, value
        start = end
