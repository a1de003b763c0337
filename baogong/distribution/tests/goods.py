"""A round whose goods are shared out and wait to be handed out, made with plain rows; and a street to hand them out in.

buy = make_round(cast, {"米": 5_000, "奶": 500}, cold={"奶"})
make_order(buy, cast.wang, {"米": 2, "奶": 1})        # granted in full
plan = draft(cast, buy)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from itertools import count

from baogong.distribution import services
from baogong.distribution.models import Allocation, Delivery, Plan
from baogong.groupbuy.models import LedgerAccount, Order, OrderLine, Round, RoundOffer, RoundPurchase, Transfer
from baogong.people.models import Household
from baogong.people.tests.cast import NOON, Cast
from baogong.supply.models import Offer, PurchaseOrder, Supplier

TOMORROW = date(2022, 11, 25)
_numbers = count(1)


def make_round(cast: Cast, goods: Mapping[str, int], *, cold: Collection[str] = (), **values: object) -> Round:
    """A closed round whose goods have come: what is offered, with the grams of one unit (0: nobody knows)."""
    mine, number = cast.subdistrict_id, next(_numbers)
    buy = Round.objects.create(
        subdistrict_id=mine,
        code=f"R1124-{number:02d}",
        name="蔬菜",
        **{
            "state": Round.State.SORTING,
            "opens_at": NOON - timedelta(days=2),
            "closes_at": NOON - timedelta(days=1),
            "closed_at": NOON - timedelta(days=1),
            "deliver_from": NOON - timedelta(hours=4),
            "deliver_until": NOON + timedelta(days=1),
            **values,
        },
    )
    supplier = Supplier.objects.create(
        subdistrict_id=mine, code=f"S{number}", name="京客隆", licence="91110105101740000X"
    )
    for position, (name, grams) in enumerate(goods.items(), 1):
        _offer(buy, supplier, name, grams, name in cold, position)
    return buy


def _offer(buy: Round, supplier: Supplier, name: str, grams: int, cold: bool, position: int) -> RoundOffer:
    facts = {"sku": name, "name": name, "spec": "1 份", "unit": "份", "price_fen": 1_000}
    offer = Offer.objects.create(
        subdistrict_id=buy.subdistrict_id, supplier=supplier, stock=9_999, grams=grams, cold=cold, **facts
    )
    return RoundOffer.objects.create(
        subdistrict_id=buy.subdistrict_id,
        round=buy,
        offer=offer,
        offered=9_999,
        remaining=9_999,
        position=position,
        **facts,
    )


def make_order(buy: Round, household: Household, units: Mapping[str, int], *, place: str = "granted") -> Order:
    """An order whose lines were granted in full; all of it is still owed."""
    buy.orders_taken += 1
    total = sum(units.values()) * 1_000
    order = Order.objects.create(
        subdistrict_id=buy.subdistrict_id,
        round=buy,
        household=household,
        code=f"{buy.code}-{buy.orders_taken:04d}",
        key=f"test:{next(_numbers)}",
        state=Order.State.CONFIRMED,
        placed_at=NOON - timedelta(days=2),
        total_fen=total,
    )
    offers = {offer.name: offer for offer in buy.offers.all()}
    for name, quantity in units.items():
        OrderLine.objects.create(
            subdistrict_id=buy.subdistrict_id,
            order=order,
            round_offer=offers[name],
            quantity=quantity,
            price_fen=1_000,
            granted=quantity,
            place=place,
        )
        RoundOffer.objects.filter(pk=offers[name].pk).update(remaining=offers[name].remaining - quantity)
        offers[name].refresh_from_db()
    Transfer.objects.create(
        subdistrict_id=buy.subdistrict_id,
        round=buy,
        debit=LedgerAccount.OWED,
        credit=LedgerAccount.PAYABLE,
        amount_fen=total,
        reason="ordered",
        order=order,
        household=household,
        supplier_id=next(iter(offers.values())).offer.supplier_id,
    )
    return order


def make_purchase(buy: Round, *, allocated: bool) -> PurchaseOrder:
    """What the round ordered from its supplier; shared out already or still to come."""
    supplier = Supplier.objects.within(buy.subdistrict_id).order_by("pk")[0]
    order = PurchaseOrder.objects.create(
        subdistrict_id=buy.subdistrict_id,
        code=f"P-{next(_numbers)}",
        supplier=supplier,
        closed_at=NOON if allocated else None,
    )
    RoundPurchase.objects.create(subdistrict_id=buy.subdistrict_id, round=buy, purchase_order=order)
    if allocated:
        Allocation.objects.create(
            subdistrict_id=buy.subdistrict_id,
            purchase_order=order,
            round=buy,
            seed=0,
            demand=0,
            arrived=0,
            granted=0,
        )
    return order


def draft(cast: Cast, *rounds: Round, day: date = TOMORROW, seed: int = 0) -> Plan:
    return services.plan_day([buy.pk for buy in rounds], day, seed=seed, actor=cast.actor(cast.buyer), now=NOON)


def publish(cast: Cast, plan: Plan) -> Plan:
    return services.publish_plan(plan.pk, actor=cast.actor(cast.buyer), now=NOON)


def delivery_to(household: Household, plan: Plan) -> Delivery:
    return Delivery.objects.get(plan=plan, household=household)
