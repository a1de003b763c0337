"""The buyer's desk: what waits, rounds from draft to settlement, and who may not look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from baogong.common.ids import new_id
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, RoundOffer
from baogong.groupbuy.tests.browsing import signed_in
from baogong.groupbuy.tests.desk import NEW, ROUNDS, money_url, queries_of, send, state_of, text_of, url
from baogong.groupbuy.tests.rounds import closed, draft_of, open_round_of, order
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, make_household, make_staff
from baogong.supply.models import PurchaseOrder
from baogong.supply.tests.market import make_offer


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buyer(cast) -> Client:
    return signed_in(cast.buyer)


@pytest.fixture
def buy(cast, rice, greens) -> Round:
    """Rice and greens, open until four."""
    return open_round_of(cast, rice, greens)


@pytest.fixture
def draft(cast, rice) -> Round:
    return services.create_round(draft_of([rice], name="明日团"), actor=cast.actor(cast.buyer), now=NOON)


def new_round_fields(*offers, **values: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": "第 3 轮",
        "opens_at": "2022-11-24T13:00",
        "closes_at": "2022-11-24T16:00",
        "deliver_from": "2022-11-25T09:00",
        "deliver_until": "2022-11-25T18:00",
        "minimum_households": "2",
        "complaint_contact": "",
    }
    for offer in offers:
        fields |= {f"offer_{offer.pk.hex}": "on", f"units_{offer.pk.hex}": "30", f"cap_{offer.pk.hex}": "2"}
    return {**fields, **values}


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("name", ["wang_account", "volunteer", "admin"])
def test_the_desk_is_not_for_other_roles(cast, buy, name):
    stranger = signed_in(getattr(cast, name))

    for address in (ROUNDS, NEW, url(buy), money_url(buy)):
        assert stranger.get(address).status_code == 403, address
    assert send(stranger, url(buy, "closing")).status_code == 403
    assert state_of(buy) == Round.State.OPEN


def test_a_supplier_has_no_business_there(cast, buy, jkl):
    supplier = signed_in(make_staff(cast.subdistrict_id, "马平", Role.SUPPLIER, area=Area.SUPPLIER, area_id=jkl.pk))

    assert [supplier.get(address).status_code for address in (ROUNDS, url(buy))] == [403, 403]


@pytest.mark.parametrize("name", ["worker", "operator", "command_post"])
def test_others_read_the_sums_and_neither_orders_nor_buttons(cast, buy, name):
    order(buy, cast.wang, rice=2)
    closed(buy)
    reader = signed_in(getattr(cast, name))

    text = text_of(reader, url(buy))

    assert "40.00" in text
    assert "What next" not in text
    assert "12-2-502" not in text
    assert "What waits" not in text_of(reader, ROUNDS)
    assert [reader.get(address).status_code for address in (NEW, money_url(buy))] == [403, 403]
    for deed in ("refunds", "write-off", "settlement", "cancellation"):
        assert send(reader, url(buy, deed), way="cash", reason="x").status_code == 403


def test_whoever_is_signed_out_is_asked_to_sign_in(cast, buy):
    for address in (ROUNDS, NEW, url(buy), money_url(buy)):
        answer = signed_in().get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("people:sign_in"))
    assert send(signed_in(), url(buy, "closing")).status_code == 302
    assert state_of(buy) == Round.State.OPEN


def test_a_round_or_a_deed_that_is_not_there_is_not_found(buyer, buy):
    assert buyer.get(url(new_id())).status_code == 404
    assert buyer.get(money_url(new_id())).status_code == 404
    assert send(buyer, url(new_id(), "closing")).status_code == 404
    assert send(buyer, url(buy, "nonsense")).status_code == 404
    assert buyer.get(url(buy, "closing")).status_code == 405


# ---------------------------------------------------------------- a new round


def test_a_round_is_drafted_with_the_offers_that_were_ticked(cast, buyer, rice, greens):
    page = text_of(buyer, NEW)
    assert 'value="2022-11-24T16:00"' in page
    assert f'name="units_{rice.pk.hex}" value="1000"' in page

    answer = send(buyer, NEW, **new_round_fields(rice))

    made = Round.objects.within(cast.subdistrict_id).get()
    assert (answer.status_code, answer["Location"]) == (303, url(made))
    assert (made.state, made.name, made.minimum_households) == (Round.State.DRAFT, "第 3 轮", 2)
    assert made.closes_at == NOON + timedelta(hours=4)
    assert [(o.name, o.offered, o.cap_per_household) for o in made.offers.all()] == [("大米", 30, 2)]
    assert f"Round {made.code} is a draft." in text_of(buyer, url(made))


def test_the_same_form_sent_twice_makes_one_round(cast, buyer, rice):
    answers = [send(buyer, NEW, key="the same", **new_round_fields(rice)) for _time in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Round.objects.within(cast.subdistrict_id).count() == 1


def test_less_than_three_hours_before_four_the_usual_cut_off_is_tomorrow(buyer, rice, noon):
    noon.move_to(NOON + timedelta(hours=2))

    assert 'name="closes_at" value="2022-11-25T16:00"' in text_of(buyer, NEW)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "still empty"),
        ({"closes_at": "2022-11-24T12:30"}, "closes_at", "A round closes after it opens"),
        ({"closes_at": "2022-11-24T11:00"}, "closes_at", "The cut-off has passed already"),
        ({"closes_at": "2023-11-24T16:00"}, "closes_at", "open for a month at most"),
        ({"closes_at": "tomorrow"}, "closes_at", "Enter a valid date/time"),
        ({"deliver_until": "2022-11-25T08:00"}, "deliver_until", "Delivery ends after it begins"),
        ({"minimum_households": "-1"}, "minimum_households", "greater than or equal to 0"),
        ({"units": "1001"}, "units", "the supplier has 1000; offer 0 to 1000 of it"),
        ({"units": "some"}, "units", "Enter a whole number"),
        ({"cap": "0"}, "cap", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_stays(cast, buyer, rice, typed, field, said):
    typed = {f"{name}_{rice.pk.hex}" if name in {"units", "cap"} else name: value for name, value in typed.items()}
    name = f"{field}_{rice.pk.hex}" if field in {"units", "cap"} else field

    answer = send(buyer, NEW, **new_round_fields(rice, **typed))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{name}"' in page
    assert said in page
    assert 'value="2022-11-25T18:00"' in page or "deliver_until" in typed
    assert not Round.objects.within(cast.subdistrict_id).exists()


def test_a_round_without_goods_is_refused(cast, buyer, rice):
    answer = send(buyer, NEW, **new_round_fields())

    assert answer.status_code == 422
    assert "Choose at least one thing to offer." in answer.content.decode()


def test_without_any_goods_the_page_leads_to_the_imports(buyer):
    assert reverse("imports:index") in text_of(buyer, NEW).partition("<main")[2]


# ---------------------------------------------------------------- open, schedule, close, cancel


def test_a_draft_is_opened_and_households_can_order(cast, buyer, draft):
    assert "Open now" in text_of(buyer, url(draft))

    answer = send(buyer, url(draft, "opening"))

    assert (answer.status_code, answer["Location"]) == (303, url(draft))
    assert state_of(draft) == Round.State.OPEN
    assert "households can order" in text_of(buyer, url(draft))


def test_a_draft_can_open_by_itself(buyer, draft):
    send(buyer, url(draft, "schedule"))

    assert state_of(draft) == Round.State.APPROVED
    assert "opens by itself" in text_of(buyer, ROUNDS)


def test_what_is_offered_can_be_corrected_with_a_reason_and_not_below_what_is_ordered(cast, buyer, buy):
    order(buy, cast.wang, rice=3)
    offer = RoundOffer.objects.get(round=buy, sku="rice")

    refused = send(buyer, url(buy, "correction"), offer=offer.pk, offered=2, reason="少了一车")
    done = send(buyer, url(buy, "correction"), offer=offer.pk, offered=10, reason="少了一车")

    assert refused.status_code == 422
    assert "大米: 3 are ordered already" in refused.content.decode()
    assert 'value="少了一车"' in refused.content.decode()
    offer.refresh_from_db()
    assert (done.status_code, offer.offered, offer.remaining) == (303, 10, 7)


def test_closing_freezes_the_totals_and_raises_the_purchase_orders(cast, buyer, buy):
    order(buy, cast.wang, rice=2, greens=3)

    answers = [send(buyer, url(buy, "closing"), key="the same") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    [purchase] = PurchaseOrder.objects.within(cast.subdistrict_id)
    text = text_of(buyer, url(buy))
    for part in ("1 purchase order is raised", purchase.code, "ordered from suppliers", "12-2-502"):
        assert part in text
    assert reverse("supply:workbook", args=[purchase.pk]) in text


def test_a_round_with_too_few_households_fails_and_says_so(cast, buyer, rice):
    buy = open_round_of(cast, rice, minimum_households=2)
    order(buy, cast.wang, rice=1)
    assert "2 are needed" in text_of(buyer, url(buy))

    send(buyer, url(buy, "closing"))

    assert state_of(buy) == Round.State.FAILED
    assert "The round failed: nothing is delivered." in text_of(buyer, url(buy))


def test_a_round_is_called_off_and_its_orders_with_it(cast, buyer, buy):
    mine = order(buy, cast.wang, rice=1)

    send(buyer, url(buy, "cancellation"))

    mine.refresh_from_db()
    assert (state_of(buy), mine.state) == (Round.State.CANCELLED, Order.State.CANCELLED)


def test_a_deed_that_no_longer_fits_is_refused_in_words_and_changes_nothing(cast, buyer, buy):
    order(buy, cast.wang, rice=1)
    closed(buy)

    answer = send(buyer, url(buy, "cancellation"))

    assert answer.status_code == 422
    assert "it cannot become cancelled" in answer.content.decode()
    assert state_of(buy) == Round.State.ORDERED


# ---------------------------------------------------------------- size


def test_pages_ask_as_few_questions_about_many_as_about_one(cast, buyer, buy, jkl, django_assert_max_num_queries):
    order(buy, cast.wang, rice=1)
    closed(buy)
    addresses = [ROUNDS, NEW, url(buy), money_url(buy)]
    small = [queries_of(buyer, address, django_assert_max_num_queries) for address in addresses]

    offers = [make_offer(jkl, f"sku-{number}", f"货{number}") for number in range(12)]
    many = open_round_of(cast, *offers)
    for number in range(12):
        order(many, make_household(cast.building, f"{number + 1}09"), **{f"sku-{number}": 1})
    for each in [open_round_of(cast, offers[0]) for _round in range(8)]:
        order(each, cast.li, **{"sku-0": 1})
        closed(each)
    closed(many)

    for address, most in zip([ROUNDS, NEW, url(many), money_url(many)], small, strict=True):
        with django_assert_max_num_queries(most):
            buyer.get(address)
