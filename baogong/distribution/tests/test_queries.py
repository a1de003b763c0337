"""Who sees and may hand over what: the rightful reader, and strangers of every kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.common import clock
from baogong.common.errors import BadInput, NotAllowed, NotFound
from baogong.common.ids import new_id
from baogong.distribution import queries, services
from baogong.distribution.models import Task
from baogong.distribution.refusals import AmbiguousCode
from baogong.distribution.tests.goods import TOMORROW, delivery_to, draft, make_order, make_round, publish
from baogong.people.roles import Area, Role
from baogong.people.services import merge_households
from baogong.people.tests.cast import (
    NOON,
    make_cast,
    make_community,
    make_resident,
    make_staff,
    make_volunteer,
)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """Which tasks are recent is asked of the clock, as grants are."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def plan(cast, buy):
    return publish(cast, draft(cast, buy))


@pytest.fixture
def liu(cast):
    return cast.actor(cast.volunteer)


def taken(plan, kind: str, actor) -> Task:
    task = plan.tasks.filter(kind=kind).order_by("trip").first()
    return services.accept_task(task.pk, actor=actor, now=NOON)


def reach(actor) -> set[str]:
    return set(queries.deliveries_for(actor).values_list("household__code", flat=True))


# ---------------------------------------------------------------- who may hand over


def test_a_volunteer_reaches_the_doors_of_its_own_task_only(cast, plan, liu):
    assert reach(liu) == set()

    taken(plan, "doorstep", liu)

    assert reach(liu) == {"3/101"}


def test_a_volunteer_with_a_desk_reaches_whoever_comes_to_its_point(plan, liu):
    taken(plan, "desk", liu)

    assert reach(liu) == {"12/2/301", "12/2/502"}


def test_a_worker_reaches_the_households_of_its_area(cast, plan):
    assert reach(cast.actor(cast.worker)) == {"12/2/301", "12/2/502", "3/101"}
    west = make_community(cast.subdistrict, "西里")
    other = make_staff(cast.subdistrict_id, "何云", Role.SOCIAL_WORKER, area=Area.COMMUNITY, area_id=west.pk)
    assert reach(cast.actor(other)) == set()


def test_strangers_reach_nothing(cast, plan):
    strangers = [cast.actor(account) for account in (cast.wang_account, cast.buyer, cast.operator, cast.admin)]
    elsewhere = make_cast()
    strangers += [elsewhere.actor(elsewhere.worker), elsewhere.actor(elsewhere.volunteer)]

    assert [reach(stranger) for stranger in strangers] == [set()] * 6


def test_a_task_that_was_handed_back_or_done_long_ago_opens_no_door(plan, liu, monkeypatch):
    task = taken(plan, "doorstep", liu)
    services.hand_back_task(task.pk, actor=liu, now=NOON)
    assert reach(liu) == set()

    taken(plan, "doorstep", liu)
    services.hand_over(plan.deliveries.get(task=task).pk, how="flat", actor=liu, now=NOON)
    assert reach(liu) == {"3/101"}  # a second scan is told so
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=13))
    assert reach(liu) == set()


def test_a_draft_cannot_be_handed_over(cast, buy):
    draft(cast, buy)

    assert reach(cast.actor(cast.worker)) == set()


# ---------------------------------------------------------------- whose goods these are


def test_goods_are_found_by_secret_label_or_pick_up_code(cast, plan):
    worker, wanted = cast.actor(cast.worker), delivery_to(cast.wang, plan)

    assert queries.delivery_for(worker, delivery_id=wanted.pk) == wanted
    assert queries.delivery_for(worker, secret=wanted.secret.lower()) == wanted
    assert queries.delivery_for(worker, parcel_code=f" {plan.code.lower()}-0003-2 ") == wanted
    assert queries.delivery_for(worker, plan_id=plan.pk, pickup_code=wanted.pickup_code) == wanted
    assert queries.delivery_for(worker, pickup_code=wanted.pickup_code) == wanted


def test_unknown_and_foreign_goods_look_alike(cast, plan, liu):
    taken(plan, "doorstep", liu)
    foreign = delivery_to(cast.wang, plan)

    for named in (
        {"delivery_id": foreign.pk},
        {"secret": foreign.secret},
        {"pickup_code": foreign.pickup_code},
        {"parcel_code": foreign.parcels.all()[0].code},
        {"delivery_id": new_id()},
        {"parcel_code": "D1125-01-9999-1"},
    ):
        with pytest.raises(NotFound):
            queries.delivery_for(liu, **named)


@pytest.mark.parametrize("named", [{}, {"secret": ""}, {"secret": "A", "parcel_code": "B"}])
def test_one_thing_has_to_be_named(cast, plan, named):
    with pytest.raises(BadInput):
        queries.delivery_for(cast.actor(cast.worker), **named)


def test_a_pick_up_code_of_another_plan_is_none_of_this_one(cast, buy, plan):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})
    other = publish(cast, draft(cast, later))

    code = delivery_to(cast.li, plan).pickup_code

    with pytest.raises(NotFound):
        queries.delivery_for(cast.actor(cast.worker), plan_id=other.pk, pickup_code=code)


def test_a_pick_up_code_that_two_plans_have_needs_its_plan(cast, buy, plan):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})
    other = publish(cast, draft(cast, later))
    code = delivery_to(cast.li, plan).pickup_code
    other.deliveries.update(pickup_code=code)
    worker = cast.actor(cast.worker)

    with pytest.raises(AmbiguousCode):
        queries.delivery_for(worker, pickup_code=code)
    assert queries.delivery_for(worker, plan_id=other.pk, pickup_code=code) == delivery_to(cast.wang, other)


def test_goods_are_found_by_the_flat_and_those_that_wait_come_first(cast, buy, plan):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})
    other = publish(cast, draft(cast, later))
    worker = cast.actor(cast.worker)
    services.hand_over(delivery_to(cast.wang, other).pk, how="flat", actor=worker, now=NOON)

    assert queries.delivery_at_flat(worker, "12/2/502") == delivery_to(cast.wang, plan)
    assert queries.delivery_at_flat(worker, cast.wang.pk, plan_id=other.pk) == delivery_to(cast.wang, other)
    with pytest.raises(NotFound):
        queries.delivery_at_flat(worker, "12/2/999")


# ---------------------------------------------------------------- turns and tasks


def test_a_resident_sees_its_own_turn_and_a_worker_those_of_its_buildings(cast, plan):
    neighbour = make_resident(cast.zhao, "赵敏")

    assert list(queries.turns_for(cast.actor(cast.wang_account))) == list(plan.turns.all())
    assert list(queries.turns_for(cast.actor(neighbour))) == []
    assert list(queries.turns_for(cast.actor(cast.worker), day=TOMORROW)) == list(plan.turns.all())
    assert list(queries.turns_for(cast.actor(cast.worker), day=TOMORROW + timedelta(days=1))) == []
    with pytest.raises(NotAllowed):
        queries.turns_for(cast.actor(cast.admin))


def test_turns_of_a_draft_are_nobodys_business(cast, buy):
    draft(cast, buy)

    assert list(queries.turns_for(cast.actor(cast.worker))) == []
    assert list(queries.turns_of_building(cast.building)) == []


def test_the_poster_shows_the_turns_of_its_building(cast, plan):
    assert [turn.point.name for turn in queries.turns_of_building(cast.building)] == ["东门"]
    assert list(queries.turns_of_building(cast.sealed)) == []


def test_tasks_are_offered_in_the_area_and_disappear_when_taken(cast, plan, liu):
    west = make_community(cast.subdistrict, "西里")
    far, near = cast.actor(make_volunteer(west, "马超")), cast.actor(make_volunteer(cast.community, "关平"))
    assert len(queries.tasks_for(liu)) == len(queries.tasks_for(near)) == 3
    assert list(queries.tasks_for(far)) == []

    task = taken(plan, "doorstep", liu)

    assert list(queries.my_tasks(liu)) == [task]
    assert task not in queries.tasks_for(near)
    assert queries.task_for(liu, task.pk) == task
    with pytest.raises(NotFound):
        queries.task_for(near, task.pk)


def test_tasks_of_a_draft_are_not_offered(cast, buy, liu):
    draft(cast, buy)

    assert list(queries.tasks_for(liu)) == []


# ---------------------------------------------------------------- a household's own


def test_a_household_reads_what_is_coming_before_what_it_has(cast, buy, plan):
    services.hand_over(delivery_to(cast.wang, plan).pk, how="flat", actor=cast.system, now=NOON)
    assert queries.delivery_of(cast.wang) == delivery_to(cast.wang, plan)
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})

    other = publish(cast, draft(cast, later))

    assert queries.delivery_of(cast.wang) == delivery_to(cast.wang, other)
    assert queries.deliveries_of(cast.wang).count() == 2


def test_what_was_coming_to_a_merged_household_is_read_by_the_one_it_went_into(cast, plan):
    coming = delivery_to(cast.li, plan)

    merge_households(cast.li, cast.zhao, actor=cast.system, now=NOON)

    assert coming in queries.deliveries_of(cast.zhao)


def test_a_household_without_goods_reads_nothing(cast, buy):
    draft(cast, buy)

    assert queries.delivery_of(cast.wang) is None
