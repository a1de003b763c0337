"""Sharing out what came, and the money of those who are short; goods into hands, or back."""

from __future__ import annotations

import pytest

from baogong.channels.models import Message
from baogong.common.errors import BadInput
from baogong.common.models import Event
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, OrderLine
from baogong.groupbuy.refusals import NotReady, UnknownOffer
from baogong.groupbuy.tests.rounds import (
    NEXT_DAY,
    NOON,
    breaches,
    closed,
    hand_over,
    money,
    open_round_of,
    order,
    places,
    purchase_orders,
    receive,
    round_offers,
    share_out,
)
from baogong.people.tests.cast import make_household
from baogong.supply.models import ReserveMovement
from baogong.supply.tests.market import make_offer, make_supplier


def granted(*orders: Order) -> list[int | None]:
    lines = dict(OrderLine.objects.filter(order__in=orders).values_list("order_id", "granted"))
    return [lines[each.pk] for each in orders]


def states(*orders: Order) -> list[str]:
    stored = dict(Order.objects.filter(pk__in=[each.pk for each in orders]).values_list("pk", "state"))
    return [stored[each.pk] for each in orders]


def came(buy, **units: int):
    """Closed, ordered, received in full or in part, and shared out."""
    [purchase] = purchase_orders(closed(buy))
    return share_out(buy, receive(purchase, **units))


def test_when_everything_comes_everybody_gets_everything(cast, rice):
    buy = open_round_of(cast, rice)
    orders = [order(buy, cast.wang, rice=2), order(buy, cast.li, rice=3)]

    [result] = came(buy, rice=5)

    assert (result.demand, result.arrived, result.granted, result.reserve) == (5, 5, 5, 0)
    assert (granted(*orders), states(*orders)) == ([2, 3], ["confirmed", "confirmed"])
    assert not Message.objects.within(cast.subdistrict_id).filter(kind="short").exists()
    assert not breaches(cast.subdistrict_id)


def test_when_less_comes_all_share_by_the_same_rule_and_get_the_rest_back(cast, rice):
    buy = open_round_of(cast, rice)
    paid, owing = order(buy, cast.wang, rice=2), order(buy, cast.li, rice=4)
    services.record_payment(paid.pk, 4000, "cash", "R-17", actor=cast.system, now=NOON)

    [result] = came(buy, rice=3)

    assert (result.granted, granted(paid, owing), states(paid, owing)) == (3, [1, 2], ["short", "short"])
    assert money(buy) == {"paid": 4000, "refund_owed": 2000, "owed": 4000, "payable": 6000}
    told = dict(Message.objects.within(cast.subdistrict_id).filter(kind="short").values_list("recipient_id", "text"))
    assert "¥20.00" in told[cast.wang.pk]
    assert "¥40.00" in told[cast.li.pk]
    assert not breaches(cast.subdistrict_id)


def test_a_household_with_infants_has_one_before_the_rest_is_shared(cast, rice):
    baby = make_household(cast.building, "601", unit=cast.unit, people=3, infants=1)
    buy = open_round_of(cast, rice)
    orders = [order(buy, baby, rice=1), order(buy, cast.wang, rice=5), order(buy, cast.li, rice=5)]

    came(buy, rice=1)

    assert granted(*orders) == [1, 0, 0]
    assert states(*orders) == ["confirmed", "refunded", "refunded"]


def test_when_nothing_comes_every_order_is_refunded_and_the_round_can_settle(cast, rice):
    buy = open_round_of(cast, rice)
    paid = order(buy, cast.wang, rice=2)
    services.record_payment(paid.pk, 4000, "wechat", reference="wx-1", actor=cast.system, now=NOON)

    came(buy)
    services.pay_refunds(buy.pk, "wechat", actor=cast.system, now=NEXT_DAY)
    settled = services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY)

    assert (settled.state, states(paid), places(paid)) == ("settled", ["refunded"], {"rice": "short"})
    assert money(buy) == {"paid": 4000, "refund_paid": 4000}
    assert not breaches(cast.subdistrict_id)


def test_the_shares_can_be_worked_out_again_from_the_seed(cast, rice):
    def shares(seed: int) -> list[int | None]:
        buy = open_round_of(cast, rice)
        orders = [order(buy, household, rice=1) for household in (cast.wang, cast.li, cast.zhao)]
        [purchase] = purchase_orders(closed(buy))
        share_out(buy, receive(purchase, rice=1), seed=seed)
        return granted(*orders)

    drawn = [shares(seed) for seed in range(6)]

    assert all(each.count(1) == 1 for each in drawn)
    assert len({tuple(each) for each in drawn}) > 1  # the draw decides, not the order of arrival


def test_what_came_is_shared_out_once(cast, rice):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)
    came(buy, rice=2)

    with pytest.raises(NotReady) as refused:
        services.grant_lines(buy.pk, {round_offers(buy)["rice"].pk: 2}, seed=1, actor=cast.system, now=NEXT_DAY)

    assert refused.value.code == "already_shared_out"


def test_goods_are_shared_out_only_in_a_round_that_waits_for_them(cast, rice, greens):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)
    offer = round_offers(buy)["rice"].pk
    with pytest.raises(NotReady) as too_early:
        services.grant_lines(buy.pk, {offer: 2}, seed=1, actor=cast.system, now=NEXT_DAY)
    closed(buy)

    assert too_early.value.code == "round_not_ordered"
    with pytest.raises(UnknownOffer):
        services.grant_lines(buy.pk, {greens.pk: 2}, seed=1, actor=cast.system, now=NEXT_DAY)


# ---------------------------------------------------------------- surplus and reserve


def test_surplus_goes_to_reserve_and_stays_the_subdistricts_share(cast, greens):
    buy = open_round_of(cast, greens)
    order(buy, cast.wang, greens=5)

    [result] = came(buy, greens=8)

    assert result.reserve == 3
    assert ReserveMovement.objects.within(cast.subdistrict_id).stock() == {greens.pk: 3}
    assert money(buy) == {"owed": 3000, "share": 1800, "payable": 4800}
    assert not breaches(cast.subdistrict_id)


@pytest.mark.parametrize(("arrived", "reserve", "share"), [(8, 3, 1800), (7, 2, 1200), (5, 0, 0), (4, 0, 0)])
def test_the_share_shrinks_with_a_short_receipt_before_any_household_does(cast, greens, arrived, reserve, share):
    buy = open_round_of(cast, greens)
    placed = order(buy, cast.wang, greens=5)

    came(buy, greens=arrived)

    assert ReserveMovement.objects.within(cast.subdistrict_id).stock().get(greens.pk, 0) == reserve
    assert granted(placed) == [min(5, arrived)]
    assert money(buy).get("share", 0) == share
    assert not breaches(cast.subdistrict_id)


def test_a_purchase_of_one_supplier_is_shared_out_while_the_others_is_on_the_way(cast, rice):
    other = make_supplier(cast.subdistrict_id, "WM", "物美")
    buy = open_round_of(cast, rice, make_offer(other, "eggs", "鸡蛋", price_fen=1500))
    placed = order(buy, cast.wang, rice=2, eggs=1)
    first, second = purchase_orders(closed(buy))

    share_out(buy, receive(first, rice=2))
    buy.refresh_from_db()
    half = (buy.state, states(placed), places(placed))
    share_out(buy, receive(second, eggs=1))
    buy.refresh_from_db()

    assert half == ("ordered", ["placed"], {"rice": "granted", "eggs": "ordered"})
    assert (buy.state, states(placed)) == ("received", ["confirmed"])
    assert not breaches(cast.subdistrict_id)


@pytest.mark.parametrize(("arrived", "fees"), [(0, {}), (1, {"fees": 3000})])
def test_a_supplier_that_ships_nothing_gets_no_delivery_fee(cast, rice, arrived, fees):
    rice.supplier.delivery_fee_fen = 3000
    rice.supplier.save()
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)

    came(buy, rice=arrived)

    assert {account: fen for account, fen in money(buy).items() if account == "fees"} == fees
    assert not breaches(cast.subdistrict_id)


# ---------------------------------------------------------------- into hands, or back


def test_an_order_is_handed_over_with_its_last_line(cast, rice, greens):
    buy = open_round_of(cast, rice, greens)
    placed = order(buy, cast.wang, rice=2, greens=1)
    came(buy, rice=2, greens=4)
    rice_line, greens_line = placed.lines.order_by("-price_fen").values_list("pk", flat=True)
    services.bag_lines([rice_line, greens_line])

    first = services.hand_over_lines([rice_line], actor=cast.system, now=NEXT_DAY)
    then = services.hand_over_lines([greens_line], actor=cast.system, now=NEXT_DAY)

    assert (first, then, states(placed)) == ([], [placed.pk], ["handed_over"])
    assert Event.objects.within(cast.subdistrict_id).filter(verb="groupbuy.order_handed_over").count() == 1
    assert not breaches(cast.subdistrict_id)


def test_a_line_is_bagged_and_handed_over_once(cast, rice):
    buy = open_round_of(cast, rice)
    placed = order(buy, cast.wang, rice=2)
    came(buy, rice=2)
    ids = list(placed.lines.values_list("pk", flat=True))
    hand_over(placed)

    for act in (
        lambda: services.bag_lines(ids),
        lambda: services.hand_over_lines(ids, actor=cast.system, now=NEXT_DAY),
        lambda: services.return_lines(ids, "没人在家", actor=cast.system, now=NEXT_DAY),
    ):
        with pytest.raises(NotReady) as refused:
            act()
        assert refused.value.code == "line_elsewhere"


def test_bags_of_a_withdrawn_plan_are_opened_again(cast, rice):
    buy = open_round_of(cast, rice)
    placed = order(buy, cast.wang, rice=2)
    came(buy, rice=2)
    ids = list(placed.lines.values_list("pk", flat=True))

    services.bag_lines(ids)
    services.unbag_lines(ids)

    assert places(placed) == {"rice": "granted"}


def test_what_nobody_took_is_refunded_and_becomes_the_subdistricts(cast, rice):
    buy = open_round_of(cast, rice)
    paid = order(buy, cast.wang, rice=2)
    services.record_payment(paid.pk, 3000, "cash", "R-17", actor=cast.system, now=NOON)
    came(buy, rice=2)
    ids = list(paid.lines.values_list("pk", flat=True))
    services.bag_lines(ids)

    back = services.return_lines(ids, "没人在家", actor=cast.system, now=NEXT_DAY)

    assert (back, states(paid), places(paid)) == (4000, ["refunded"], {"rice": "returned"})
    assert money(buy) == {"paid": 3000, "refund_owed": 3000, "share": 4000, "payable": 4000}
    assert ReserveMovement.objects.within(cast.subdistrict_id).stock() == {rice.pk: 2}
    assert "¥30.00" in Message.objects.within(cast.subdistrict_id).get(kind="returned").text
    assert not breaches(cast.subdistrict_id)


def test_goods_come_back_only_with_a_reason(cast, rice):
    buy = open_round_of(cast, rice)
    placed = order(buy, cast.wang, rice=2)
    came(buy, rice=2)

    with pytest.raises(BadInput):
        services.return_lines([placed.lines.get().pk], "", actor=cast.system, now=NEXT_DAY)
