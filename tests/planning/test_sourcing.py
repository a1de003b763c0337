from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baogong.planning.sourcing import (
    DEFAULT_PENALTY_FEN,
    Line,
    Offer,
    Rebate,
    SourcingPlan,
    SourcingProblem,
    Supplier,
    choose_packs,
)
from baogong.planning.sourcing_check import breaches, cost_of

DEAR = {"rice": 100_000, "oil": 100_000}


def problem(*suppliers, rice=0, oil=0, penalty=DEAR, surplus=None):
    demand = {sku: units for sku, units in (("rice", rice), ("oil", oil)) if units}
    return SourcingProblem(demand, suppliers, penalty, surplus or {})


def packs(plan):
    return {(line.supplier, line.sku): line.packs for line in plan.lines}


# Worked by hand


def test_what_one_supplier_lacks_stays_short_at_its_penalty():
    s1 = Supplier("S1", (Offer("rice", 4, 11_200, 90),), 5_000, 200_000, (Rebate(500_000, 3),))

    plan = choose_packs(problem(s1, rice=400, surplus={"rice": 8}))

    # Goods 90 * 11,200 = 1,008,000, 3 percent off is 30,240, the fee 5,000, and 40 units are short.
    assert packs(plan) == {("S1", "rice"): 90}
    assert plan.short == {"rice": 40}
    assert plan.cost_fen == plan.bound_fen == 1_008_000 - 30_240 + 5_000 + 40 * 100_000
    assert plan.gap == 0


def test_packs_go_over_the_demand_only_as_far_as_allowed():
    s1 = Supplier("S1", (Offer("rice", 4, 400, 90),))

    assert choose_packs(problem(s1, rice=10)).short == {"rice": 2}
    assert choose_packs(problem(s1, rice=10, surplus={"rice": 1})).short == {"rice": 2}
    assert packs(choose_packs(problem(s1, rice=10, surplus={"rice": 2}))) == {("S1", "rice"): 3}


def test_one_fee_may_be_cheaper_than_two_low_prices():
    both = Supplier("both", (Offer("rice", 1, 110, 50), Offer("oil", 1, 110, 50)), 500)
    rice, oil = Supplier("r", (Offer("rice", 1, 101, 50),), 500), Supplier("o", (Offer("oil", 1, 100, 50),), 500)

    assert packs(choose_packs(problem(both, rice, oil, rice=10, oil=10))) == {("both", "rice"): 10, ("both", "oil"): 10}
    assert packs(choose_packs(problem(both, rice, oil, rice=50, oil=60))) == {
        ("both", "oil"): 10,
        ("both", "rice"): 50,
        ("o", "oil"): 50,
    }


def test_below_the_minimum_nothing_can_be_ordered():
    s1 = Supplier("S1", (Offer("rice", 1, 100, 9),), minimum_order_fen=901)

    plan = choose_packs(problem(s1, rice=9))

    assert (plan.lines, plan.short, plan.cost_fen) == ((), {"rice": 9}, 900_000)


def test_the_minimum_counts_before_the_rebate():
    s1 = Supplier("S1", (Offer("rice", 1, 100, 9),), minimum_order_fen=900, rebates=(Rebate(900, 50),))

    assert choose_packs(problem(s1, rice=9)).cost_fen == 450


def test_a_surplus_is_bought_where_the_rebate_pays_for_it():
    s1 = Supplier("S1", (Offer("rice", 1, 100, 99),), rebates=(Rebate(1_000, 20),))

    plan = choose_packs(problem(s1, rice=9, surplus={"rice": 5}))

    assert (packs(plan), plan.cost_fen) == ({("S1", "rice"): 10}, 800)


def test_the_highest_percent_reached_counts_even_if_a_later_step_is_lower():
    s1 = Supplier("S1", (Offer("rice", 1, 100, 99),), rebates=(Rebate(500, 10), Rebate(900, 4)))

    assert choose_packs(problem(s1, rice=10)).cost_fen == 900


def test_a_rebate_is_rounded_half_up_to_whole_fen():
    s1 = Supplier("S1", (Offer("rice", 1, 150, 1),), rebates=(Rebate(0, 1),))  # 1.5 fen

    plan = choose_packs(problem(s1, rice=1))

    assert plan.cost_fen == plan.bound_fen == 148


def test_a_small_penalty_is_paid_and_a_missing_one_never_willingly():
    s1 = Supplier("S1", (Offer("rice", 1, 100, 9),))

    assert choose_packs(problem(s1, rice=3, penalty={"rice": 40})).cost_fen == 120
    assert choose_packs(problem(s1, rice=3, penalty={})).cost_fen == 300
    assert choose_packs(problem(rice=3, penalty={})).cost_fen == 3 * DEFAULT_PENALTY_FEN


def test_the_fee_counts_for_goods_that_cost_nothing():
    gift = Supplier("S1", (Offer("rice", 1, 0, 9),), fixed_fee_fen=70)

    assert choose_packs(problem(gift, rice=3)).cost_fen == 70


def test_nothing_wanted_costs_nothing():
    assert choose_packs(problem(Supplier("S1", (Offer("rice", 1, 100, 9),), 70))) == SourcingPlan(())
    assert choose_packs(SourcingProblem({}, ())) == SourcingPlan(())


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: problem(Supplier("S1", ()), Supplier("S1", ())), "twice"),
        (lambda: problem(Supplier("S1", (Offer("rice", 1, 1, 1), Offer("rice", 2, 1, 1)))), "twice"),
        (lambda: problem(Supplier("S1", (Offer("rice", 0, 1, 1),))), "bad pack"),
        (lambda: problem(Supplier("S1", (Offer("rice", 1, -1, 1),))), "bad pack"),
        (lambda: problem(Supplier("S1", (), fixed_fee_fen=-1)), "negative"),
        (lambda: problem(Supplier("S1", (), rebates=(Rebate(0, 101),))), "rebate"),
        (lambda: SourcingProblem({"rice": -1}, ()), "demand"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(make, complaint):
    with pytest.raises(ValueError, match=complaint):
        make()


# Against every possibility, and over many


@st.composite
def problems(draw, *, suppliers=2, skus=2, stock=3, units=6, price=40):
    names = [f"k{number}" for number in range(draw(st.integers(1, skus)))]
    rebate = st.builds(Rebate, st.integers(0, 3 * price), st.integers(0, 60))
    return SourcingProblem(
        {name: draw(st.integers(0, units)) for name in names},
        tuple(
            Supplier(
                f"S{number}",
                tuple(
                    Offer(name, draw(st.integers(1, 3)), draw(st.integers(0, price)), draw(st.integers(0, stock)))
                    for name in names
                    if draw(st.booleans())
                ),
                draw(st.integers(0, price)),
                draw(st.integers(0, 2 * price)),
                tuple(draw(st.lists(rebate, max_size=2))),
            )
            for number in range(draw(st.integers(1, suppliers)))
        ),
        {name: draw(st.integers(0, 2 * price)) for name in names},
        {name: draw(st.integers(0, 3)) for name in names if draw(st.booleans())},
    )


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 3))
def test_no_other_choice_is_cheaper(sourcing, seed):
    plan = choose_packs(sourcing, seed=seed)

    assert breaches(sourcing, plan) == []
    assert plan.cost_fen == plan.bound_fen == cheapest(sourcing)


@settings(max_examples=20, deadline=None)
@given(problems(suppliers=5, skus=6, stock=40, units=200, price=9_000))
def test_no_choice_breaches_its_problem(sourcing):
    plan = choose_packs(sourcing)

    assert breaches(sourcing, plan) == []
    assert plan.gap < 0.001
    assert choose_packs(sourcing) == plan


@settings(max_examples=10, deadline=None)
@given(problems(suppliers=3, skus=3, stock=10**6, units=10**7, price=10**8))
def test_huge_numbers_still_give_a_sound_choice(sourcing):
    assert breaches(sourcing, choose_packs(sourcing, nodes=20)) == []


def cheapest(sourcing):
    """The least cost over every number of packs of every offer."""
    offers = [(supplier.id, offer) for supplier in sourcing.suppliers for offer in supplier.offers]
    return min(
        plan.cost_fen
        for counts in product(*(range(offer.stock_packs + 1) for _, offer in offers))
        if not breaches(sourcing, plan := chosen(sourcing, offers, counts))
    )


def chosen(sourcing, offers, counts):
    lines = [Line(name, offer.sku, count) for (name, offer), count in zip(offers, counts, strict=True) if count]
    bought = dict.fromkeys(sourcing.demand, 0)
    for (_, offer), count in zip(offers, counts, strict=True):
        bought[offer.sku] += count * offer.pack_size
    short = {sku: units - bought[sku] for sku, units in sourcing.demand.items() if units > bought[sku]}
    plan = SourcingPlan(tuple(lines), short)
    return replace(plan, cost_fen=cost_of(sourcing, plan))


# The checker

S1 = Supplier("S1", (Offer("rice", 4, 400, 5), Offer("oil", 1, 90, 5)), 70, 800, (Rebate(1_600, 10),))
WANTED = problem(S1, rice=10)


@pytest.mark.parametrize(
    ("lines", "short", "fault"),
    [
        ([Line("S1", "rice", 2)], {"rice": 2}, "costs 200870 fen, not 0"),
        ([Line("S1", "rice", 2)], {"rice": 1}, "1 are called short"),
        ([Line("S1", "rice", 3)], {}, "at most 10"),
        ([Line("S1", "rice", 6)], {}, "1 to 5"),
        ([Line("S1", "rice", 0)], {"rice": 10}, "1 to 5"),
        ([Line("S1", "rice", 1), Line("S1", "rice", 1)], {"rice": 2}, "more than one line"),
        ([Line("S1", "rice", 1)], {"rice": 6}, "whose minimum is 800"),
        ([Line("S1", "tea", 1)], {"rice": 10}, "does not offer"),
        ([Line("S1", "rice", 2), Line("S1", "oil", 1)], {"rice": 2}, "of 'oil' are bought"),
        ([], {"rice": 10, "tea": 1}, "0 units of 'tea'"),
    ],
)
def test_the_checker_names_what_cannot_be(lines, short, fault):
    assert any(fault in line for line in breaches(WANTED, SourcingPlan(tuple(lines), short)))


def test_the_checker_accepts_a_sound_hand_edit_and_no_bound_above_it():
    edited = SourcingPlan((Line("S1", "rice", 2),), {"rice": 2}, 200_870, 0)

    assert breaches(WANTED, edited) == []
    assert "exceeds" in breaches(WANTED, replace(edited, bound_fen=200_871))[0]
