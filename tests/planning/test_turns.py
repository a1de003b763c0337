from itertools import pairwise, product
from math import dist
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baogong.planning.turns import Building, Point, Turn, TurnPlan, TurnProblem, plan_turns
from baogong.planning.turns_check import breaches, cost_of

SEVEN = 7 * 60
GATE = Point("gate", desks=1, present_cap=20, opens_min=SEVEN, closes_min=SEVEN + 60)  # 6 slots of 7 households


def near(name, households, *, metres=0, at=("gate",), **more):
    return Building(name, households, dict.fromkeys(at, metres), **more)


def tour(plan):
    """Turns as (building, point, slot after seven, households, priority)."""
    return [(t.building, t.point, (t.start_min - SEVEN) // 10, t.households, t.priority) for t in plan.turns]


# Worked by hand


def test_one_building_takes_the_first_slots_and_its_priority_turns_come_first():
    problem = TurnProblem((GATE,), (near("B1", 17, metres=100, priority_households=8),))

    plan = plan_turns(problem)

    assert tour(plan) == [("B1", "gate", 0, 7, True), ("B1", "gate", 1, 7, True), ("B1", "gate", 2, 3, False)]
    assert plan.cost == plan.bound == 17 * 100 + 10 * (7 * 1 + 3 * 2)
    assert plan.gap == 0


def test_full_slots_come_before_the_small_rests():
    problem = TurnProblem((GATE,), (near("B1", 8), near("B2", 14)))

    plan = plan_turns(problem)

    # Three full slots in some order, then the one household left of B1: 10 * (7 * (0 + 1 + 2) + 1 * 3).
    assert plan.cost == plan.bound == 240
    assert ("B1", "gate", 3, 1, False) in tour(plan)


def test_a_gap_lies_between_different_buildings_only():
    problem = TurnProblem((GATE,), (near("B1", 14), near("B2", 7)), gap_slots=2)

    plan = plan_turns(problem)

    # B1 in 0 and 1, B2 in 4: 7 * 1 + 7 * 4; the other way round it would be 7 * 3 + 7 * 4.
    assert tour(plan) == [("B1", "gate", 0, 7, False), ("B1", "gate", 1, 7, False), ("B2", "gate", 4, 7, False)]
    assert plan.cost == plan.bound == 10 * 7 * 5


def test_a_small_rest_lets_a_large_building_go_first_even_over_a_gap():
    point = Point("gate", desks=100, present_cap=100, opens_min=SEVEN, closes_min=SEVEN + 60)
    problem = TurnProblem((point,), (near("B1", 101), near("B2", 101)), gap_slots=1)

    plan = plan_turns(problem)

    # One in 0, the other in 2 and 3, the rest of the first in 5: 100 * 2 + 3 + 5. One after the other: 1 + 100 * 3 + 4.
    assert plan.cost == plan.bound == 10 * 208
    assert sorted((turn.start_min - SEVEN) // 10 for turn in plan.turns) == [0, 2, 3, 5]


def test_nobody_comes_before_their_time():
    problem = TurnProblem((GATE,), (near("B1", 7, not_before_min=SEVEN + 21), near("B2", 7)))

    assert tour(plan_turns(problem)) == [("B1", "gate", 3, 7, False), ("B2", "gate", 0, 7, False)]


def test_walking_is_weighed_against_waiting():
    points = (GATE, Point("far", 1, 20, SEVEN, SEVEN + 60))
    near_gate = Building("B1", 7, {"gate": 0, "far": 9})

    alone = plan_turns(TurnProblem(points, (near_gate,)))
    crowded = plan_turns(TurnProblem(points, (near_gate, Building("B2", 7, {"gate": 0}))))

    assert [turn.point for turn in alone.turns] == ["gate"]
    assert [turn.point for turn in crowded.turns] == ["far", "gate"]  # 9 metres are less than one slot
    assert crowded.cost == crowded.bound == 7 * 9


def test_who_finds_no_slot_is_named():
    plan = plan_turns(TurnProblem((GATE,), (near("B1", 50),)))

    assert plan.unserved == {"B1": 8}
    assert plan.cost == plan.bound == 8 * 1_000_000 + 10 * 7 * 15


def test_the_smallest_rest_is_left_out_when_slots_are_short():
    short = Point("gate", 1, 20, SEVEN, SEVEN + 30)

    plan = plan_turns(TurnProblem((short,), (near("B1", 9), near("B2", 10))))

    assert plan.unserved == {"B1": 2}


@pytest.mark.parametrize(
    ("points", "building"),
    [
        ((), Building("B1", 3, {})),
        ((GATE,), Building("B1", 3, {})),
        ((Point("gate", 0, 20, SEVEN, SEVEN + 60),), near("B1", 3)),
        ((Point("gate", 2, 0, SEVEN, SEVEN + 60),), near("B1", 3)),
        ((Point("gate", 2, 20, SEVEN, SEVEN + 9),), near("B1", 3)),
        ((GATE,), near("B1", 3, not_before_min=SEVEN + 51)),
    ],
)
def test_a_building_that_nobody_can_serve_is_left_out(points, building):
    plan = plan_turns(TurnProblem(points, (building,)))

    assert (plan.turns, plan.unserved, plan.cost, plan.bound) == ((), {"B1": 3}, 3_000_000, 3_000_000)


def test_an_empty_building_needs_no_turn():
    plan = plan_turns(TurnProblem((GATE,), (near("B1", 0), near("B2", 2))))

    assert [turn.building for turn in plan.turns] == ["B2"]
    assert plan_turns(TurnProblem((), ())) == TurnPlan(())


def test_more_priority_households_than_households_count_as_all():
    plan = plan_turns(TurnProblem((GATE,), (near("B1", 8, priority_households=30),)))

    assert [turn.priority for turn in plan.turns] == [True, True]


def test_the_seed_draws_who_comes_first():
    problem = TurnProblem((GATE,), tuple(near(name, 7) for name in ("B1", "B2", "B3")))

    first = {min(plan_turns(problem, seed=seed).turns, key=lambda turn: turn.start_min).building for seed in range(12)}

    assert first == {"B1", "B2", "B3"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"slot_minutes": 0}, "slot_minutes"),
        ({"seconds_per_handover": 0}, "seconds_per_handover"),
        ({"gap_slots": -1}, "gap_slots"),
        ({"points": (GATE, GATE)}, "twice"),
        ({"points": (Point("gate", 1, 1, 500, 500),)}, "open before it closes"),
        ({"points": (Point("gate", -1, 1, 400, 500),)}, "negative"),
        ({"buildings": (near("B1", 1), near("B1", 1))}, "twice"),
        ({"buildings": (near("B1", -1),)}, "negative"),
        ({"buildings": (near("B1", 1, at=("moon",)),)}, "unknown point"),
        ({"buildings": (near("B1", 1, metres=200_000),)}, "distance_m"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        TurnProblem(**{"points": (GATE,), "buildings": (), **change})


# Against every possibility, and over many


@st.composite
def problems(draw, *, points=2, buildings=3, slots=4, households=5, capacity=3):
    """Small problems with gaps, releases, unreachable points and too few slots."""
    names = [f"P{number}" for number in range(draw(st.integers(1, points)))]
    return TurnProblem(
        tuple(
            Point(name, 99, draw(st.integers(0, capacity)), SEVEN, SEVEN + 10 * draw(st.integers(1, slots)))
            for name in names
        ),
        tuple(
            Building(
                f"B{number}",
                draw(st.integers(0, households)),
                {name: draw(st.integers(0, 60)) for name in names if draw(st.integers(0, 4))},
                draw(st.integers(0, 3)),
                draw(st.sampled_from([0, 0, SEVEN + 5, SEVEN + 20])),
            )
            for number in range(draw(st.integers(1, buildings)))
        ),
        gap_slots=draw(st.integers(0, 2)),
    )


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 3))
def test_no_other_plan_is_cheaper(problem, seed):
    plan = plan_turns(problem, seed=seed)

    assert breaches(problem, plan) == []
    assert plan.cost == plan.bound == cheapest(problem)


@settings(max_examples=25, deadline=None)
@given(problems(points=4, buildings=14, slots=12, households=40, capacity=9), st.integers(0, 3))
def test_no_plan_breaches_its_problem(problem, seed):
    plan = plan_turns(problem, seed=seed)

    assert breaches(problem, plan) == []
    assert plan.gap < 0.001
    assert plan_turns(problem, seed=seed) == plan


@settings(max_examples=5, deadline=None)
@given(problems(points=4, buildings=20, slots=30, households=60, capacity=20))
def test_a_short_search_still_gives_a_sound_plan_and_bound(problem):
    hasty = plan_turns(problem, rounds=2, tries=10)
    careful = plan_turns(problem)

    assert breaches(problem, hasty) == []
    assert hasty.bound <= careful.cost
    assert careful.bound <= hasty.cost


def test_a_whole_subdistrict_is_planned_close_to_its_bound():
    random = Random(7)
    spots = [(random.uniform(0, 3000), random.uniform(0, 3000)) for _ in range(640)]
    points = tuple(Point(f"P{number}", 3, 20, SEVEN, SEVEN + 720) for number in range(40))
    buildings = tuple(
        Building(
            f"B{number}",
            random.randint(20, 114),
            {point.id: int(dist(spots[number], spots[600 + at])) for at, point in enumerate(points)},
            random.randint(0, 8),
            random.choice([0, 0, 0, SEVEN + 120]),
        )
        for number in range(600)
    )
    problem = TurnProblem(points, buildings)

    plan = plan_turns(problem)

    assert breaches(problem, plan) == []
    assert not plan.unserved
    assert plan.gap < 0.005


def cheapest(problem):
    """The cost of the best plan, by trying who is in each slot of each point, or nobody."""
    choices = [product([None, *range(len(problem.buildings))], repeat=problem.slots(point)) for point in problem.points]
    by_point = [
        [table for table in tables if fits(problem, point, table)]
        for point, tables in zip(problem.points, choices, strict=True)
    ]
    best = sum(building.households for building in problem.buildings) * 1_000_000
    total = best
    for tables in product(*by_point):
        seats = [
            [(row, slot) for row, table in enumerate(tables) for slot, who in enumerate(table) if who == number]
            for number in range(len(problem.buildings))
        ]
        if all(len({row for row, _ in mine}) <= 1 for mine in seats):
            saved = sum(
                saving(problem, building, mine) for building, mine in zip(problem.buildings, seats, strict=True)
            )
            best = min(best, total - saved)
    return best


def fits(problem, point, table):
    """Whether every building in the table may be where it is, and gaps are kept."""
    taken = [(slot, who) for slot, who in enumerate(table) if who is not None]
    for slot, who in taken:
        building = problem.buildings[who]
        early = point.opens_min + 10 * slot < building.not_before_min
        if early or point.id not in building.distance_m:
            return False
    return all(one == other or later - slot > problem.gap_slots for (slot, one), (later, other) in pairwise(taken))


def saving(problem, building, seats):
    """What serving the building in these (point, slot) saves, the earliest full."""
    saved, left = 0, building.households
    for row, slot in seats:
        coming = min(left, problem.capacity(problem.points[row]))
        left -= coming
        saved += coming * (1_000_000 - building.distance_m[problem.points[row].id] - 10 * slot)
    return saved


# The checker

TWO = TurnProblem((GATE, Point("far", 1, 20, SEVEN, SEVEN + 60)), (near("B1", 9, priority_households=2), near("B2", 5)))
GOOD = (
    Turn("B1", "gate", SEVEN, SEVEN + 10, 7, True),
    Turn("B1", "gate", SEVEN + 20, SEVEN + 30, 2),
    Turn("B2", "gate", SEVEN + 10, SEVEN + 20, 5),
)


def judged(*turns, unserved=None, problem=TWO):
    plan = TurnPlan(turns, unserved or {})
    return breaches(problem, TurnPlan(turns, unserved or {}, cost_of(problem, plan)))


def test_the_checker_accepts_a_good_hand_edit():
    assert judged(*GOOD) == []
    assert breaches(TWO, TurnPlan(GOOD, {}, 1)) == ["the plan costs 90, not 1"]
    assert breaches(TWO, TurnPlan(GOOD, {}, 90, 91)) == ["the bound 91 exceeds the cost 90"]


@pytest.mark.parametrize(
    ("turn", "fault"),
    [
        (Turn("B2", "gate", SEVEN, SEVEN + 10, 5), "too close"),
        (Turn("B2", "gate", SEVEN + 10, SEVEN + 20, 8), "8 households come where 1 to 7 can"),
        (Turn("B2", "gate", SEVEN + 10, SEVEN + 20, 4), "4 are served"),
        (Turn("B2", "gate", SEVEN + 10, SEVEN + 30, 5), "not one slot"),
        (Turn("B2", "gate", SEVEN + 15, SEVEN + 25, 5), "not one slot"),
        (Turn("B2", "gate", SEVEN + 60, SEVEN + 70, 5), "closed"),
        (Turn("B2", "gate", SEVEN - 10, SEVEN, 5), "closed"),
        (Turn("B2", "far", SEVEN, SEVEN + 10, 5), "cannot use"),
    ],
)
def test_the_checker_names_a_turn_that_cannot_be(turn, fault):
    assert any(fault in line for line in breaches(TWO, TurnPlan((*GOOD[:2], turn))))


def test_the_checker_sees_priority_that_does_not_come_first():
    late = (Turn("B1", "gate", SEVEN, SEVEN + 10, 7), Turn("B1", "gate", SEVEN + 20, SEVEN + 30, 2, True))

    assert any("comes before one with it" in line for line in judged(*late, GOOD[2]))
    assert any("hold 0 of 2" in line for line in judged(late[0], GOOD[1], GOOD[2]))


def test_the_checker_sees_one_building_at_two_points_and_a_missing_gap():
    both = TurnProblem(TWO.points, (near("B1", 9, at=("gate", "far")), near("B2", 5)), gap_slots=1)
    split = (Turn("B1", "gate", SEVEN, SEVEN + 10, 7), Turn("B1", "far", SEVEN, SEVEN + 10, 2), GOOD[2])

    found = judged(*split, problem=both)

    assert any("more than one point" in line for line in found)
    assert any("too close" in line for line in found)


def test_the_checker_sees_early_comers_strangers_and_wrong_counts():
    early = TurnProblem(TWO.points, (near("B1", 7, not_before_min=SEVEN + 1),))

    assert any("too early" in line for line in breaches(early, TurnPlan((GOOD[0],))))
    assert any("unknown building" in line for line in breaches(early, TurnPlan((GOOD[2],))))
    assert any("unknown building" in line for line in breaches(early, TurnPlan((), {"moon": 1})))
    assert any("0 are served and 6 are not" in line for line in breaches(early, TurnPlan((), {"B1": 6})))
