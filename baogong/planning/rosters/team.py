"""The roster being made: who stands where in each hour, and who may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from baogong.planning.rosters.problem import Person, RosterProblem

FREE = -1  # at no post

Row = list[int]  # of one person: by hour the number of the post, or FREE


@dataclass(frozen=True, slots=True)
class Worker:
    """A person as the search sees them: posts by number, an hour of rest at least, as touching shifts are one spell."""

    number: int
    posts: frozenset[int]
    longest: int
    rest: int
    off: frozenset[int]

    @property
    def kind(self) -> tuple[frozenset[int], int, int, frozenset[int]]:
        """Workers of the same kind can do exactly the same."""
        return self.posts, self.longest, self.rest, self.off

    def can_work(self, row: Sequence[int]) -> bool:
        """Whether `row` keeps to posts, absences, longest spell and rest."""
        last_end = -self.rest
        for start, end in spells(row):
            if end - start > self.longest or start - last_end < self.rest:
                return False
            last_end = end
        return all(at in self.posts and hour not in self.off for hour, at in enumerate(row) if at != FREE)


class Roster:
    """The rows of all workers, and how many seats of each post are open in each hour."""

    def __init__(self, problem: RosterProblem) -> None:
        self.hours = problem.hours
        numbers = {post.id: number for number, post in enumerate(problem.posts)}
        self.workers = [_worker(number, person, numbers, problem) for number, person in enumerate(problem.people)]
        self.rows: list[Row] = [[FREE] * self.hours for _ in self.workers]
        self.open = [[post.need] * self.hours for post in problem.posts]

    @property
    def missing(self) -> int:
        """How many person-hours are open."""
        return sum(map(sum, self.open))

    def put(self, worker: Worker, row: Row) -> None:
        """Give the worker another row."""
        for hour, at in enumerate(self.rows[worker.number]):
            if at != FREE:
                self.open[at][hour] += 1
        for hour, at in enumerate(row):
            if at != FREE:
                self.open[at][hour] -= 1
        self.rows[worker.number] = row

    def open_without(self, workers: Iterable[Worker]) -> list[list[int]]:
        """The seats that would be open, by post and hour, if these workers stayed at home."""
        seats = [list(row) for row in self.open]
        for worker in workers:
            for hour, at in enumerate(self.rows[worker.number]):
                if at != FREE:
                    seats[at][hour] += 1
        return seats


def spells(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The unbroken spells of duty in a row, half-open, whatever the posts."""
    start = FREE
    for hour, at in enumerate(row):
        if at != FREE and start == FREE:
            start = hour
        elif at == FREE and start != FREE:
            yield start, hour
            start = FREE
    if start != FREE:
        yield start, len(row)


def _worker(number: int, person: Person, numbers: dict[str, int], problem: RosterProblem) -> Worker:
    posts = frozenset(numbers[post] for post in person.posts)
    longest, rest = min(person.max_hours, problem.hours), min(max(1, person.min_rest_hours), problem.hours)
    return Worker(number, posts, longest, rest, person.off_hours())
