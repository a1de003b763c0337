"""From a closed round to purchase orders: packs, minimums, stock, fees, and what cannot be had."""

from __future__ import annotations

import pytest

from baogong.channels.models import Message
from baogong.groupbuy import services
from baogong.groupbuy.models import Order
from baogong.groupbuy.refusals import IllegalTransition
from baogong.groupbuy.tests.rounds import (
    CUT_OFF,
    NEXT_DAY,
    breaches,
    closed,
    money,
    open_round_of,
    order,
    places,
    purchase_orders,
)
from baogong.supply.models import PurchaseOrder
from baogong.supply.tests.market import make_offer, make_supplier


def packs(purchase: PurchaseOrder) -> dict[str, tuple[int, int, int]]:
    """(packs, units, demand) by sku."""
    return {line.offer.sku: (line.packs, line.units, line.demand) for line in purchase.lines.select_related("offer")}


def test_each_supplier_gets_one_purchase_order_of_whole_packs(cast, rice, greens):
    other = make_supplier(cast.subdistrict_id, "WM", "物美")
    buy = open_round_of(cast, rice, greens, make_offer(other, "eggs", "鸡蛋", price_fen=1500, pack_size=6))
    order(buy, cast.wang, rice=2, greens=3, eggs=1)
    order(buy, cast.li, greens=2)

    first, second = purchase_orders(closed(buy))

    assert (first.code, second.code) == (f"P{buy.code[1:]}-JKL", f"P{buy.code[1:]}-WM")
    assert packs(first) == {"rice": (2, 2, 2), "greens": (2, 8, 5)}
    assert packs(second) == {"eggs": (1, 6, 1)}
    assert (first.deliver_from, first.closed_at, first.state) == (NEXT_DAY, None, "ordered")
    assert not breaches(cast.subdistrict_id)


def test_units_beyond_the_demand_and_the_delivery_fee_are_the_subdistricts_share(cast, greens):
    greens.supplier.delivery_fee_fen = 3000
    greens.supplier.save()
    buy = open_round_of(cast, greens)
    order(buy, cast.wang, greens=5)  # two cases of 4: three are surplus

    closed(buy)

    assert money(buy) == {"owed": 3000, "share": 1800 + 3000, "payable": 3000 + 1800, "fees": 3000}
    assert not breaches(cast.subdistrict_id)


def test_raising_twice_raises_once(cast, rice):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)
    closed(buy)

    assert purchase_orders(buy) == purchase_orders(buy)
    assert PurchaseOrder.objects.within(cast.subdistrict_id).count() == 1


def test_what_is_ordered_leaves_the_suppliers_stock(cast, greens):
    buy = open_round_of(cast, greens)
    order(buy, cast.wang, greens=5)

    closed(buy)

    greens.refresh_from_db()
    assert greens.stock == 40 - 8


def test_a_round_that_is_open_orders_nothing(cast, rice):
    buy = open_round_of(cast, rice)

    with pytest.raises(IllegalTransition):
        services.raise_purchase_orders(buy.pk, actor=cast.system, now=CUT_OFF)


def test_below_the_suppliers_minimum_its_lines_are_short_at_once_and_told(cast, rice):
    other = make_supplier(cast.subdistrict_id, "WM", "物美", minimum_order_fen=10_000)
    buy = open_round_of(cast, rice, make_offer(other, "eggs", "鸡蛋", price_fen=1500))
    paid, owing = order(buy, cast.wang, rice=1, eggs=2), order(buy, cast.li, eggs=1)
    services.record_payment(paid.pk, 5000, "cash", "R-17", actor=cast.system, now=CUT_OFF)

    done = closed(buy)

    assert (done.state, len(purchase_orders(buy))) == ("ordered", 1)
    assert places(paid) == {"rice": "ordered", "eggs": "short"}
    assert dict(Order.objects.filter(round=buy).values_list("code", "state")) == {
        paid.code: "short",
        owing.code: "refunded",
    }
    assert money(buy) == {"paid": 5000, "payable": 2000, "refund_owed": 3000}
    told = dict(Message.objects.within(cast.subdistrict_id).filter(kind="short").values_list("recipient_id", "text"))
    assert "¥30.00" in told[cast.wang.pk]
    assert "鸡蛋" in told[cast.li.pk]
    assert not breaches(cast.subdistrict_id)


def test_exactly_at_its_minimum_a_supplier_delivers(cast):
    other = make_supplier(cast.subdistrict_id, "WM", "物美", minimum_order_fen=3000)
    buy = open_round_of(cast, make_offer(other, "eggs", "鸡蛋", price_fen=1500))
    order(buy, cast.wang, eggs=2)

    assert closed(buy).state == "ordered"


def test_the_surplus_of_a_pack_counts_towards_the_minimum(cast):
    other = make_supplier(cast.subdistrict_id, "WM", "物美", minimum_order_fen=9000)
    buy = open_round_of(cast, make_offer(other, "eggs", "鸡蛋", price_fen=1500, pack_size=6))
    order(buy, cast.wang, eggs=2)

    assert closed(buy).state == "ordered"


def test_where_no_supplier_can_be_ordered_from_the_round_has_failed(cast):
    other = make_supplier(cast.subdistrict_id, "WM", "物美", minimum_order_fen=10_000)
    buy = open_round_of(cast, make_offer(other, "eggs", "鸡蛋", price_fen=1500))
    order(buy, cast.wang, eggs=2)

    assert closed(buy).state == "failed"
    assert money(buy) == {}
    assert services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY).state == "settled"
    assert not breaches(cast.subdistrict_id)


def test_what_the_supplier_has_sold_elsewhere_is_ordered_in_part_and_shared_out_when_it_comes(cast, greens):
    buy = open_round_of(cast, greens)
    placed = order(buy, cast.wang, greens=5)
    greens.stock = 7  # one whole case of 4 and three loose ones
    greens.save()

    [purchase] = purchase_orders(closed(buy))

    assert packs(purchase) == {"greens": (1, 4, 5)}
    assert places(placed) == {"greens": "ordered"}
    assert money(buy) == {"owed": 3000, "payable": 3000}
    assert not breaches(cast.subdistrict_id)


def test_what_the_supplier_has_not_one_pack_of_is_short_at_once(cast, rice, greens):
    buy = open_round_of(cast, rice, greens)
    placed = order(buy, cast.wang, rice=1, greens=2)
    greens.stock = 3
    greens.save()

    [purchase] = purchase_orders(closed(buy))

    assert packs(purchase) == {"rice": (1, 1, 1)}
    assert places(placed) == {"rice": "ordered", "greens": "short"}
    placed.refresh_from_db()
    assert placed.total_fen == 2000
    assert not breaches(cast.subdistrict_id)
