"""Free stretches of a point's day, and whose turn it is on which day; no database needed."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

from baogong.distribution.problems import Numbers, day_problem, rotated, share_turns, windows_of
from baogong.distribution.recipients import Recipient
from baogong.distribution.walking import walk_m
from baogong.places.models import Building, Point
from baogong.planning.turns import TurnPlan, TurnProblem, plan_turns
from baogong.planning.turns_check import breaches, cost_of

NUMBERS = Numbers(slot_minutes=10, seconds_per_handover=77, gap_slots=0)
GATE = Point(name="东门", desks=2, present_cap=20, opens_at=time(7), closes_at=time(19))
DAY = date(2022, 11, 25)


def hours(windows):
    return [(window.opens_min / 60, window.closes_min / 60, window.late_slots) for window in windows]


def recipients(building: int, count: int, *, priority: int = 0) -> list[Recipient]:
    return [
        Recipient(
            household_id=UUID(int=building * 1_000 + n),
            building_id=UUID(int=building),
            building_order=building,
            unit_id=None,
            floor=1,
            sort_key=f"{n:04d}",
            priority=n >= count - priority,
            sealed=False,
        )
        for n in range(count)
    ]


def planned(*groups: list[Recipient], day: date = DAY) -> tuple[TurnPlan, TurnPlan, TurnProblem]:
    """The planner's answer and the same rotated for a day, with the problem."""
    metres = {group[0].building_id: {GATE.pk: 100} for group in groups}
    asked = day_problem([who for group in groups for who in group], windows_of(GATE, [], NUMBERS), metres, NUMBERS)
    answer = plan_turns(asked.problem)
    return answer, rotated(answer, asked.problem, day), asked.problem


def test_a_free_day_is_one_stretch():
    assert hours(windows_of(GATE, [], NUMBERS)) == [(7, 19, 0)]


def test_turns_of_another_plan_cut_the_day_in_two_and_the_later_part_costs_as_much_as_before():
    assert hours(windows_of(GATE, [(540, 600)], NUMBERS)) == [(7, 9, 0), (10, 19, 18)]


def test_between_plans_lie_as_many_empty_slots_as_between_buildings():
    gap = Numbers(slot_minutes=10, seconds_per_handover=77, gap_slots=1)

    assert hours(windows_of(GATE, [(540, 600)], gap)) == [(7, 8 + 50 / 60, 0), (10 + 10 / 60, 19, 19)]


def test_what_is_over_of_today_is_no_turn_any_more():
    assert hours(windows_of(GATE, [], NUMBERS, from_min=12 * 60 + 1)) == [(12 + 10 / 60, 19, 31)]


def test_a_stretch_shorter_than_a_slot_is_none():
    assert windows_of(GATE, [(420, 1_135)], NUMBERS) == []


def test_like_buildings_have_the_first_turn_one_after_the_other():
    groups = [recipients(n, 15) for n in (1, 2, 3)]
    first = []
    for days in range(3):
        _answer, turned, _problem = planned(*groups, day=DAY + timedelta(days=days))
        first.append(min(turned.turns, key=lambda turn: turn.start_min).building)

    assert sorted(first) == [str(UUID(int=n)) for n in (1, 2, 3)]


def test_changing_turns_round_costs_nothing_and_breaks_nothing():
    groups = [recipients(1, 15), recipients(2, 15), recipients(3, 40, priority=3), recipients(4, 40, priority=3)]
    groups.append(recipients(5, 7))
    for days in range(5):
        answer, turned, problem = planned(*groups, day=DAY + timedelta(days=days))

        assert cost_of(problem, turned) == answer.cost
        assert breaches(problem, turned) == []


def test_who_goes_first_comes_first_and_the_rest_is_left_for_the_door():
    group = recipients(1, 40, priority=2)
    answer, _turned, _problem = planned(group)

    shared, rest = share_turns(group, answer.turns[:2])

    assert [len(who) for _turn, who in shared] == [15, 15]
    assert [who.priority for who in shared[0][1][:3]] == [True, True, False]
    assert len(rest) == 10
    assert not any(who.priority for who in rest)


def test_the_walk_is_the_straight_line_and_what_corners_add():
    here, there = Building(longitude=116.46, latitude=39.87), Point(longitude=116.46, latitude=39.88)

    assert walk_m(here, there, detour_percent=100) == 1_112
    assert walk_m(here, there, detour_percent=130) == 1_446


def test_without_coordinates_nobody_knows_the_walk():
    assert walk_m(Building(longitude=116.46, latitude=None), GATE, detour_percent=130) == 0
