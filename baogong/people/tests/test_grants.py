from __future__ import annotations

import uuid

import pytest

from baogong.common.models import Event
from baogong.people import services
from baogong.people.models import Volunteer
from baogong.people.roles import AREAS, OPERATIONS, STRONG, Area, Role
from baogong.people.services.accounts import UsernameTaken
from baogong.people.tests.cast import NOON, make_building, make_community, make_compound, make_person, make_subdistrict


def give(cast, account, role, area, area_id):
    return services.give_grant(account, role, area, area_id, actor=cast.actor(cast.admin), now=NOON)


def test_every_role_has_areas_and_every_operation_somebody():
    assert set(AREAS) == set(Role)
    assert all(roles and roles <= set(Role) for roles in OPERATIONS.values())
    assert {"guard", "care_worker", "admin", "command_post", "buyer", "operator"} == STRONG


def test_the_same_role_given_twice_is_one(cast):
    first = give(cast, cast.volunteer, Role.GUARD, Area.COMPOUND, cast.compound.pk)
    second = give(cast, cast.volunteer, Role.GUARD, Area.COMPOUND, cast.compound.pk)

    assert first == second
    assert Event.objects.within(cast.subdistrict_id).filter(verb="people.grant_given").count() == 1


def test_a_role_that_ended_can_be_given_again(cast):
    first = give(cast, cast.volunteer, Role.GUARD, Area.COMPOUND, cast.compound.pk)

    assert services.end_grant(first, actor=cast.actor(cast.admin), now=NOON)
    assert not services.end_grant(first, actor=cast.actor(cast.admin), now=NOON)
    assert give(cast, cast.volunteer, Role.GUARD, Area.COMPOUND, cast.compound.pk) != first


@pytest.mark.parametrize(
    ("role", "area"), [("buyer", "building"), ("resident", "community"), ("supplier", "subdistrict")]
)
def test_a_role_is_not_given_for_areas_that_it_cannot_have(cast, role, area):
    with pytest.raises(services.WrongArea):
        give(cast, cast.volunteer, role, area, cast.subdistrict_id)


def test_an_area_must_exist_in_the_own_subdistrict(cast):
    far = make_building(make_compound(make_community(make_subdistrict("望京街道"))), "1")

    for area, area_id in (("building", far.pk), ("community", uuid.uuid4()), ("subdistrict", far.subdistrict_id)):
        with pytest.raises(services.WrongArea):
            give(cast, cast.volunteer, Role.SOCIAL_WORKER, area, area_id)


def test_the_last_administrator_stays(cast):
    grant = cast.admin.grants.get()
    with pytest.raises(services.LastAdministrator):
        services.end_grant(grant, actor=cast.actor(cast.admin), now=NOON)
    with pytest.raises(services.LastAdministrator):
        services.deactivate_account(cast.admin, actor=cast.actor(cast.admin), now=NOON)

    give(cast, cast.buyer, Role.ADMIN, Area.SUBDISTRICT, cast.subdistrict_id)
    assert services.end_grant(grant, actor=cast.actor(cast.admin), now=NOON)


def test_a_closed_administrator_is_none(cast):
    give(cast, cast.buyer, Role.ADMIN, Area.SUBDISTRICT, cast.subdistrict_id)
    services.deactivate_account(cast.buyer, actor=cast.actor(cast.admin), now=NOON)

    with pytest.raises(services.LastAdministrator):
        services.end_grant(cast.admin.grants.get(), actor=cast.actor(cast.admin), now=NOON)


def test_a_user_name_is_there_once(cast):
    person = make_person(cast.subdistrict_id, "孙丽")

    with pytest.raises(UsernameTaken):
        services.create_account(person, username="buyer", actor=cast.system, now=NOON)


def test_a_free_user_name_is_made_of_the_name(cast):
    assert services.free_username("何平", cast.subdistrict_id) == "heping"
    assert services.free_username("Buyer", cast.subdistrict_id) == "buyer2"
    assert services.free_username("138", cast.subdistrict_id) == "staff"


def test_a_volunteer_who_enlists_again_changes_groups(cast):
    first, second = (
        services.enlist_volunteer(cast.volunteer, cast.community, group, actor=cast.system, now=NOON)
        for group in ("第一组", "第二组")
    )

    assert first == second
    assert Volunteer.objects.get(account=cast.volunteer).group.name == "第二组"


def test_going_on_duty_twice_is_once(cast):
    volunteer = cast.volunteer.volunteer
    services.set_volunteer_duty(volunteer, False, actor=cast.actor(cast.worker), now=NOON)

    done = [services.set_volunteer_duty(volunteer, True, actor=cast.actor(cast.worker), now=NOON) for _ in range(2)]

    assert done == [True, False]
    volunteer.refresh_from_db()
    assert volunteer.on_duty_since == NOON
