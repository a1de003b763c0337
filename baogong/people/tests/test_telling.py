from __future__ import annotations

import time
import uuid

import pytest

from baogong.channels.models import Message
from baogong.people.models import Household, Person
from baogong.people.services import tell_households
from baogong.people.tests.cast import NOON, make_person

Channel, State = Message.Channel, Message.State


def told(cast):
    return {message.recipient_id: message for message in Message.objects.within(cast.subdistrict_id)}


def tell(cast, *households):
    texts = {household.pk: f"给{household.code}" for household in households}
    return tell_households(texts, kind="turn", actor=cast.system, now=NOON)


def test_each_household_is_told_on_the_way_that_reaches_it(cast):
    cast.li.members.update(contact=False)
    cast.li_account.is_active = False
    cast.li_account.save()

    assert tell(cast, cast.wang, cast.li, cast.zhao) == 3

    by_household = told(cast)
    assert by_household[cast.wang.pk].channel == Channel.PAGE
    assert by_household[cast.wang.pk].state == State.SENT
    assert by_household[cast.li.pk].channel == Channel.SMS
    assert by_household[cast.li.pk].address == "+8613800000002"
    assert by_household[cast.zhao.pk].channel == Channel.CALL_LIST
    assert by_household[cast.zhao.pk].state == State.QUEUED
    assert {message.area_id for message in by_household.values()} == {cast.building.pk, cast.sealed.pk}
    assert by_household[cast.zhao.pk].text == "给3/101"


def test_the_contact_is_rung_before_other_members(cast):
    make_person(cast.subdistrict_id, "赵小", household=cast.zhao, phone="+8613800000010")
    make_person(cast.subdistrict_id, "赵大", household=cast.zhao, phone="+8613800000011", contact=True)
    make_person(cast.subdistrict_id, "赵三", household=cast.zhao, phone="+8613800000012")
    Household.objects.filter(pk=cast.zhao.pk).update(no_phone=False)

    tell(cast, cast.zhao)

    assert told(cast)[cast.zhao.pk].address == "+8613800000011"


def test_a_household_marked_as_without_phone_is_told_by_its_worker(cast):
    make_person(cast.subdistrict_id, "赵大爷", household=cast.zhao, phone="+8613800000010", contact=True)

    tell(cast, cast.zhao)

    assert told(cast)[cast.zhao.pk].channel == Channel.CALL_LIST


def test_what_a_merged_household_is_told_reaches_the_one_it_went_into(cast):
    Household.objects.filter(pk=cast.li.pk).update(merged_into=cast.wang, ended_at=NOON)

    tell(cast, cast.li)

    assert list(told(cast)) == [cast.wang.pk]


def test_unknown_ids_are_left_out(cast):
    assert tell_households({uuid.uuid4(): "?"}, kind="turn", actor=cast.system, now=NOON) == 0
    assert tell_households({}, kind="turn", actor=cast.system, now=NOON) == 0


def test_the_number_of_queries_is_constant(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        tell(cast, cast.wang, cast.li, cast.zhao)


@pytest.mark.slow
def test_40_000_households_are_told_in_seconds(cast):
    many = Household.objects.bulk_create(
        [
            Household(subdistrict_id=cast.subdistrict_id, building=cast.building, flat=str(n), code=f"12/{n}")
            for n in range(40_000)
        ],
        batch_size=2_000,
    )
    key = cast.wang_account.person.key
    people = [Person(subdistrict_id=cast.subdistrict_id, household=home, contact=True, key=key) for home in many[::2]]
    for person in people:
        person.set_phone("+8613800000099")
    Person.objects.bulk_create(people, batch_size=2_000)
    texts = {household.pk: "您的菜明天 9:00—9:10 在东门取" for household in many}

    started = time.process_time()
    count = tell_households(texts, kind="turn", actor=cast.system, now=NOON)
    took = time.process_time() - started

    assert count == 40_000
    assert took < 4, f"{took:.1f} s of the processor; about 2 s are usual"
