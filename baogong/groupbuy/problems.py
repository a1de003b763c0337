"""Rows to the dataclasses of the pure parts: how a round stands when wishes come in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from baogong.groupbuy.decision import OfferStanding, OrderStanding, Standing, Wish
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer
from baogong.people.models import Household

CANCELLED = OrderLine.Place.CANCELLED


@dataclass(frozen=True, slots=True)
class Scene:
    """What a batch of wishes touches: the standing for the decision, and the rows to record it on."""

    standing: Standing
    offers: Mapping[UUID, RoundOffer]  # each with its `offer`
    orders: Mapping[str, Order]  # by key


def scene_of(buy: Round, wishes: Sequence[Wish]) -> Scene:
    """Read under the round's lock, in four queries however many wishes there are."""
    orders = _orders_known(buy, wishes)
    lines = _LinesOf(buy, {wish.household for wish in wishes})
    wished = {offer for wish in wishes for offer, _ in wish.lines}
    offers = _offers(buy, wished.union(*(lines.live[order.pk] for order in orders.values())))
    standing = Standing(
        opens_at=buy.opens_at,
        closes_at=buy.closes_at,
        taking_orders=buy.state == Round.State.OPEN,
        offers={key: OfferStanding(offer.remaining, offer.cap_per_household) for key, offer in offers.items()},
        households=_living(buy, wishes),
        taken=lines.taken,
        orders={key: lines.standing(order) for key, order in orders.items()},
    )
    return Scene(standing, offers, orders)


def _orders_known(buy: Round, wishes: Iterable[Wish]) -> dict[str, Order]:
    keys = {wish.replaces or wish.key for wish in wishes}
    known = Order.objects.within(buy.subdistrict_id).filter(round=buy, key__in=keys)
    return {order.key: order for order in known}


def _offers(buy: Round, ids: set[UUID]) -> dict[UUID, RoundOffer]:
    rows = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy, pk__in=ids).select_related("offer")
    return {row.pk: row for row in rows}


def _living(buy: Round, wishes: Iterable[Wish]) -> set[UUID]:
    asked = {wish.household for wish in wishes}
    return set(Household.objects.within(buy.subdistrict_id).living().filter(pk__in=asked).values_list("pk", flat=True))


class _LinesOf:
    """The lines that some households have in the round: what counts against their caps, and each order's own."""

    def __init__(self, buy: Round, households: set[UUID]) -> None:
        self.taken: Counter[tuple[UUID, UUID]] = Counter()
        self.live: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        self.ever: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        rows = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy, order__household__in=households)
        columns = ("order_id", "order__household_id", "round_offer_id", "quantity", "place")
        for order, household, offer, quantity, place in rows.values_list(*columns):
            self.ever[order][offer] = quantity
            if place != CANCELLED:
                self.live[order][offer] = quantity
                self.taken[household, offer] += quantity

    def standing(self, order: Order) -> OrderStanding:
        live = order.state != Order.State.CANCELLED
        return OrderStanding(order.household_id, (self.live if live else self.ever)[order.pk], live)


def packs_to_order(offers: Sequence[RoundOffer]) -> dict[UUID, int]:
    packs = {}
    worth: Counter[UUID] = Counter()
    for row in offers:
        packs[row.pk] = min(-(-(row.ordered or 0) // row.offer.pack_size), row.offer.stock // row.offer.pack_size)
        worth[row.offer.supplier_id] += packs[row.pk] * row.offer.pack_size * row.price_fen
    for row in offers:
        if worth[row.offer.supplier_id] < row.offer.supplier.minimum_order_fen:
            packs[row.pk] = 0
    return packs
