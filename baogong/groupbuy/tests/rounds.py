"""Rounds and orders for tests: `buy = open_round_of(cast, rice, greens)`, then `order(buy, cast.wang, rice=2)`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from uuid import UUID

from baogong.common.actors import Actor, system
from baogong.common.laws import Breach
from baogong.groupbuy import checks, services
from baogong.groupbuy.decision import Wish, WishLine
from baogong.groupbuy.ledger import balances
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer, Transfer
from baogong.people.models import Household
from baogong.people.tests.cast import NOON, Cast
from baogong.supply import checks as supply_checks
from baogong.supply.models import GoodsReceipt, Offer, PurchaseOrder
from baogong.supply.services import Received, receive_goods

OPENS = NOON - timedelta(hours=4)
CUT_OFF = NOON + timedelta(hours=4)
NEXT_DAY = NOON + timedelta(days=1)

_keys = count(1)


def draft_of(offers: Iterable[Offer], **values: object) -> services.RoundDraft:
    facts = {
        "name": "第3轮",
        "opens_at": OPENS,
        "closes_at": CUT_OFF,
        "deliver_from": NEXT_DAY,
        "deliver_until": NEXT_DAY + timedelta(hours=3),
        **values,
    }
    return services.RoundDraft(items=[services.RoundItem(offer.pk) for offer in offers], **facts)  # type: ignore[arg-type]


def open_round_of(cast: Cast, *offers: Offer, **values: object) -> Round:
    """A round that takes orders at NOON."""
    actor = cast.actor(cast.buyer)
    buy = services.create_round(draft_of(offers, **values), actor=actor, now=OPENS)
    return services.open_round(buy.pk, actor=actor, now=OPENS)


def round_offers(buy: Round) -> dict[str, RoundOffer]:
    return {offer.sku: offer for offer in RoundOffer.objects.filter(round=buy)}


def lines_of(buy: Round, **quantities: int) -> tuple[WishLine, ...]:
    offers = round_offers(buy)
    return tuple(WishLine(offers[sku].pk, quantity) for sku, quantity in quantities.items())


def wish(buy: Round, household: Household, key: str = "", **quantities: int) -> Wish:
    return Wish(household.pk, key or f"test:{next(_keys)}", lines_of(buy, **quantities))


def order(buy: Round, household: Household, *, now=NOON, **quantities: int) -> Order:
    return services.place_order(buy.pk, wish(buy, household, "", **quantities), actor=actor_of(buy), now=now)


def actor_of(buy: Round) -> Actor:
    return system(buy.subdistrict_id)


def closed(buy: Round) -> Round:
    """Closed at its cut-off, and ordered from the suppliers where it was formed."""
    done = services.close_round(buy.pk, actor=actor_of(buy), now=CUT_OFF)
    if done.state == Round.State.FORMED:
        services.raise_purchase_orders(buy.pk, actor=actor_of(buy), now=CUT_OFF)
    done.refresh_from_db()
    return done


def purchase_orders(buy: Round) -> list[PurchaseOrder]:
    return services.raise_purchase_orders(buy.pk, actor=actor_of(buy), now=CUT_OFF)


def receive(purchase: PurchaseOrder, **units: int) -> GoodsReceipt:
    """A final receipt with so many units of each sku; of the others nothing came."""
    lines = {line.offer.sku: line for line in purchase.lines.select_related("offer")}
    came = [Received(lines[sku].pk, number) for sku, number in units.items()]
    return receive_goods(purchase.pk, came, actor=system(purchase.subdistrict_id), now=NEXT_DAY)


def share_out(buy: Round, receipt: GoodsReceipt, *, seed: int = 1) -> list[services.Granted]:
    """What distribution does with a final receipt."""
    offers = {offer.offer_id: offer.pk for offer in RoundOffer.objects.filter(round=buy)}
    came = {offers[line.offer_id]: 0 for line in receipt.purchase_order.lines.all()}
    for line in receipt.lines.select_related("order_line"):
        came[offers[line.order_line.offer_id]] += line.units
    services.note_receipts(buy.pk, actor=actor_of(buy), now=NEXT_DAY)
    return services.grant_lines(buy.pk, came, seed=seed, receipt=receipt, actor=actor_of(buy), now=NEXT_DAY)


def hand_over(*orders: Order) -> None:
    """Bag and hand over everything that was granted of some orders."""
    granted = OrderLine.objects.filter(order__in=orders, place=OrderLine.Place.GRANTED)
    ids = list(granted.values_list("pk", flat=True))
    services.bag_lines(ids)
    services.hand_over_lines(ids, actor=system(orders[0].subdistrict_id), now=NEXT_DAY)


def money(buy: Round) -> dict[str, int]:
    """Balances that are not zero."""
    sums = balances(Transfer.objects.filter(round=buy))
    return {account: fen for account, fen in sums.items() if fen}


def breaches(subdistrict_id: UUID) -> list[Breach]:
    laws = [*checks.LAWS.values(), *supply_checks.LAWS.values()]
    return [breach for law in laws for breach in law(subdistrict_id)]


def places(some: Order) -> dict[str, str]:
    return dict(some.lines.order_by("pk").values_list("round_offer__sku", "place"))
