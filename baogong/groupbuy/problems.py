"""Rows to the dataclasses of the pure parts: how a round stands when wishes come in, and what it has to buy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from baogong.groupbuy.decision import OfferStanding, OrderStanding, Standing, Wish
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer
from baogong.people.models import Household
from baogong.planning import sourcing
from baogong.planning.sourcing import choose_packs
from baogong.supply.models import Supplier

CANCELLED = OrderLine.Place.CANCELLED


@dataclass(frozen=True, slots=True)
class Scene:
    """What a batch of wishes touches: the standing for the decision, and the rows to record it on."""

    standing: Standing
    offers: Mapping[UUID, RoundOffer]  # each with its `offer`
    orders: Mapping[str, Order]  # by key


def scene_of(buy: Round, wishes: Sequence[Wish]) -> Scene:
    """Read under the round's lock, in five queries however many wishes there are."""
    orders = _orders_known(buy, wishes)
    households = {wish.household for wish in wishes}
    lines = _LinesOf(buy, households)
    wished = {offer for wish in wishes for offer, _ in wish.lines}
    offers = _offers(buy, wished.union(*(lines.live[order.pk] for order in orders.values())))
    standing = Standing(
        opens_at=buy.opens_at,
        closes_at=buy.closes_at,
        taking_orders=buy.state == Round.State.OPEN,
        offers={key: OfferStanding(offer.remaining, offer.cap_per_household) for key, offer in offers.items()},
        households=_living(buy, households),
        taken=lines.taken,
        orders={key: lines.standing(order) for key, order in orders.items()},
    )
    return Scene(standing, offers, orders)


def _orders_known(buy: Round, wishes: Iterable[Wish]) -> dict[str, Order]:
    keys = {wish.replaces or wish.key for wish in wishes}
    known = Order.objects.within(buy.subdistrict_id).filter(round=buy, key__in=keys)
    return {order.key: order for order in known}


def _offers(buy: Round, ids: set[UUID]) -> dict[UUID, RoundOffer]:
    rows = RoundOffer.objects.filter(round=buy, pk__in=ids).select_related("offer")
    return {row.pk: row for row in rows}


def _living(buy: Round, households: set[UUID]) -> set[UUID]:
    rows = Household.objects.filter(pk__in=households).living().values_list("pk", "subdistrict_id")
    return {household for household, subdistrict in rows if subdistrict == buy.subdistrict_id}


class _LinesOf:
    """The lines that some households have in the round: what counts against their caps, and each order's own.

    Found from the households' ids alone: a database without statistics would take the index of the subdistrict or of
    the round, and read all that the rush has brought in so far once more for each order.
    """

    def __init__(self, buy: Round, households: set[UUID]) -> None:
        self.taken: Counter[tuple[UUID, UUID]] = Counter()
        self.live: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        self.ever: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        placed = Order.objects.everywhere().filter(household__in=households)
        owners = {
            pk: home
            for pk, home, placed_in in placed.values_list("pk", "household_id", "round_id")
            if placed_in == buy.pk
        }
        lines = OrderLine.objects.everywhere().filter(order__in=list(owners))
        for order, offer, quantity, place in lines.values_list("order_id", "round_offer_id", "quantity", "place"):
            self.ever[order][offer] = quantity
            if place != CANCELLED:
                self.live[order][offer] = quantity
                self.taken[owners[order], offer] += quantity

    def standing(self, order: Order) -> OrderStanding:
        live = order.state != Order.State.CANCELLED
        return OrderStanding(order.household_id, (self.live if live else self.ever)[order.pk], live)


def packs_to_order(offers: Sequence[RoundOffer]) -> dict[UUID, int]:
    """How many packs to order of each offer of a closed round, 0 where none can be had; `offer.supplier` is loaded.

    Each offer has its own supplier, so nothing is chosen between suppliers: packs are rounded up as far as the stock
    goes, and a supplier whose minimum is not reached is not ordered from.
    """
    plan = choose_packs(sourcing_problem(offers))
    packs = {line.sku: line.packs for line in plan.lines}
    return {offer.pk: packs.get(str(offer.pk), 0) for offer in offers}


def sourcing_problem(offers: Sequence[RoundOffer]) -> sourcing.SourcingProblem:
    """The round's demand; a unit short costs more than any pack, so that nothing is saved on purpose."""
    by_supplier: dict[Supplier, list[RoundOffer]] = defaultdict(list)
    for offer in offers:
        by_supplier[offer.offer.supplier].append(offer)
    return sourcing.SourcingProblem(
        demand={str(offer.pk): offer.ordered or 0 for offer in offers},
        suppliers=tuple(_seller(supplier, own) for supplier, own in by_supplier.items()),
        shortage_penalty_fen={str(offer.pk): _never_worth_it(offer) for offer in offers},
        surplus_limit={str(offer.pk): offer.offer.pack_size - 1 for offer in offers},
    )


def _never_worth_it(offer: RoundOffer) -> int:
    return sourcing.DEFAULT_PENALTY_FEN + 2 * _pack_fen(offer) + offer.offer.supplier.delivery_fee_fen


def _pack_fen(offer: RoundOffer) -> int:
    return offer.price_fen * offer.offer.pack_size


def _seller(supplier: Supplier, offers: Sequence[RoundOffer]) -> sourcing.Supplier:
    goods = [
        sourcing.Offer(str(each.pk), each.offer.pack_size, _pack_fen(each), each.offer.stock // each.offer.pack_size)
        for each in offers
    ]
    return sourcing.Supplier(
        str(supplier.pk),
        tuple(goods),
        fixed_fee_fen=supplier.delivery_fee_fen,
        minimum_order_fen=supplier.minimum_order_fen,
    )
