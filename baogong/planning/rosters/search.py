"""Fill the roster: all at once where the team is small, else some people at a time; then again around the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from baogong.planning.rosters.duty import find_duty
from baogong.planning.rosters.seats import least_missing, seated
from baogong.planning.rosters.team import Roster, Worker

WHOLE = 3_000  # person-hours of a team that is planned at once, which also proves the most
WHOLE_AT_MOST = 12_000  # person-hours that are planned at once after all if the parts left gaps
PART = 650  # person-hours of the people planned together otherwise
NODES = 1  # of the search tree for the whole; nearly all is won or lost at its root
PART_NODES = 10


def fill(roster: Roster, *, seed: int, rounds: int) -> int:
    """Man the open seats; the proven bound on those that stay open.

    `rounds` says how often some people around a gap are planned again.
    """
    search = _Search(roster, seed)
    size = len(search.team) * roster.hours
    if size <= WHOLE:
        search.plan_whole()
    else:
        search.plan_in_parts()
        search.mend(rounds)
        if size <= WHOLE_AT_MOST and search.open:
            search.plan_whole()
    search.mend(rounds)
    return search.bound


class _Search:
    def __init__(self, roster: Roster, seed: int) -> None:
        self.roster, self.seed, self.random = roster, seed, Random(seed)
        self.team = [worker for worker in roster.workers if worker.posts and worker.longest]
        self.bound = least_missing(roster)
        self.hopeless: set[tuple[int, int]] = set()  # gaps, by post and hour, that nobody can fill

    @property
    def open(self) -> bool:
        """Whether there is a gap that is not proven to be unavoidable."""
        return self.roster.missing > self.bound

    def plan_whole(self) -> None:
        self.bound = max(self.bound, self._plan(self.team, NODES))

    def plan_in_parts(self) -> None:
        """Those who can take the fewest posts first, as the others can still go elsewhere."""
        count = self._part_size()
        order = sorted(self.team, key=lambda worker: (len(worker.posts), self.random.random()))
        for first in range(0, len(order), count):
            if self.roster.missing:
                self._plan(order[first : first + count], PART_NODES)

    def mend(self, rounds: int) -> None:
        """Plan some people again who could fill a gap, together with some others."""
        for _ in range(rounds):
            if not self.open:
                return
            around = self._around_a_gap()
            if around:
                self._plan(around, PART_NODES)

    def _plan(self, workers: Sequence[Worker], nodes: int) -> int:
        """Plan these people again; keep it unless it leaves more open. The bound for them alone."""
        roster = self.roster
        if not (workers and roster.hours and roster.open):
            return 0
        seats = roster.open_without(workers)
        duty = find_duty(workers, seats, nodes=nodes, seed=self.seed)
        if duty is None:
            return 0
        before, kept = roster.missing, [roster.rows[worker.number] for worker in workers]
        self._put(workers, seated(workers, duty.on, seats))
        if roster.missing > before:
            self._put(workers, kept)
        return duty.bound

    def _put(self, workers: Sequence[Worker], rows: Sequence[list[int]]) -> None:
        for worker, row in zip(workers, rows, strict=True):
            self.roster.put(worker, row)

    def _around_a_gap(self) -> list[Worker]:
        """Half of them could fill one of the gaps, the others come by lot."""
        gap = self._some_gap()
        if gap is None:
            return []
        post, hour = gap
        able = [worker for worker in self.team if post in worker.posts and hour not in worker.off]
        if not able:
            self.hopeless.add(gap)
            return []
        chosen = self.random.sample(able, min(len(able), 1 + self._part_size() // 2))
        others = [worker for worker in self.team if worker not in chosen]
        return chosen + self.random.sample(others, min(len(others), self._part_size() - len(chosen)))

    def _some_gap(self) -> tuple[int, int] | None:
        gaps = [(post, hour) for post, row in enumerate(self.roster.open) for hour, seats in enumerate(row) if seats]
        gaps = [gap for gap in gaps if gap not in self.hopeless]
        return self.random.choice(gaps) if gaps else None

    def _part_size(self) -> int:
        return max(3, PART // max(1, self.roster.hours))
