"""Points: added, changed with an event, closed with a reason, and nonsense refused."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from baogong.common.models import Event
from baogong.people.tests.cast import NOON, Cast, make_building, make_cast, make_compound, make_point
from baogong.places.models import Point
from baogong.places.services import BadPoint, PointFacts, add_point, set_point


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast) -> Point:
    return make_point(cast.compound, "东门")


def change(cast: Cast, point: Point, **facts: object) -> Point:
    return set_point(point, PointFacts(**facts), actor=cast.actor(cast.buyer), now=NOON)  # type: ignore[arg-type]


def events(verb: str) -> list[Event]:
    return list(Event.objects.everywhere().filter(verb=verb))


def test_what_is_said_changes_and_the_rest_stays(cast, gate):
    change(cast, gate, desks=3, opens_at=time(8))

    gate.refresh_from_db()
    assert (gate.desks, gate.opens_at, gate.present_cap, gate.name) == (3, time(8), 20, "东门")
    [kept] = events("places.point_changed")
    assert kept.values == {"changed": {"desks": ["2", "3"], "opens_at": ["07:00:00", "08:00:00"]}}


def test_nothing_new_changes_nothing(cast, gate):
    change(cast, gate, desks=2, name=" 东门 ")

    assert events("places.point_changed") == []


def test_a_point_is_closed_with_its_reason_and_opened_without(cast, gate):
    change(cast, gate, closed=True, closed_reason="阳性，消杀")
    gate.refresh_from_db()
    assert (gate.closed, gate.closed_reason) == (True, "阳性，消杀")

    change(cast, gate, closed=False)

    gate.refresh_from_db()
    assert (gate.closed, gate.closed_reason) == (False, "")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "门" * 61}, "name"),
        ({"name": "西门"}, "name"),
        ({"kind": "shop"}, "kind"),
        ({"desks": 0}, "desks"),
        ({"desks": 51}, "desks"),
        ({"present_cap": 1}, "present_cap"),
        ({"present_cap": 501}, "present_cap"),
        ({"opens_at": time(20)}, "closes_at"),
        ({"closes_at": time(7)}, "closes_at"),
        ({"closed": True}, "closed_reason"),
        ({"closed": True, "closed_reason": " "}, "closed_reason"),
        ({"longitude": 116.4}, "latitude"),
        ({"longitude": 181.0, "latitude": 39.9}, "longitude"),
        ({"longitude": 121.4, "latitude": 31.2}, "longitude"),
    ],
)
def test_nonsense_is_refused_and_names_the_field(cast, gate, facts, field):
    make_point(cast.compound, "西门")
    make_building(cast.compound, "21", longitude=116.4, latitude=39.9)

    with pytest.raises(BadPoint) as refused:
        change(cast, gate, **facts)

    assert refused.value.facts["field"] == field
    gate.refresh_from_db()
    assert (gate.name, gate.kind, gate.desks, gate.closed, gate.longitude) == ("东门", "distribution", 2, False, None)
    assert events("places.point_changed") == []


def test_a_point_is_added_with_the_figures_for_what_was_left_open(cast):
    facts = PointFacts(name=" 北门 ", present_cap=30)

    made = add_point(cast.compound, facts, actor=cast.actor(cast.buyer), now=NOON)

    made.refresh_from_db()
    assert (made.name, made.desks, made.present_cap, made.opens_at) == ("北门", 2, 30, time(7))
    assert len(events("places.point_added")) == 1


def test_a_second_point_of_the_same_name_is_refused_and_elsewhere_taken(cast, gate):
    actor = cast.actor(cast.buyer)

    with pytest.raises(BadPoint) as refused:
        add_point(cast.compound, PointFacts(name="东门"), actor=actor, now=NOON + timedelta(hours=1))
    assert refused.value.facts["field"] == "name"
    add_point(make_compound(cast.community, "西里"), PointFacts(name="东门"), actor=actor, now=NOON)

    assert Point.objects.within(cast.subdistrict_id).filter(name="东门").count() == 2


def test_a_new_point_that_cannot_be_leaves_nothing_behind(cast):
    with pytest.raises(BadPoint):
        add_point(cast.compound, PointFacts(name="北门", desks=0), actor=cast.actor(cast.buyer), now=NOON)

    assert not Point.objects.within(cast.subdistrict_id).exists()
