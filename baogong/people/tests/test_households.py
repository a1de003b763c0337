from __future__ import annotations

import pytest

from baogong.channels.models import Message
from baogong.common.errors import BadInput
from baogong.common.models import Event
from baogong.people import access, services
from baogong.people.models import Household
from baogong.people.services.households import Door, door_of
from baogong.people.tests.cast import NOON, make_building, make_person, make_resident, make_subdistrict
from baogong.places.models import Zone


def door(cast, flat="601"):
    return Door(cast.building, cast.unit, flat, floor=6)


def move(cast, household, to):
    return services.move_household(household, to, actor=cast.actor(cast.worker), now=NOON)


def merge(cast, source, target):
    return services.merge_households(source, target, actor=cast.actor(cast.worker), now=NOON)


def test_a_household_that_moves_keeps_its_row_and_stands_at_the_new_door(cast):
    moved = move(cast, cast.wang, Door(cast.sealed, None, "502", floor=5))

    assert moved.pk == cast.wang.pk
    assert (moved.code, moved.building, moved.zone_now) == ("3/502", cast.sealed, Zone.SEALED)
    assert access.own_household(cast.actor(cast.wang_account)) == moved
    event = Event.objects.within(cast.subdistrict_id).get(verb="people.household_moved")
    assert (event.household_id, event.role) == (cast.wang.pk, "social_worker")
    assert "502" not in str(event.values)


def test_nobody_moves_to_where_somebody_lives(cast):
    with pytest.raises(services.DoorTaken) as refusal:
        move(cast, cast.wang, door_of(cast.li))

    assert refusal.value.facts == {"door": "12/2/301"}
    cast.wang.refresh_from_db()
    assert cast.wang.code == "12/2/502"


@pytest.mark.parametrize("flat", ["", "  ", "5/02"])
def test_a_door_needs_a_flat(cast, flat):
    with pytest.raises(BadInput):
        move(cast, cast.wang, door(cast, flat))


def test_a_unit_of_another_building_is_no_door(cast):
    with pytest.raises(BadInput):
        move(cast, cast.wang, Door(cast.sealed, cast.unit, "502"))


def test_moving_to_the_own_door_changes_nothing(cast):
    move(cast, cast.wang, door_of(cast.wang))

    assert not Event.objects.within(cast.subdistrict_id).filter(verb="people.household_moved").exists()


def test_those_who_leave_a_household_act_for_the_new_one_only(cast):
    daughter = make_resident(cast.wang, "王芳")
    leaving = list(cast.wang.members.filter(name="王芳"))

    new = services.split_household(
        cast.wang, door(cast), members=leaving, people=1, actor=cast.actor(cast.worker), now=NOON
    )

    cast.wang.refresh_from_db()
    assert (cast.wang.people, new.people, new.code) == (2, 1, "12/2/601")
    assert access.own_household(access.actor_of_account(daughter)) == new
    assert list(access.households_for(cast.actor(cast.wang_account), "groupbuy.order")) == [cast.wang]
    assert list(new.members.all()) == leaving


@pytest.mark.parametrize(
    ("counts", "members"),
    [({"people": 3}, 0), ({"people": 0}, 0), ({"people": 1, "elderly": 1}, 0), ({"people": 1}, 2)],
)
def test_a_split_leaves_somebody_and_counts_everybody(cast, counts, members):
    leaving = [make_person(cast.subdistrict_id, f"王{n}", household=cast.wang) for n in range(members)]

    with pytest.raises(BadInput):
        services.split_household(
            cast.wang, door(cast), members=leaving, actor=cast.actor(cast.worker), now=NOON, **counts
        )

    assert not Household.objects.within(cast.subdistrict_id).filter(code="12/2/601").exists()


def test_only_members_leave_a_household(cast):
    with pytest.raises(BadInput):
        services.split_household(
            cast.wang, door(cast), members=list(cast.li.members.all()), people=1, actor=cast.system, now=NOON
        )


def test_a_merged_household_hands_on_people_members_and_messages(cast):
    told = services.tell_households({cast.li.pk: "您的菜到了"}, kind="arrived", actor=cast.system, now=NOON)

    merged = merge(cast, cast.li, cast.wang)

    assert told == 1
    assert (merged.people, merged.elderly, merged.members.count()) == (5, 1, 2)
    assert access.own_household(cast.actor(cast.li_account)) == cast.wang
    assert Message.objects.within(cast.subdistrict_id).for_recipient(cast.wang.pk).count() == 1


def test_a_merged_household_stands_at_the_door_it_went_into_also_when_that_moves(cast):
    merge(cast, cast.li, cast.wang)
    cast.li.refresh_from_db()
    assert (cast.li.code, cast.li.current, cast.li.ended_at) == ("12/2/502", cast.wang, NOON)

    move(cast, cast.wang, Door(cast.sealed, None, "502", floor=5))

    cast.li.refresh_from_db()
    assert (cast.li.code, cast.li.building) == ("3/502", cast.sealed)


def test_households_merged_one_after_the_other_all_name_the_last(cast):
    merge(cast, cast.li, cast.wang)
    merge(cast, cast.wang, cast.zhao)

    cast.li.refresh_from_db()
    assert cast.li.merged_into == cast.zhao
    assert access.own_household(cast.actor(cast.li_account)) == cast.zhao


def test_a_merged_household_does_nothing_more(cast):
    merge(cast, cast.li, cast.wang)

    with pytest.raises(services.HouseholdEnded):
        merge(cast, cast.li, cast.zhao)
    with pytest.raises(services.HouseholdEnded):
        move(cast, cast.li, door(cast))
    with pytest.raises(BadInput):
        merge(cast, cast.wang, cast.wang)


def test_the_door_of_a_merged_household_is_free_again(cast):
    merge(cast, cast.li, cast.wang)

    new = services.create_household(Door(cast.building, cast.unit, "301"), people=2, actor=cast.system, now=NOON)

    assert new.code == "12/2/301"


@pytest.mark.parametrize(
    "counts",
    [
        {"people": 0, "infants": 0, "elderly": 0},
        {"people": 2, "infants": 3, "elderly": 0},
        {"people": 2, "infants": 0, "elderly": -1},
        {"people": 100, "infants": 0, "elderly": 0},
    ],
)
def test_absurd_numbers_of_people_are_refused(cast, counts):
    with pytest.raises(BadInput):
        services.set_counts(cast.wang, **counts, actor=cast.actor(cast.worker), now=NOON)


def test_the_same_door_in_another_subdistrict_is_another_door(cast):
    from baogong.people.tests.cast import make_community, make_compound, make_household

    other = make_subdistrict("望京街道")
    far = make_household(make_building(make_compound(make_community(other)), "12"), "502")

    moved = move(cast, cast.wang, Door(cast.building, None, "502"))

    assert (moved.code, far.code) == ("12/502", "12/502")
