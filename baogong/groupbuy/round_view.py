"""What a page needs to know of a round for one household: the list, its order there, and when the next chance comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from baogong.groupbuy.baskets import BasketForm
from baogong.groupbuy.customers import Customer
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer


@dataclass(frozen=True, slots=True)
class RoundView:
    """`households` is counted only where the round has a minimum, `next` looked up only where it takes no orders."""

    round: Round
    customer: Customer | None
    basket: BasketForm
    is_open: bool
    not_yet: bool
    orders: list[Order]
    households: int
    next: Round | None
    changing: Order | None = None

    @property
    def can_choose(self) -> bool:
        """Whether the list has plus and minus: one order a household and round, later ones change it."""
        return self.is_open and self.customer is not None and (self.changing is not None or not self.orders)

    @property
    def closed_at(self) -> datetime:
        """When it took its last order: before the cut-off, where the buyers closed it by hand."""
        return self.round.closed_at or self.round.closes_at

    @property
    def formed(self) -> bool:
        return self.households >= self.round.minimum_households

    @property
    def few_sections(self) -> bool:
        """Whether the categories are as many as tabs can hold."""
        return 3 <= len(self.basket.sections()) <= 6


def round_view(
    buy: Round, customer: Customer | None, at: datetime, *, typed: Mapping[str, Any] | None = None
) -> RoundView:
    """The round's page for a customer, or for a stranger. `typed` are numbers from a form or an address."""
    is_open = buy.accepts_orders(at=at)
    return RoundView(
        round=buy,
        customer=customer,
        basket=BasketForm(offers_of(buy), typed),
        is_open=is_open,
        not_yet=buy.state == Round.State.APPROVED or (buy.state == Round.State.OPEN and at < buy.opens_at),
        orders=live_orders(buy, customer),
        households=households_in(buy) if buy.minimum_households else 0,
        next=None if is_open else next_round(buy.subdistrict_id, at, but=buy),
    )


def change_view(order: Order, customer: Customer, at: datetime, *, typed: Mapping[str, Any] | None = None) -> RoundView:
    """The same list with an order's quantities in it; `order` has its round and lines loaded."""
    buy = order.round
    orders = live_orders(buy, customer)
    return RoundView(
        round=buy,
        customer=customer,
        basket=BasketForm(offers_of(buy), typed, own=units(order.lines.all()), taken=_others(order)),
        is_open=buy.accepts_orders(at=at) and order.state != Order.State.CANCELLED,
        not_yet=False,
        orders=orders,
        households=households_in(buy) if buy.minimum_households else 0,
        next=next_round(buy.subdistrict_id, at, but=buy),
        changing=order,
    )


def offers_of(buy: Round) -> list[RoundOffer]:
    """In the buyer's order, each with its supplier."""
    rows = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy).select_related("offer__supplier")
    return list(rows.order_by("position", "pk"))


def offers_of_rounds(rounds: Sequence[Round]) -> dict[UUID, list[RoundOffer]]:
    """Of several rounds of one subdistrict, in the buyer's order."""
    found: dict[UUID, list[RoundOffer]] = {buy.pk: [] for buy in rounds}
    if rounds:
        offers = RoundOffer.objects.within(rounds[0].subdistrict_id).filter(round__in=rounds)
        for offer in offers.order_by("position", "pk"):
            found[offer.round_id].append(offer)
    return found


def live_orders(buy: Round, customer: Customer | None) -> list[Order]:
    if customer is None:
        return []
    mine = Order.objects.within(buy.subdistrict_id).filter(round=buy, household=customer.household)
    return list(mine.live().order_by("placed_at"))


def units(lines: Iterable[OrderLine]) -> dict[UUID, int]:
    """Live units by offer of the round."""
    return {line.round_offer_id: line.quantity for line in lines if line.place != OrderLine.Place.CANCELLED}


def _others(order: Order) -> Counter[UUID]:
    """Units in the household's other live orders of the round, by offer: they count against the caps."""
    lines = OrderLine.objects.within(order.subdistrict_id).filter(
        order__round=order.round, order__household=order.household
    )
    taken: Counter[UUID] = Counter()
    others = lines.exclude(order=order).exclude(place=OrderLine.Place.CANCELLED)
    for offer_id, quantity in others.values_list("round_offer_id", "quantity"):
        taken[offer_id] += quantity
    return taken


def households_in(buy: Round) -> int:
    """How many households have a live order in it."""
    orders = Order.objects.within(buy.subdistrict_id).filter(round=buy).live()
    return int(orders.aggregate(n=Count("household", distinct=True))["n"])


def next_round(subdistrict_id: UUID, at: datetime, *, but: Round | None = None) -> Round | None:
    """The round that is open, or opens next."""
    ahead = Round.objects.within(subdistrict_id).filter(
        state__in=[Round.State.OPEN, Round.State.APPROVED], closes_at__gt=at
    )
    others = ahead.exclude(pk=but.pk) if but else ahead
    found: Round | None = others.order_by("opens_at", "closes_at").first()
    return found
