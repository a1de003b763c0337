"""Figures through the JSON door: read by offices, set by administrators."""

from __future__ import annotations

import pytest

from baogong.common.figures import whole
from baogong.people.tests.door import Door

pytestmark = pytest.mark.usefixtures("noon")
BODY = {"name": "turns.desks", "value": 3, "source": "街道会议"}


def test_figures_are_listed_with_value_unit_bounds_and_source(cast):
    found = {item["name"]: item for item in Door(cast.buyer).get("/figures").json()["items"]}

    assert (found["turns.desks"]["value"], found["turns.desks"]["unit"], found["turns.desks"]["most"]) == (
        2, "desks", 50,
    )  # fmt: skip
    assert found["turns.desks"]["since"] is None


def test_an_administrator_sets_one_and_the_same_key_once(cast):
    first, again = (Door(cast.admin).send("/figures", BODY, key="the same") for _time in range(2))

    assert (first.status_code, first.json()["value"], first.json()["source"]) == (201, 3, "街道会议")
    assert first.json() == again.json()
    assert whole("turns.desks", cast.subdistrict_id) == 3


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"value": 0}, "bad_figure"), ({"name": "turns.tables"}, "bad_figure"), ({"source": ""}, "bad_input"),
     ({"value": 2.5}, "bad_input")],
)  # fmt: skip
def test_nonsense_is_a_problem_with_its_code(cast, typed, code):
    answer = Door(cast.admin).send("/figures", {**BODY, **typed})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert whole("turns.desks", cast.subdistrict_id) == 2


@pytest.mark.parametrize("name", ["buyer", "command_post"])
def test_other_offices_read_and_do_not_set(cast, name):
    door = Door(getattr(cast, name))

    assert [door.get("/figures").status_code, door.send("/figures", BODY).status_code] == [200, 403]


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator"])
def test_figures_are_not_for_other_roles(cast, name):
    door = Door(getattr(cast, name))

    assert [door.get("/figures").status_code, door.send("/figures", BODY).status_code] == [403, 403]


def test_strangers_sign_in_first(cast):
    assert [Door().get("/figures").status_code, Door().send("/figures", BODY).status_code] == [401, 401]
