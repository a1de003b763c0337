"""Suppliers and the supply list through the JSON door; and who may not."""

from __future__ import annotations

import pytest
import time_machine

from baogong.common.ids import new_id
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, make_staff
from baogong.people.tests.door import Door
from baogong.supply.models import Supplier, SupplyList
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def jkl(cast) -> Supplier:
    return make_supplier(cast.subdistrict_id, phone="010-88886666", minimum_order_fen=20_000)


def test_suppliers_are_listed_with_how_much_they_offer_page_by_page(cast, jkl):
    make_offer(jkl, "rice", stock=30)
    make_offer(jkl, "oil", stock=12)
    make_supplier(cast.subdistrict_id, "LT", "绿田")

    first = Door(cast.buyer).get("/suppliers", limit=1).json()
    rest = Door(cast.admin).get("/suppliers", limit=1, cursor=first["next"]).json()

    [shown] = first["items"]
    assert (shown["code"], shown["live_offers"], shown["units_in_stock"], shown["minimum_order_fen"]) == (
        "JKL", 2, 42, 20_000,
    )  # fmt: skip
    assert [each["code"] for each in rest["items"]] == ["LT"]


def test_the_list_is_published_whole_or_in_part(cast, jkl):
    rice, oil = make_offer(jkl, "rice", "大米"), make_offer(jkl, "oil", "油")
    buyer = Door(cast.buyer)

    whole = buyer.send("/supply-list", {})
    part = buyer.send("/supply-list", {"offers": [str(oil.pk)], "note": "只剩油"})

    assert (whole.status_code, whole.json()["number"], whole.json()["items"]) == (201, 1, 2)
    assert (part.json()["number"], part.json()["note"]) == (2, "只剩油")
    assert [each["name"] for each in Door().get("/supply-list").json()["items"]] == ["油"]
    assert rice.pk != oil.pk


def test_the_same_key_publishes_once(cast, jkl):
    make_offer(jkl)

    first, again = (Door(cast.buyer).send("/supply-list", {}, key="the same") for _time in range(2))

    assert first.json() == again.json()
    assert SupplyList.objects.within(cast.subdistrict_id).count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 409, "not_publishable"),
        ({"offers": [str(new_id())]}, 409, "not_publishable"),
        ({"offers": []}, 422, "bad_input"),
        ({"note": "长" * 301}, 422, "bad_input"),
    ],
)
def test_what_cannot_be_published_is_a_problem_with_its_code(cast, jkl, body, status, code):
    make_offer(jkl, "eggs", "鸡蛋", origin="")

    answer = Door(cast.buyer).send("/supply-list", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator", "command_post"])
def test_suppliers_and_publishing_are_not_for_other_roles(cast, jkl, name):
    make_offer(jkl)
    stranger = Door(getattr(cast, name))

    assert [stranger.get("/suppliers").status_code, stranger.send("/supply-list", {}).status_code] == [403, 403]
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


def test_a_supplier_and_a_stranger_see_no_suppliers(cast, jkl):
    supplier = make_staff(cast.subdistrict_id, "马平", Role.SUPPLIER, area=Area.SUPPLIER, area_id=jkl.pk)

    assert [Door(supplier).get("/suppliers").status_code, Door().get("/suppliers").status_code] == [403, 401]
    assert Door().send("/supply-list", {}).status_code == 401
