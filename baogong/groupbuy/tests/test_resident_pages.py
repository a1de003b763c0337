"""The round's page: the list, ordering from it, plus and minus without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, RoundOffer
from baogong.groupbuy.tests.browsing import basket, names, order_url, round_url, signed_in, value_of
from baogong.groupbuy.tests.rounds import CUT_OFF, draft_of, open_round_of, order
from baogong.people.tests.cast import NOON
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


def place(client: Client, buy: Round, **quantities: int | str):
    page = client.get(round_url(buy))
    return client.post(round_url(buy), basket(page, buy, **quantities), follow=True)


# ---------------------------------------------------------------- the list


def test_a_stranger_reads_the_list_and_is_told_to_sign_in(cast, buy):
    page = signed_in(None).get(round_url(buy))

    assert page.status_code == 200
    assert "大米" in page.content.decode()
    assert "¥20.00" in page.content.decode()
    assert "Sign in to order" in page.content.decode()
    assert '<input type="number"' not in page.content.decode()


def test_a_resident_sees_price_cap_and_what_is_left(wang, buy):
    text = wang.get(round_url(buy)).content.decode()

    assert "up to 5 each" in text
    assert "40 left" in text
    assert 'max="5"' in text


def test_more_than_is_left_cannot_be_stepped_to(cast, wang, jkl):
    eggs = make_offer(jkl, "eggs", "鸡蛋", stock=2)
    buy = open_round_of(cast, eggs)

    assert 'max="2"' in wang.get(round_url(buy)).content.decode()


def test_what_is_sold_out_says_so_and_has_no_stepper(cast, wang, buy):
    RoundOffer.objects.filter(round=buy, sku="greens").update(remaining=0)

    text = wang.get(round_url(buy)).content.decode()

    assert "Sold out" in text
    assert f'name="{names(buy)["greens"]}"' not in text


def test_a_draft_is_nobodys_page(cast, wang, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.actor(cast.buyer), now=NOON)

    assert wang.get(round_url(draft)).status_code == 404


def test_an_announced_round_says_when_it_opens(cast, wang, rice):
    actor = cast.actor(cast.buyer)
    soon = services.create_round(draft_of([rice], opens_at=NOON + timedelta(hours=1)), actor=actor, now=NOON)
    services.schedule_round(soon.pk, actor=actor, now=NOON)

    text = wang.get(round_url(soon)).content.decode()

    assert "This round opens today 13:00" in text
    assert "Order now" not in text


def test_a_round_that_the_buyers_closed_early_says_when(cast, wang, buy, noon):
    order(buy, cast.li, rice=1)
    services.close_round(buy.pk, actor=cast.actor(cast.buyer), now=NOON)
    noon.move_to(NOON + timedelta(hours=1))

    assert "第3轮 closed today 12:00" in wang.get(round_url(buy)).content.decode()


def test_a_round_that_needs_households_says_how_many(cast, wang, rice):
    buy = open_round_of(cast, rice, minimum_households=2)
    order(buy, cast.li, rice=1)

    text = wang.get(round_url(buy)).content.decode()

    assert "1 household, 2 needed" in text
    assert "Not enough yet" in text


# ---------------------------------------------------------------- ordering


def test_a_resident_orders_and_sees_the_order(wang, buy):
    page = place(wang, buy, rice=2, greens=1)

    [made] = Order.objects.filter(round=buy)
    assert page.redirect_chain == [(order_url(made), 303)]
    assert made.source == Order.Source.APP
    assert made.total_fen == 4600
    assert f"Order {made.code} is in: 2 kinds, ¥46.00." in page.content.decode()


def test_a_form_sent_twice_makes_one_order(wang, buy):
    sent = basket(wang.get(round_url(buy)), buy, rice=1)

    first, second = (wang.post(round_url(buy), sent) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Order.objects.filter(round=buy).count() == 1


def test_the_same_form_with_other_numbers_leads_to_the_order_it_made(wang, buy):
    sent = basket(wang.get(round_url(buy)), buy, rice=1)
    wang.post(round_url(buy), sent)

    again = wang.post(round_url(buy), {**sent, names(buy)["rice"]: 4}, follow=True)

    [made] = Order.objects.filter(round=buy)
    assert again.redirect_chain == [(order_url(made), 303)]
    assert "This is the order you sent before" in again.content.decode()
    assert made.total_fen == 2000


def test_over_the_cap_is_refused_with_the_numbers_and_what_was_typed_stays(wang, buy):
    page = place(wang, buy, rice=6, greens=1)

    text = page.content.decode()
    assert page.status_code == 422
    assert "大米: at most 5 per household, you asked for 6" in text
    assert value_of(page, names(buy)["rice"]) == "6"
    assert value_of(page, names(buy)["greens"]) == "1"
    assert not Order.objects.filter(round=buy).exists()


def test_what_was_sold_meanwhile_is_refused_with_what_is_left(cast, wang, jkl):
    eggs = make_offer(jkl, "eggs", "鸡蛋", stock=4)
    buy = open_round_of(cast, eggs)
    page = wang.get(round_url(buy))
    order(buy, cast.li, eggs=3)

    refused = wang.post(round_url(buy), basket(page, buy, eggs=3))

    assert refused.status_code == 422
    assert "鸡蛋: 1 left, you asked for 3. Take 1 or fewer" in refused.content.decode()
    assert value_of(refused, names(buy)["eggs"]) == "3"


def test_nothing_chosen_is_said(wang, buy):
    page = place(wang, buy)

    assert page.status_code == 422
    assert "Choose at least one thing" in page.content.decode()


@pytest.mark.parametrize("typed", ["many", "-1", "1.5", "1000000"])
def test_what_is_no_quantity_is_said_and_stays(wang, buy, typed):
    page = place(wang, buy, rice=typed)

    assert page.status_code == 422
    assert "Write a whole number from 0 to 999" in page.content.decode()
    assert value_of(page, names(buy)["rice"]) == typed


def test_something_that_is_not_in_the_round_is_not_silently_left_out(wang, buy):
    sent = basket(wang.get(round_url(buy)), buy, rice=1)

    page = wang.post(round_url(buy), {**sent, "qffffffff": "1"})

    assert page.status_code == 422
    assert "no longer in this round" in page.content.decode()
    assert not Order.objects.filter(round=buy).exists()


def test_after_the_cut_off_the_page_says_when_it_closed_and_when_the_next_opens(cast, wang, buy, rice, noon):
    sent = basket(wang.get(round_url(buy)), buy, rice=1)
    actor = cast.actor(cast.buyer)
    tomorrow = draft_of([rice], name="第4轮", opens_at=NOON + timedelta(days=1), closes_at=CUT_OFF + timedelta(days=1))
    services.schedule_round(services.create_round(tomorrow, actor=actor, now=NOON).pk, actor=actor, now=NOON)
    noon.move_to(CUT_OFF)

    refused = wang.post(round_url(buy), sent)

    text = refused.content.decode()
    assert refused.status_code == 422
    assert "第3轮 closed today 16:00" in text
    assert "第4轮 opens tomorrow 12:00" in text
    assert "1 chosen" in text
    assert not Order.objects.filter(round=buy).exists()


def test_a_household_that_has_ordered_is_led_to_its_order(cast, wang, buy):
    mine = order(buy, cast.wang, rice=1)

    text = wang.get(round_url(buy)).content.decode()

    assert order_url(mine) in text
    assert order_url(mine, "order_change") in text
    assert '<form method="post" novalidate' not in text


def test_without_a_form_key_nothing_happens(wang, buy):
    sent = basket(wang.get(round_url(buy)), buy, rice=1)
    del sent["idempotency_key"]

    assert wang.post(round_url(buy), sent).status_code == 422
    assert not Order.objects.filter(round=buy).exists()


# ---------------------------------------------------------------- plus and minus without a script


def test_plus_and_minus_lead_to_the_page_with_the_new_number(wang, buy):
    rice = names(buy)["rice"]
    sent = basket(wang.get(round_url(buy)), buy, rice=1, greens=2)
    del sent["go"]

    more = wang.post(round_url(buy), {**sent, "plus": rice})
    less = wang.post(round_url(buy), {**sent, "minus": rice})

    assert more.status_code == 303
    assert more["Location"].endswith(f"#id_{rice}")
    page = wang.get(more["Location"])
    assert value_of(page, rice) == "2"
    assert value_of(page, names(buy)["greens"]) == "2"
    assert "¥52.00" in page.content.decode()
    assert value_of(wang.get(less["Location"]), rice) == "0"
    assert not Order.objects.filter(round=buy).exists()


def test_plus_stops_at_the_cap_and_minus_at_zero(wang, buy):
    rice = names(buy)["rice"]
    full = {**basket(wang.get(round_url(buy)), buy, rice=5), "plus": rice}
    empty = {**basket(wang.get(round_url(buy)), buy), "minus": rice}

    assert value_of(wang.get(wang.post(round_url(buy), full)["Location"]), rice) == "5"
    assert value_of(wang.get(wang.post(round_url(buy), empty)["Location"]), rice) == "0"
