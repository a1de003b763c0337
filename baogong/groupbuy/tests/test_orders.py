"""Ordering, changing and cancelling, with what it does to stock, money, events and messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.channels.models import Message
from baogong.common.errors import NotFound
from baogong.common.models import Event
from baogong.groupbuy import services
from baogong.groupbuy.decision import Outcome, Wish, WishLine
from baogong.groupbuy.models import Order, Round, RoundOffer, Transfer
from baogong.groupbuy.refusals import BadLines, OrderCancelled, OverHouseholdCap, RoundNotOpen, SoldOut, UnknownOffer
from baogong.groupbuy.tests.rounds import (
    CUT_OFF,
    NOON,
    breaches,
    draft_of,
    lines_of,
    money,
    open_round_of,
    order,
    places,
    round_offers,
    wish,
)
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture
def buy(cast, rice, greens) -> Round:
    return open_round_of(cast, rice, greens)


def remaining(buy) -> dict[str, int]:
    return dict(RoundOffer.objects.filter(round=buy).values_list("sku", "remaining"))


def test_an_order_takes_its_units_and_is_owed(cast, buy):
    placed = services.place_order(
        buy.pk, wish(buy, cast.wang, rice=2, greens=1), actor=cast.actor(cast.wang_account), now=NOON
    )

    assert (placed.code, placed.state, placed.total_fen) == (f"{buy.code}-0001", "placed", 4600)
    assert placed.placed_by == cast.wang_account.pk
    assert remaining(buy) == {"rice": 998, "greens": 39}
    assert money(buy) == {"owed": 4600, "payable": 4600}
    assert not breaches(cast.subdistrict_id)


def test_an_order_is_an_event_and_a_message(cast, buy):
    placed = order(buy, cast.wang, rice=2)

    noted = Event.objects.within(cast.subdistrict_id).get(verb="groupbuy.order_placed")
    assert (noted.subject_id, noted.household_id) == (placed.pk, cast.wang.pk)
    assert noted.values == {"code": placed.code, "source": "app", "total_fen": 4000, "lines": [["rice", 2]]}
    told = Message.objects.within(cast.subdistrict_id).get(kind="order_taken")
    assert told.recipient_id == cast.wang.pk
    assert "大米 × 2" in told.text
    assert "¥40.00" in told.text


def test_goods_of_two_suppliers_are_payable_to_each(cast, rice):
    other = make_supplier(cast.subdistrict_id, "WM", "物美")
    buy = open_round_of(cast, rice, make_offer(other, "eggs", "鸡蛋", price_fen=1500))

    placed = order(buy, cast.wang, rice=1, eggs=2)

    payable = dict(Transfer.objects.filter(order=placed).values_list("supplier_id", "amount_fen"))
    assert payable == {rice.supplier_id: 2000, other.pk: 3000}
    assert not breaches(cast.subdistrict_id)


def test_a_resent_order_is_counted_once(cast, buy):
    once, again = (
        services.place_order(buy.pk, wish(buy, cast.wang, "page:1", rice=2), actor=cast.system, now=NOON)
        for _ in range(2)
    )

    assert once == again
    assert remaining(buy)["rice"] == 998
    assert Message.objects.within(cast.subdistrict_id).count() == 1


def test_every_refusal_says_what_to_do_instead(cast, buy, jkl):
    scarce = open_round_of(cast, make_offer(jkl, "tofu", "豆腐", stock=1))

    with pytest.raises(SoldOut) as sold_out:
        order(scarce, cast.wang, tofu=2)
    with pytest.raises(OverHouseholdCap) as over_cap:
        order(buy, cast.wang, rice=6)

    assert sold_out.value.facts["remaining"] == 1
    assert "豆腐" in str(sold_out.value)
    assert (over_cap.value.facts["cap"], over_cap.value.facts["already"]) == (5, 0)
    assert over_cap.value.facts["offer"] == str(round_offers(buy)["rice"].pk)


def test_a_refused_order_leaves_no_trace(cast, rice, jkl):
    scarce = open_round_of(cast, rice, make_offer(jkl, "tofu", "豆腐", stock=1))

    with pytest.raises(SoldOut):
        order(scarce, cast.wang, rice=1, tofu=2)

    scarce.refresh_from_db()
    assert scarce.orders_taken == 0
    assert remaining(scarce) == {"rice": 1000, "tofu": 1}
    assert not Message.objects.within(cast.subdistrict_id).exists()
    assert not breaches(cast.subdistrict_id)


@pytest.mark.parametrize("moment", [CUT_OFF, CUT_OFF + timedelta(days=1)])
def test_after_the_cut_off_nobody_can_order(cast, buy, moment):
    with pytest.raises(RoundNotOpen) as refused:
        order(buy, cast.wang, rice=1, now=moment)

    assert "16:00" in str(refused.value)


def test_a_draft_takes_no_orders(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=NOON)

    with pytest.raises(RoundNotOpen):
        order(draft, cast.wang, rice=1)


def test_an_offer_of_another_round_is_unknown(cast, buy, rice):
    other = open_round_of(cast, rice)
    foreign = round_offers(other)["rice"].pk

    with pytest.raises(UnknownOffer):
        services.place_order(buy.pk, Wish(cast.wang.pk, "k", (WishLine(foreign, 1),)), actor=cast.system, now=NOON)


def test_a_round_that_does_not_exist_is_not_found(cast):
    with pytest.raises(NotFound):
        services.place_orders(cast.wang.pk, [], actor=cast.system, now=NOON)


def test_an_empty_order_is_bad_input(cast, buy):
    with pytest.raises(BadLines) as refused:
        order(buy, cast.wang)

    assert (refused.value.code, refused.value.status) == ("no_lines", 422)


def test_a_merged_household_orders_no_more(cast, buy):
    cast.li.ended_at, cast.li.merged_into = NOON, cast.wang
    cast.li.save()

    [verdict] = services.place_orders(buy.pk, [wish(buy, cast.li, rice=1)], actor=cast.system, now=NOON)

    assert verdict.refusal is not None
    assert verdict.refusal.code == "unknown_household"


def test_a_batch_is_one_transaction_in_order_of_arrival(cast, rice, greens):
    buy = open_round_of(cast, rice, make_offer(rice.supplier, "tofu", "豆腐", stock=3))
    batch = [wish(buy, cast.wang, tofu=2), wish(buy, cast.li, tofu=2), wish(buy, cast.zhao, tofu=1)]

    verdicts = services.place_orders(buy.pk, batch, actor=cast.system, now=NOON)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.PLACED, Outcome.REFUSED, Outcome.PLACED]
    assert [verdict.order and verdict.order.code for verdict in verdicts] == [
        f"{buy.code}-0001", None, f"{buy.code}-0002",
    ]  # fmt: skip
    assert remaining(buy)["tofu"] == 0


def test_a_batch_makes_as_many_queries_whatever_its_size(cast, buy, django_assert_max_num_queries):
    households = [cast.wang, cast.zhao]
    with django_assert_max_num_queries(24) as few:
        services.place_orders(buy.pk, [wish(buy, each, rice=1) for each in households], actor=cast.system, now=NOON)

    many = [wish(buy, each, greens=1) for each in [*households, cast.li] * 5]
    with django_assert_max_num_queries(len(few)):
        services.place_orders(buy.pk, many, actor=cast.system, now=NOON)


# ---------------------------------------------------------------- changing


def test_a_changed_order_is_the_same_order_with_other_lines(cast, buy):
    placed = order(buy, cast.wang, rice=2, greens=1)

    changed = services.change_order(placed.pk, lines_of(buy, rice=1, greens=3), actor=cast.system, now=NOON)

    assert (changed.pk, changed.code, changed.state, changed.total_fen) == (placed.pk, placed.code, "changed", 3800)
    assert remaining(buy) == {"rice": 999, "greens": 37}
    assert money(buy) == {"owed": 3800, "payable": 3800}
    assert not breaches(cast.subdistrict_id)


def test_a_line_that_is_taken_out_stays_as_a_cancelled_one_and_can_come_back(cast, buy):
    placed = order(buy, cast.wang, rice=2, greens=1)

    services.change_order(placed.pk, lines_of(buy, rice=2), actor=cast.system, now=NOON)
    without = places(placed)
    services.change_order(placed.pk, lines_of(buy, rice=2, greens=4), actor=cast.system, now=NOON)

    assert without == {"rice": "ordered", "greens": "cancelled"}
    assert places(placed) == {"rice": "ordered", "greens": "ordered"}
    assert remaining(buy) == {"rice": 998, "greens": 36}
    assert not breaches(cast.subdistrict_id)


def test_a_paid_order_that_shrinks_is_refunded_and_one_that_grows_again_uses_that_first(cast, buy):
    placed = order(buy, cast.wang, rice=2)
    services.record_payment(placed.pk, 4000, "cash", "R-17", actor=cast.system, now=NOON)

    services.change_order(placed.pk, lines_of(buy, rice=1), actor=cast.system, now=NOON)
    shrunk = money(buy)
    services.change_order(placed.pk, lines_of(buy, rice=3), actor=cast.system, now=NOON)

    assert shrunk == {"paid": 4000, "payable": 2000, "refund_owed": 2000}
    assert money(buy) == {"paid": 4000, "owed": 2000, "payable": 6000}
    assert not breaches(cast.subdistrict_id)


def test_moving_a_paid_order_to_another_supplier_moves_no_money_of_the_household(cast, rice):
    other = make_supplier(cast.subdistrict_id, "WM", "物美")
    buy = open_round_of(cast, rice, make_offer(other, "eggs", "鸡蛋", price_fen=2000))
    placed = order(buy, cast.wang, rice=1)
    services.record_payment(placed.pk, 2000, "wechat", reference="wx-1", actor=cast.system, now=NOON)

    services.change_order(placed.pk, lines_of(buy, eggs=1), actor=cast.system, now=NOON)

    assert money(buy) == {"paid": 2000, "payable": 2000}
    assert not breaches(cast.subdistrict_id)


def test_a_refused_change_leaves_everything_as_it_was(cast, buy):
    placed = order(buy, cast.wang, rice=2)

    with pytest.raises(OverHouseholdCap):
        services.change_order(placed.pk, lines_of(buy, rice=6), actor=cast.system, now=NOON)
    with pytest.raises(RoundNotOpen):
        services.change_order(placed.pk, lines_of(buy, rice=1), actor=cast.system, now=CUT_OFF)

    placed.refresh_from_db()
    assert (placed.state, placed.total_fen) == ("placed", 4000)
    assert not breaches(cast.subdistrict_id)


def test_one_batch_can_place_an_order_and_change_it(cast, buy):
    first = wish(buy, cast.wang, "file:A1", rice=2)
    then = Wish(cast.wang.pk, "file:A1", lines_of(buy, rice=1), amends=True)

    verdicts = services.place_orders(buy.pk, [first, then], actor=cast.system, now=NOON)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.PLACED, Outcome.CHANGED]
    assert Order.objects.filter(round=buy).count() == 1
    assert remaining(buy)["rice"] == 999


# ---------------------------------------------------------------- cancelling


def test_a_cancelled_order_gives_back_its_units_and_its_money(cast, buy):
    placed = order(buy, cast.wang, rice=2, greens=1)
    services.record_payment(placed.pk, 1000, "cash", "R-17", actor=cast.system, now=NOON)

    cancelled = services.cancel_order(placed.pk, actor=cast.system, now=NOON)

    assert (cancelled.state, cancelled.total_fen) == ("cancelled", 0)
    assert remaining(buy) == {"rice": 1000, "greens": 40}
    assert money(buy) == {"paid": 1000, "refund_owed": 1000}
    assert "¥10.00" in Message.objects.within(cast.subdistrict_id).get(kind="order_cancelled").text
    assert not breaches(cast.subdistrict_id)


def test_cancelling_twice_is_cancelling_once(cast, buy):
    placed = order(buy, cast.wang, rice=2)

    for _ in range(2):
        services.cancel_order(placed.pk, actor=cast.system, now=NOON)

    assert remaining(buy)["rice"] == 1000
    assert Event.objects.within(cast.subdistrict_id).filter(verb="groupbuy.order_cancelled").count() == 1


def test_after_the_cut_off_an_order_stands(cast, buy):
    placed = order(buy, cast.wang, rice=2)

    with pytest.raises(RoundNotOpen):
        services.cancel_order(placed.pk, actor=cast.system, now=CUT_OFF)


def test_a_cancelled_order_is_not_changed_and_frees_the_cap(cast, buy):
    placed = order(buy, cast.wang, rice=5)
    services.cancel_order(placed.pk, actor=cast.system, now=NOON)

    with pytest.raises(OrderCancelled):
        services.change_order(placed.pk, lines_of(buy, rice=1), actor=cast.system, now=NOON)
    assert order(buy, cast.wang, rice=5).state == "placed"
