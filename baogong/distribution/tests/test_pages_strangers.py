"""Who sees and does what with tasks: the building's worker, and strangers."""

from __future__ import annotations

import pytest
import time_machine

from baogong.common.ids import new_id
from baogong.distribution.models import Delivery, Plan, Task
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_round, publish
from baogong.distribution.tests.pages import (
    desk,
    door_url,
    find,
    handed_over_events,
    send,
    signed_in,
    taken,
    text,
    trip,
    url,
)
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import (
    NOON,
    make_building,
    make_cast,
    make_community,
    make_staff,
    make_volunteer,
)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def plan(cast, buy) -> Plan:
    return publish(cast, draft(cast, buy))


@pytest.fixture
def liu(cast):
    """The volunteer's phone."""
    return signed_in(cast.volunteer)


@pytest.fixture
def at_door(cast, plan) -> Task:
    """The trip to Zhao, in the volunteer's hands."""
    return taken(cast, trip(plan))


@pytest.fixture
def at_desk(cast, plan) -> Task:
    """The first desk, where Wang and Li come, in the volunteer's hands."""
    return taken(cast, desk(plan))


# ---------------------------------------------------------------- who answers for the building


def test_a_worker_sees_and_helps_with_what_others_carry(cast, at_door, plan):
    zhou = signed_in(cast.worker)

    page = text(zhou.get(url("task", at_door.pk)))
    answer = send(zhou, door_url(at_door, delivery_to(cast.zhao, plan)))

    assert "刘洋 has this task. You can hand over too." in page
    assert "101 1 bag" in page
    assert answer.status_code == 303
    assert handed_over_events(cast) == 1
    assert "101" in text(zhou.get(url("task", at_door.pk)))


def test_a_worker_of_another_building_finds_nothing(cast, at_door, plan):
    other = make_building(cast.compound, "5")
    worker = make_staff(cast.subdistrict_id, "钱进", Role.SOCIAL_WORKER, area=Area.BUILDING, area_id=other.pk)

    assert signed_in(worker).get(url("task", at_door.pk)).status_code == 404
    assert send(signed_in(worker), door_url(at_door, delivery_to(cast.zhao, plan))).status_code == 404


# ---------------------------------------------------------------- strangers


def views_of(task: Task, delivery: Delivery) -> list[tuple[str, str]]:
    return [
        ("get", url("tasks")),
        ("post", url("duty")),
        ("get", url("task", task.pk)),
        ("post", url("find", task.pk)),
        ("get", door_url(task, delivery)),
        ("post", door_url(task, delivery)),
        ("post", door_url(task, delivery, "not_met")),
        ("post", door_url(task, delivery, "take_back")),
        *(("post", url("task_deed", task.pk, name)) for name in ("acceptance", "departure", "completion", "hand-back")),
    ]


def test_whoever_is_not_signed_in_is_asked_to(cast, at_desk, plan):
    for method, address in views_of(at_desk, delivery_to(cast.wang, plan)):
        assert getattr(signed_in(None), method)(address).status_code == 302, address


@pytest.mark.parametrize("role", ["wang_account", "buyer", "operator", "command_post", "admin"])
def test_who_hands_nothing_over_is_turned_away(cast, at_desk, plan, role):
    stranger = signed_in(getattr(cast, role))

    for method, address in views_of(at_desk, delivery_to(cast.wang, plan)):
        assert getattr(stranger, method)(address).status_code == 403, address


def test_a_volunteer_of_another_community_finds_nothing(cast, at_desk, plan):
    far = make_volunteer(make_community(cast.subdistrict, "西里"), "马超")

    for method, address in views_of(at_desk, delivery_to(cast.wang, plan))[2:]:
        assert getattr(signed_in(far), method)(address).status_code == 404, address


def test_a_volunteer_without_the_desk_hands_nothing_over_there(cast, liu, plan):
    delivery = delivery_to(cast.wang, plan)

    assert find(liu, desk(plan), delivery.pickup_code).status_code == 422
    assert liu.get(door_url(desk(plan), delivery)).status_code == 404
    assert send(liu, door_url(desk(plan), delivery)).status_code == 404
    assert handed_over_events(cast) == 0


def test_doors_of_another_task_are_not_found_under_this_one(cast, liu, at_desk, at_door, plan):
    wang, zhao = delivery_to(cast.wang, plan), delivery_to(cast.zhao, plan)

    for task, delivery in ((at_desk, zhao), (at_door, wang)):
        assert liu.get(door_url(task, delivery)).status_code == 404
        assert send(liu, door_url(task, delivery)).status_code == 404
        assert send(liu, door_url(task, delivery, "not_met")).status_code == 404
        assert send(liu, door_url(task, delivery, "take_back"), reason="refused").status_code == 404
    assert handed_over_events(cast) == 0


def test_tasks_of_drafts_and_of_other_subdistricts_are_not_found(cast, liu, buy):
    drafted = trip(draft(cast, buy))
    abroad = make_cast()
    foreign_buy = make_round(abroad, {"米": 5_000})
    make_order(foreign_buy, abroad.zhao, {"米": 1})
    foreign = trip(publish(abroad, draft(abroad, foreign_buy)))

    for task_id in (drafted.pk, foreign.pk, new_id()):
        assert liu.get(url("task", task_id)).status_code == 404
        assert signed_in(cast.worker).get(url("task", task_id)).status_code == 404
        assert send(liu, url("task_deed", task_id, "acceptance")).status_code == 404


def test_an_unknown_deed_is_not_found_and_links_change_nothing(cast, liu, at_door, plan):
    delivery = delivery_to(cast.zhao, plan)

    assert send(liu, url("task_deed", at_door.pk, "juggling")).status_code == 404
    for address in (
        url("duty"),
        url("find", at_door.pk),
        url("task_deed", at_door.pk, "completion"),
        door_url(at_door, delivery, "not_met"),
        door_url(at_door, delivery, "take_back"),
    ):
        assert liu.get(address).status_code == 405
