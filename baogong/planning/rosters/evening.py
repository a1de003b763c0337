"""Share the duty out fairly without opening a seat: hand spells, or their first or last hours, from one to another.

Every move leaves each seat taken as it was, so the gaps stay what they are. Hours and nights weigh by their square
(whoever has most gives first); each spell, each tiny spell and each change of post within a spell weighs a little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from random import Random

from baogong.planning.rosters.seats import seated
from baogong.planning.rosters.team import FREE, Roster, Row, Worker, spells

HOUR, NIGHT_HOUR = 2, 6  # weights of squares
SPELL, CHANGE, TINY = 30, 4, 40  # of a spell, of a change of post, and of each hour that a spell is shorter than
TINY_HOURS = 4
MOST_SAVED = 200  # that a move can win beside hours and nights
EFFORT = 8_000_000  # hours looked at before the search ends


def even_out(roster: Roster, nights: Sequence[bool], *, seed: int, effort: int = EFFORT) -> None:
    """Improve the rows of `roster` in place; `nights` says by hour whether it is one. Seats stay as they are taken."""
    _Evening(roster, nights, seed, effort).run()
    _settle(roster)


def _settle(roster: Roster) -> None:
    """Let people stay at their post from hour to hour where the same seats can be taken so."""
    seats = [[0] * roster.hours for _ in roster.open]
    for hour, at in ((hour, at) for row in roster.rows for hour, at in enumerate(row) if at != FREE):
        seats[at][hour] += 1
    duty = {number: [at != FREE for at in row] for number, row in enumerate(roster.rows)}
    rows = seated(roster.workers, duty, seats)
    if sum(map(_changes, rows)) < sum(map(_changes, roster.rows)):
        for worker, row in zip(roster.workers, rows, strict=True):
            roster.put(worker, row)


def _changes(row: Row) -> int:
    return sum(one != other and FREE not in (one, other) for one, other in pairwise(row))


class _Evening:
    def __init__(self, roster: Roster, nights: Sequence[bool], seed: int, effort: int) -> None:
        self.roster, self.nights, self.effort = roster, nights, effort
        self.team = [worker for worker in roster.workers if worker.posts and worker.longest]
        Random(seed).shuffle(self.team)  # whom a tie favours is drawn
        self.night_mask = _mask(nights)
        self.away = [sum(1 << hour for hour in worker.off) for worker in roster.workers]
        self.on = [_mask(at != FREE for at in row) for row in roster.rows]
        self.loads = [self._load(on) for on in self.on]
        self.costs = [self._cost(row) for row in roster.rows]

    def run(self) -> None:
        """Until nothing helps or the effort is spent."""
        better = True
        while better and self.effort > 0:
            better = False
            for giver in sorted(self.team, key=lambda worker: self.loads[worker.number], reverse=True):
                while self.effort > 0 and self._relieve(giver):
                    better = True

    def _relieve(self, giver: Worker) -> bool:
        """Do the first move that helps, those tried first that even out most; whether there was one."""
        row = self.roster.rows[giver.number]
        whole = set(spells(row))
        for _, piece, taker in sorted(self._moves(giver), key=lambda move: move[:2]):
            if self.effort <= 0:
                break
            if self._try(giver, taker, piece) or (piece in whole and self._exchange(giver, taker, piece)):
                return True
        return False

    def _moves(self, giver: Worker) -> Iterator[tuple[int, tuple[int, int], Worker]]:
        """Each piece of the giver's duty and each who might take it, with what hours and nights lose."""
        row = self.roster.rows[giver.number]
        for piece in _pieces(row):
            self.effort -= len(self.team)
            posts, given = frozenset(row[slice(*piece)]), self._load(_stretch(piece))
            for taker in self.team:
                if taker is not giver and posts <= taker.posts and not _stretch(piece) & self.away[taker.number]:
                    gain = self._gain(giver, taker, given)
                    if gain > -MOST_SAVED:
                        yield -gain, piece, taker

    def _exchange(self, giver: Worker, taker: Worker, piece: tuple[int, int]) -> bool:
        """A whole spell of the giver for a whole spell of the taker."""
        given = self._load(_stretch(piece))
        for back in spells(self.roster.rows[taker.number]):
            returned = self._load(_stretch(back))
            net = given[0] - returned[0], given[1] - returned[1]
            if self._gain(giver, taker, net) > 0 and self._try(giver, taker, piece, back):
                return True
        return False

    def _gain(self, giver: Worker, taker: Worker, given: tuple[int, int]) -> int:
        """What the squares of hours and nights win if the giver has so much less and the taker so much more."""
        (hours, nights), more, less = given, self.loads[giver.number], self.loads[taker.number]
        evener = HOUR * hours * (more[0] - less[0] - hours), NIGHT_HOUR * nights * (more[1] - less[1] - nights)
        return 2 * sum(evener)

    def _try(self, giver: Worker, taker: Worker, piece: tuple[int, int], back: tuple[int, int] = (0, 0)) -> bool:
        """Move the hours of `piece` there and those of `back` here if both can work so and it is fairer."""
        there, here = _stretch(piece), _stretch(back)
        if there & self.on[taker.number] & ~here or here & (self.on[giver.number] & ~there | self.away[giver.number]):
            return False  # somebody would be at two posts at once, or is away
        self.effort -= self.roster.hours
        less, more = _moved(self.roster.rows[giver.number], self.roster.rows[taker.number], piece, back)
        costs = self._cost(less), self._cost(more)
        if sum(costs) >= self.costs[giver.number] + self.costs[taker.number]:
            return False
        if not (taker.can_work(more) and giver.can_work(less)):
            return False
        self._keep(giver, less, costs[0])
        self._keep(taker, more, costs[1])
        return True

    def _keep(self, worker: Worker, row: Row, cost: int) -> None:
        self.roster.put(worker, row)
        self.on[worker.number] = _mask(at != FREE for at in row)
        self.loads[worker.number], self.costs[worker.number] = self._load(self.on[worker.number]), cost

    def _load(self, on: int) -> tuple[int, int]:
        """Hours and night hours in a mask of hours."""
        return on.bit_count(), (on & self.night_mask).bit_count()

    def _cost(self, row: Row) -> int:
        hours, nights = self._load(_mask(at != FREE for at in row))
        lengths = [end - start for start, end in spells(row)]
        tiny = sum(max(0, TINY_HOURS - length) for length in lengths)
        squares = HOUR * hours**2 + NIGHT_HOUR * nights**2
        return squares + SPELL * len(lengths) + TINY * tiny + CHANGE * _changes(row)


def _mask(hours: Iterable[bool]) -> int:
    """A number with a bit for each hour that is true."""
    return sum(1 << hour for hour, true in enumerate(hours) if true)


def _stretch(piece: tuple[int, int]) -> int:
    """The mask of half-open hours."""
    return (1 << piece[1]) - (1 << piece[0])


def _pieces(row: Row) -> Iterator[tuple[int, int]]:
    """Each spell, and its first and last hours, as half-open hours."""
    for start, end in spells(row):
        yield start, end
        for cut in range(start + 1, end):
            yield start, cut
            yield cut, end


def _moved(giver: Row, taker: Row, piece: tuple[int, int], back: tuple[int, int]) -> tuple[Row, Row]:
    """Both rows after `piece` went to the taker and `back` to the giver."""
    less, more = list(giver), list(taker)
    less[slice(*piece)] = [FREE] * (piece[1] - piece[0])
    more[slice(*back)] = [FREE] * (back[1] - back[0])
    more[slice(*piece)] = giver[slice(*piece)]
    less[slice(*back)] = taker[slice(*back)]
    return less, more
