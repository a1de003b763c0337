from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baogong.planning.rosters import Gap, Person, Post, RosterProblem, Shift, plan_roster, search
from baogong.planning.rosters_check import breaches

POSTS = ("hotline", "gate")


def test_one_person_covers_what_spell_and_rest_allow():
    # 10 hours, at most 4 without a break, 3 off in between: 0-4 and 7-10, or shifted by an hour; 7 hours in any case.
    problem = RosterProblem(10, (Post("hotline", 1),), (Person("w1", ("hotline",), 4, 3),))

    plan = plan_roster(problem)

    assert breaches(problem, plan) == []
    assert (plan.missing, plan.bound, plan.proven) == (3, 3, True)


def test_touching_shifts_at_two_posts_are_one_spell():
    # w1 alone can stand at the gate, which nobody else watches; w2 only at the hotline and only until hour 2.
    people = (Person("w1", POSTS, 3, 8), Person("w2", ("hotline",), 4, 0, ((2, 4),)))
    problem = RosterProblem(4, (Post("hotline", 1), Post("gate", 1)), people)

    plan = plan_roster(problem)

    # 8 hours to fill: w2 takes 2, w1 three in a row wherever they are.
    assert breaches(problem, plan) == []
    assert (plan.missing, plan.proven) == (3, True)


def test_hours_in_which_nobody_can_come_are_named_exactly():
    away = Person("w1", ("hotline",), 12, 0, ((3, 5),)), Person("w2", ("hotline",), 12, 0, ((2, 5), (9, 10)))
    problem = RosterProblem(10, (Post("hotline", 2),), away)

    plan = plan_roster(problem)

    assert plan.gaps == (Gap("hotline", 2, 3, 1), Gap("hotline", 3, 5, 2), Gap("hotline", 9, 10, 1))
    assert plan.proven


def test_a_post_that_nobody_can_take_stays_open_throughout():
    problem = RosterProblem(6, (Post("hotline", 1), Post("gate", 2)), (Person("w1", ("hotline",), 6, 8),))

    plan = plan_roster(problem)

    assert plan.shifts == (Shift("w1", "hotline", 0, 6),)
    assert plan.gaps == (Gap("gate", 0, 6, 2),)
    assert plan.proven


def test_without_rest_two_spells_still_lie_an_hour_apart():
    # Touching shifts are one spell, so a person with max_hours 2 and no rest works 2 of 3 hours.
    problem = RosterProblem(5, (Post("hotline", 1),), (Person("w1", ("hotline",), 2, 0),))

    assert plan_roster(problem).missing == 1


@pytest.mark.parametrize(("hours", "posts", "people"), [(0, 1, 2), (5, 0, 2), (5, 1, 0)])
def test_an_empty_roster_is_a_roster(hours, posts, people):
    staff = tuple(Person(f"w{number}", POSTS[:posts], 8, 8) for number in range(people))
    problem = RosterProblem(hours, tuple(Post(name, 2) for name in POSTS[:posts]), staff)

    plan = plan_roster(problem)

    assert breaches(problem, plan) == []
    assert plan.shifts == ()
    assert (plan.missing, plan.proven) == (hours * posts * 2 if not people else 0, True)


def hotline_and_gates(hours=72):
    """Three days, three posts, 24 people; some know one post only, each is away at some time."""
    posts = Post("hotline", 2), Post("north", 1), Post("south", 1)
    names = tuple(post.id for post in posts)
    people = tuple(
        Person(
            f"w{n}",
            names[n % 2 : 2 + n % 3],
            8 + n % 3 * 2,
            8 + n % 4,
            ((5 * n % hours, min(hours, 5 * n % hours + 9)),),
        )
        for n in range(24)
    )
    return RosterProblem(hours, posts, people)


def test_three_days_at_three_posts_are_manned_and_proven():
    problem = hotline_and_gates()

    plan = plan_roster(problem)

    assert breaches(problem, plan) == []
    assert (plan.gaps, plan.proven) == ((), True)


def test_the_same_problem_and_seed_give_the_same_roster():
    problem = hotline_and_gates(30)

    assert plan_roster(problem, seed=7) == plan_roster(problem, seed=7)


def test_hours_and_nights_are_shared_and_shifts_are_not_tiny():
    # 72 hours, two seats, 12 people who can do the same: 12 hours and 4 of the 48 night hours for each.
    people = tuple(Person(f"w{number}", ("hotline",), 12, 8) for number in range(12))
    problem = RosterProblem(72, (Post("hotline", 2),), people)

    plan = plan_roster(problem)

    hours = {person.id: 0 for person in people}
    nights = dict(hours)
    for shift in plan.shifts:
        hours[shift.person] += shift.end - shift.start
        nights[shift.person] += sum(problem.is_night(hour) for hour in range(shift.start, shift.end))
    assert plan.gaps == ()
    assert max(hours.values()) - min(hours.values()) <= 2
    assert max(nights.values()) <= 6
    assert min(shift.end - shift.start for shift in plan.shifts) >= 3


def test_nights_follow_the_hour_of_the_clock_at_which_the_roster_starts():
    problem = RosterProblem(24, (), (), starts_at=20)

    assert [hour for hour in range(24) if problem.is_night(hour)] == list(range(2, 10))


def test_a_team_too_large_to_plan_at_once_is_planned_in_parts(monkeypatch):
    monkeypatch.setattr(search, "WHOLE", 500)
    monkeypatch.setattr(search, "PART", 240)
    problem = hotline_and_gates(48)

    plan = plan_roster(problem)

    assert breaches(problem, plan) == []
    assert (plan.gaps, plan.proven) == ((), True)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"hours": -1}, "hours must not be negative"),
        ({"hours": 10**9}, "too many"),
        ({"starts_at": 24}, "starts_at"),
        ({"posts": (Post("hotline", 1), Post("hotline", 2))}, "post 'hotline' comes twice"),
        ({"posts": (Post("hotline", -1),)}, "negative need"),
        ({"people": (Person("w", (), 1, 1), Person("w", (), 1, 1))}, "person 'w' comes twice"),
        ({"people": (Person("w", ("roof",), 1, 1),)}, "unknown post 'roof'"),
        ({"people": (Person("w", ("hotline", "hotline"), 1, 1),)}, "post 'hotline' comes twice"),
        ({"people": (Person("w", (), -1, 1),)}, "negative number of hours"),
        ({"people": (Person("w", (), 1, 1, ((3, 2),)),)}, "unavailable"),
        ({"people": (Person("w", (), 1, 1, ((3, 11),)),)}, "unavailable"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        RosterProblem(**({"hours": 10, "posts": (Post("hotline", 1),), "people": ()} | changes))


def least_missing(problem):
    """By brute force: through the hours, each person's state being the hours on duty so far or the rest still due."""
    need = [post.need for post in problem.posts]
    numbers = {post.id: number for number, post in enumerate(problem.posts)}
    off = [person.off_hours() for person in problem.people]

    def moves(person, number, state, hour):
        """Who is on duty has state n > 0 (hours so far), who must rest -n (hours due); nothing due is 0."""
        rest = max(1, person.min_rest_hours) - 1
        yield None, -rest if state > 0 else min(0, state + 1)
        if state >= 0 and state < person.max_hours and hour not in off[number]:
            for post in person.posts:
                yield numbers[post], state + 1

    @cache
    def least(hour, states):
        if hour == problem.hours:
            return 0
        options: list[tuple[tuple[int, ...], tuple[object, ...]]] = [(tuple(need), ())]
        for number, person in enumerate(problem.people):
            options = [
                (tuple(seats[post] - (at == post) for post in range(len(seats))), (*after, state))
                for seats, after in options
                for at, state in moves(person, number, states[number], hour)
            ]
        return min(sum(max(0, seat) for seat in seats) + least(hour + 1, after) for seats, after in options)

    return least(0, (0,) * len(problem.people))


@st.composite
def tiny_problems(draw):
    hours = draw(st.integers(1, 7))
    names = POSTS[: draw(st.integers(1, 2))]
    posts = tuple(Post(name, draw(st.integers(0, 2))) for name in names)
    away = st.tuples(st.integers(0, hours), st.integers(0, hours)).map(lambda pair: (min(pair), max(pair)))
    people = tuple(
        Person(
            f"w{number}",
            tuple(draw(st.sets(st.sampled_from(names)))),
            draw(st.integers(0, 4)),
            draw(st.integers(0, 4)),
            tuple(draw(st.lists(away, max_size=2))),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return RosterProblem(hours, posts, people)


@settings(max_examples=60, deadline=None)
@given(tiny_problems())
def test_no_roster_leaves_less_open_than_the_one_found_by_brute_force(problem):
    plan = plan_roster(problem)

    assert breaches(problem, plan) == []
    assert plan.missing == least_missing(problem)
    assert plan.bound <= plan.missing


@settings(max_examples=25, deadline=None)
@given(tiny_problems(), st.integers(0, 6), st.integers(1, 3))
def test_an_impossible_hour_is_named_whatever_the_rest(problem, hour, need):
    hour %= problem.hours
    people = tuple(
        Person(one.id, one.posts, one.max_hours, one.min_rest_hours, (*one.unavailable, (hour, hour + 1)))
        for one in problem.people
    )
    problem = RosterProblem(problem.hours, (*problem.posts, Post("night", need)), people)

    plan = plan_roster(problem)

    open_then = {gap.post: gap.missing for gap in plan.gaps if gap.start <= hour < gap.end}
    assert open_then == {post.id: post.need for post in problem.posts if post.need}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 9))
def test_no_random_roster_breaches_its_problem(seed, hours, size):
    names = ("hotline", "gate", "volunteers")
    posts = tuple(Post(name, (seed >> number) % 3) for number, name in enumerate(names))
    people = tuple(
        Person(
            f"w{n}",
            names[(seed + n) % 3 :],
            (seed * n) % 13,
            (seed + n) % 12,
            ((n % hours, min(hours, n % hours + 5)),),
        )
        for n in range(size)
    )
    problem = RosterProblem(hours, posts, people)

    plan = plan_roster(problem, seed=seed, rounds=2)

    assert breaches(problem, plan) == []
    assert plan.bound <= plan.missing
