from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.common.errors import NotFound
from baogong.common.ids import new_id
from baogong.distribution import checks, services
from baogong.distribution.models import Holder, Task
from baogong.distribution.refusals import DeliveriesOpen, NotYourTask, PlanNotPublished, TaskOver, TaskTaken
from baogong.distribution.tests.goods import delivery_to, draft, publish
from baogong.people.tests.cast import NOON, make_volunteer

LATER = NOON + timedelta(hours=20)


@pytest.fixture
def plan(cast, buy):
    return publish(cast, draft(cast, buy))


@pytest.fixture
def door(plan) -> Task:
    return plan.tasks.get(kind=Task.Kind.DOORSTEP)


@pytest.fixture
def desk(plan) -> Task:
    return plan.tasks.filter(kind=Task.Kind.DESK).order_by("trip").first()


@pytest.fixture
def liu(cast):
    return cast.actor(cast.volunteer)


@pytest.fixture
def ma(cast):
    return cast.actor(make_volunteer(cast.community, "马超"))


def accept(task: Task, actor):
    return services.accept_task(task.pk, actor=actor, now=NOON)


def start(task: Task, actor):
    return services.start_carrying(task.pk, actor=actor, now=LATER)


def holders(delivery):
    return {(bag.holder, bag.holder_id) for bag in delivery.parcels.all()}


def test_a_task_is_taken_by_one_only(door, liu, ma):
    task = accept(door, liu)

    assert (task.state, task.volunteer_id, task.accepted_at) == ("accepted", liu.account_id, NOON)
    with pytest.raises(TaskTaken):
        accept(door, ma)
    assert accept(door, liu).accepted_at == NOON


def test_the_bags_of_a_doorstep_task_go_into_its_carriers_hands(cast, plan, door, liu):
    accept(door, liu)

    assert start(door, liu) == 1
    assert start(door, liu) == 0
    assert holders(delivery_to(cast.zhao, plan)) == {(Holder.CARRIER, liu.account_id)}
    assert holders(delivery_to(cast.wang, plan)) == {(Holder.SORTING, None)}
    assert list(checks.law_3(cast.subdistrict_id)) == []


def test_a_desk_takes_everything_that_is_handed_out_at_its_point(cast, plan, desk, gate, liu):
    accept(desk, liu)

    assert start(desk, liu) == 4
    assert holders(delivery_to(cast.wang, plan)) == {(Holder.POINT, gate.pk)}
    assert holders(delivery_to(cast.zhao, plan)) == {(Holder.SORTING, None)}


def test_who_hands_a_task_back_brings_its_bags_back(cast, plan, door, liu, ma):
    accept(door, liu)
    start(door, liu)

    services.hand_back_task(door.pk, actor=liu, now=LATER)

    assert holders(delivery_to(cast.zhao, plan)) == {(Holder.SORTING, None)}
    assert accept(door, ma).volunteer_id == ma.account_id
    assert list(checks.law_3(cast.subdistrict_id)) == []


def test_goods_that_were_handed_over_stay_with_their_household_when_the_task_is_handed_back(cast, plan, desk, liu):
    accept(desk, liu)
    start(desk, liu)
    services.hand_over(delivery_to(cast.wang, plan).pk, how="code", actor=liu, now=LATER)

    services.hand_back_task(desk.pk, actor=liu, now=LATER)

    assert holders(delivery_to(cast.wang, plan)) == {(Holder.HOUSEHOLD, cast.wang.pk)}
    assert list(checks.law_3(cast.subdistrict_id)) == []


def test_a_task_is_not_done_while_a_household_waits(cast, plan, door, liu):
    accept(door, liu)

    with pytest.raises(DeliveriesOpen) as refusal:
        services.finish_task(door.pk, actor=liu, now=LATER)
    assert refusal.value.facts == {"count": 1}

    services.return_delivery(delivery_to(cast.zhao, plan).pk, "没人在家", actor=liu, now=LATER)
    door.refresh_from_db()
    assert door.state == "done"
    assert services.finish_task(door.pk, actor=liu, now=LATER).state == "done"


@pytest.mark.parametrize("act", [services.start_carrying, services.finish_task, services.hand_back_task])
def test_nobody_acts_on_a_task_that_is_not_theirs(door, liu, ma, act):
    accept(door, liu)

    with pytest.raises(NotYourTask):
        act(door.pk, actor=ma, now=LATER)


@pytest.mark.parametrize(
    "act", [services.accept_task, services.start_carrying, services.finish_task, services.hand_back_task]
)
def test_an_unknown_task_is_not_found(db, liu, act):
    with pytest.raises(NotFound):
        act(new_id(), actor=liu, now=LATER)


def test_a_done_task_is_over(cast, plan, door, liu, ma):
    accept(door, liu)
    services.hand_over(delivery_to(cast.zhao, plan).pk, how="flat", actor=liu, now=LATER)

    with pytest.raises(TaskOver):
        accept(door, ma)
    with pytest.raises(TaskOver):
        services.hand_back_task(door.pk, actor=liu, now=LATER)


def test_tasks_of_a_draft_cannot_be_taken(cast, buy, liu):
    task = draft(cast, buy).tasks.all()[0]

    with pytest.raises(PlanNotPublished):
        accept(task, liu)
