"""Reading rounds, orders and their money across tables; each function makes a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, Sum
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.groupbuy.ledger import balances
from baogong.groupbuy.models import Order, OrderLine, OrderQuerySet, Round, RoundOffer, RoundQuerySet, Transfer
from baogong.people import access

NOT_PUBLIC = frozenset({Round.State.DRAFT, Round.State.FILED})
# Whose orders somebody reaches: the own household's, else those of the households they order or take money for.
WAYS_TO_ORDERS = ("groupbuy.order", "groupbuy.order_for_others", "groupbuy.record_payment")


def public_rounds(subdistrict_id: UUID) -> RoundQuerySet:
    """Rounds that everybody may know of: announced, open, and what came of them."""
    never_opened = Q(state=Round.State.CANCELLED, opened_at=None)
    rounds: RoundQuerySet = Round.objects.within(subdistrict_id).exclude(state__in=NOT_PUBLIC).exclude(never_opened)
    return rounds


def orders_for(actor: Actor) -> OrderQuerySet:
    """Orders of the actor's own household, or of the households in a worker's, operator's or buyer's area.

    Raises NotAllowed for a role that has nothing to do with orders.
    """
    operation = next((name for name in WAYS_TO_ORDERS if actor.is_system or access.may(actor, name)), "groupbuy.order")
    if not actor.is_system:
        access.require(actor, operation)
    households = access.households_for(actor, operation)
    orders: OrderQuerySet = Order.objects.within(actor.subdistrict_id).filter(household__in=households)
    return orders


def order_for(actor: Actor, order_id: UUID) -> Order:
    """One of them; another's and none both raise NotFound."""
    found: Order | None = orders_for(actor).filter(pk=order_id).first()
    if found is None:
        raise NotFound(_("There is no such order"))
    return found


def whole_order(order_id: UUID) -> Order:
    """An order with its round, household, and lines in the round's order with their offers; two queries."""
    lines = OrderLine.objects.select_related("round_offer__offer").order_by("round_offer__position", "pk")
    orders = Order.objects.filter(pk=order_id).select_related("round", "household__building", "household__unit")
    found: Order = orders.prefetch_related(Prefetch("lines", lines)).get()
    return found


# ---------------------------------------------------------------- a round's totals


@dataclass(frozen=True, slots=True)
class OfferTotal:
    """One offer of a round: units ordered, granted (None until goods came), in how many orders, and their worth."""

    offer: RoundOffer
    ordered: int
    granted: int | None
    orders: int
    value_fen: int


@dataclass(frozen=True, slots=True)
class RoundTotals:
    """What the buyer sees of a round; `money` by account in fen, `places` counts lines by their place."""

    offers: list[OfferTotal]
    households: int
    orders: int
    by_source: Mapping[str, int]
    by_state: Mapping[str, int]
    places: Mapping[str, int]
    money: Mapping[str, int]

    @property
    def value_fen(self) -> int:
        return sum(total.value_fen for total in self.offers)

    @property
    def units(self) -> int:
        return sum(total.ordered for total in self.offers)


def round_totals(buy: Round) -> RoundTotals:
    """Totals of a round, live or frozen, in seven queries."""
    orders = Order.objects.within(buy.subdistrict_id).filter(round=buy).order_by()
    by_state = dict(orders.values_list("state").annotate(Count("pk")))
    by_source = dict(orders.live().values_list("source").annotate(Count("pk")))
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy).order_by()
    return RoundTotals(
        offers=_offer_totals(buy),
        households=orders.live().aggregate(n=Count("household", distinct=True))["n"],
        orders=sum(by_source.values()),
        by_source=by_source,
        by_state=by_state,
        places=dict(lines.values_list("place").annotate(Count("pk"))),
        money=balances(Transfer.objects.within(buy.subdistrict_id).filter(round=buy)),
    )


def _offer_totals(buy: Round) -> list[OfferTotal]:
    offers = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy).select_related("offer__supplier")
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(round_offer__round=buy).live().order_by()
    counted = lines.values_list("round_offer").annotate(given=Sum("granted"), orders=Count("pk"))
    of_offer = {offer: (given, orders) for offer, given, orders in counted}
    return [_offer_total(offer, *of_offer.get(offer.pk, (None, 0))) for offer in offers.order_by("position", "pk")]


def _offer_total(offer: RoundOffer, granted: int | None, orders: int) -> OfferTotal:
    """By law 1 what was ordered is what is missing from the offered, so no line need be read for it."""
    ordered = offer.offered - offer.remaining
    return OfferTotal(offer, ordered, granted, orders, ordered * offer.price_fen)
