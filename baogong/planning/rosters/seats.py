"""Which of the people on duty in an hour takes which post: a matching that moves as few people as it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from baogong.planning.rosters.team import FREE, Roster, Row, Worker


class _Hour:
    """The seats of one hour and who sits in them."""

    def __init__(self, seats: Sequence[int], workers: Mapping[int, Worker]) -> None:
        self.seats = seats
        self.workers = workers
        self.at: list[list[int]] = [[] for _ in seats]

    def keep(self, number: int, post: int) -> bool:
        """Leave the worker at the post of the hour before, if that post has a seat."""
        if post == FREE or len(self.at[post]) >= self.seats[post]:
            return False
        self.at[post].append(number)
        return True

    def place(self, number: int, tried: set[int]) -> bool:
        """Find the worker a seat, moving others where needed (an augmenting path)."""
        posts = [post for post in sorted(self.workers[number].posts) if post not in tried]
        for post in posts:
            if len(self.at[post]) < self.seats[post]:
                self.at[post].append(number)
                return True
        return any(post not in tried and self._squeeze_in(number, post, tried) for post in posts)

    def _squeeze_in(self, number: int, post: int, tried: set[int]) -> bool:
        tried.add(post)
        for place, other in enumerate(self.at[post]):
            if self.place(other, tried):
                self.at[post][place] = number
                return True
        return False


def seated(workers: Sequence[Worker], duty: Mapping[int, Sequence[bool]], seats: Sequence[Sequence[int]]) -> list[Row]:
    """Rows for `workers`, on duty as `duty` says by worker and hour, for `seats` by post and hour.

    Who finds no seat stays free in that hour.
    """
    known = {worker.number: worker for worker in workers}
    hours = len(seats[0]) if seats else 0
    rows = {worker.number: [FREE] * hours for worker in workers}
    for hour in range(hours):
        here = _Hour([post[hour] for post in seats], known)
        on = [number for number in rows if duty[number][hour]]
        stay = {number for number in on if hour and here.keep(number, rows[number][hour - 1])}
        for number in on:
            if number not in stay:
                here.place(number, set())
        for post, sitting in enumerate(here.at):
            for number in sitting:
                rows[number][hour] = post
    return [rows[worker.number] for worker in workers]


def least_missing(roster: Roster) -> int:
    """Person-hours open even if everybody came in every hour they can: a bound that needs no solver."""
    seats = roster.open_without(roster.workers)
    known = {worker.number: worker for worker in roster.workers}
    missing = 0
    for hour in range(roster.hours):
        wanted = [post[hour] for post in seats]
        here, left = _Hour(wanted, known), sum(wanted)
        for worker in roster.workers:
            if left == 0:
                break
            if worker.longest and hour not in worker.off and here.place(worker.number, set()):
                left -= 1
        missing += left
    return missing
