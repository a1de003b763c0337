from dataclasses import replace

import pytest

from baogong.planning.rosters import Gap, Person, Post, RosterPlan, RosterProblem, Shift
from baogong.planning.rosters_check import breaches

W1 = Person("w1", ("hotline", "gate"), 4, 3, ((9, 10),))
W2 = Person("w2", ("hotline",), 4, 3)
PROBLEM = RosterProblem(10, (Post("hotline", 1), Post("gate", 1)), (W1, W2))
GOOD = (
    Shift("w1", "gate", 0, 2),
    Shift("w1", "hotline", 2, 4),
    Shift("w2", "hotline", 4, 8),
    Shift("w1", "gate", 7, 9),
)
GAPS = (Gap("hotline", 0, 2, 1), Gap("hotline", 8, 10, 1), Gap("gate", 2, 7, 1), Gap("gate", 9, 10, 1))


def test_a_roster_that_keeps_to_everything_is_passed():
    assert breaches(PROBLEM, RosterPlan(GOOD, GAPS)) == []


def test_gaps_may_be_named_in_pieces():
    pieces = (Gap("gate", 2, 3, 1), Gap("gate", 3, 7, 1))

    assert breaches(PROBLEM, RosterPlan(GOOD, (*GAPS[:2], *pieces, GAPS[3]))) == []


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        (Shift("w2", "gate", 0, 1), "'w2' cannot stand at 'gate'"),
        (Shift("w1", "gate", 9, 10), "'w1' is not available from 9 to 10"),
        (Shift("w1", "hotline", 7, 8), "'w1' is at two posts at once"),
        (Shift("w1", "gate", 4, 5), "'w1' is on duty from 0 to 5, longer than 4 hours"),
        (Shift("w2", "hotline", 9, 10), "'w2' is back at 9 after 8, with less than 3 hours of rest"),
        (Shift("w3", "gate", 0, 1), "'w3' is nobody on the list"),
        (Shift("w1", "roof", 0, 1), "'roof' is no post"),
        (Shift("w1", "gate", 9, 11), "does not lie within 0 to 10"),
        (Shift("w1", "gate", 5, 5), "does not lie within 0 to 10"),
    ],
)
def test_a_shift_that_breaks_a_rule_is_named(added, complaint):
    assert any(complaint in found for found in breaches(PROBLEM, RosterPlan((*GOOD, added), GAPS)))


@pytest.mark.parametrize(
    ("gaps", "complaint"),
    [
        (GAPS[1:], "post 'hotline' has 1 missing at hour 0, but the gaps say 0"),
        ((*GAPS, Gap("gate", 0, 1, 1)), "post 'gate' has 0 missing at hour 0, but the gaps say 1"),
        ((*GAPS, Gap("gate", 9, 10, 1)), "post 'gate' has 1 missing at hour 9, but the gaps say 2"),
        ((*GAPS, Gap("roof", 0, 1, 1)), "a gap names 'roof', which is no post"),
        ((*GAPS, Gap("gate", 9, 11, 1)), "with 1 missing is none"),
        ((*GAPS, Gap("gate", 0, 1, 0)), "with 0 missing is none"),
    ],
)
def test_gaps_that_name_too_little_or_too_much_are_found(gaps, complaint):
    assert any(complaint in found for found in breaches(PROBLEM, RosterPlan(GOOD, gaps)))


def test_more_people_than_needed_at_a_post_are_no_gap():
    problem = RosterProblem(2, (Post("hotline", 1),), (W2, replace(W2, id="w3")))

    assert breaches(problem, RosterPlan((Shift("w2", "hotline", 0, 2), Shift("w3", "hotline", 0, 1)))) == []
