"""Payments, refunds, suppliers' money, and the end of a round's books."""

from __future__ import annotations

import pytest

from baogong.channels.models import Message
from baogong.common.errors import BadInput, NotFound
from baogong.common.models import Event
from baogong.groupbuy import books, queries, services
from baogong.groupbuy.models import Order, Transfer
from baogong.groupbuy.refusals import BadPayment, IllegalTransition, NotReady, PaymentRefused
from baogong.groupbuy.tests.rounds import (
    NEXT_DAY,
    NOON,
    breaches,
    closed,
    hand_over,
    money,
    open_round_of,
    order,
    purchase_orders,
    receive,
    share_out,
)


@pytest.fixture
def buy(cast, rice, greens):
    return open_round_of(cast, rice, greens)


def pay(some: Order, fen: int, way: str = "cash", *, receipt: str = "R-17", reference: str = "", actor) -> Transfer:
    return services.record_payment(some.pk, fen, way, receipt, reference, actor=actor, now=NOON)


# ---------------------------------------------------------------- payments


def test_an_order_is_paid_in_parts(cast, buy):
    owing = order(buy, cast.wang, rice=2)

    pay(owing, 1500, actor=cast.system)
    last = pay(owing, 2500, "transfer", receipt="", reference="bank-7", actor=cast.actor(cast.worker))

    assert money(buy) == {"paid": 4000, "payable": 4000}
    assert (last.way, last.reference, last.actor_id) == ("transfer", "bank-7", cast.worker.pk)
    noted = Event.objects.within(cast.subdistrict_id).filter(verb="groupbuy.payment_recorded")
    assert [event.values["amount_fen"] for event in noted.order_by("pk")] == [1500, 2500]
    assert not breaches(cast.subdistrict_id)


@pytest.mark.parametrize(
    ("fen", "way", "receipt", "reference", "code"),
    [
        (0, "cash", "R-1", "", "bad_amount"),
        (-5, "cash", "R-1", "", "bad_amount"),
        (100, "", "R-1", "", "bad_way"),
        (100, "gold", "R-1", "", "bad_way"),
        (100, "cash", "", "", "receipt_missing"),
        (100, "cash", " ", "bank-1", "receipt_missing"),
        (100, "transfer", "", "", "reference_missing"),
        (100, "wechat", "", " ", "reference_missing"),
    ],
)
def test_money_without_proof_is_not_taken_down(cast, buy, fen, way, receipt, reference, code):
    owing = order(buy, cast.wang, rice=2)

    with pytest.raises(BadPayment) as refused:
        pay(owing, fen, way, receipt=receipt, reference=reference, actor=cast.system)

    assert (refused.value.code, refused.value.status) == (code, 422)


def test_more_than_is_owed_is_refused_with_what_is_owed(cast, buy):
    owing = order(buy, cast.wang, rice=2)
    pay(owing, 1000, actor=cast.system)

    with pytest.raises(PaymentRefused) as refused:
        pay(owing, 3001, actor=cast.system)

    assert (refused.value.code, refused.value.facts["owed_fen"]) == ("overpayment", 3000)


def test_for_a_cancelled_order_or_one_that_is_not_there_nobody_pays(cast, buy):
    gone = order(buy, cast.wang, rice=2)
    services.cancel_order(gone.pk, actor=cast.system, now=NOON)

    with pytest.raises(PaymentRefused) as refused:
        pay(gone, 100, actor=cast.system)
    with pytest.raises(NotFound):
        services.record_payment(buy.pk, 100, "cash", "R-1", actor=cast.system, now=NOON)

    assert refused.value.code == "order_cancelled"


def test_one_reference_pays_once(cast, buy):
    owing = order(buy, cast.wang, rice=2)

    first, again = (pay(owing, 1000, "wechat", receipt="", reference="wx-1", actor=cast.system) for _ in range(2))
    with pytest.raises(PaymentRefused) as refused:
        pay(owing, 1001, "wechat", receipt="", reference="wx-1", actor=cast.system)

    assert first.pk == again.pk
    assert refused.value.code == "reference_used"
    assert money(buy)["paid"] == 1000


# ---------------------------------------------------------------- refunds


def test_refunds_are_paid_to_all_of_a_round_and_told(cast, buy):
    for household, fen in ((cast.wang, 4000), (cast.li, 2000)):
        pay(order(buy, household, rice=fen // 2000), fen, actor=cast.system)
    services.cancel_round(buy.pk, actor=cast.system, now=NOON)

    paid = services.pay_refunds(buy.pk, "transfer", "bank-run-3", actor=cast.system, now=NEXT_DAY)
    again = services.pay_refunds(buy.pk, "transfer", "bank-run-4", actor=cast.system, now=NEXT_DAY)

    assert (sorted(row.amount_fen for row in paid), again) == ([2000, 4000], [])
    assert {row.reference for row in paid} == {
        f"bank-run-3/{code}" for code in Order.objects.filter(round=buy).values_list("code", flat=True)
    }
    assert money(buy) == {"paid": 6000, "refund_paid": 6000}
    told = dict(Message.objects.within(cast.subdistrict_id).filter(kind="refunded").values_list("recipient_id", "text"))
    assert "¥40.00" in told[cast.wang.pk]
    assert not breaches(cast.subdistrict_id)


def test_a_refund_to_one_household_leaves_the_others_open(cast, buy):
    for household in (cast.wang, cast.li):
        pay(order(buy, household, rice=1), 2000, actor=cast.system)
    services.cancel_round(buy.pk, actor=cast.system, now=NOON)

    services.pay_refunds(
        buy.pk, "cash", household_id=cast.wang.pk, receipt_number="A-1", actor=cast.system, now=NEXT_DAY
    )

    assert money(buy) == {"paid": 4000, "refund_owed": 2000, "refund_paid": 2000}
    with pytest.raises(BadPayment):
        services.pay_refunds(buy.pk, "", actor=cast.system, now=NEXT_DAY)


# ---------------------------------------------------------------- suppliers and the end


@pytest.fixture
def received(cast, buy):
    """Wang paid 4600 of rice and greens in full, Li owes 6000 for rice; everything came and was handed over."""
    paid, owing = order(buy, cast.wang, rice=2, greens=1), order(buy, cast.li, rice=3)
    pay(paid, 4600, actor=cast.system)
    [purchase] = purchase_orders(closed(buy))
    share_out(buy, receive(purchase, rice=5, greens=4))
    services.move_round(buy.pk, "handing_out", actor=cast.system, now=NEXT_DAY)
    hand_over(paid, owing)
    return {"paid": paid, "owing": owing}


def test_a_round_settles_when_everybody_has_paid_and_is_paid(cast, buy, received):
    pay(received["owing"], 6000, receipt="R-18", actor=cast.system)
    services.pay_suppliers(buy.pk, "transfer", "bank-9", actor=cast.system, now=NEXT_DAY)

    settled = services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY)

    assert (settled.state, settled.settled_at) == ("settled", NEXT_DAY)
    assert set(Order.objects.filter(round=buy).values_list("state", flat=True)) == {"settled"}
    assert money(buy) == {"paid": 10_600, "share": 1800, "supplier_paid": 12_400}
    assert services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY).state == "settled"
    assert not breaches(cast.subdistrict_id)


def test_a_round_does_not_settle_while_money_is_open(cast, buy, received):
    with pytest.raises(NotReady) as refused:
        services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY)

    assert refused.value.code == "money_open"
    assert refused.value.facts == {"owed": 6000, "payable": 12_400}


def test_a_round_does_not_settle_while_goods_are_on_the_way(cast, buy):
    order(buy, cast.wang, rice=1)
    closed(buy)

    with pytest.raises(NotReady) as refused:
        services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY)

    assert (refused.value.code, refused.value.facts) == ("goods_on_the_way", {"ordered": 1})


def test_an_open_round_does_not_settle(cast, buy):
    with pytest.raises(IllegalTransition):
        services.settle_round(buy.pk, actor=cast.system, now=NOON)


def test_a_debt_that_cannot_be_collected_is_carried_by_the_subdistrict_with_a_reason(cast, buy, received):
    services.pay_suppliers(buy.pk, "transfer", "bank-9", actor=cast.system, now=NEXT_DAY)
    with pytest.raises(BadInput):
        services.write_off(buy.pk, "  ", actor=cast.system, now=NEXT_DAY)

    [row] = services.write_off(buy.pk, "老人没有收入", actor=cast.system, now=NEXT_DAY)

    assert (row.amount_fen, row.household) == (6000, cast.li)
    assert money(buy) == {"paid": 4600, "share": 7800, "supplier_paid": 12_400}
    assert services.settle_round(buy.pk, actor=cast.system, now=NEXT_DAY).state == "settled"
    assert not breaches(cast.subdistrict_id)


def test_what_is_still_on_its_way_is_not_written_off(cast, buy):
    order(buy, cast.wang, rice=1)

    assert services.write_off(buy.pk, "付不起", actor=cast.system, now=NOON) == []


def test_a_supplier_is_paid_once_and_only_for_what_came(cast, buy, rice):
    order(buy, cast.wang, rice=5)
    [purchase] = purchase_orders(closed(buy))
    with pytest.raises(NotReady) as too_early:
        services.pay_suppliers(buy.pk, "transfer", actor=cast.system, now=NEXT_DAY)
    share_out(buy, receive(purchase, rice=3))

    [paid] = services.pay_suppliers(buy.pk, "transfer", "bank-9", actor=cast.system, now=NEXT_DAY)

    assert too_early.value.code == "goods_expected"
    assert (paid.amount_fen, paid.supplier_id) == (6000, rice.supplier_id)
    assert services.pay_suppliers(buy.pk, "transfer", "bank-10", actor=cast.system, now=NEXT_DAY) == []
    assert not breaches(cast.subdistrict_id)


# ---------------------------------------------------------------- statements


def test_the_statement_of_a_round_balances_and_says_who_is_open(cast, buy, received, django_assert_num_queries):
    with django_assert_num_queries(9):
        statement = books.round_statement(buy)

    assert statement.left == statement.right == 12_400
    assert (statement.orders_owing, statement.orders_to_refund, statement.purchase_orders_open) == (1, 0, 0)
    assert statement.paid_by_way == {"cash": 4600}
    assert [(line.supplier.code, line.payable, line.paid, line.fees) for line in statement.suppliers] == [
        ("JKL", 12_400, 0, 0)
    ]


def test_the_statement_of_a_household_names_each_order_with_what_is_open(cast, buy, received):
    [line] = books.household_statement(cast.li.pk, subdistrict_id=cast.subdistrict_id)

    assert (line.order, line.owed, line.paid, line.is_open) == (received["owing"], 6000, 0, True)
    assert [each.order for each in books.open_balances(buy)] == [received["owing"]]


def test_the_totals_of_a_round_take_as_many_queries_whatever_its_size(cast, buy, received, django_assert_num_queries):
    with django_assert_num_queries(7):
        totals = queries.round_totals(buy)

    by_sku = {total.offer.sku: (total.ordered, total.granted, total.orders) for total in totals.offers}
    assert by_sku == {"rice": (5, 5, 2), "greens": (1, 1, 1)}
    assert (totals.orders, totals.households, totals.value_fen) == (2, 2, 10_600)
    assert (totals.by_source, totals.places) == ({"app": 2}, {"handed_over": 3})
