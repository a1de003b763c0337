"""The pages of the points: seen, changed, closed, added; what was promised there holds; and who may not."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from baogong.common.ids import new_id
from baogong.distribution import services
from baogong.distribution.models import Turn
from baogong.distribution.refusals import PointInUse
from baogong.distribution.tests.goods import draft, publish
from baogong.distribution.tests.pages import send, signed_in, text, url
from baogong.people.tests.cast import NOON, make_building, make_compound, make_point
from baogong.places.models import Point
from baogong.places.services import PointFacts


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buyer(cast) -> Client:
    return signed_in(cast.buyer)


def fields(point: Point | None = None, **values: Any) -> dict[str, Any]:
    own = {"name": point.name, "kind": point.kind, "desks": point.desks} if point else {"name": "北门", "desks": 2}
    plain = {"kind": "distribution", "present_cap": 20, "opens_at": "07:00", "closes_at": "19:00"}
    return {**plain, **own, "longitude": "", "latitude": "", "closed_reason": "", **values}


# ---------------------------------------------------------------- seen and changed


def test_points_are_listed_with_hours_desks_and_why_one_is_closed(cast, buyer, gate):
    make_point(cast.compound, "西门", closed=True, closed_reason="阳性，消杀")

    page = text(buyer.get(url("points")))

    for part in ("松榆东里", "东门", "7:00", "19:00", "in use", "阳性，消杀"):
        assert part in page


def test_a_point_is_changed_and_the_form_sent_twice_changes_once(cast, buyer, gate):
    assert 'name="desks" value="2"' in buyer.get(url("point", gate.pk)).content.decode()

    answers = [
        send(buyer, url("point", gate.pk), key="the same", **fields(gate, desks=3, opens_at="08:30"))
        for _time in range(2)
    ]

    gate.refresh_from_db()
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, url("points"))] * 2
    assert (gate.desks, gate.opens_at) == (3, time(8, 30))
    assert "东门 is as you have written." in text(buyer.get(url("points")))


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "still empty"),
        ({"desks": "0"}, "desks", "greater than or equal to 1"),
        ({"present_cap": "1"}, "present_cap", "one at each desk at least"),
        ({"closes_at": "06:00"}, "closes_at", "A point closes after it opens"),
        ({"opens_at": "early"}, "opens_at", "Enter a valid time"),
        ({"closed": "on"}, "closed_reason", "Say why the point is closed"),
        ({"longitude": "116.4"}, "latitude", "a longitude and a latitude"),
        ({"longitude": "east"}, "longitude", "Enter a number"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_stays(cast, buyer, gate, typed, field, said):
    answer = send(buyer, url("point", gate.pk), **{**fields(gate, desks=7), **typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in page
    assert said in page
    assert 'name="desks" value="7"' in page or "desks" in typed
    gate.refresh_from_db()
    assert gate.desks == 2


def test_a_known_place_is_not_forgotten(cast, buyer):
    gate = make_point(cast.compound, "东门", longitude=116.4, latitude=39.9)

    answer = send(buyer, url("point", gate.pk), **fields(gate))

    assert answer.status_code == 422
    assert "write where it is now" in text(answer)


# ---------------------------------------------------------------- added


def test_a_point_is_added_with_the_usual_figures_filled_in(cast, buyer):
    page = buyer.get(url("new_point")).content.decode()
    assert 'name="present_cap" value="20"' in page

    send(buyer, url("new_point"), compound=cast.compound.pk, **fields(present_cap=30))

    made = Point.objects.within(cast.subdistrict_id).get()
    assert (made.name, made.compound, made.present_cap, made.closed) == ("北门", cast.compound, 30, False)


def test_the_same_name_twice_in_a_compound_is_refused(cast, buyer, gate):
    answer = send(buyer, url("new_point"), compound=cast.compound.pk, **fields(name="东门"))

    assert answer.status_code == 422
    assert "has a point “东门” already" in text(answer)


def test_a_compound_that_is_not_there_is_refused(cast, buyer):
    answer = send(buyer, url("new_point"), compound=new_id(), **fields())

    assert answer.status_code == 422
    assert not Point.objects.within(cast.subdistrict_id).exists()


# ---------------------------------------------------------------- what was promised


@pytest.fixture
def promised(cast, buy, gate) -> Turn:
    """The turn of building 12 at the gate, in a published plan."""
    publish(cast, draft(cast, buy))
    return Turn.objects.within(cast.subdistrict_id).get(live=True)


@pytest.mark.parametrize(
    "facts",
    [
        {"closed": True, "closed_reason": "消杀"},
        {"kind": "buffer"},
        {"desks": 1},
        {"present_cap": 10},
        {"opens_at": time(18, 50), "closes_at": time(19)},
        {"closes_at": time(7, 5)},
    ],
)
def test_a_change_that_breaks_a_promised_turn_is_refused(cast, gate, promised, facts):
    with pytest.raises(PointInUse) as refused:
        services.change_point(gate.pk, PointFacts(**facts), actor=cast.actor(cast.buyer), now=NOON)

    gate.refresh_from_db()
    assert refused.value.facts["turns"] == 1
    assert (gate.closed, gate.kind, gate.desks, gate.present_cap, gate.closes_at.hour) == (
        False, "distribution", 2, 20, 19,
    )  # fmt: skip


def test_the_page_says_what_is_promised_and_refuses_in_words(cast, buyer, gate, promised):
    assert "1 turn is promised here" in text(buyer.get(url("point", gate.pk)))

    answer = send(buyer, url("point", gate.pk), **fields(gate, closed="on", closed_reason="消杀"))

    assert answer.status_code == 422
    assert "1 turn is promised at 东门" in text(answer)
    assert "Withdraw its plan first" in text(answer)


def test_when_the_turns_are_over_the_point_closes(cast, gate, promised):
    after = promised.ends_at + timedelta(minutes=1)

    facts = PointFacts(closed=True, closed_reason="消杀")
    done = services.change_point(gate.pk, facts, actor=cast.actor(cast.buyer), now=after)

    assert done.closed


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("name", ["command_post", "admin"])
def test_the_command_post_and_the_administrator_change_points_too(cast, gate, name):
    client = signed_in(getattr(cast, name))

    assert client.get(url("points")).status_code == 200
    assert send(client, url("point", gate.pk), **fields(gate, desks=4)).status_code == 303


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator"])
def test_points_are_not_for_other_roles(cast, gate, name):
    stranger = signed_in(getattr(cast, name))

    for address in (url("points"), url("point", gate.pk), url("new_point")):
        assert stranger.get(address).status_code == 403, address
    assert send(stranger, url("point", gate.pk), **fields(gate, desks=4)).status_code == 403
    assert send(stranger, url("new_point"), compound=cast.compound.pk, **fields()).status_code == 403
    assert Point.objects.within(cast.subdistrict_id).get().desks == 2


def test_strangers_sign_in_and_points_that_are_not_there_are_not_found(cast, buyer, gate):
    assert signed_in(None).get(url("points")).status_code == 302
    assert send(signed_in(None), url("point", gate.pk), **fields(gate, desks=4)).status_code == 302
    assert buyer.get(url("point", new_id())).status_code == 404
    gate.refresh_from_db()
    assert gate.desks == 2


def test_pages_ask_as_few_questions_about_many_as_about_one(cast, buyer, gate, django_assert_max_num_queries):
    def counted(most: int) -> list[int]:
        found = []
        for address in (url("points"), url("point", gate.pk), url("new_point")):
            with django_assert_max_num_queries(most) as context:
                buyer.get(address)
            found.append(len(context))
        return found

    counted(60)  # the first request of a session writes when it was seen
    small = counted(60)
    for number in range(12):
        compound = make_compound(cast.community, f"小区{number}")
        make_building(compound, f"C{number}")
        make_point(compound, "南门")

    assert counted(60) == small
