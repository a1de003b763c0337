"""When each of some people is on duty, so that the fewest seats stay open: a whole-number program.

For each kind of people (who can do exactly the same) and each hour: how many are on duty, start, and have just ended.
Written with the starts and ends of the last hours, the rules for one kind are as tight as they can be: without asking
for whole numbers each kind alone already has whole corners, and only the posts couple them. So most rosters are proven
at the root of the search. Nobody is set beyond the need: with the same need in every hour that never helps, because who
is on duty before and after an hour can sit as in the hour before.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite

from baogong.planning.program import INFINITE, Columns, Floats, Program
from baogong.planning.rosters.team import Worker

ALMOST_ONE = 0.999  # a plan that costs less than one hour above the bound is the best


@dataclass(frozen=True, slots=True)
class Duty:
    """By worker and hour who is on duty; no way of it leaves fewer than `bound` seats open."""

    on: dict[int, list[bool]]
    bound: int


def find_duty(workers: Sequence[Worker], seats: Sequence[Sequence[int]], *, nodes: int, seed: int) -> Duty | None:
    """Man `seats` (open ones by post and hour) with `workers`; None where `nodes` nodes of the tree found nothing."""
    model = _Model(workers, seats)
    outcome = model.program(seed).solve_whole(nodes=nodes, gap=ALMOST_ONE)
    if outcome.values is None:
        return None
    known = ceil(outcome.bound - 1e-6) if isfinite(outcome.bound) else 0
    return Duty(model.read(outcome.values), max(0, known) + model.hopeless)


@dataclass(slots=True)
class _Kind:
    """Workers who can do the same, and the first columns of their hours on duty, starts and ends."""

    workers: list[Worker]
    posts: list[int] = field(default_factory=list)  # groups of posts
    first: int = 0

    @property
    def size(self) -> int:
        return len(self.workers)


class _Model:
    """Rows first, then columns that bring their coefficients along."""

    def __init__(self, workers: Sequence[Worker], seats: Sequence[Sequence[int]]) -> None:
        self.hours = len(seats[0])
        self.kinds = _kinds(workers)
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.whole, self.parts = Columns(), Columns()
        self.hopeless = 0  # seats of posts that none of the workers can take
        self.cover = self._open_posts(seats)
        for kind in self.kinds:
            self._add(kind)

    def program(self, seed: int) -> Program:
        program = Program(seed=seed)
        program.add_rows(self.lower, self.upper)
        program.add_columns(self.whole, whole=True)
        program.add_columns(self.parts)
        return program

    def read(self, values: Floats) -> dict[int, list[bool]]:
        """Spread the spells of each kind over its workers."""
        return {number: on for kind in self.kinds for number, on in self._spread(kind, values)}

    def _open_posts(self, seats: Sequence[Sequence[int]]) -> list[list[int]]:
        """A row for each group of posts and hour. Posts that the same kinds can take count as one."""
        groups: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * self.hours)
        for post, wanted in enumerate(seats):
            able = tuple(number for number, kind in enumerate(self.kinds) if post in kind.workers[0].posts)
            groups[able] = [one + more for one, more in zip(groups[able], wanted, strict=True)]
        self.hopeless += sum(groups.pop((), []))
        for number, able in enumerate(groups):
            for kind in able:
                self.kinds[kind].posts.append(number)
        return [self._wanted(wanted) for wanted in groups.values()]

    def _wanted(self, wanted: list[int]) -> list[int]:
        """Those who sit and those who are missing together are as many as wanted."""
        rows = [self._row(seats, seats) for seats in wanted]
        for seats, row in zip(wanted, rows, strict=True):
            self.parts.add(1.0, [row], [1.0], upper=float(seats))
        return rows

    def _row(self, lower: float, upper: float) -> int:
        self.lower.append(float(lower))
        self.upper.append(float(upper))
        return len(self.lower) - 1

    def _add(self, kind: _Kind) -> None:
        worker, size, hours = kind.workers[0], float(kind.size), range(self.hours)
        change = [self._row(0, 0) for _ in hours]  # on duty now = before + started - ended
        fresh = [self._row(0, INFINITE) for _ in hours]  # on duty is only who started in the last `longest` hours
        rested = [self._row(-INFINITE, size) for _ in hours]  # on duty or ended in the last `rest` hours
        sitting = [self._row(0, 0) for _ in hours] if len(kind.posts) > 1 else None
        kind.first = len(self.whole)
        for hour in hours:
            rows, values = [change[hour], fresh[hour], rested[hour]], [1.0, -1.0, 1.0]
            rows += change[hour + 1 : hour + 2]
            values += [-1.0] * (len(rows) - 3)
            rows += [self.cover[post][hour] for post in kind.posts] if sitting is None else [sitting[hour]]
            values += [-1.0 if sitting else 1.0] * (len(rows) - len(values))
            can_come = kind.posts and hour not in worker.off
            self.whole.add(0.0, rows, values, upper=size if can_come else 0.0)
        for hour in hours:
            rows = [change[hour], *fresh[hour : hour + worker.longest]]
            self.whole.add(0.0, rows, [-1.0] + [1.0] * (len(rows) - 1), upper=size)
        for hour in hours:
            rows = [change[hour], *rested[hour : hour + worker.rest]]
            self.whole.add(0.0, rows, [1.0] * len(rows), upper=size)
        if sitting is not None:
            self._add_seats(kind, sitting)

    def _add_seats(self, kind: _Kind, sitting: list[int]) -> None:
        """Who can take several posts sits at one of them; need not be said in whole numbers, the corners have them."""
        for post in kind.posts:
            for row, cover in zip(sitting, self.cover[post], strict=True):
                self.parts.add(0.0, [row, cover], [1.0, 1.0], upper=float(kind.size))

    def _spread(self, kind: _Kind, values: Floats) -> Iterator[tuple[int, list[bool]]]:
        """First in, first out, one worker after the other: so nobody is on longer or rests less than the kind may."""
        starts, ends = (self._events(kind, values, block) for block in (1, 2))
        rows = [[False] * self.hours for _ in kind.workers]
        for turn, start in enumerate(starts):
            end = ends.popleft() if ends else self.hours
            rows[turn % kind.size][start:end] = [True] * (end - start)
        return zip((worker.number for worker in kind.workers), rows, strict=True)

    def _events(self, kind: _Kind, values: Floats, block: int) -> deque[int]:
        """The hours of all starts (block 1) or ends (block 2) of a kind, in order."""
        first = kind.first + block * self.hours
        counts = [round(value) for value in values[first : first + self.hours]]
        return deque(hour for hour, count in enumerate(counts) for _ in range(count))


def _kinds(workers: Sequence[Worker]) -> list[_Kind]:
    alike: dict[object, list[Worker]] = defaultdict(list)
    for worker in workers:
        alike[worker.kind].append(worker)
    return [_Kind(members) for members in alike.values()]
