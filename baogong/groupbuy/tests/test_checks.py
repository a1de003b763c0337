"""The laws find what is wrong, whoever did it: each fault is planted straight into the rows."""

from __future__ import annotations

import pytest
from django.db.models import F

from baogong.common.events import record
from baogong.common.models import Event, IdempotencyKey
from baogong.groupbuy import checks, services
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer, Transfer
from baogong.groupbuy.refusals import NotReady
from baogong.groupbuy.tests.rounds import (
    NEXT_DAY,
    NOON,
    actor_of,
    breaches,
    closed,
    hand_over,
    open_round_of,
    order,
    purchase_orders,
    receive,
    share_out,
)
from baogong.supply.models import PurchaseOrder, ReserveMovement


@pytest.fixture
def day(cast, rice, greens):
    """A whole day: ordered, half paid, received with surplus, shared out."""
    greens.supplier.delivery_fee_fen = 500
    greens.supplier.save()
    buy = open_round_of(cast, rice, greens)
    paid = order(buy, cast.wang, rice=2, greens=1)
    order(buy, cast.li, rice=1)
    services.record_payment(paid.pk, 4600, "cash", "R-17", actor=cast.system, now=NOON)
    [purchase] = purchase_orders(closed(buy))
    share_out(buy, receive(purchase, rice=3, greens=4))
    assert not breaches(cast.subdistrict_id)
    return buy


def laws_broken(buy: Round) -> set[int | str]:
    return {breach.law for breach in breaches(buy.subdistrict_id)}


def rows(model, buy: Round):
    return model.objects.within(buy.subdistrict_id)


FAULTS = {
    "a unit that was never given back": (1, lambda buy: rows(RoundOffer, buy).update(remaining=F("remaining") - 1)),
    "a line that grew by itself": (1, lambda buy: rows(OrderLine, buy).filter(granted=1).update(quantity=2)),
    "a total that was changed after closing": (1, lambda buy: rows(RoundOffer, buy).update(ordered=F("ordered") + 1)),
    "a transfer that vanished": (2, lambda buy: rows(Transfer, buy).filter(debit="owed").first().delete()),
    "a payment that shrank": (2, lambda buy: rows(Transfer, buy).filter(debit="paid").update(debit="share")),
    "an order with another total": (2, lambda buy: rows(Order, buy).update(total_fen=F("total_fen") + 1)),
    "a price that changed after ordering": (2, lambda buy: rows(OrderLine, buy).update(price_fen=F("price_fen") + 1)),
    "goods of another supplier": (
        2,
        lambda buy: rows(Transfer, buy).filter(reason="surplus").update(supplier_id=buy.pk),
    ),
    "a fee that nobody booked": (2, lambda buy: rows(PurchaseOrder, buy).update(delivery_fee_fen=501)),
    "surplus that is not in the reserve": (2, lambda buy: rows(ReserveMovement, buy).update(units=2)),
    "more reserve gone than came": (2, lambda buy: rows(ReserveMovement, buy).update(units=-3)),
    "goods that were granted and are nowhere": (3, lambda buy: rows(OrderLine, buy).update(place="ordered")),
    "a bag with nothing in it": (3, lambda buy: rows(OrderLine, buy).filter(granted=1).update(granted=0)),
    "a purchase closed without a receipt": (3, lambda buy: rows(PurchaseOrder, buy).update(closed_at=None)),
    "an order that was placed twice": (
        8,
        lambda buy: record(
            "groupbuy.order_placed",
            rows(Event, buy).filter(verb="groupbuy.order_placed").values_list("subject_id", flat=True)[0],
            actor=actor_of(buy),
            now=NOON,
        ),
    ),
    "a request without an answer": (
        8,
        lambda buy: IdempotencyKey.objects.create(
            subdistrict_id=buy.subdistrict_id, account_id=buy.pk, route="r", key="k", body_sha256=b""
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_by_its_law(day, name):
    law, plant = FAULTS[name]

    plant(day)

    assert law in laws_broken(day)


def test_a_cancelled_order_has_no_live_lines(cast, day):
    Order.objects.filter(round=day).update(state="cancelled")

    assert 3 in laws_broken(day)


def test_a_settled_round_has_nothing_open(cast, day):
    Round.objects.filter(pk=day.pk).update(state="settled")

    [breach] = checks.law_2(day.subdistrict_id)
    assert (breach.law, breach.subject_id) == (2, day.pk)


def test_more_paid_back_than_was_paid_is_found(cast, day):
    row = Transfer.objects.filter(round=day, debit="paid").get()
    Transfer.objects.create(
        subdistrict_id=day.subdistrict_id, round=day, order=row.order, household=row.household,
        debit="refund_owed", credit="refund_paid", amount_fen=9999, reason="refund",
    )  # fmt: skip

    assert any("more went out" in breach.what for breach in checks.law_2(day.subdistrict_id))


def test_the_laws_look_only_at_their_own_subdistrict(cast, day):
    Order.objects.filter(round=day).update(total_fen=1)

    assert not breaches(cast.wang.pk)  # an id that is no subdistrict's


def test_the_books_that_do_not_balance_are_not_closed(cast, day):
    hand_over(*Order.objects.filter(round=day))
    services.move_round(day.pk, "handing_out", actor=cast.system, now=NEXT_DAY)
    services.write_off(day.pk, "付不起", actor=cast.system, now=NEXT_DAY)
    services.pay_suppliers(day.pk, "transfer", actor=cast.system, now=NEXT_DAY)
    Order.objects.filter(round=day).update(total_fen=F("total_fen") + 1)

    with pytest.raises(NotReady) as refused:
        services.settle_round(day.pk, actor=cast.system, now=NEXT_DAY)

    assert refused.value.code == "books_do_not_balance"


def test_the_laws_make_as_many_queries_whatever_there_is(cast, day, rice, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as few:
        breaches(cast.subdistrict_id)

    for _ in range(3):
        buy = open_round_of(cast, rice)
        order(buy, cast.wang, rice=1)
        closed(buy)
    with django_assert_max_num_queries(len(few)):
        breaches(cast.subdistrict_id)
