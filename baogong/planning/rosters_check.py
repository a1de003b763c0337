"""Judge any roster, also one edited by hand, without the planner: walk through the hours and count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from baogong.planning.rosters.problem import Person, RosterPlan, RosterProblem, Shift


def breaches(problem: RosterProblem, plan: RosterPlan) -> list[str]:
    """What is wrong with `plan`, one sentence each; empty when nothing is.

    Checks that people stand where and when they can, at one post at a time, no longer than `max_hours` without a break
    and rested in between, and that the gaps name exactly the hours and numbers missing. Whether fewer could be missing,
    and whether the duty is shared fairly, is left open.
    """
    found = list(_nonsense(problem, plan.shifts))
    if found:
        return found
    mine: dict[str, list[Shift]] = defaultdict(list)
    for shift in plan.shifts:
        mine[shift.person].append(shift)
    for person in problem.people:
        found += _wrong_person(person, sorted(mine[person.id], key=lambda shift: shift.start))
    return [*found, *_wrong_gaps(problem, plan)]


def _nonsense(problem: RosterProblem, shifts: Sequence[Shift]) -> Iterator[str]:
    people, posts = {person.id for person in problem.people}, {post.id for post in problem.posts}
    for shift in shifts:
        if shift.person not in people:
            yield f"{shift.person!r} is nobody on the list"
        if shift.post not in posts:
            yield f"{shift.post!r} is no post"
        if not 0 <= shift.start < shift.end <= problem.hours:
            yield f"{_name(shift)} does not lie within 0 to {problem.hours}"


def _wrong_person(person: Person, shifts: Sequence[Shift]) -> Iterator[str]:
    for shift in shifts:
        if shift.post not in person.posts:
            yield f"{_name(shift)}: {person.id!r} cannot stand at {shift.post!r}"
        for start, end in person.unavailable:
            if max(start, shift.start) < min(end, shift.end):
                yield f"{_name(shift)}: {person.id!r} is not available from {start} to {end}"
    spell: list[int] = []
    for shift in shifts:
        if spell and shift.start < spell[1]:
            yield f"{_name(shift)}: {person.id!r} is at two posts at once"
        if not spell or shift.start > spell[1]:
            yield from _too_long(person, spell)
            yield from _no_rest(person, spell, shift.start)
            spell = [shift.start, shift.end]
        spell[1] = max(spell[1], shift.end)
    yield from _too_long(person, spell)


def _too_long(person: Person, spell: Sequence[int]) -> Iterator[str]:
    if spell and spell[1] - spell[0] > person.max_hours:
        yield f"{person.id!r} is on duty from {spell[0]} to {spell[1]}, longer than {person.max_hours} hours"


def _no_rest(person: Person, spell: Sequence[int], back: int) -> Iterator[str]:
    if spell and back - spell[1] < person.min_rest_hours:
        yield f"{person.id!r} is back at {back} after {spell[1]}, with less than {person.min_rest_hours} hours of rest"


def _wrong_gaps(problem: RosterProblem, plan: RosterPlan) -> Iterator[str]:
    """Compare what the gaps name with what the shifts leave open, hour by hour."""
    there: Counter[tuple[str, int]] = Counter()
    for shift in plan.shifts:
        there.update((shift.post, hour) for hour in range(shift.start, shift.end))
    named: Counter[tuple[str, int]] = Counter()
    for gap in plan.gaps:
        if gap.missing < 1 or not 0 <= gap.start < gap.end <= problem.hours:
            yield f"the gap at {gap.post!r} from {gap.start} to {gap.end} with {gap.missing} missing is none"
            continue
        named.update({(gap.post, hour): gap.missing for hour in range(gap.start, gap.end)})
    for post in problem.posts:
        for hour in range(problem.hours):
            missing, said = max(0, post.need - there[post.id, hour]), named.pop((post.id, hour), 0)
            if missing != said:
                yield f"post {post.id!r} has {missing} missing at hour {hour}, but the gaps say {said}"
    yield from (f"a gap names {post!r}, which is no post" for post in sorted({post for post, _ in named}))


def _name(shift: Shift) -> str:
    return f"the shift of {shift.person!r} at {shift.post!r} from {shift.start} to {shift.end}"
