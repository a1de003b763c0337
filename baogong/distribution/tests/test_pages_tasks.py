"""Volunteers' and workers' pages: duty, tasks, the doors of a trip."""

from __future__ import annotations

import pytest
import time_machine

from baogong.distribution import checks, services, task_view
from baogong.distribution.models import Delivery, Holder, Parcel, Plan, Task
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_round, publish
from baogong.distribution.tests.pages import (
    desk,
    door_url,
    handed_over,
    handed_over_events,
    send,
    signed_in,
    taken,
    text,
    trip,
    url,
)
from baogong.people.models import Volunteer
from baogong.people.tests.cast import (
    NOON,
    Cast,
    make_building,
    make_compound,
    make_household,
    make_point,
    make_volunteer,
)
from baogong.places.models import Unit, Zone


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


# ---------------------------------------------------------------- the list of tasks


def test_free_tasks_of_the_area_are_listed_and_taken_with_one_button(cast, liu, plan):
    page = text(liu.get(url("tasks")))
    assert "No task of mine" in page
    assert "3号楼" in page
    assert "东门 desk 1" in page
    assert "东门 desk 2" in page
    assert "1 household, 1 bag, 5 kg" in page

    answer = send(liu, url("task_deed", trip(plan).pk, "acceptance"))

    assert answer["Location"] == url("task", trip(plan).pk)
    assert trip(plan).volunteer == cast.volunteer
    page = text(liu.get(url("tasks")))
    assert "1 task of mine" in page
    assert "not begun" in page


def test_before_taking_a_task_nobody_learns_its_doors(cast, liu, plan):
    for task in (trip(plan), desk(plan)):
        page = text(liu.get(url("task", task.pk)))
        assert "You see the doors when you have taken it" in page
        assert "101" not in page
        assert "502" not in page


def test_what_somebody_else_has_taken_looks_as_if_it_were_not_there(cast, liu, plan):
    task = taken(cast, trip(plan), make_volunteer(cast.community, "赵云"))

    assert "3号楼" not in text(liu.get(url("tasks")))
    assert liu.get(url("task", task.pk)).status_code == 404
    assert send(liu, url("task_deed", task.pk, "acceptance")).status_code == 404


def test_who_comes_second_is_told_and_finds_the_other_tasks(cast, liu, plan, monkeypatch):
    task = trip(plan)
    real = task_view.task_here

    def meanwhile_taken(actor, task_id, at):
        found = real(actor, task_id, at)
        taken(cast, found, make_volunteer(cast.community, "赵云"))
        return found

    monkeypatch.setattr(task_view, "task_here", meanwhile_taken)

    answer = send(liu, url("task_deed", task.pk, "acceptance"))

    assert answer["Location"] == url("tasks")
    assert "Somebody else has taken this task" in text(liu.get(url("tasks")))


def test_off_duty_nothing_is_offered(cast, liu, plan):
    answer = send(liu, url("duty"), on="0")

    assert answer["Location"] == url("tasks")
    assert not Volunteer.objects.get(account=cast.volunteer).on_duty
    page = text(liu.get(url("tasks")))
    assert "You are not on duty" in page
    assert "3号楼" not in page

    send(liu, url("duty"), on="1")

    assert Volunteer.objects.get(account=cast.volunteer).on_duty
    assert "3号楼" in text(liu.get(url("tasks")))


def test_a_worker_takes_tasks_too_and_has_no_switch(cast, plan):
    zhou = signed_in(cast.worker)

    assert "End my duty" not in text(zhou.get(url("tasks")))
    assert send(zhou, url("duty"), on="0").status_code == 404
    assert send(zhou, url("task_deed", trip(plan).pk, "acceptance")).status_code == 303
    assert trip(plan).volunteer == cast.worker


def test_nothing_to_take_says_when_something_comes(cast, liu):
    assert "Tasks stand here when the next plan is published" in text(liu.get(url("tasks")))


def test_a_task_is_given_back_for_somebody_else(cast, liu, at_door):
    answer = send(liu, url("task_deed", at_door.pk, "hand-back"))

    assert answer["Location"] == url("tasks")
    at_door.refresh_from_db()
    assert at_door.volunteer is None
    assert set(Parcel.objects.filter(delivery__task=at_door).values_list("holder", flat=True)) == {Holder.SORTING}


# ---------------------------------------------------------------- to the doors


def test_first_the_bags_are_fetched_then_the_first_door_stands_there(cast, liu, plan):
    task = trip(plan)
    send(liu, url("task_deed", task.pk, "acceptance"))
    page = text(liu.get(url("task", task.pk)))
    assert "1 bag lies at the sorting place" in page
    assert "This door now" not in page

    send(liu, url("task_deed", task.pk, "departure"))

    page = text(liu.get(url("task", task.pk)))
    assert "This door now" in page
    assert "101" in page
    assert "3-101" in page
    assert Parcel.objects.get(delivery__task=task).holder == Holder.CARRIER


def test_one_tap_hands_over_and_the_last_door_ends_the_task(cast, liu, at_door, plan):
    answer = send(liu, door_url(at_door, delivery_to(cast.zhao, plan)), how="flat")

    assert answer["Location"] == url("task", at_door.pk)
    delivery = delivery_to(cast.zhao, plan)
    assert (delivery.state, delivery.handed_over_how, delivery.handed_over_by) == (
        "handed_over", "flat", cast.volunteer.pk,
    )  # fmt: skip
    page = text(liu.get(answer["Location"]))
    assert "3-101 has its 1 bag." in page
    assert "Done today 12:00" in page
    assert not [breach for law in checks.LAWS.values() for breach in law(cast.subdistrict_id)]


def test_with_the_task_the_doors_are_gone_from_the_volunteers_page(cast, liu, at_door, plan):
    send(liu, door_url(at_door, delivery_to(cast.zhao, plan)))
    liu.get(url("task", at_door.pk))  # what was just done is said once

    page = text(liu.get(url("task", at_door.pk)))

    assert "101" not in page
    assert "Done lately" in text(liu.get(url("tasks")))


def test_nobody_there_changes_nothing_and_the_door_comes_again_at_the_end(cast, liu, plan, noon):
    other = make_household(cast.sealed, "202")
    buy = make_round(cast, {"米": 5_000})
    for household in (cast.zhao, other):
        make_order(buy, household, {"米": 1})
    task = taken(cast, trip(publish(cast, draft(cast, buy))))
    first = task.deliveries.get(household=cast.zhao)
    assert "101 1 bag" in text(liu.get(url("task", task.pk)))

    answer = send(liu, door_url(task, first, "not_met"))

    first.refresh_from_db()
    assert first.state == Delivery.State.WAITING
    page = text(liu.get(answer["Location"]))
    assert "3-101, 12:00: nobody was there. Try once more at the end." in page
    assert page.index("202 1 bag") < page.index("101 1 bag")
    assert "nobody there" in page

    send(liu, door_url(task, task.deliveries.get(household=other)))

    page = text(liu.get(url("task", task.pk)))
    assert "Once more" in page
    assert "Take the bags back" in page


def test_bags_that_nobody_takes_go_back_and_the_task_is_done(cast, liu, at_door, plan):
    delivery = delivery_to(cast.zhao, plan)

    answer = send(liu, door_url(at_door, delivery, "take_back"), reason="nobody_home")

    assert answer["Location"] == url("task", at_door.pk)
    delivery.refresh_from_db()
    at_door.refresh_from_db()
    assert (delivery.state, at_door.state) == (Delivery.State.RETURNED, "done")
    assert "Bring the bags of 3-101 to the sorting place" in text(liu.get(answer["Location"]))


def test_bags_go_back_only_with_a_reason(cast, liu, at_door, plan):
    delivery = delivery_to(cast.zhao, plan)

    answer = send(liu, door_url(at_door, delivery, "take_back"))

    assert answer.status_code == 422
    assert "Nothing is chosen for “Why they go back”" in text(answer)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING


def test_what_was_handed_over_is_not_taken_back(cast, liu, at_door, plan):
    delivery = handed_over(cast, delivery_to(cast.zhao, plan))

    answer = send(liu, door_url(at_door, delivery, "take_back"), reason="nobody_home")

    assert answer.status_code == 422
    assert "The household has these goods already" in text(answer)


def test_what_went_back_is_not_handed_over(cast, liu, at_door, plan):
    delivery = delivery_to(cast.zhao, plan)
    services.return_delivery(delivery.pk, "nobody_home", actor=cast.actor(cast.volunteer), now=NOON)

    assert "These bags went back today 12:00" in text(liu.get(door_url(at_door, delivery)))
    answer = send(liu, door_url(at_door, delivery))

    assert answer.status_code == 422
    assert "These goods went back" in text(answer)
    assert handed_over_events(cast) == 0


def test_a_withdrawn_plan_is_told_where_its_bags_are_carried(cast, liu, at_door, plan):
    services.withdraw_plan(plan.pk, actor=cast.actor(cast.buyer), now=NOON)

    assert "This plan was withdrawn today 12:00. Bring all bags back" in text(liu.get(url("task", at_door.pk)))
    answer = send(liu, door_url(at_door, delivery_to(cast.zhao, plan)))

    assert answer.status_code == 422
    assert "was withdrawn; these bags were taken apart" in text(answer)


@pytest.mark.parametrize(("lift", "order"), [(False, ["101", "202", "303"]), (True, ["303", "202", "101"])])
def test_doors_stand_as_they_are_walked(cast, liu, lift, order):
    cast.sealed.lift = lift
    cast.sealed.save(update_fields=["lift"])
    buy = make_round(cast, {"米": 5_000})
    make_order(buy, cast.zhao, {"米": 1})
    for flat in ("303", "202"):
        make_order(buy, make_household(cast.sealed, flat), {"米": 1})
    task = taken(cast, trip(publish(cast, draft(cast, buy))))

    page = text(liu.get(url("task", task.pk)))

    places = [page.index(f"{flat} 1 bag") for flat in order]
    assert places == sorted(places)


def test_finishing_with_doors_left_is_refused_with_their_number(cast, liu, at_door):
    answer = send(liu, url("task_deed", at_door.pk, "completion"))

    assert answer.status_code == 422
    assert "1 household has not got its goods yet" in text(answer)


def test_a_trip_through_one_entrance_says_which(cast, liu):
    unit = Unit.objects.create(subdistrict_id=cast.subdistrict_id, building=cast.sealed, name="4")
    buy = make_round(cast, {"米": 5_000})
    make_order(buy, make_household(cast.sealed, "501", unit=unit), {"米": 1})
    task = taken(cast, trip(publish(cast, draft(cast, buy))))

    assert "unit 4" in text(liu.get(url("task", task.pk)))


# ---------------------------------------------------------------- queries


def busy(cast: Cast, households: int, buildings: int) -> Plan:
    """A published plan: so many buildings at a turn with so many households each, and one sealed one."""
    buy = make_round(cast, {"米": 500})
    compound = make_compound(cast.community, f"新村{households}", zone=Zone.CONTROLLED)
    make_point(compound, "南门")
    for number in range(buildings):
        building = make_building(compound, f"N{households}-{number}")
        for flat in range(households):
            make_order(buy, make_household(building, f"{101 + flat}"), {"米": 1})
    sealed = make_building(compound, f"S{households}", zone=Zone.SEALED)
    for flat in range(households):
        make_order(buy, make_household(sealed, f"{101 + flat}"), {"米": 1})
    return publish(cast, draft(cast, buy))


@pytest.mark.parametrize(("households", "buildings"), [(1, 1), (7, 5)])
def test_the_volunteers_pages_ask_the_database_as_often_whatever_their_size(
    cast, liu, households, buildings, django_assert_max_num_queries
):
    plan = busy(cast, households, buildings)
    at_desk, at_door = taken(cast, desk(plan)), taken(cast, trip(plan))
    delivery = at_door.deliveries.all()[0]
    of_tasks = [(url("tasks"), 18), (url("task", at_desk.pk), 17), (url("task", at_door.pk), 15)]
    addresses = [*of_tasks, (door_url(at_door, delivery), 17)]
    liu.get(url("tasks"))

    for address, most in addresses:
        with django_assert_max_num_queries(most):
            assert liu.get(address).status_code == 200
