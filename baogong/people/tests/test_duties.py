from __future__ import annotations

import pytest

from baogong.people import checks, services
from baogong.people.models import Duty
from baogong.people.tests.cast import NOON, make_building, make_duty, make_household
from baogong.places.models import Zone

K = Duty.Kind


def duty_of(building, kind):
    return building.duties.get(kind=kind, ended_at=None)


def law_5(cast):
    return [breach.what for breach in checks.LAWS[5](cast.subdistrict_id)]


def unassigned(cast):
    return [breach.subject_id for breach in checks.WARNINGS["unassigned"](cast.subdistrict_id)]


def test_a_new_worker_relieves_the_old_one(cast):
    services.set_duty(cast.building, cast.operator, K.RESPONSIBLE, actor=cast.actor(cast.admin), now=NOON)

    assert duty_of(cast.building, K.RESPONSIBLE).account == cast.operator
    assert duty_of(cast.building, K.DEPUTY).account == cast.deputy
    assert law_5(cast) == []


def test_setting_the_same_duty_again_changes_nothing(cast):
    before = duty_of(cast.building, K.RESPONSIBLE)

    assert services.set_duty(cast.building, cast.worker, K.RESPONSIBLE, actor=cast.system, now=NOON) == before


def test_one_person_cannot_hold_both_duties(cast):
    with pytest.raises(services.SamePerson):
        services.set_duty(cast.building, cast.worker, K.DEPUTY, actor=cast.actor(cast.admin), now=NOON)

    assert duty_of(cast.building, K.DEPUTY).account == cast.deputy


def test_the_deputy_steps_up_only_with_a_substitute_for_the_deputy(cast):
    services.set_duty(cast.building, cast.operator, K.DEPUTY, actor=cast.actor(cast.admin), now=NOON)
    services.set_duty(cast.building, cast.deputy, K.RESPONSIBLE, actor=cast.actor(cast.admin), now=NOON)

    held = {duty.kind: duty.account for duty in cast.building.duties.filter(ended_at=None)}
    assert held == {"responsible": cast.deputy, "deputy": cast.operator}


@pytest.mark.parametrize("kind", [K.RESPONSIBLE, K.DEPUTY])
def test_a_building_that_takes_part_keeps_both_workers(cast, kind):
    with pytest.raises(services.LastWorker) as refusal:
        services.end_duty(duty_of(cast.building, kind), actor=cast.actor(cast.admin), now=NOON)

    assert refusal.value.facts["building"] == "12"
    assert duty_of(cast.building, kind)


def test_an_open_building_may_lose_one_worker_but_not_the_last(cast):
    open_building = make_building(cast.compound, "9")
    first, second = make_duty(open_building, cast.worker), make_duty(open_building, cast.deputy, K.DEPUTY)

    services.end_duty(second, actor=cast.actor(cast.admin), now=NOON)

    with pytest.raises(services.LastWorker):
        services.end_duty(first, actor=cast.actor(cast.admin), now=NOON)


def test_a_substitute_takes_over_at_once(cast):
    new = services.end_duty(
        duty_of(cast.building, K.DEPUTY), substitute=cast.operator, actor=cast.actor(cast.admin), now=NOON
    )

    assert new == duty_of(cast.building, K.DEPUTY)
    assert duty_of(cast.building, K.DEPUTY).account == cast.operator
    assert law_5(cast) == []


def test_somebody_stays_on_duty(cast):
    responsible, deputy = duty_of(cast.building, K.RESPONSIBLE), duty_of(cast.building, K.DEPUTY)
    services.set_on_duty(responsible, False, actor=cast.actor(cast.worker), now=NOON)

    with pytest.raises(services.LastWorker):
        services.set_on_duty(deputy, False, actor=cast.actor(cast.deputy), now=NOON)


def test_an_imported_building_without_workers_is_a_warning_not_a_breach(cast):
    bare = make_building(cast.compound, "9", zone=Zone.SEALED)

    assert law_5(cast) == []
    assert unassigned(cast) == [bare.pk]


def test_an_open_building_without_workers_is_not_even_a_warning(cast):
    make_building(cast.compound, "9")

    assert unassigned(cast) == []


def test_a_place_that_was_left_breaks_the_law(cast):
    cast.building.duties.filter(kind=K.DEPUTY).update(ended_at=NOON)

    assert law_5(cast) == ["12: the deputy left and nobody took over"]


def test_a_household_at_the_door_of_another_building_breaks_the_law(cast):
    lost = make_household(cast.sealed, "777")
    type(lost).objects.filter(pk=lost.pk).update(unit=cast.unit)

    assert law_5(cast) == ["3/777: its unit is in another building"]
