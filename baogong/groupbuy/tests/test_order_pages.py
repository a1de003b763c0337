"""The order's page: its lines, money and way, changing and cancelling; ordering for others, and cash."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, RoundOffer, Transfer
from baogong.groupbuy.tests.browsing import basket, form_key, names, order_url, round_url, signed_in, value_of
from baogong.groupbuy.tests.rounds import (
    CUT_OFF,
    NEXT_DAY,
    closed,
    hand_over,
    open_round_of,
    order,
    purchase_orders,
    receive,
    share_out,
)
from baogong.people.tests.cast import NOON, make_building, make_community, make_compound, make_staff
from baogong.supply.tests.market import make_offer


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buy(cast, rice, greens) -> Round:
    """Rice and greens, open until four."""
    return open_round_of(cast, rice, greens)


@pytest.fixture
def wang(cast) -> Client:
    return signed_in(cast.wang_account)


@pytest.fixture
def worker(cast) -> Client:
    return signed_in(cast.worker)


# ---------------------------------------------------------------- the order


def test_an_order_shows_lines_total_money_and_way(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)

    text = wang.get(order_url(mine)).content.decode()

    assert mine.code in text
    assert "× 2" in text
    assert "Still to pay" in text
    assert "¥40.00" in text
    assert "Round closes" in text


def test_a_change_starts_from_the_order_and_is_stored(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)
    page = wang.get(order_url(mine, "order_change"))
    assert value_of(page, names(buy)["rice"]) == "2"

    done = wang.post(order_url(mine, "order_change"), basket(page, buy, rice=1, greens=1), follow=True)

    mine.refresh_from_db()
    assert done.redirect_chain == [(order_url(mine), 303)]
    assert mine.total_fen == 2600
    assert mine.state == Order.State.CHANGED


def test_own_units_are_free_for_a_change(cast, wang, jkl):
    eggs = make_offer(jkl, "eggs", "鸡蛋", stock=4)
    buy = open_round_of(cast, eggs)
    mine = order(buy, cast.wang, eggs=3)
    page = wang.get(order_url(mine, "order_change"))

    done = wang.post(order_url(mine, "order_change"), basket(page, buy, eggs=4))

    assert 'max="4"' in page.content.decode()
    assert done.status_code == 303
    assert mine.lines.get().quantity == 4


def test_a_refused_change_keeps_the_order_and_what_was_typed(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)
    page = wang.get(order_url(mine, "order_change"))

    refused = wang.post(order_url(mine, "order_change"), basket(page, buy, rice=9))

    assert refused.status_code == 422
    assert value_of(refused, names(buy)["rice"]) == "9"
    assert mine.lines.get().quantity == 2


def test_an_emptied_order_is_to_be_cancelled(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)
    page = wang.get(order_url(mine, "order_change"))

    refused = wang.post(order_url(mine, "order_change"), basket(page, buy))

    assert refused.status_code == 422
    assert "Cancel it, or choose at least one thing" in refused.content.decode()


def test_plus_works_in_a_change_too(cast, wang, buy):
    mine = order(buy, cast.wang, rice=1)
    rice = names(buy)["rice"]
    sent = basket(wang.get(order_url(mine, "order_change")), buy, rice=1)

    emptied = wang.post(order_url(mine, "order_change"), {**sent, "minus": rice})

    assert value_of(wang.get(emptied["Location"]), rice) == "0"


def test_an_order_is_cancelled_and_its_units_are_free_again(cast, wang, buy):
    mine = order(buy, cast.wang, greens=3)
    key = form_key(wang.get(order_url(mine)))

    done = wang.post(order_url(mine, "order_cancel"), {"idempotency_key": key}, follow=True)

    mine.refresh_from_db()
    assert mine.state == Order.State.CANCELLED
    assert "This order is cancelled" in done.content.decode()
    assert RoundOffer.objects.get(round=buy, sku="greens").remaining == 40


def test_after_the_cut_off_an_order_can_neither_be_changed_nor_cancelled(cast, wang, buy, noon):
    mine = order(buy, cast.wang, rice=1)
    change, page = wang.get(order_url(mine, "order_change")), wang.get(order_url(mine))
    noon.move_to(CUT_OFF)

    changed = wang.post(order_url(mine, "order_change"), basket(change, buy, rice=2))
    cancelled = wang.post(order_url(mine, "order_cancel"), {"idempotency_key": form_key(page)})

    assert (changed.status_code, cancelled.status_code) == (422, 422)
    mine.refresh_from_db()
    assert (mine.state, mine.total_fen) == (Order.State.PLACED, 2000)
    assert "Cancel the order" not in wang.get(order_url(mine)).content.decode()


def test_what_was_short_is_said_with_the_money_that_comes_back(cast, wang, buy, noon):
    mine, other = order(buy, cast.wang, rice=3), order(buy, cast.li, rice=1)
    services.record_payment(mine.pk, 6000, "cash", "0017", actor=cast.actor(cast.worker), now=NOON)
    closed(buy)
    [purchase] = purchase_orders(buy)
    share_out(buy, receive(purchase, rice=2))
    noon.move_to(NEXT_DAY)

    text = wang.get(order_url(mine)).content.decode()

    mine.refresh_from_db()
    granted = mine.lines.get().granted
    assert granted in {1, 2}
    assert f"大米: {granted} of 3" in text
    assert "You get back" in text
    assert f"{granted} of 3" in text
    assert "receipt 0017" in text
    assert other.pk != mine.pk


def test_an_order_that_was_handed_over_says_so_in_the_list(cast, wang, buy, noon):
    mine = order(buy, cast.wang, rice=1)
    closed(buy)
    [purchase] = purchase_orders(buy)
    share_out(buy, receive(purchase, rice=1))
    hand_over(mine)

    text = wang.get(reverse("groupbuy:orders")).content.decode()

    assert mine.code in text
    assert "handed over" in text


def test_the_list_without_orders_says_where_to_order(wang):
    assert "No orders yet" in wang.get(reverse("groupbuy:orders")).content.decode()


# ---------------------------------------------------------------- strangers


def test_another_households_order_looks_like_none(cast, buy):
    mine = order(buy, cast.wang, rice=1)
    li = signed_in(cast.li_account)

    for name in ("order", "order_change"):
        assert li.get(order_url(mine, name)).status_code == 404
    assert li.post(order_url(mine, "order_cancel"), {"idempotency_key": "k"}).status_code == 404
    assert li.get(reverse("groupbuy:order", args=[buy.pk])).status_code == 404
    mine.refresh_from_db()
    assert mine.state == Order.State.PLACED


def test_a_resident_orders_for_no_other_household(cast, wang, buy):
    assert wang.get(round_url(buy, household=cast.li.pk)).status_code == 404
    sent = {**basket(wang.get(round_url(buy)), buy, rice=1), "household": str(cast.li.pk)}

    assert wang.post(round_url(buy), sent).status_code == 404
    assert not Order.objects.filter(round=buy).exists()


def test_whoever_is_not_signed_in_is_led_to_sign_in(cast, buy):
    mine = order(buy, cast.wang, rice=1)
    stranger = signed_in(None)

    for url in (order_url(mine), order_url(mine, "order_change"), reverse("groupbuy:orders")):
        assert stranger.get(url).status_code == 302
    assert stranger.post(round_url(buy), {"go": "1"}).status_code == 302


def test_a_volunteer_has_to_do_with_no_orders(cast, buy):
    mine = order(buy, cast.wang, rice=1)

    assert signed_in(cast.volunteer).get(order_url(mine)).status_code == 403


def test_a_buyer_sees_an_order_and_changes_nothing(cast, buy):
    mine = order(buy, cast.wang, rice=1)
    buyer = signed_in(cast.buyer)

    assert "Cancel the order" not in buyer.get(order_url(mine)).content.decode()
    assert buyer.get(order_url(mine, "order_change")).status_code == 403
    assert buyer.post(order_url(mine, "order_cancel"), {"idempotency_key": "k"}).status_code == 403


# ---------------------------------------------------------------- for others


def sent_for(client: Client, buy: Round, household, **more: object) -> dict[str, object]:
    page = client.get(round_url(buy, household=household.pk))
    return {**basket(page, buy, rice=2), "household": str(household.pk), "source": "door", **more}


def test_a_worker_orders_for_a_household_without_a_phone(cast, worker, buy):
    page = worker.get(round_url(buy, household=cast.zhao.pk))
    assert "You are ordering for <b>3号楼 101</b>" in page.content.decode()

    done = worker.post(round_url(buy), sent_for(worker, buy, cast.zhao))

    [made] = Order.objects.filter(round=buy)
    assert done.status_code == 303
    assert (made.household_id, made.source, made.placed_by) == (cast.zhao.pk, "door", cast.worker.pk)
    assert not Transfer.objects.filter(order=made, reason="paid").exists()


def test_cash_with_a_receipt_is_taken_down_with_the_order(cast, worker, buy):
    worker.post(round_url(buy), sent_for(worker, buy, cast.zhao, receipt_number="A-0031"))

    [paid] = Transfer.objects.filter(round=buy, reason="paid")
    assert (paid.amount_fen, paid.way, paid.receipt_number) == (4000, "cash", "A-0031")


def test_how_it_was_asked_for_must_be_known(cast, worker, buy):
    page = worker.post(round_url(buy), sent_for(worker, buy, cast.zhao, source="pigeon"))

    assert page.status_code == 422
    assert not Order.objects.filter(round=buy).exists()


def test_plus_keeps_household_source_and_receipt(cast, worker, buy):
    sent = sent_for(worker, buy, cast.zhao, receipt_number="A-0031", plus=names(buy)["rice"])

    page = worker.get(worker.post(round_url(buy), sent)["Location"])

    text = page.content.decode()
    assert "You are ordering for <b>3号楼 101</b>" in text
    assert 'value="A-0031"' in text
    assert re.search(r'value="door"[^>]*checked', text)
    assert value_of(page, names(buy)["rice"]) == "3"


def test_an_operator_takes_orders_and_no_money(cast, buy):
    operator = signed_in(cast.operator)

    page = operator.get(round_url(buy, household=cast.zhao.pk))
    operator.post(round_url(buy), sent_for(operator, buy, cast.zhao, source="phone", receipt_number="A-0031"))

    [made] = Order.objects.filter(round=buy)
    assert "receipt_number" not in page.content.decode()
    assert made.source == "phone"
    assert not Transfer.objects.filter(order=made, reason="paid").exists()


def test_a_worker_without_a_household_in_mind_is_led_to_the_search(cast, worker, buy):
    text = worker.get(round_url(buy)).content.decode()

    assert reverse("home:order_for") in text
    assert worker.post(round_url(buy), {"go": "1"}).status_code == 403


def test_a_worker_of_elsewhere_orders_for_nobody_here(cast, buy):
    far = make_building(make_compound(make_community(cast.subdistrict, "西里"), "西里小区"), "W1")
    stranger = signed_in(make_staff(cast.subdistrict_id, "钱进", "social_worker", area="building", area_id=far.pk))

    assert stranger.get(round_url(buy, household=cast.zhao.pk)).status_code == 404


def test_staff_find_one_households_orders_and_those_that_are_not_paid(cast, worker, buy):
    paid, owed = order(buy, cast.wang, rice=1), order(buy, cast.li, rice=1)
    services.record_payment(paid.pk, 2000, "cash", "0017", actor=cast.actor(cast.worker), now=NOON)
    orders = reverse("groupbuy:orders")

    theirs = worker.get(orders, {"household": cast.wang.pk}).content.decode()
    unpaid = worker.get(orders, {"owed": "1"}).content.decode()

    assert (paid.code in theirs, owed.code in theirs) == (True, False)
    assert (paid.code in unpaid, owed.code in unpaid) == (False, True)


# ---------------------------------------------------------------- cash


def cash(client: Client, some: Order, **sent: str):
    key = form_key(client.get(order_url(some)))
    return client.post(order_url(some, "order_cash"), {"idempotency_key": key, **sent}, follow=True)


def test_a_worker_notes_cash_taken_later(cast, worker, buy):
    theirs = order(buy, cast.zhao, rice=2)

    page = cash(worker, theirs, amount="40", receipt_number="A-0032")

    [paid] = Transfer.objects.filter(order=theirs, reason="paid")
    assert (paid.amount_fen, paid.receipt_number) == (4000, "A-0032")
    assert "All is paid" in page.content.decode()
    assert "Note cash" not in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"amount": "41", "receipt_number": "A-0032"}, "is more"),
        ({"amount": "forty", "receipt_number": "A-0032"}, "“forty” is not an amount in yuan"),
        ({"amount": "40", "receipt_number": ""}, "is still empty"),
    ],
)
def test_cash_that_cannot_be_is_refused_and_what_was_typed_stays(cast, worker, buy, sent, word):
    theirs = order(buy, cast.zhao, rice=2)

    page = cash(worker, theirs, **sent)

    assert page.status_code == 422
    assert word in page.content.decode()
    assert f'value="{sent["amount"]}"' in page.content.decode()
    assert not Transfer.objects.filter(order=theirs, reason="paid").exists()


def test_residents_and_operators_note_no_cash(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)

    for client in (wang, signed_in(cast.operator)):
        assert "Note cash" not in client.get(order_url(mine)).content.decode()
        assert client.post(order_url(mine, "order_cash"), {"idempotency_key": "k"}).status_code == 403


# ---------------------------------------------------------------- weight


@pytest.mark.parametrize("page", ["round", "order", "order_change", "orders"])
def test_the_number_of_queries_does_not_grow(cast, wang, jkl, page, django_assert_max_num_queries, settings):
    settings.BAOGONG_DEMO = None  # its answer is kept for some seconds

    def look(offers: int) -> int:
        goods = [make_offer(jkl, f"s{offers}-{n}", f"货{n}") for n in range(offers)]
        buy = open_round_of(cast, *goods)
        mine = order(buy, cast.wang, **{offer.sku: 1 for offer in goods})
        url = {"round": round_url(buy), "orders": reverse("groupbuy:orders")}.get(page) or order_url(mine, page)
        with django_assert_max_num_queries(30) as queries:
            assert wang.get(url).status_code == 200
        return len(queries)

    look(1)  # the first page of a session writes it down
    assert look(20) == look(2)
