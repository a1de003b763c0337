"""The staff's search page and the way from it to an order for somebody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from baogong.groupbuy.tests.rounds import order
from baogong.home.tests.stage import signed_in
from baogong.people.tests.cast import make_household, make_staff

pytestmark = pytest.mark.usefixtures("noon")

SEARCH, ORDER_FOR = reverse("home:search"), reverse("home:order_for")


@pytest.fixture
def worker(cast):
    return signed_in(cast.worker)


def found(client, query: str, url: str = SEARCH) -> str:
    page = client.get(url, {"q": query})
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("query", ["王伟", "wangwei", "ww", "13800000001", "12-2-502", "502", "12号楼 502"])
def test_a_household_is_found_by_name_phone_or_door(cast, worker, query):
    assert reverse("people:door", args=[cast.wang.pk]) in found(worker, query)


@pytest.mark.parametrize("part", ["whole", "end", "number"])
def test_an_order_is_found_by_its_code_or_the_end_of_it(cast, worker, buy, part):
    mine = order(buy, cast.wang, rice=1)
    query = {"whole": mine.code.lower(), "end": mine.code.split("-", 1)[1], "number": mine.code[-4:]}[part]

    text = found(worker, query)

    assert reverse("groupbuy:order", args=[mine.pk]) in text
    assert "12号楼 2单元 502" in text


def test_a_building_is_found(cast, worker):
    assert reverse("people:building", args=[cast.building.pk]) in found(worker, "12")


def test_nothing_found_says_what_can_be_typed(cast, worker):
    text = found(worker, "没有的人")

    assert "Nothing found for “没有的人”" in text
    assert "a whole phone number" in text


def test_one_character_is_too_few(worker):
    assert "Type at least two characters." in found(worker, "王")


def test_what_lies_outside_the_area_is_not_found(cast, buy):
    mine = order(buy, cast.wang, rice=1)
    account = make_staff(cast.subdistrict_id, "钱进", "social_worker", area="building", area_id=cast.sealed.pk)
    other = signed_in(account)

    for query in ("王伟", "12-2-502", "13800000001", mine.code):
        text = found(other, query)
        assert "Nothing found" in text


def test_a_role_without_orders_finds_none(cast, buy):
    mine = order(buy, cast.wang, rice=1)

    assert "Nothing found" in found(signed_in(cast.command_post), mine.code)


@pytest.mark.parametrize("account", ["wang_account", "volunteer"])
def test_the_box_is_not_for_everybody(cast, account):
    client = signed_in(getattr(cast, account))

    assert client.get(SEARCH, {"q": "王伟"}).status_code == 403
    assert client.get(ORDER_FOR, {"q": "王伟"}).status_code == 403


def test_while_somebody_types_only_the_results_come(cast, worker):
    page = worker.get(SEARCH, {"q": "王伟"}, headers={"HX-Request": "true"})

    assert "<html" not in page.content.decode()
    assert "王伟" in page.content.decode()


def test_typed_marks_are_shown_as_text(worker):
    assert "<script>alert" not in found(worker, "<script>alert(1)</script>")


# ---------------------------------------------------------------- ordering for others


@pytest.mark.parametrize("account", ["worker", "operator"])
def test_from_a_household_found_it_is_one_step_to_its_order(cast, buy, account):
    text = found(signed_in(getattr(cast, account)), "3-101", ORDER_FOR)

    assert f"{reverse('groupbuy:round', args=[buy.pk])}?household={cast.zhao.pk}" in text


def test_without_an_open_round_there_is_nothing_to_order(cast, worker):
    text = found(worker, "3-101", ORDER_FOR)

    assert "No round is open now." in text
    assert "Order for them" not in text


def test_the_hotlines_first_page_is_the_search(cast, buy):
    operator = signed_in(cast.operator)

    assert "Who is ringing?" in found(operator, "", "/")
    assert f"?household={cast.zhao.pk}" in found(operator, "3-101", "/")


def test_a_buyer_finds_and_orders_for_nobody(cast, buy):
    assert "Order for them" not in found(signed_in(cast.buyer), "王伟")


# ---------------------------------------------------------------- weight


def test_the_number_of_queries_does_not_grow(cast, worker, buy, django_assert_max_num_queries, settings):
    settings.BAOGONG_DEMO = None  # its answer is kept for some seconds

    def look(count: int) -> int:
        for number in range(count):
            order(buy, make_household(cast.building, f"{count}1{number:02d}", unit=cast.unit), rice=1)
        with django_assert_max_num_queries(30) as queries:
            found(worker, "号楼")
        return len(queries)

    look(1)
    assert look(9) == look(2)
