"""Many at once, on a real PostgreSQL: only there do row locks matter, so only there can they be seen to work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from baogong.common.errors import RuleBroken
from baogong.groupbuy import services
from baogong.groupbuy.decision import Wish
from baogong.groupbuy.models import Order, Round, RoundOffer
from baogong.groupbuy.tests.rounds import CUT_OFF, NOON, breaches, money, open_round_of, order, round_offers, wish
from baogong.people.tests.cast import Cast, make_cast, make_household
from baogong.supply.tests.market import make_offer, make_supplier

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 16


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def jkl(cast):
    return make_supplier(cast.subdistrict_id)


def together(*acts: Callable[[], object], threads: int = THREADS) -> list[object]:
    """Run acts in threads that start at the same moment; what each gave, or the code of the refusal it met."""
    threads = min(threads, len(acts))
    start = Barrier(threads)
    waiting = iter(enumerate(acts))
    results: list[object] = [None] * len(acts)

    def work(_number: int) -> None:
        start.wait()
        try:
            for number, act in waiting:
                results[number] = outcome(act)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    return results


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except RuleBroken as refusal:
        return refusal.code


def place(buy: Round, one: Wish, cast: Cast) -> str:
    return services.place_order(buy.pk, one, actor=cast.system, now=NOON).state


def test_500_requests_for_the_last_30_sets_sell_exactly_30(cast, jkl):
    buy = open_round_of(cast, make_offer(jkl, "set", "套餐", stock=30, cap_per_household=None))
    households = [make_household(cast.building, f"{flat}", unit=cast.unit) for flat in range(1001, 1051)]
    wishes = [wish(buy, household, set=1) for household in households for _ in range(10)]

    results = together(*(partial(place, buy, one, cast) for one in wishes))

    assert Counter(results) == {"placed": 30, "sold_out": 470}
    assert RoundOffer.objects.get(round=buy).remaining == 0
    assert not breaches(cast.subdistrict_id)


def test_the_cap_holds_when_one_household_orders_from_every_phone_at_once(cast, jkl):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米", cap_per_household=5))
    wishes = [wish(buy, cast.wang, rice=2) for _ in range(THREADS)]

    results = together(*(partial(place, buy, one, cast) for one in wishes))

    assert Counter(results) == {"placed": 2, "over_household_cap": THREADS - 2}


def test_the_same_key_from_many_sides_makes_one_order(cast, jkl):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米"))
    one = wish(buy, cast.wang, "api:once", rice=1)

    codes = together(
        *(lambda: services.place_order(buy.pk, one, actor=cast.system, now=NOON).code for _ in range(THREADS))
    )

    assert set(codes) == {f"{buy.code}-0001"}
    assert Order.objects.filter(round=buy).count() == 1


@pytest.mark.parametrize("attempt", range(4))
def test_closing_while_orders_arrive_freezes_what_was_accepted(cast, jkl, attempt):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米", cap_per_household=None))
    order(buy, cast.wang, rice=1)
    wishes = [wish(buy, cast.li, rice=1) for _ in range(40)]
    acts: list[Callable[[], object]] = [partial(place, buy, one, cast) for one in wishes]
    acts.insert(10, lambda: services.close_round(buy.pk, actor=cast.system, now=NOON).state)

    results = Counter(together(*acts))

    assert results["formed"] == 1
    assert results["placed"] + results["round_not_open"] == 40
    assert round_offers(buy)["rice"].ordered == 1 + results["placed"]
    assert not breaches(cast.subdistrict_id)


def test_many_closers_close_once(cast, jkl):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米"))
    order(buy, cast.wang, rice=1)

    def close_and_order() -> object:
        services.close_round(buy.pk, actor=cast.system, now=CUT_OFF)
        return len(services.raise_purchase_orders(buy.pk, actor=cast.system, now=CUT_OFF))

    assert together(*[close_and_order] * 8, threads=8) == [1] * 8
    assert Round.objects.get(pk=buy.pk).state == "ordered"
    assert not breaches(cast.subdistrict_id)


@pytest.mark.parametrize("attempt", range(3))
def test_an_order_that_is_paid_and_cancelled_at_once_is_refunded_or_not_paid(cast, jkl, attempt):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米", price_fen=2000))
    owing = order(buy, cast.wang, rice=1)

    together(
        lambda: services.record_payment(owing.pk, 2000, "cash", "R-17", actor=cast.system, now=NOON),
        lambda: services.cancel_order(owing.pk, actor=cast.system, now=NOON),
        lambda: services.record_payment(owing.pk, 2000, "cash", "R-18", actor=cast.system, now=NOON),
        threads=3,
    )

    assert money(buy) in ({}, {"paid": 2000, "refund_owed": 2000})
    assert not breaches(cast.subdistrict_id)


def test_two_changes_at_once_both_leave_a_whole_order(cast, jkl):
    buy = open_round_of(cast, make_offer(jkl, "rice", "大米", stock=5), make_offer(jkl, "eggs", "鸡蛋", stock=5))
    placed = order(buy, cast.wang, rice=2)
    lines = [wish(buy, cast.wang, "", **{sku: number}).lines for sku in ("rice", "eggs") for number in range(1, 6)]

    together(
        *(lambda one=one: services.change_order(placed.pk, one, actor=cast.system, now=NOON).state for one in lines)
    )

    assert placed.lines.exclude(place="cancelled").count() == 1
    assert not breaches(cast.subdistrict_id)
