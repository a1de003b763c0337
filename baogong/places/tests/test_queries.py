from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from baogong.places import queries
from baogong.places.models import Building, Community, Compound, Subdistrict

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew():
    queries.forget_demonstration()
    yield
    queries.forget_demonstration()


def make_building(subdistrict, code):
    community = Community.objects.create(subdistrict_id=subdistrict.pk, name="东里")
    compound = Compound.objects.create(subdistrict_id=subdistrict.pk, community=community, name="松榆东里")
    return Building.objects.create(subdistrict_id=subdistrict.pk, compound=compound, code=code, name=f"{code}号楼")


@pytest.fixture
def elm():
    return Subdistrict.objects.create(name="榆树街道", hotline="010-64370000")


def stranger(**session):
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), session  # type: ignore[assignment]
    return request


def test_without_any_subdistrict_nobody_is_anywhere():
    assert queries.only_subdistrict() is None
    assert queries.hotline(stranger()) == ""
    with pytest.raises(queries.NoSubdistrict):
        queries.subdistrict_of(stranger())


def test_the_only_subdistrict_is_meant_without_saying(elm):
    assert queries.subdistrict_of(stranger()) == elm.pk
    assert queries.hotline(stranger()) == "010-64370000"


def test_of_several_the_one_whose_poster_was_scanned_is_meant(elm):
    other = Subdistrict.objects.create(name="望京街道", hotline="010-1")
    assert queries.only_subdistrict() is None
    with pytest.raises(queries.NoSubdistrict):
        queries.subdistrict_of(stranger())

    request = stranger()
    queries.remember_subdistrict(request, other.pk)

    assert queries.subdistrict_of(request) == other.pk
    assert queries.hotline(request) == "010-1"


def test_a_posters_link_leads_to_its_building_in_whatever_subdistrict(elm):
    other = Subdistrict.objects.create(name="望京街道")
    here, there = make_building(elm, "12/东 1"), make_building(other, "12/东 1")

    link = RequestFactory().get(queries.poster_link(there))

    assert link.path == "/b/12/东 1"
    assert queries.building_by_poster("12/东 1", link.GET["k"]) == there
    assert queries.building_by_poster("12/东 1", here.poster_secret) == here
    assert queries.poster_is_genuine(there, link.GET["k"])
    assert not queries.poster_is_genuine(here, link.GET["k"])


def test_a_code_typed_by_hand_finds_only_buildings_of_the_place(elm):
    building = make_building(elm, "12")
    other = Subdistrict.objects.create(name="望京街道")

    assert queries.building_by_poster("12", subdistrict_id=elm.pk) == building
    assert queries.building_by_poster("12", subdistrict_id=other.pk) is None
    assert queries.building_by_poster("12") is None
    assert queries.building_by_poster("12", "WRONGSECRET00") is None


def test_a_demonstration_is_known_by_its_subdistrict(elm):
    assert not queries.is_demonstration()

    Subdistrict.objects.filter(pk=elm.pk).update(demonstration=True)
    assert not queries.is_demonstration()  # the answer is kept for a moment
    queries.forget_demonstration()

    assert queries.is_demonstration()
