from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baogong.planning.allocation import Claim, Share, projected_share, release, share_out
from baogong.planning.allocation_check import breaches

numbers = st.integers(0, 12)
batches = st.lists(st.tuples(numbers, numbers, st.integers(-1, 2)), max_size=12).map(
    lambda rows: [Claim(f"h{row}", *numbers) for row, numbers in enumerate(rows)]
)


def test_what_is_left_after_floors_goes_by_priority():
    claims = [Claim("3-101", 4, floor=1), Claim("3-102", 2, priority=-1), Claim("3-103", 3, floor=1)]

    assert share_out(5, claims) == [Share("3-101", 2, 2), Share("3-102", 2, 0), Share("3-103", 1, 2)]


def test_one_fill_rate_for_all_unless_a_floor_lies_above_it():
    # 20 packs: the floor of 9 stands above the rate, so the others share 11 over 10 + 20; r = 11/30, 3 2/3 and 7 1/3.
    claims = [Claim("a", 10, floor=9), Claim("b", 10, floor=2), Claim("c", 20)]

    assert [share.quantity for share in share_out(20, claims)] == [9, 4, 7]


def test_floors_that_do_not_fit_are_cut_in_proportion():
    claims = [Claim("a", 9, floor=6), Claim("b", 9, floor=2), Claim("later", 5, floor=5, priority=1)]

    assert [share.quantity for share in share_out(4, claims)] == [3, 1, 0]


def test_the_floors_of_a_later_priority_come_before_the_rest_of_an_earlier_one():
    claims = [Claim("first", 10), Claim("later", 10, floor=4, priority=1)]

    assert [share.quantity for share in share_out(6, claims)] == [2, 4]


def test_everybody_gets_everything_when_it_suffices():
    claims = [Claim("a", 4, floor=9), Claim("b", 0), Claim("c", 7, priority=3)]

    assert share_out(50, claims) == [Share("a", 4, 0), Share("b", 0, 0), Share("c", 7, 0)]


def test_nothing_to_share_gives_nothing():
    assert share_out(0, [Claim("a", 4, floor=1)]) == [Share("a", 0, 4)]
    assert share_out(5, []) == []


@given(st.integers(0, 90), batches, st.integers(0, 3))
def test_no_allocation_breaches_its_rule(arrived, claims, seed):
    assert breaches(arrived, claims, share_out(arrived, claims, seed=seed)) == []


@given(st.integers(0, 90), batches, st.randoms(use_true_random=False))
def test_the_order_of_the_claims_does_not_matter(arrived, claims, random):
    shuffled = random.sample(claims, len(claims))

    in_order = {share.id: share for share in share_out(arrived, claims, seed=7)}

    assert {share.id: share for share in share_out(arrived, shuffled, seed=7)} == in_order


@given(st.integers(0, 90), batches)
def test_when_more_arrives_nobody_loses_more_than_the_pack_that_rounding_moves(arrived, claims):
    less, more = share_out(arrived, claims), share_out(arrived + 1, claims)

    assert all(after.quantity >= before.quantity - 1 for before, after in zip(less, more, strict=True))
    assert sum(share.quantity for share in more) >= sum(share.quantity for share in less)


@given(st.integers(0, 60), st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_without_floors_fill_rates_differ_by_less_than_one_pack(arrived, quantities):
    claims = [Claim(f"h{row}", quantity) for row, quantity in enumerate(quantities)]
    rate = min(Fraction(1), Fraction(arrived, sum(quantities)))

    assert all(
        abs(share.quantity - rate * claim.quantity) < 1
        for claim, share in zip(claims, share_out(arrived, claims), strict=True)
    )


def test_the_draw_differs_by_seed_and_favours_nobody():
    claims = [Claim("a", 1), Claim("b", 1), Claim("c", 1)]

    wins = [share_out(1, claims, seed=seed) for seed in range(300)]

    assert all(70 < sum(shares[number].quantity for shares in wins) < 130 for number in range(3))


def test_numbers_beyond_any_float_stay_exact():
    claims = [Claim("a", 10**30), Claim("b", 10**30 - 1)]

    assert [share.quantity for share in share_out(10**30, claims)] == [5 * 10**29, 5 * 10**29]


@pytest.mark.parametrize(
    ("arrived", "claims"),
    [(-1, []), (1, [Claim("a", -1)]), (1, [Claim("a", 1, floor=-1)]), (1, [Claim("a", 1), Claim("a", 2)])],
)
def test_nonsense_is_refused(arrived, claims):
    with pytest.raises(ValueError, match=r"negative|twice"):
        share_out(arrived, claims)


# The checker


WANG_AND_LI = [Claim("wang", 4, floor=2), Claim("li", 4), Claim("zhao", 4, priority=1)]  # 6 arrived: 3, 3, 0


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        ([Share("wang", 3, 1), Share("li", 3, 1)], "exactly one"),
        ([Share("wang", 3, 1), Share("li", 3, 1), Share("zhao", 0, 4), Share("zhao", 0, 4)], "exactly one"),
        ([Share("wang", 3, 1), Share("li", 3, 1), Share("zhao", 0, 3)], "is short 3"),
        ([Share("wang", 3, 1), Share("li", 4, 0), Share("zhao", 0, 4)], "7 packs"),
        ([Share("wang", 5, -1), Share("li", 1, 3), Share("zhao", 0, 4)], "asked for 4 and gets 5"),
        ([Share("wang", 2, 2), Share("li", 3, 1), Share("zhao", 1, 3)], "priority 0 gets 5"),
        ([Share("wang", 2, 2), Share("li", 4, 0), Share("zhao", 0, 4)], "is its part"),
    ],
)
def test_the_checker_names_an_unfair_hand_edit(shares, fault):
    assert any(fault in line for line in breaches(6, WANG_AND_LI, shares))


def test_the_checker_sees_a_smaller_remainder_rounded_up():
    claims = [Claim("a", 4), Claim("b", 2)]  # 5 packs: 3 1/3 and 1 2/3

    assert breaches(5, claims, [Share("a", 3, 1), Share("b", 2, 0)]) == []
    assert "smaller remainder" in breaches(5, claims, [Share("a", 4, 0), Share("b", 1, 1)])[0]


# Streams


@given(numbers, numbers, numbers)
def test_a_comer_never_gets_more_than_asked_or_than_there_is(remaining, demand, later):
    assert 0 <= projected_share(remaining, demand, later) <= min(remaining, demand)


def test_the_last_comer_may_have_all_that_was_asked():
    assert projected_share(9, 5, 0) == 5
    assert projected_share(3, 5, 0) == 3
    assert projected_share(10, 5, 15) == 3  # 2.5, half up


def test_negative_numbers_have_no_projected_share():
    with pytest.raises(ValueError, match="negative"):
        projected_share(1, -1, 0)


def test_over_many_streams_the_worst_served_fares_better_than_with_first_come_first_served():
    random, fair, first_come = Random(5), 0.0, 0.0
    for _ in range(1_000):
        demands = [random.randint(5, 60) for _ in range(12)]
        stock = int(sum(demands) / random.uniform(1.2, 2.0))
        fair += _worst_fill(stock, demands, projected_share)
        first_come += _worst_fill(stock, demands, lambda left, demand, later: min(left, demand))

    assert fair > first_come + 100  # the mean over the streams is better by more than a tenth


def _worst_fill(stock, demands, rule):
    """The smallest fill rate of a stream in which 32 packs are expected of every household still to come."""
    rates = []
    for number, demand in enumerate(demands, start=1):
        got = rule(stock, demand, 32 * (len(demands) - number))
        stock -= got
        rates.append(got / demand)
    return min(rates)


@given(batches, st.integers(0, 40), st.data())
def test_what_was_held_back_goes_out_and_nobody_gives_anything_back(claims, held_back, data):
    given = {claim.id: data.draw(st.integers(0, claim.quantity)) for claim in claims}

    shares = release(held_back, claims, given)

    asked = sum(claim.quantity for claim in claims)
    assert sum(share.quantity for share in shares) == min(asked, sum(given.values()) + held_back)
    assert all(share.quantity >= given[share.id] for share in shares)


def test_what_is_released_evens_out_the_fill_rates():
    claims = [Claim("early", 10), Claim("late", 10)]

    assert [share.quantity for share in release(4, claims, {"early": 3, "late": 5})] == [6, 6]


def test_giving_more_than_was_asked_cannot_be_evened_out():
    with pytest.raises(ValueError, match="between 0 and its quantity"):
        release(1, [Claim("a", 1)], {"a": 2})
