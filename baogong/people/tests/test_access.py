from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from baogong.common.clock import now
from baogong.common.errors import BadInput, NotAllowed, NotFound
from baogong.people import access
from baogong.people.models import Household
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import (
    NOON,
    make_building,
    make_community,
    make_compound,
    make_grant,
    make_household,
    make_resident,
    make_staff,
    make_subdistrict,
)  # fmt: skip


def request_of(account, **session):
    request = RequestFactory().get("/")
    request.user = account
    request.session = SessionStore()
    request.session.update(session)
    return request


@pytest.fixture
def elsewhere(cast):
    """Another compound of the same subdistrict with one household."""
    west = make_compound(make_community(cast.subdistrict, "西里"), "西里一区")
    return make_household(make_building(west, "41"), "101")


def test_a_resident_reaches_only_the_own_household(cast):
    actor = cast.actor(cast.wang_account)

    assert list(access.households_for(actor, "groupbuy.order")) == [cast.wang]
    assert access.household_for(actor, "groupbuy.order") == cast.wang
    assert list(access.buildings_for(actor, "groupbuy.order")) == [cast.building]


def test_a_neighbours_household_and_one_that_does_not_exist_look_the_same(cast):
    actor = cast.actor(cast.wang_account)

    with pytest.raises(NotFound) as foreign:
        access.household_for(actor, "groupbuy.order", cast.li.pk)
    with pytest.raises(NotFound) as unknown:
        access.household_for(actor, "groupbuy.order", uuid.uuid4())

    assert (str(foreign.value), foreign.value.facts) == (str(unknown.value), unknown.value.facts)


def test_a_resident_may_not_order_for_others(cast):
    actor = cast.actor(cast.wang_account)

    assert not access.households_for(actor, "groupbuy.order_for_others").exists()
    with pytest.raises(NotAllowed):
        access.household_for(actor, "groupbuy.order_for_others", cast.li.pk)


def test_a_worker_reaches_the_own_community_by_id_and_by_code(cast, elsewhere):
    actor = cast.actor(cast.worker)

    reached = access.households_for(actor, "groupbuy.order_for_others")
    assert set(reached) == {cast.wang, cast.li, cast.zhao}
    assert access.household_for(actor, "groupbuy.order_for_others", "12/2/502") == cast.wang
    assert access.household_for(actor, "groupbuy.order_for_others", str(cast.li.pk)) == cast.li
    with pytest.raises(NotFound):
        access.household_for(actor, "groupbuy.order_for_others", "41/101")


def test_a_worker_without_a_household_must_name_one(cast):
    with pytest.raises(BadInput):
        access.household_for(cast.actor(cast.worker), "groupbuy.order_for_others")


@pytest.mark.parametrize(
    ("area", "expected"), [("building", {"12"}), ("compound", {"12", "3"}), ("subdistrict", {"12", "3", "41"})]
)
def test_an_area_says_over_which_buildings(cast, elsewhere, area, expected):
    area_id = {"building": cast.building.pk, "compound": cast.compound.pk, "subdistrict": cast.subdistrict.pk}[area]
    grid = make_staff(cast.subdistrict.pk, "高山", Role.GRID_WORKER, area=area, area_id=area_id)

    found = access.buildings_for(cast.actor(grid), "places.see_building")

    assert {building.code for building in found} == expected


def test_another_subdistrict_is_out_of_reach_even_for_an_administrator(cast):
    other = make_subdistrict("望京街道")
    far = make_household(make_building(make_compound(make_community(other)), "12"), "502")
    admin = cast.actor(cast.admin)

    assert far not in access.households_for(admin, "people.see_household")
    with pytest.raises(NotFound):
        access.household_for(admin, "people.see_household", far.pk)
    with pytest.raises(NotFound):
        access.building_for(admin, "places.see_building", far.building_id)


def test_an_ended_grant_reaches_nothing(cast):
    cast.worker.grants.update(until=now() - timedelta(seconds=1))

    assert not access.buildings_for(cast.actor(cast.worker, Role.SOCIAL_WORKER), "places.see_building").exists()
    with pytest.raises(NotAllowed):
        access.actor_of_account(cast.worker)


def test_a_merged_household_answers_as_the_one_it_went_into(cast):
    Household.objects.filter(pk=cast.li.pk).update(merged_into=cast.wang, ended_at=NOON)
    actor = cast.actor(cast.wang_account)

    assert set(access.households_for(actor, "groupbuy.order")) == {cast.wang, cast.li}
    assert access.household_for(actor, "groupbuy.order", cast.li.pk) == cast.wang


def test_somebody_with_two_households_orders_for_the_one_lived_in(cast):
    make_grant(cast.wang_account, Role.RESIDENT, Area.HOUSEHOLD, cast.zhao.pk, since=NOON - timedelta(days=90))
    actor = cast.actor(cast.wang_account)

    assert access.own_household(actor) == cast.wang
    assert access.household_for(actor, "groupbuy.order", cast.zhao.pk) == cast.zhao


def test_strangers_are_not_allowed_anything(cast):
    from django.contrib.auth.models import AnonymousUser

    request = request_of(AnonymousUser())

    assert not access.request_may(request, "groupbuy.order")
    with pytest.raises(NotAllowed):
        access.actor_of(request)


def test_a_session_acts_in_the_role_it_chose(cast):
    make_grant(cast.wang_account, Role.VOLUNTEER, Area.COMMUNITY, cast.community.pk)

    assert access.actor_of(request_of(cast.wang_account)).role == Role.RESIDENT
    assert access.actor_of(request_of(cast.wang_account, role="volunteer")).role == Role.VOLUNTEER
    assert access.actor_of(request_of(cast.wang_account, role="admin")).role == Role.RESIDENT


def test_a_session_opened_with_a_code_has_no_role_that_needs_a_second_factor(cast):
    make_grant(cast.wang_account, Role.BUYER, Area.SUBDISTRICT, cast.subdistrict.pk)

    by_code = access.actor_of(request_of(cast.wang_account, role="buyer", way="phone"))
    by_password = access.actor_of(request_of(cast.wang_account, role="buyer", way="password"))

    assert (by_code.role, by_password.role) == (Role.RESIDENT, Role.BUYER)


def test_a_buyer_has_all_suppliers_and_a_supplier_only_itself(cast):
    firm = uuid.uuid4()
    supplier = make_staff(cast.subdistrict.pk, "京客隆", Role.SUPPLIER, area=Area.SUPPLIER, area_id=firm)

    assert access.suppliers_for(cast.actor(cast.buyer), "supply.see_purchase_orders") is None
    assert access.suppliers_for(cast.actor(supplier), "supply.see_purchase_orders") == [firm]
    assert access.suppliers_for(cast.actor(cast.wang_account), "supply.see_purchase_orders") == []


def test_a_token_signs_its_account_in_until_it_is_revoked(cast):
    raw = access.issue_token(cast.buyer, "test", NOON)

    assert access.account_for_token(raw) == cast.buyer
    assert access.account_for_token(raw + "x") is None
    assert access.account_for_token("") is None
    assert access.revoke_token(cast.buyer.tokens.get(), actor=cast.actor(cast.admin), now=NOON)
    assert access.account_for_token(raw) is None


def test_a_deactivated_accounts_token_is_worth_nothing(cast):
    raw = access.issue_token(cast.buyer, "test", NOON)
    cast.buyer.is_active = False
    cast.buyer.save()

    assert access.account_for_token(raw) is None


def test_the_number_of_queries_does_not_grow_with_what_is_reached(cast, django_assert_num_queries):
    for flat in range(101, 131):
        make_resident(make_household(cast.sealed, str(flat)), "某人") if flat != 101 else None
    actor = cast.actor(cast.worker)

    with django_assert_num_queries(2):
        list(access.households_for(actor, "people.see_household"))
