"""The one decision behind every door, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baogong.groupbuy.decision import (
    Decision,
    OfferStanding,
    OrderStanding,
    Outcome,
    Standing,
    Wish,
    WishLine,
    decide_orders,
)

NOON = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)
CUT_OFF = NOON + timedelta(hours=4)
RICE, GREENS, EGGS = UUID(int=1), UUID(int=2), UUID(int=3)
WANG, LI, ZHAO = UUID(int=11), UUID(int=12), UUID(int=13)


def standing(**values) -> Standing:
    """A round that is open: 10 rice, at most 2 per household; 3 greens; no eggs."""
    return Standing(
        **{
            "opens_at": NOON - timedelta(hours=1),
            "closes_at": CUT_OFF,
            "taking_orders": True,
            "offers": {RICE: OfferStanding(10, cap=2), GREENS: OfferStanding(3), EGGS: OfferStanding(0)},
            "households": {WANG, LI, ZHAO},
            **values,
        }
    )


def wish(household: UUID = WANG, key: str = "k1", /, **more) -> Wish:
    """`wish(WANG, "k1", rice=1, greens=2)`; other names are fields of Wish."""
    offers = {"rice": RICE, "greens": GREENS, "eggs": EGGS}
    lines = tuple(WishLine(offers[name], more.pop(name)) for name in list(more) if name in offers)
    return Wish(household, key, more.pop("lines", lines), **more)


def outcome(found: Decision) -> str:
    return found.refusal.code if found.refusal else found.outcome.value


def outcomes(start: Standing, *wishes: Wish, at: datetime = NOON) -> list[str]:
    return [outcome(found) for found in decide_orders(start, wishes, at)]


# ---------------------------------------------------------------- one wish


def test_a_wish_within_stock_and_cap_becomes_an_order():
    [found] = decide_orders(standing(), [wish(rice=2, greens=3)], NOON)

    assert (found.outcome, found.order, found.refusal) == (Outcome.PLACED, "k1", None)


def test_what_is_sold_out_is_refused_with_what_is_left():
    [found] = decide_orders(standing(), [wish(rice=1, greens=4)], NOON)

    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.offer) == ("sold_out", GREENS)
    assert found.refusal.facts == {"remaining": 3, "asked": 4}


def test_over_the_cap_is_refused_even_where_there_is_stock():
    [found] = decide_orders(standing(), [wish(rice=3)], NOON)

    assert found.refusal is not None
    assert found.refusal.code == "over_household_cap"
    assert found.refusal.facts == {"cap": 2, "already": 0, "asked": 3}


def test_the_cap_counts_all_live_orders_of_the_household():
    taken = {(WANG, RICE): 1}

    assert outcomes(standing(taken=taken), wish(WANG, "k1", rice=2), wish(LI, "k2", rice=2)) == [
        "over_household_cap",
        "placed",
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON - timedelta(hours=1, seconds=1), "round_not_open"),
        (NOON - timedelta(hours=1), "placed"),
        (CUT_OFF - timedelta(microseconds=1), "placed"),
        (CUT_OFF, "round_not_open"),
    ],
)
def test_orders_are_taken_from_the_opening_until_just_before_the_cut_off(moment, expected):
    assert outcomes(standing(), wish(rice=1), at=moment) == [expected]


def test_a_round_that_takes_no_orders_refuses_within_its_hours_too():
    assert outcomes(standing(taking_orders=False), wish(rice=1)) == ["round_not_open"]


def test_a_paper_list_written_after_the_cut_off_comes_too_late():
    late = wish(rice=1, at=CUT_OFF + timedelta(minutes=5))
    early = wish(LI, "k2", rice=1, at=NOON - timedelta(days=3))

    assert outcomes(standing(), late, early) == ["round_not_open", "placed"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "no_lines"),
        ((WishLine(RICE, 0),), "bad_quantity"),
        ((WishLine(RICE, -1),), "bad_quantity"),
        ((WishLine(RICE, 1000),), "bad_quantity"),
        ((WishLine(RICE, 1), WishLine(RICE, 1)), "offer_twice"),
        (tuple(WishLine(UUID(int=100 + n), 1) for n in range(101)), "too_many_lines"),
        ((WishLine(UUID(int=99), 1),), "unknown_offer"),
    ],
)
def test_lines_that_make_no_sense_are_refused(lines, code):
    assert outcomes(standing(), wish(lines=lines)) == [code]


def test_a_household_that_does_not_exist_cannot_order():
    assert outcomes(standing(), wish(UUID(int=77), "k1", rice=1)) == ["unknown_household"]


def test_of_several_reasons_the_cut_off_is_said_first_and_the_stock_last():
    everything_wrong = wish(rice=3, eggs=1)

    assert outcomes(standing(), everything_wrong, at=CUT_OFF) == ["round_not_open"]
    assert outcomes(standing(), everything_wrong) == ["over_household_cap"]


# ---------------------------------------------------------------- order of arrival


def test_the_last_units_go_to_who_comes_first():
    batch = [wish(WANG, "k1", greens=2), wish(LI, "k2", greens=2), wish(ZHAO, "k3", greens=1)]

    assert outcomes(standing(), *batch) == ["placed", "sold_out", "placed"]


def test_a_refused_wish_takes_nothing_from_those_behind_it():
    batch = [wish(WANG, "k1", greens=3, eggs=1), wish(LI, "k2", greens=3)]

    assert outcomes(standing(), *batch) == ["sold_out", "placed"]


# ---------------------------------------------------------------- the same request twice


def test_the_same_key_twice_is_one_order():
    batch = [wish(WANG, "k1", greens=2), wish(WANG, "k1", greens=2), wish(LI, "k2", greens=1)]

    assert outcomes(standing(), *batch) == ["placed", "again", "placed"]


def test_a_key_from_before_gives_its_order_again_also_after_the_cut_off():
    before = {"k1": OrderStanding(WANG, {GREENS: 2})}

    [found] = decide_orders(standing(orders=before), [wish(greens=2)], CUT_OFF)

    assert (found.outcome, found.order) == (Outcome.AGAIN, "k1")


def test_a_key_that_was_refused_is_decided_anew():
    assert outcomes(standing(), wish(greens=4), wish(greens=3)) == ["sold_out", "placed"]


def test_a_key_of_another_household_is_refused():
    before = {"k1": OrderStanding(LI, {GREENS: 2})}

    assert outcomes(standing(orders=before), wish(greens=2)) == ["key_reused"]


# ---------------------------------------------------------------- changes

ORDERED = {"k1": OrderStanding(WANG, {GREENS: 2})}


def test_a_change_may_use_the_units_of_the_order_it_changes():
    start = standing(
        orders=ORDERED, offers={GREENS: OfferStanding(1, cap=3)}, taken={(WANG, GREENS): 2}
    )  # 3 offered, 2 of them Wang's

    assert outcomes(start, wish(WANG, "", greens=3, replaces="k1")) == ["changed"]


def test_a_refused_change_leaves_the_old_order_whole():
    start = standing(orders=ORDERED, offers={GREENS: OfferStanding(1)}, taken={(WANG, GREENS): 2})

    batch = [wish(WANG, "", greens=4, replaces="k1"), wish(LI, "k2", greens=2), wish(ZHAO, "k3", greens=1)]

    assert outcomes(start, *batch) == ["sold_out", "sold_out", "placed"]


def test_a_change_gives_back_what_it_no_longer_wants():
    start = standing(orders=ORDERED, offers={GREENS: OfferStanding(0), RICE: OfferStanding(5)})

    assert outcomes(start, wish(WANG, "", rice=1, replaces="k1"), wish(LI, "k2", greens=2)) == ["changed", "placed"]


def test_after_the_cut_off_nothing_can_be_changed():
    start = standing(orders=ORDERED)

    assert outcomes(start, wish(WANG, "", greens=1, replaces="k1"), at=CUT_OFF) == ["round_not_open"]


def test_a_change_to_the_same_lines_is_nothing_new():
    assert outcomes(standing(orders=ORDERED), wish(WANG, "", greens=2, replaces="k1"), at=CUT_OFF) == ["again"]


@pytest.mark.parametrize(
    ("household", "replaces", "code"), [(LI, "k1", "unknown_order"), (WANG, "nothing", "unknown_order")]
)
def test_another_households_order_cannot_be_changed(household, replaces, code):
    assert outcomes(standing(orders=ORDERED), wish(household, "", greens=1, replaces=replaces)) == [code]


def test_a_cancelled_order_cannot_be_changed():
    gone = {"k1": OrderStanding(WANG, {GREENS: 2}, live=False)}

    assert outcomes(standing(orders=gone), wish(WANG, "", greens=1, replaces="k1")) == ["order_cancelled"]


def test_a_file_that_comes_again_changes_nothing_and_with_other_numbers_changes_the_order():
    start = standing(orders=ORDERED, taken={(WANG, GREENS): 2})

    assert outcomes(start, wish(greens=2, amends=True)) == ["again"]
    assert outcomes(start, wish(greens=1, amends=True)) == ["changed"]


def test_a_file_does_not_bring_back_what_was_cancelled_since():
    gone = standing(orders={"k1": OrderStanding(WANG, {GREENS: 2}, live=False)})

    assert outcomes(gone, wish(greens=2, amends=True)) == ["again"]
    assert outcomes(gone, wish(greens=1, amends=True)) == ["order_cancelled"]


# ---------------------------------------------------------------- worked by hand


def test_a_batch_worked_out_by_hand():
    """10 rice (at most 2 a household), 3 greens, no eggs."""
    batch = [
        wish(WANG, "w1", rice=2, greens=1),  # rice 8, greens 2
        wish(LI, "l1", rice=1, greens=2),  # rice 7, greens 0
        wish(ZHAO, "z1", greens=1),  # none left
        wish(WANG, "w2", rice=1),  # has 2 already
        wish(WANG, "w1", rice=2, greens=1),  # the first one once more
        wish(LI, "", rice=2, replaces="l1"),  # rice 6, greens 2
        wish(ZHAO, "z1", greens=2),  # greens 0; the key was refused before, so it is free
        wish(LI, "", rice=2, greens=1, replaces="l1"),  # no greens left: l1 stays 2 rice
        wish(LI, "l2", rice=1),  # has 2 already
        wish(ZHAO, "z2", rice=2, eggs=1),  # no eggs
    ]

    assert outcomes(standing(), *batch) == [
        "placed", "placed", "sold_out", "over_household_cap", "again", "changed", "placed", "sold_out",
        "over_household_cap", "sold_out",
    ]  # fmt: skip


# ---------------------------------------------------------------- whatever comes in

HOUSEHOLDS = [WANG, LI, ZHAO]
quantities = st.integers(-1, 5) | st.just(1000)
any_lines = st.lists(st.tuples(st.sampled_from([RICE, GREENS, EGGS]), quantities), max_size=4).map(
    lambda pairs: tuple(WishLine(*pair) for pair in pairs)
)
keys = st.sampled_from(["a", "b", "c", "d", "e"])
any_wish = st.builds(
    Wish,
    household=st.sampled_from(HOUSEHOLDS),
    key=keys,
    lines=any_lines,
    replaces=st.just("") | keys,
    amends=st.booleans(),
)
any_standing = st.builds(
    lambda stock, caps: standing(offers=dict(zip([RICE, GREENS, EGGS], map(OfferStanding, stock, caps), strict=True))),
    st.lists(st.integers(0, 12), min_size=3, max_size=3),
    st.lists(st.none() | st.integers(1, 6), min_size=3, max_size=3),
)


def after(start: Standing, found: Decision) -> Standing:
    """The standing once a decision is written down, worked out from the orders alone."""
    if found.outcome not in {Outcome.PLACED, Outcome.CHANGED}:
        return start
    lines = dict(found.wish.lines)
    before = start.orders[found.order].lines if found.order in start.orders else {}
    delta = Counter(lines)
    delta.subtract(Counter(before))
    taken = Counter(start.taken)
    for offer, more in delta.items():
        taken[found.wish.household, offer] += more
    return replace(
        start,
        offers={key: replace(each, remaining=each.remaining - delta[key]) for key, each in start.offers.items()},
        taken=taken,
        orders={**start.orders, found.order: OrderStanding(found.wish.household, lines)},
    )


def live_units(end: Standing) -> Counter[UUID]:
    units: Counter[UUID] = Counter()
    for order in end.orders.values():
        units.update(order.lines)
    return units


@given(any_standing, st.lists(any_wish, max_size=25))
@settings(max_examples=200)
def test_a_batch_is_decided_as_one_wish_after_the_other(start, wishes):
    together = decide_orders(start, wishes, NOON)

    one_by_one = []
    now = start
    for each in wishes:
        [found] = decide_orders(now, [each], NOON)
        one_by_one.append(found)
        now = after(now, found)
    assert together == one_by_one


@given(any_standing, st.lists(any_wish, max_size=25))
@settings(max_examples=200)
def test_nothing_is_ever_sold_twice_and_no_household_gets_more_than_its_cap(start, wishes):
    end = start
    for found in decide_orders(start, wishes, NOON):
        end = after(end, found)

    sold = live_units(end)
    for offer, stock in start.offers.items():
        assert end.offers[offer].remaining == stock.remaining - sold[offer] >= 0
        for household in HOUSEHOLDS:
            own = sum(order.lines.get(offer, 0) for order in end.orders.values() if order.household == household)
            assert stock.cap is None or own <= stock.cap


@given(any_standing, st.lists(any_wish, max_size=15), st.lists(any_wish, max_size=15))
def test_who_comes_later_changes_nothing_for_those_before(start, first, later):
    alone = decide_orders(start, first, NOON)

    assert decide_orders(start, [*first, *later], NOON)[: len(first)] == alone
