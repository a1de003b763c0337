"""From frozen totals to purchase orders: whole packs, suppliers' minimums, and what cannot be had at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.groupbuy.ledger import Bookkeeper
from baogong.groupbuy.models import Round, RoundOffer, RoundPurchase
from baogong.groupbuy.problems import packs_to_order
from baogong.groupbuy.refusals import IllegalTransition
from baogong.groupbuy.services.sharing import grant_offers
from baogong.groupbuy.services.states import State, advance, lock_round
from baogong.groupbuy.services.surplus import post_purchase
from baogong.supply.models import Offer, PurchaseOrder, Supplier
from baogong.supply.services import PurchaseLine, raise_purchase_order

BEFORE_CLOSING = {State.DRAFT, State.FILED, State.APPROVED, State.OPEN}


@transaction.atomic
def raise_purchase_orders(round_id: UUID, *, actor: Actor, now: datetime) -> list[PurchaseOrder]:
    """Order a formed round's goods, one purchase order per supplier; gives them, also when they were raised before.

    Packs are whole: units beyond the demand are the subdistrict's share. What cannot be ordered at all, because the
    supplier has no pack left or its minimum is not reached, is short at once: owed no more or refunded, and told. Where
    that is everything, the round has failed. Raises NotFound, IllegalTransition for a round that is not closed.
    """
    buy = lock_round(round_id)
    if buy.state in BEFORE_CLOSING:
        raise IllegalTransition(_("Close the round first; then its totals are fixed"), round=buy.code, state=buy.state)
    if buy.state == State.FORMED:
        _order_goods(buy, actor, now)
    return [purchase.purchase_order for purchase in _purchases(buy)]


def _purchases(buy: Round) -> list[RoundPurchase]:
    purchases = RoundPurchase.objects.within(buy.subdistrict_id).filter(round=buy)
    return list(purchases.select_related("purchase_order__supplier").order_by("purchase_order__code"))


def _order_goods(buy: Round, actor: Actor, now: datetime) -> None:
    offers = _wanted(buy)
    packs = packs_to_order(offers)
    for supplier, own in _by_supplier(offers, packs).items():
        _order_from(buy, supplier, own, packs, actor, now)
    unobtainable = {offer.pk: offer for offer in offers if not packs[offer.pk]}
    if unobtainable:
        grant_offers(buy, unobtainable, dict.fromkeys(unobtainable, 0), seed=0, actor=actor, now=now)
    advance(buy, State.ORDERED if any(packs.values()) else State.FAILED, actor=actor, now=now)


def _wanted(buy: Round) -> list[RoundOffer]:
    """What households ordered, with the suppliers' offers as they stand now."""
    rows = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy, ordered__gt=0)
    ids = list(rows.values_list("offer_id", flat=True))
    list(Offer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    return list(rows.select_related("offer__supplier").order_by("position", "pk"))


def _by_supplier(offers: Sequence[RoundOffer], packs: Mapping[UUID, int]) -> dict[Supplier, list[RoundOffer]]:
    found: dict[Supplier, list[RoundOffer]] = defaultdict(list)
    for offer in offers:
        if packs[offer.pk]:
            found[offer.offer.supplier].append(offer)
    return found


def _order_from(
    buy: Round, supplier: Supplier, offers: Sequence[RoundOffer], packs: Mapping[UUID, int], actor: Actor, now: datetime
) -> None:
    order = raise_purchase_order(
        supplier,
        [PurchaseLine(offer.offer, packs[offer.pk], offer.ordered or 0, offer.price_fen) for offer in offers],
        code=f"P{buy.code[1:]}-{supplier.code}",
        deliver_from=buy.deliver_from,
        deliver_until=buy.deliver_until,
        actor=actor,
        now=now,
    )
    RoundPurchase.objects.create(subdistrict_id=buy.subdistrict_id, round=buy, purchase_order=order)
    post_purchase(order, order.lines.all(), Bookkeeper(buy, actor, now))
