"""Which goods go into which bag: cold apart from the rest, no bag heavier than a hand carries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


class Item(NamedTuple):
    """Units of one order line that a household gets; `unit_grams` is never 0."""

    line_id: UUID
    units: int
    unit_grams: int
    cold: bool = False

    @property
    def grams(self) -> int:
        return self.units * self.unit_grams


@dataclass(frozen=True, slots=True)
class Bag:
    """`contents` is (order line, units); a line may go on in another bag."""

    cold: bool
    grams: int
    contents: tuple[tuple[UUID, int], ...]


def pack(items: Iterable[Item], *, most_grams: int) -> tuple[Bag, ...]:
    """Bags of at most `most_grams`, dry ones first; a single unit that is heavier has a bag of its own.

    A line stays together where it fits into one bag. Heavier pieces are placed first, each into the first bag that
    takes it, so the same goods always make the same bags.
    """
    dry: list[Item] = []
    cold: list[Item] = []
    for item in items:
        (cold if item.cold else dry).append(item)
    return (*_first_fit(dry, most_grams, cold=False), *_first_fit(cold, most_grams, cold=True))


def _first_fit(items: Iterable[Item], most_grams: int, *, cold: bool) -> list[Bag]:
    pieces = sorted((p for item in items for p in _pieces(item, most_grams)), key=lambda p: (-p.grams, p.line_id))
    bags: list[list[Item]] = []
    loads: list[int] = []
    for piece in pieces:
        place = next((n for n, load in enumerate(loads) if load + piece.grams <= most_grams), len(bags))
        if place == len(bags):
            bags.append([])
            loads.append(0)
        bags[place].append(piece)
        loads[place] += piece.grams
    return [Bag(cold, load, _contents(bag)) for bag, load in zip(bags, loads, strict=True)]


def _pieces(item: Item, most_grams: int) -> list[Item]:
    """The line whole where one bag takes it, else in as few pieces as bags are needed."""
    if item.grams <= most_grams:
        return [item]
    at_once = max(1, most_grams // item.unit_grams)
    full, rest = divmod(item.units, at_once)
    return [item._replace(units=units) for units in [at_once] * full + [rest] * bool(rest)]


def _contents(pieces: Sequence[Item]) -> tuple[tuple[UUID, int], ...]:
    """Two pieces of one line in a bag are one entry."""
    units: dict[UUID, int] = {}
    for piece in pieces:
        units[piece.line_id] = units.get(piece.line_id, 0) + piece.units
    return tuple(units.items())
