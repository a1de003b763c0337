"""What two people do in the same moment: only PostgreSQL with threads shows whether both can win."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connection

from baogong.channels.models import Message
from baogong.common.errors import RuleBroken
from baogong.people import services
from baogong.people.models import Duty, Household
from baogong.people.services import signing
from baogong.people.services.households import Door
from baogong.people.tests.cast import NOON, WANG_PHONE, code_in, make_cast, make_person, make_resident, make_staff

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*deeds):
    """Run all deeds in threads that start together; how often each outcome came: `done`, or the refusal's code."""
    outcomes: Counter[str] = Counter()
    barrier, lock = threading.Barrier(len(deeds)), threading.Lock()

    def run(deed):
        barrier.wait()
        try:
            deed()
            outcome = "done"
        except RuleBroken as refusal:
            outcome = refusal.code
        finally:
            connection.close()
        with lock:
            outcomes[outcome] += 1

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def cast(transactional_db, monkeypatch):
    monkeypatch.setattr("baogong.channels.services.send_soon", lambda: None)
    return make_cast()


def claim(cast, code, name):
    return lambda: services.claim_household_with_letter(
        None, code, name=name, subdistrict_id=cast.subdistrict_id, address="10.0.0.1", now=NOON
    )


def test_one_letter_lets_one_person_in(cast):
    letter = services.print_letter(cast.zhao, actor=cast.actor(cast.worker), now=NOON)

    outcomes = at_once(*(claim(cast, letter.code, f"赵{n}") for n in range(6)))

    assert outcomes == {"done": 1, "wrong_code": 5}


def test_eight_members_stay_the_most_when_all_come_at_once(cast):
    for n in range(3):
        make_resident(cast.wang, f"王{n}")
    codes = [services.invite_member(cast.wang, actor=cast.actor(cast.wang_account), now=NOON) for _ in range(4)]
    make_resident(cast.wang, "王大")
    make_resident(cast.wang, "王二")

    outcomes = at_once(*(claim(cast, code, f"新{n}") for n, code in enumerate(codes)))

    assert outcomes == {"done": 2, "household_full": 2}


def test_a_door_takes_one_household(cast):
    door = Door(cast.building, cast.unit, "601", 6)
    actor = cast.actor(cast.worker)

    outcomes = at_once(
        *(
            lambda home=home: services.move_household(home, door, actor=actor, now=NOON)
            for home in (cast.wang, cast.li, cast.zhao)
        )
    )

    assert outcomes == {"done": 1, "door_taken": 2}


def test_households_that_are_merged_into_each_other_end_as_one(cast):
    actor = cast.actor(cast.worker)

    outcomes = at_once(
        lambda: services.merge_households(cast.wang, cast.li, actor=actor, now=NOON),
        lambda: services.merge_households(cast.li, cast.wang, actor=actor, now=NOON),
    )

    assert outcomes == {"done": 1, "household_ended": 1}
    left = Household.objects.within(cast.subdistrict_id).living().filter(building=cast.building).get()
    assert left.people == 5


def test_a_building_gets_one_deputy(cast):
    actor = cast.actor(cast.admin)
    others = [make_staff(cast.subdistrict_id, f"组员{n}", "grid_worker") for n in range(5)]

    at_once(
        *(
            lambda one=one: services.set_duty(cast.building, one, Duty.Kind.DEPUTY, actor=actor, now=NOON)
            for one in others
        )
    )

    assert cast.building.duties.filter(kind=Duty.Kind.DEPUTY, ended_at=None).count() == 1


def test_a_code_opens_once_however_many_send_it(cast):
    signing.request_phone_code(cast.subdistrict_id, WANG_PHONE, nonce="n", address="10.0.0.1", now=NOON)
    code = code_in(Message.objects.within(cast.subdistrict_id).get())

    outcomes = at_once(
        *(
            lambda: signing.verify_phone_code(cast.subdistrict_id, WANG_PHONE, code, nonce="n", now=NOON)
            for _ in range(4)
        )
    )

    assert outcomes["done"] == 1


def test_guesses_at_once_are_all_counted(cast):
    signing.request_phone_code(cast.subdistrict_id, WANG_PHONE, nonce="n", address="10.0.0.1", now=NOON)

    outcomes = at_once(
        *(
            lambda: signing.verify_phone_code(cast.subdistrict_id, WANG_PHONE, "guess", nonce="n", now=NOON)
            for _ in range(12)
        )
    )

    assert outcomes == {"wrong_code": 5, "too_many": 7}


def test_a_user_name_goes_to_one(cast):
    people = [make_person(cast.subdistrict_id, "高山") for _ in range(4)]

    outcomes = at_once(
        *(lambda one=one: services.create_account(one, username="gao", actor=cast.system, now=NOON) for one in people)
    )

    assert outcomes == {"done": 1, "username_taken": 3}
