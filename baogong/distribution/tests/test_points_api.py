"""Points through the JSON door: listed, added, changed, closed with a reason; and who may not."""

from __future__ import annotations

import pytest
import time_machine

from baogong.common.ids import new_id
from baogong.distribution.tests.goods import draft, publish
from baogong.people.tests.cast import NOON, make_point
from baogong.people.tests.door import Door
from baogong.places.models import Point


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buyer(cast) -> Door:
    return Door(cast.buyer)


def patch(door: Door, point: Point, **body: object):
    return door.send(f"/points/{point.pk}", body, method="patch")


def test_points_are_listed_page_by_page(cast, buyer, gate):
    make_point(cast.compound, "西门", closed=True, closed_reason="消杀")

    first = buyer.get("/points", limit=1).json()
    rest = buyer.get("/points", limit=1, cursor=first["next"]).json()

    assert (first["items"][0]["name"], first["items"][0]["opens_at"]) == ("东门", "07:00:00")
    assert (rest["items"][0]["closed_reason"], rest["next"]) == ("消杀", None)


def test_what_is_left_out_stays_as_it_is(buyer, gate):
    answer = patch(buyer, gate, desks=3, opens_at="08:30")

    assert (answer.status_code, answer.json()["desks"], answer.json()["opens_at"]) == (200, 3, "08:30:00")
    assert (answer.json()["closes_at"], answer.json()["present_cap"]) == ("19:00:00", 20)


def test_a_point_is_added_with_the_figures_for_the_rest(cast, buyer):
    answer = buyer.send("/points", {"compound": str(cast.compound.pk), "name": "北门", "desks": 4})

    assert (answer.status_code, answer.json()["desks"], answer.json()["present_cap"]) == (201, 4, 20)
    assert Point.objects.within(cast.subdistrict_id).get().name == "北门"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"desks": 0}, 422, "bad_input"),
        ({"closes_at": "06:00"}, 422, "bad_point"),
        ({"closed": True}, 422, "bad_point"),
        ({"kind": "shop"}, 422, "bad_input"),
        ({"opens_at": "early"}, 422, "bad_input"),
    ],
)
def test_nonsense_is_a_problem_with_its_code(buyer, gate, body, status, code):
    answer = patch(buyer, gate, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_was_promised_at_a_point_holds(cast, buyer, buy, gate):
    publish(cast, draft(cast, buy))

    answer = patch(buyer, gate, closed=True, closed_reason="消杀")

    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["turns"]) == (409, "point_in_use", 1)


def test_a_point_or_a_compound_that_is_not_there_is_not_found(buyer, gate):
    assert buyer.send(f"/points/{new_id()}", {"desks": 3}, method="patch").status_code == 404
    assert buyer.send("/points", {"compound": str(new_id()), "name": "北门"}).status_code == 404


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator"])
def test_points_are_not_for_other_roles(cast, gate, name):
    stranger = Door(getattr(cast, name))

    assert stranger.get("/points").status_code == 403
    assert patch(stranger, gate, desks=3).status_code == 403
    assert stranger.send("/points", {"compound": str(cast.compound.pk), "name": "北门"}).status_code == 403


def test_strangers_sign_in_first(gate):
    assert [Door().get("/points").status_code, patch(Door(), gate, desks=3).status_code] == [401, 401]
