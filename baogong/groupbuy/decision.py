"""Whether a wish becomes an order: stock, caps, keys and the round's hours, decided without a database.

A page, the API, a spreadsheet and the rush all come through here; one wish is a batch of one. An order is known by its
key: the first wish with a key makes the order, any later one gets the same verdict and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

MAX_LINES = 100
MAX_QUANTITY = 999


class WishLine(NamedTuple):
    offer: UUID  # of the round
    quantity: int  # whole units


@dataclass(frozen=True, slots=True)
class Wish:
    """What a household asks for. `replaces` is the key of an order that these lines shall take the place of.

    `amends` says what a key that was seen before means: with it, change that order to these lines; without it, the
    same request once more. `at` is when a paper list says it was written; the clock of the server still counts.
    """

    household: UUID
    key: str
    lines: tuple[WishLine, ...]
    replaces: str = ""
    amends: bool = False
    source: str = "app"
    entered_by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferStanding:
    remaining: int
    cap: int | None = None  # units per household and round


@dataclass(frozen=True, slots=True)
class OrderStanding:
    household: UUID
    lines: Mapping[UUID, int]
    live: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How a round stands when a batch comes in; it need only know what the batch touches."""

    opens_at: datetime
    closes_at: datetime
    taking_orders: bool
    offers: Mapping[UUID, OfferStanding]
    households: Collection[UUID]  # that exist
    taken: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)  # (household, offer): units in live orders
    orders: Mapping[str, OrderStanding] = field(default_factory=dict)  # by key


class Outcome(StrEnum):
    PLACED = "placed"
    CHANGED = "changed"
    AGAIN = "again"  # this key, or exactly these lines, were here before: nothing to do
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `code` as in the API, `offer` where one line is the cause, and the numbers behind it."""

    code: str
    offer: UUID | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """`order` is the key of the order that was placed, changed, or met again."""

    wish: Wish
    outcome: Outcome
    order: str = ""
    refusal: Refusal | None = None


def decide_orders(standing: Standing, wishes: Sequence[Wish], at: datetime) -> list[Decision]:
    """Decide `wishes` in order of arrival; a refused one changes nothing, a refused change leaves its order whole.

    Refusal codes: no_lines, too_many_lines, bad_quantity, offer_twice, round_not_open, unknown_household,
    unknown_order, order_cancelled, key_reused, unknown_offer, over_household_cap, sold_out.
    """
    book = _Book(standing, at)
    return [book.decide(wish) for wish in wishes]


class _Book:
    """The standing as it moves from wish to wish."""

    def __init__(self, standing: Standing, at: datetime) -> None:
        self.standing = standing
        self.at = at
        self.remaining = {offer: stock.remaining for offer, stock in standing.offers.items()}
        self.taken = Counter(dict(standing.taken))
        self.orders = dict(standing.orders)

    def decide(self, wish: Wish) -> Decision:
        key = wish.replaces or wish.key
        known = self.orders.get(key)
        if known is None:
            refusal = Refusal("unknown_order") if wish.replaces else self._why_not(wish, {})
            return self._refuse(wish, refusal) if refusal else self._enter(wish, key, {}, Outcome.PLACED)
        return self._meet(wish, key, known)

    def _meet(self, wish: Wish, key: str, known: OrderStanding) -> Decision:
        """A wish about an order that exists: the same once more, or a change of it."""
        if known.household != wish.household:
            return self._refuse(wish, Refusal("unknown_order" if wish.replaces else "key_reused"))
        plain_repeat = not (wish.replaces or wish.amends)
        same_lines = len(known.lines) == len(wish.lines) and known.lines == dict(wish.lines)
        if plain_repeat or (same_lines and (known.live or wish.amends)):
            return Decision(wish, Outcome.AGAIN, key)
        refusal = self._why_not(wish, known.lines) if known.live else Refusal("order_cancelled")
        return self._refuse(wish, refusal) if refusal else self._enter(wish, key, known.lines, Outcome.CHANGED)

    @staticmethod
    def _refuse(wish: Wish, refusal: Refusal) -> Decision:
        return Decision(wish, Outcome.REFUSED, refusal=refusal)

    def _enter(self, wish: Wish, key: str, released: Mapping[UUID, int], outcome: Outcome) -> Decision:
        for offer, quantity in released.items():
            self.remaining[offer] += quantity
            self.taken[wish.household, offer] -= quantity
        for offer, quantity in wish.lines:
            self.remaining[offer] -= quantity
            self.taken[wish.household, offer] += quantity
        self.orders[key] = OrderStanding(wish.household, dict(wish.lines))
        return Decision(wish, outcome, key)

    def _why_not(self, wish: Wish, released: Mapping[UUID, int]) -> Refusal | None:
        """The first thing that stands against the wish; `released` are the lines of the order it changes."""
        refusal = shape_fault(wish) or self._too_early_or_late(wish)
        if refusal is None and wish.household not in self.standing.households:
            refusal = Refusal("unknown_household")
        return refusal or self._unknown_offer(wish) or self._over_cap(wish, released) or self._sold_out(wish, released)

    def _too_early_or_late(self, wish: Wish) -> Refusal | None:
        moment = max(self.at, wish.at) if wish.at else self.at
        if self.standing.taking_orders and self.standing.opens_at <= moment < self.standing.closes_at:
            return None
        return Refusal("round_not_open")

    def _unknown_offer(self, wish: Wish) -> Refusal | None:
        unknown = next((offer for offer, _ in wish.lines if offer not in self.standing.offers), None)
        return Refusal("unknown_offer", unknown) if unknown else None

    def _over_cap(self, wish: Wish, released: Mapping[UUID, int]) -> Refusal | None:
        for offer, asked in wish.lines:
            cap = self.standing.offers[offer].cap
            already = self.taken[wish.household, offer] - released.get(offer, 0)
            if cap is not None and already + asked > cap:
                return Refusal("over_household_cap", offer, {"cap": cap, "already": already, "asked": asked})
        return None

    def _sold_out(self, wish: Wish, released: Mapping[UUID, int]) -> Refusal | None:
        for offer, asked in wish.lines:
            remaining = self.remaining[offer] + released.get(offer, 0)
            if asked > remaining:
                return Refusal("sold_out", offer, {"remaining": remaining, "asked": asked})
        return None


def shape_fault(wish: Wish) -> Refusal | None:
    """What is wrong with the lines whatever the round may be."""
    if not wish.lines:
        return Refusal("no_lines")
    if len(wish.lines) > MAX_LINES:
        return Refusal("too_many_lines", facts={"most": MAX_LINES, "lines": len(wish.lines)})
    for offer, quantity in wish.lines:
        if not 1 <= quantity <= MAX_QUANTITY:
            return Refusal("bad_quantity", offer, {"most": MAX_QUANTITY, "asked": quantity})
    if len({offer for offer, _ in wish.lines}) < len(wish.lines):
        return Refusal("offer_twice", Counter(offer for offer, _ in wish.lines).most_common(1)[0][0])
    return None
