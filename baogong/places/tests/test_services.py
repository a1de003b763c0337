from __future__ import annotations

import pytest

from baogong.common.models import Event
from baogong.places.models import Building, Community, Compound, Subdistrict, Unit, Zone
from baogong.places.services import ensure_point, ensure_subdistrict, ensure_units, set_zone, zone_of
from baogong.places.tests.conftest import NOON


@pytest.fixture
def compound(clerk) -> Compound:
    community = Community.objects.create(subdistrict_id=clerk.subdistrict_id, name="东里")
    return Compound.objects.create(subdistrict_id=clerk.subdistrict_id, community=community, name="松榆东里")


@pytest.fixture
def building(compound) -> Building:
    return Building.objects.create(subdistrict_id=compound.subdistrict_id, compound=compound, code="12", name="12号楼")


def verbs(clerk):
    return list(Event.objects.within(clerk.subdistrict_id).order_by("id").values_list("verb", flat=True))


def test_an_installation_makes_one_subdistrict_however_often_it_starts(clerk):
    again = ensure_subdistrict("another")

    assert again.pk == clerk.subdistrict_id
    assert Subdistrict.objects.count() == 1
    assert verbs(clerk) == ["places.subdistrict_made"]


def test_a_sealed_building_lies_in_its_own_zone_and_an_open_one_follows_its_compound(clerk, compound, building):
    assert set_zone(building, Zone.SEALED, actor=clerk, now=NOON)
    assert (building.zone, zone_of(building)) == (Zone.SEALED, Zone.SEALED)

    assert set_zone(building, Zone.OPEN, actor=clerk, now=NOON)
    set_zone(compound, Zone.CONTROLLED, actor=clerk, now=NOON)

    stored = Building.objects.select_related("compound").get(pk=building.pk)
    assert (stored.zone, zone_of(stored)) == (None, Zone.CONTROLLED)


def test_a_zone_change_is_an_event_and_the_same_zone_again_is_none(clerk, building):
    set_zone(building, Zone.SEALED, actor=clerk, now=NOON)
    assert not set_zone(building, Zone.SEALED, actor=clerk, now=NOON)

    [change] = Event.objects.within(clerk.subdistrict_id).filter(verb="places.zone_changed")
    assert change.subject_id == building.pk
    assert change.values == {"place": "building", "before": "open", "after": "sealed"}


def test_a_unit_may_be_sealed_alone(clerk, building):
    unit = Unit.objects.create(subdistrict_id=clerk.subdistrict_id, building=building, name="2")

    set_zone(unit, Zone.SEALED, actor=clerk, now=NOON)

    assert (zone_of(unit), zone_of(building)) == (Zone.SEALED, Zone.OPEN)


def test_units_are_made_once_however_they_are_written(clerk, building):
    first = ensure_units([(building, "1单元"), (building, "1"), (building, "")], actor=clerk, now=NOON)
    second = ensure_units([(building, "1")], actor=clerk, now=NOON)

    assert list(first) == list(second) == [(building.pk, "1")]
    assert Unit.objects.within(clerk.subdistrict_id).count() == 1


def test_a_point_is_made_with_the_figures_in_force(clerk, compound):
    point = ensure_point(compound, "东门", actor=clerk, now=NOON)

    assert ensure_point(compound, "东门", actor=clerk, now=NOON).pk == point.pk
    assert (point.desks, point.present_cap, point.opens_at.hour, point.closes_at.hour) == (2, 20, 7, 19)
