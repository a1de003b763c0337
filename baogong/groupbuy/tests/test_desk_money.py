"""Money at the buyer's desk, and what waits there: refunds, suppliers, debts, settlement, payments of single orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from baogong.common.ids import new_id
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, Transfer
from baogong.groupbuy.tests.browsing import signed_in
from baogong.groupbuy.tests.desk import PAYMENTS, ROUNDS, money_url, send, state_of, text_of, url
from baogong.groupbuy.tests.rounds import (
    CUT_OFF,
    NEXT_DAY,
    closed,
    draft_of,
    hand_over,
    money,
    open_round_of,
    order,
    purchase_orders,
    receive,
    share_out,
)
from baogong.people.tests.cast import NOON, make_building, make_community, make_compound, make_household


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


# ---------------------------------------------------------------- money, to the end


@pytest.fixture
def came(cast, buy) -> Round:
    """Wang paid for two bags of rice and got one; Li owes for hers. Everything is handed over."""
    wang, li = order(buy, cast.wang, rice=2), order(buy, cast.li, rice=1)
    services.record_payment(wang.pk, 4_000, "transfer", reference="T1", actor=cast.system, now=NOON)
    closed(buy)
    [purchase] = purchase_orders(buy)
    share_out(buy, receive(purchase, rice=2))
    hand_over(wang, li)
    services.move_round(buy.pk, Round.State.HANDING_OUT, actor=cast.system, now=NEXT_DAY)
    return buy


def test_refunds_suppliers_debts_and_settlement_follow_each_other(cast, buyer, came):
    assert "Settle the round (owed by households: ¥20.00)" in text_of(buyer, url(came))

    send(buyer, url(came, "refunds"), way="transfer", reference="B-7")
    send(buyer, url(came, "supplier-payment"), way="transfer", reference="B-8", supplier="")
    send(buyer, url(came, "write-off"), reason="搬走了")
    send(buyer, url(came, "settlement"))

    text = text_of(buyer, url(came))
    for said in ("¥20.00 paid back for 1 order.", "¥40.00 paid to 1 supplier.", "The subdistrict carries ¥20.00"):
        assert said in text
    assert "The round is settled; nobody owes anybody anything." in text
    assert state_of(came) == Round.State.SETTLED
    assert "What next" not in text_of(buyer, url(came))


def test_one_supplier_can_be_paid_alone(cast, buyer, came, jkl):
    assert f'<option value="{jkl.pk}">京客隆 ¥40.00</option>' in text_of(buyer, url(came))

    send(buyer, url(came, "supplier-payment"), way="transfer", reference="B-8", supplier=jkl.pk)

    assert money(came)["supplier_paid"] == 4_000


def test_a_refund_sent_twice_is_paid_once(cast, buyer, came):
    for _time in range(2):
        assert send(buyer, url(came, "refunds"), key="the same", way="cash").status_code == 303

    assert money(came)["refund_paid"] == 2_000


@pytest.mark.parametrize(
    ("deed", "fields", "field"),
    [
        ("refunds", {"way": "gold"}, "refunds_way"),
        ("supplier-payment", {"way": "cash", "supplier": str(new_id())}, "supplier-payment_supplier"),
        ("write-off", {"reason": ""}, "write-off_reason"),
    ],
)
def test_a_wrong_form_stays_open_with_its_fault(cast, buyer, came, deed, fields, field):
    before = money(came)

    answer = send(buyer, url(came, deed), reference="B-9", **fields)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
    assert "<details open>" in answer.content.decode()
    assert money(came) == before


def test_a_round_that_is_not_even_is_not_settled(cast, buyer, came):
    answer = send(buyer, url(came, "settlement"))

    assert answer.status_code == 422
    assert "Money is still open" in answer.content.decode()
    assert state_of(came) == Round.State.HANDING_OUT


def test_open_money_is_listed_order_by_order(cast, buyer, came):
    text = text_of(buyer, money_url(came))

    assert "12-2-502" in text
    assert "12-2-301" in text
    assert reverse("groupbuy:desk_payments") + "?order=" in text


def test_many_orders_with_open_money_are_paged(cast, buyer, buy):
    for number in range(40):
        order(buy, make_household(cast.building, f"{number + 1}09"), rice=1)
    closed(buy)

    assert "All of them" in text_of(buyer, url(buy))
    assert "page=2" in text_of(buyer, money_url(buy))
    assert "Nobody owes" not in text_of(buyer, money_url(buy) + "?page=2")


# ---------------------------------------------------------------- what waits


def waiting_at(cast) -> str:
    """The desk's first page; signed in anew, since a session at a desk ends with the shift."""
    return text_of(signed_in(cast.buyer), ROUNDS)


def test_what_waits_follows_the_round_through_its_day(cast, buy, noon):
    assert "cut-off today 16:00" in waiting_at(cast)
    wang = order(buy, cast.wang, rice=2)
    services.record_payment(wang.pk, 4_000, "cash", "0001", actor=cast.system, now=NOON)

    noon.move_to(CUT_OFF + timedelta(minutes=1))
    assert '<span class="st late">close</span>' in waiting_at(cast)
    closed(buy)
    noon.move_to(NEXT_DAY)
    assert ">take in</span>" in waiting_at(cast)
    receipt = receive(purchase_orders(buy)[0], rice=1)
    assert ">share out</span>" in waiting_at(cast)
    share_out(buy, receipt)
    receipt.allocated_at = NEXT_DAY
    receipt.save(update_fields=["allocated_at"])
    assert ">plan</span>" in waiting_at(cast)
    assert ">refund</span>" in waiting_at(cast)
    services.move_round(buy.pk, Round.State.HANDING_OUT, actor=cast.system, now=NEXT_DAY)
    hand_over(wang)
    assert ">pay suppliers</span>" in waiting_at(cast)
    services.pay_refunds(buy.pk, "cash", actor=cast.system, now=NEXT_DAY)
    services.pay_suppliers(buy.pk, "cash", actor=cast.system, now=NEXT_DAY)
    assert ">settle</span>" in waiting_at(cast)
    services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY)
    assert "Nothing waits" in waiting_at(cast)


def test_a_draft_whose_time_has_come_is_not_forgotten(cast, rice, noon):
    services.create_round(draft_of([rice]), actor=cast.actor(cast.buyer), now=NOON)

    noon.move_to(NOON + timedelta(hours=1))

    assert '<span class="st late">open it</span>' in waiting_at(cast)


# ---------------------------------------------------------------- payments of single orders


@pytest.fixture
def mine(cast, buy) -> Order:
    """Two bags of rice for the Wangs, 40 yuan."""
    return order(buy, cast.wang, rice=2)


def paid(cast) -> list[int]:
    rows = Transfer.objects.within(cast.subdistrict_id).filter(debit="paid")
    return list(rows.values_list("amount_fen", flat=True))


def test_the_address_of_an_order_fills_in_its_code_and_what_is_owed(buyer, mine):
    page = text_of(buyer, f"{PAYMENTS}?order={mine.code.lower()}")

    assert f'name="order" value="{mine.code}"' in page
    assert 'name="amount" value="40.00"' in page
    assert "12号楼 2单元 502" in page


def test_a_transfer_is_noted_in_part_and_then_stands_in_the_list(cast, buyer, mine):
    answer = send(buyer, PAYMENTS, order=mine.code, amount="¥25.5", way="wechat", reference="WX-1")

    assert (answer.status_code, paid(cast)) == (303, [2_550])
    page = text_of(buyer, PAYMENTS)
    assert f"¥25.50 noted for order {mine.code}." in page
    assert "WX-1" in page


def test_a_payment_sent_twice_counts_once(cast, buyer, mine):
    for _time in range(2):
        send(buyer, PAYMENTS, key="the same", order=mine.code, amount="20", way="cash", receipt_number="0001")

    assert paid(cast) == [2_000]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"order": "R9999-01-0001"}, "order", "There is no order R9999-01-0001"),
        ({"amount": "41"}, "amount", "owes ¥40.00; ¥41.00 is more"),
        ({"amount": "-3"}, "amount", "is not an amount in yuan"),
        ({"amount": "0"}, "amount", "A payment is more than nothing"),
        ({"amount": ""}, "amount", "still empty"),
        ({"way": "gold"}, "way", "not one of the available choices"),
        ({"receipt_number": ""}, "receipt_number", "Cash needs the number of its receipt"),
        ({"way": "transfer", "receipt_number": ""}, "reference", "Give the reference of the transfer"),
        ({"way": "transfer", "reference": "T1"}, "reference", "was taken down before, with other content"),
    ],
)
def test_a_payment_that_cannot_be_is_said_at_its_field_and_the_rest_stays(cast, buyer, buy, mine, typed, field, said):
    other = order(buy, cast.li, rice=1)
    services.record_payment(other.pk, 100, "transfer", reference="T1", actor=cast.system, now=NOON)
    fields = {"order": mine.code, "amount": "10", "way": "cash", "receipt_number": "0001", "reference": "", **typed}

    answer = send(buyer, PAYMENTS, **fields)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in page
    assert said in page
    assert f'name="order" value="{fields["order"]}"' in page
    assert paid(cast) == [100]


def test_a_worker_notes_payments_of_the_own_buildings_only(cast, buy, mine):
    far = make_building(make_compound(make_community(cast.subdistrict, "西里"), "西里小区"), "W1")
    foreign = order(buy, make_household(far, "101"), rice=1)
    worker = signed_in(cast.worker)

    refused = send(worker, PAYMENTS, order=foreign.code, amount="20", way="cash", receipt_number="1")
    done = send(worker, PAYMENTS, order=mine.code, amount="40", way="cash", receipt_number="2")

    assert (refused.status_code, done.status_code, paid(cast)) == (422, 303, [4_000])
    assert "There is no order" in refused.content.decode()
    assert "W1" not in text_of(worker, f"{PAYMENTS}?order={foreign.code}")


@pytest.mark.parametrize("name", ["wang_account", "volunteer", "operator", "command_post", "admin"])
def test_payments_are_not_for_other_roles(cast, mine, name):
    stranger = signed_in(getattr(cast, name))

    assert stranger.get(PAYMENTS).status_code == 403
    assert send(stranger, PAYMENTS, order=mine.code, amount="1", way="cash", receipt_number="1").status_code == 403
    assert paid(cast) == []


def test_whoever_is_signed_out_is_asked_to_sign_in_before_noting_a_payment(cast, mine):
    assert signed_in().get(PAYMENTS).status_code == 302
