"""What a duty roster is made of: posts to be manned around the clock, people, their shifts, and the hours left open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

MOST_PERSON_HOURS = 500_000  # people × hours of one problem; more is refused rather than planned for hours
DAY_HOURS = 24
NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5})  # hours of the clock that are shared out evenly on their own


@dataclass(frozen=True, slots=True)
class Post:
    """A place that needs the same number of people in every hour."""

    id: str
    need: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can stand at some of the posts; hours are counted from the start of the roster."""

    id: str
    posts: tuple[str, ...]
    max_hours: int  # the longest spell without a break, also over several posts
    min_rest_hours: int  # between two spells
    unavailable: tuple[tuple[int, int], ...] = ()  # half-open [start, end)

    def off_hours(self) -> frozenset[int]:
        """The hours in which the person cannot come."""
        return frozenset(hour for start, end in self.unavailable for hour in range(start, end))


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """Posts to be manned from hour 0 to `hours`. Raises ValueError when it makes no sense."""

    hours: int
    posts: tuple[Post, ...]
    people: tuple[Person, ...]
    starts_at: int = 0  # hour of the clock (0 to 23) of hour 0; says which hours are nights

    def __post_init__(self) -> None:
        for complaint in _complaints(self):
            raise ValueError(complaint)

    def is_night(self, hour: int) -> bool:
        """Whether the hour, counted from the start of the roster, lies in the night."""
        return (self.starts_at + hour) % DAY_HOURS in NIGHT


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A person at a post from `start` to `end`, whole hours, half-open."""

    person: str
    post: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Hours in which a post has `missing` people fewer than it needs; half-open [start, end)."""

    post: str
    start: int
    end: int
    missing: int


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """Shifts by person and time; gaps by post and time; no roster leaves fewer than `bound` person-hours open."""

    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...] = ()
    bound: int = 0
    seed: int = 0

    @property
    def missing(self) -> int:
        """How many person-hours are left open."""
        return sum((gap.end - gap.start) * gap.missing for gap in self.gaps)

    @property
    def proven(self) -> bool:
        """Whether it is proven that no roster leaves less open."""
        return self.missing <= self.bound


def _complaints(problem: RosterProblem) -> Iterator[str]:
    if problem.hours < 0:
        yield f"hours must not be negative: {problem.hours}"
    if not 0 <= problem.starts_at < DAY_HOURS:
        yield f"starts_at must be an hour of the clock, 0 to 23, not {problem.starts_at}"
    if problem.hours * max(1, len(problem.people)) > MOST_PERSON_HOURS:
        yield f"more than {MOST_PERSON_HOURS} person-hours are too many for one roster"
    yield from _twice("post", [post.id for post in problem.posts])
    yield from _twice("person", [person.id for person in problem.people])
    yield from (f"post {post.id!r} has a negative need: {post.need}" for post in problem.posts if post.need < 0)
    known = {post.id for post in problem.posts}
    for person in problem.people:
        yield from _person_complaints(person, known, problem.hours)


def _twice(kind: str, names: list[str]) -> Iterator[str]:
    return (f"{kind} {name!r} comes twice" for name, next_name in pairwise(sorted(names)) if name == next_name)


def _person_complaints(person: Person, known: set[str], hours: int) -> Iterator[str]:
    if min(person.max_hours, person.min_rest_hours) < 0:
        yield f"person {person.id!r} has a negative number of hours"
    for post in person.posts:
        if post not in known:
            yield f"person {person.id!r} names an unknown post {post!r}"
    yield from _twice(f"person {person.id!r}: post", list(person.posts))
    for start, end in person.unavailable:
        if not 0 <= start <= end <= hours:
            yield f"person {person.id!r}: unavailable [{start}, {end}] must lie within 0 to {hours}, start first"
