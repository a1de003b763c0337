"""From a receipt to granted lines, through the real rounds, suppliers and receipts."""

from __future__ import annotations

import pytest

from baogong.common.actors import system
from baogong.common.errors import NotFound
from baogong.common.ids import new_id
from baogong.distribution import checks, services
from baogong.distribution.models import Allocation
from baogong.distribution.refusals import NoRound, ReceiptNotFinal
from baogong.groupbuy.models import Order, Round
from baogong.groupbuy.tests.rounds import NEXT_DAY, breaches, closed, open_round_of, order, purchase_orders, receive
from baogong.people.tests.cast import make_household
from baogong.supply.models import GoodsReceipt, ReserveMovement
from baogong.supply.services import PurchaseLine, Received, raise_purchase_order, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture
def rice(cast):
    """20 yuan a bag, in packs of 4."""
    return make_offer(make_supplier(cast.subdistrict_id), "rice", "大米", price_fen=2_000, pack_size=4, grams=5_000)


@pytest.fixture
def greens(cast):
    return make_offer(make_supplier(cast.subdistrict_id, "BT", "卜蜂"), "greens", "白菜", price_fen=600, grams=1_000)


@pytest.fixture
def buy(cast, rice):
    """Wang, Li and Zhao ordered 2, 2 and 1 bags of rice; two packs of 4 are on their way."""
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)
    order(buy, cast.li, rice=2)
    order(buy, cast.zhao, rice=1)
    return closed(buy)


def allocate(receipt: GoodsReceipt, *, seed: int | None = 7) -> Allocation:
    return services.allocate(receipt.pk, seed=seed, actor=system(receipt.subdistrict_id), now=NEXT_DAY)


def granted(*orders_of) -> list[int]:
    return [household.orders.get().lines.get().granted for household in orders_of]


def test_when_everything_came_everybody_gets_all_and_the_rest_of_the_packs_is_reserve(cast, buy):
    [purchase] = purchase_orders(buy)

    allocation = allocate(receive(purchase, rice=8))

    assert (allocation.demand, allocation.arrived, allocation.granted, allocation.seed) == (5, 8, 5, 7)
    assert [(line.demand, line.arrived, line.granted, line.reserve) for line in allocation.offers.all()] == [
        (5, 8, 5, 3)
    ]
    assert granted(cast.wang, cast.li, cast.zhao) == [2, 2, 1]
    assert ReserveMovement.objects.within(cast.subdistrict_id).stock() == {purchase.lines.get().offer_id: 3}
    buy.refresh_from_db()
    assert buy.state == Round.State.SORTING
    assert [*breaches(cast.subdistrict_id), *checks.law_3(cast.subdistrict_id)] == []


def test_when_less_came_all_share_at_the_same_rate(cast, buy):
    [purchase] = purchase_orders(buy)

    allocation = allocate(receive(purchase, rice=3))

    assert allocation.granted == 3
    assert sorted(granted(cast.wang, cast.li, cast.zhao)) in ([1, 1, 1], [0, 1, 2])
    assert breaches(cast.subdistrict_id) == []


def test_all_receipts_of_a_purchase_order_count_and_are_marked(cast, buy):
    [purchase] = purchase_orders(buy)
    line, actor = purchase.lines.get(), cast.actor(cast.buyer)
    receive_goods(purchase.pk, [Received(line.pk, 2)], final=False, actor=actor, now=NEXT_DAY)
    last = receive_goods(purchase.pk, [Received(line.pk, 3, 1, "烂了")], actor=actor, now=NEXT_DAY)

    allocation = allocate(last)

    assert (allocation.arrived, allocation.granted) == (5, 5)
    assert not GoodsReceipt.objects.within(cast.subdistrict_id).unallocated().exists()


def test_before_the_last_receipt_nothing_is_shared_out(cast, buy):
    [purchase] = purchase_orders(buy)
    first = receive_goods(
        purchase.pk, [Received(purchase.lines.get().pk, 2)], final=False, actor=cast.system, now=NEXT_DAY
    )

    with pytest.raises(ReceiptNotFinal):
        allocate(first)

    assert granted(cast.wang) == [None]


def test_asking_twice_gives_the_same_allocation_and_changes_nothing(cast, buy):
    [purchase] = purchase_orders(buy)
    receipt = receive(purchase, rice=3)
    first, before = allocate(receipt), granted(cast.wang, cast.li, cast.zhao)

    again = allocate(receipt, seed=8)

    assert (again.pk, again.seed) == (first.pk, 7)
    assert granted(cast.wang, cast.li, cast.zhao) == before


def test_without_a_seed_one_is_drawn_and_kept(cast, buy):
    [purchase] = purchase_orders(buy)

    assert 0 <= allocate(receive(purchase, rice=3), seed=None).seed < 2**31


def test_a_round_is_sorted_once_the_last_of_its_suppliers_is_shared_out(cast, rice, greens):
    buy = open_round_of(cast, rice, greens)
    order(buy, cast.wang, rice=1, greens=1)
    purchases = {purchase.supplier.code: purchase for purchase in purchase_orders(closed(buy))}

    allocate(receive(purchases["JKL"], rice=4))
    buy.refresh_from_db()
    assert buy.state == Round.State.ORDERED

    allocate(receive(purchases["BT"], greens=1))
    buy.refresh_from_db()
    assert buy.state == Round.State.SORTING


def test_goods_of_the_first_supplier_can_be_handed_out_while_the_second_is_awaited(cast, rice, greens):
    buy = open_round_of(cast, rice, greens)
    order(buy, cast.zhao, rice=1, greens=1)
    purchases = {purchase.supplier.code: purchase for purchase in purchase_orders(closed(buy))}
    actor = cast.actor(cast.buyer)
    day = NEXT_DAY.date()
    allocate(receive(purchases["JKL"], rice=4))
    first = services.plan_day([buy.pk], day, actor=actor, now=NEXT_DAY)
    services.publish_plan(first.pk, actor=actor, now=NEXT_DAY)
    services.hand_over(first.deliveries.get().pk, how="flat", actor=actor, now=NEXT_DAY)

    allocate(receive(purchases["BT"], greens=1))

    buy.refresh_from_db()
    assert buy.state == Round.State.HANDING_OUT
    assert cast.zhao.orders.get().state == Order.State.CONFIRMED
    second = services.plan_day([buy.pk], day, actor=actor, now=NEXT_DAY)
    services.publish_plan(second.pk, actor=actor, now=NEXT_DAY)
    services.hand_over(second.deliveries.get().pk, how="flat", actor=actor, now=NEXT_DAY)
    assert cast.zhao.orders.get().state == Order.State.HANDED_OVER
    assert [*breaches(cast.subdistrict_id), *checks.law_3(cast.subdistrict_id)] == []


def test_where_nothing_came_the_round_is_received_and_there_is_nothing_to_sort(cast, buy):
    [purchase] = purchase_orders(buy)

    allocation = allocate(receive(purchase))

    assert (allocation.arrived, allocation.granted) == (0, 0)
    buy.refresh_from_db()
    assert buy.state == Round.State.RECEIVED
    assert cast.wang.orders.get().state == Order.State.REFUNDED


def test_the_draw_does_not_depend_on_who_ordered_first(cast, rice):
    buy = open_round_of(cast, rice)
    for flat in range(101, 111):
        order(buy, make_household(cast.building, str(flat)), rice=1)
    [purchase] = purchase_orders(closed(buy))

    allocate(receive(purchase, rice=4))

    lucky = buy.orders.filter(lines__granted=1).values_list("code", flat=True)
    assert len(lucky) == 4
    assert sorted(lucky) != sorted(buy.orders.values_list("code", flat=True))[:4]


def test_goods_that_no_round_ordered_are_shared_out_to_nobody(cast, rice):
    purchase = raise_purchase_order(
        rice.supplier, [PurchaseLine(rice, 1, 0, 2_000)], code="P1", actor=cast.system, now=NEXT_DAY
    )

    with pytest.raises(NoRound):
        allocate(receive(purchase, rice=4))


def test_an_unknown_receipt_is_not_found(db):
    with pytest.raises(NotFound):
        services.allocate(new_id(), actor=system(new_id()), now=NEXT_DAY)
