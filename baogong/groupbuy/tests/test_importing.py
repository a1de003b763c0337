"""Orders and payments from spreadsheets: the same orders as from a phone, and importing again changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.common.imports.kinds import kind_named
from baogong.common.imports.testing import import_text
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, OrderLine, RoundOffer, Transfer
from baogong.groupbuy.tests.rounds import CUT_OFF, NOON, breaches, money, open_round_of, order
from baogong.people.roles import Role
from baogong.people.tests.cast import make_building, make_community, make_compound, make_household
from baogong.supply.tests.market import make_offer, make_supplier

HEADER = "ref,round,household,sku,quantity,source,entered_by,at"
PAYMENTS = "ref,order,amount,way,paid_at,receipt,entered_by"


@pytest.fixture
def buy(cast, rice, greens):
    return open_round_of(cast, rice, greens)


@pytest.fixture
def orders(cast, buy):
    """`orders("A1,{round},12/2/502,rice,2,paper,,")` imports such lines; `{round}` is the round's code."""

    def run(*lines: str, actor=None, now=NOON, **more):
        text = "\n".join([HEADER, *(line.format(round=buy.code) for line in lines)])
        return import_text("orders", text, actor=actor or cast.system, now=now, **more)

    return run


@pytest.fixture
def payments(cast):
    def run(*lines: str, actor=None, now=NOON):
        return import_text("payments", "\n".join([PAYMENTS, *lines]), actor=actor or cast.system, now=now)

    return run


def refused(report) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.code) for each in report.refused]


def written(kind: str, subdistrict_id) -> str:
    """An export as a file has it."""
    rows = list(kind_named(kind).export(subdistrict_id))
    header = kind_named(kind).header
    cells = [
        [row[name].isoformat() if hasattr(row[name], "isoformat") else str(row[name]) for name in header]
        for row in rows
    ]
    return "\n".join([",".join(header), *(",".join(line) for line in cells)])


# ---------------------------------------------------------------- orders


def test_lines_with_the_same_ref_are_one_order(cast, buy, orders):
    report = orders(
        "A1,{round},12/2/502,rice,2,paper,陈静,2022-11-24T09:30",
        "A2,{round},12/2/301,greens,1,phone,,",
        "A1,{round},12/2/502,greens,3,paper,陈静,2022-11-24T09:30",
    )

    assert (report.created, report.refused) == (3, [])
    first = Order.objects.get(round=buy, key="file:A1")
    assert (first.household, first.source, first.entered_by) == (cast.wang, "paper", "陈静")
    assert first.placed_at == NOON - timedelta(hours=2, minutes=30)
    assert dict(first.lines.values_list("round_offer__sku", "quantity")) == {"rice": 2, "greens": 3}
    assert first.total_fen == 5800
    assert not breaches(cast.subdistrict_id)


def test_a_file_gives_the_same_order_as_a_phone(cast, buy, orders):
    by_phone = order(buy, cast.wang, rice=2)
    orders("A1,{round},12/2/301,rice,2,app,,")

    by_file = Order.objects.get(round=buy, key="file:A1")
    for name in ("state", "source", "total_fen"):
        assert getattr(by_file, name) == getattr(by_phone, name)


def test_importing_again_changes_nothing(cast, buy, orders):
    lines = ["A1,{round},12/2/502,rice,2,paper,,", "A1,{round},12/2/502,greens,1,paper,,"]
    orders(*lines)

    again = orders(*lines, now=CUT_OFF + timedelta(days=1))

    assert (again.unchanged, again.created, again.changed, again.refused) == (2, 0, 0, [])
    assert Order.objects.filter(round=buy).count() == 1


def test_other_quantities_under_the_same_ref_change_the_order(cast, buy, orders):
    orders("A1,{round},12/2/502,rice,2,paper,,", "A1,{round},12/2/502,greens,1,paper,,")

    report = orders("A1,{round},12/2/502,rice,3,paper,,")

    assert report.changed == 1
    changed = Order.objects.get(round=buy)
    assert (changed.state, changed.total_fen) == ("changed", 6000)
    assert not breaches(cast.subdistrict_id)


def test_a_cancelled_order_does_not_come_back_with_its_file(cast, buy, orders):
    orders("A1,{round},12/2/502,rice,2,paper,,")
    services.cancel_order(Order.objects.get(round=buy).pk, actor=cast.system, now=NOON)

    assert orders("A1,{round},12/2/502,rice,2,paper,,").unchanged == 1
    assert refused(orders("A1,{round},12/2/502,rice,1,paper,,")) == [(2, "ref", "order_cancelled")]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("A1,R0101-09,12/2/502,rice,1,paper,,", "round", "unknown_round"),
        ("A1,{round},12/2/999,rice,1,paper,,", "household", "unknown_household"),
        ("A1,{round},99/2/502,rice,1,paper,,", "household", "unknown_building"),
        ("A1,{round},12/2/502,gold,1,paper,,", "sku", "unknown_sku"),
        ("A1,{round},12/2/502,rice,6,paper,,", "quantity", "over_household_cap"),
        ("A1,{round},12/2/502,rice,-1,paper,,", "quantity", "out_of_range"),
        ("A1,{round},12/2/502,rice,1000,paper,,", "quantity", "out_of_range"),
        ("A1,{round},12/2/502,rice,two,paper,,", "quantity", "not_a_number"),
        ("A1,{round},12/2/502,rice,1,pigeon,,", "source", "not_a_choice"),
        ("A1,{round},12/2/502,rice,1,paper,,2022-11-24T16:05", "round", "round_not_open"),
    ],
)
def test_each_fault_is_refused_with_its_line_and_its_column(buy, orders, line, column, code):
    report = orders("G1,{round},12/2/301,rice,1,paper,,", line)

    assert refused(report) == [(3, column, code)]
    assert report.created == 1


def test_after_the_cut_off_a_file_comes_too_late(buy, orders):
    assert refused(orders("A1,{round},12/2/502,rice,1,paper,,", now=CUT_OFF)) == [(2, "round", "round_not_open")]


def test_half_an_order_is_none(cast, buy, orders):
    report = orders(
        "A1,{round},12/2/502,rice,2,paper,,",
        "A1,{round},12/2/502,gold,1,paper,,",
        "A1,{round},12/2/502,greens,1,paper,,",
    )

    assert refused(report) == [(2, "", "same_group_refused"), (3, "sku", "unknown_sku"), (4, "", "same_group_refused")]
    assert not Order.objects.filter(round=buy).exists()


def test_the_line_over_the_cap_is_named_and_the_rest_of_its_order_with_it(buy, orders):
    report = orders("A1,{round},12/2/502,rice,2,paper,,", "A1,{round},12/2/502,greens,6,paper,,")

    assert refused(report) == [(2, "", "same_group_refused"), (3, "quantity", "over_household_cap")]


def test_one_ref_for_two_households_is_refused(buy, orders):
    report = orders("A1,{round},12/2/502,rice,2,paper,,", "A1,{round},12/2/301,greens,1,paper,,")

    assert refused(report) == [(2, "", "same_group_refused"), (3, "", "mixed_order")]


def test_the_last_units_go_to_the_first_lines(cast, rice, orders):
    buy = open_round_of(cast, rice, make_offer(rice.supplier, "tofu", "豆腐", stock=3))
    lines = [f"B{number},{buy.code},12/2/502,tofu,1,paper,," for number in range(1, 6)]

    report = orders(*lines)

    assert [code for _line, _column, code in refused(report)] == ["sold_out", "sold_out"]
    assert [line for line, _column, _code in refused(report)] == [5, 6]


def test_a_preview_changes_nothing_and_knows_what_would_be_sold_out(cast, rice, orders):
    buy = open_round_of(cast, rice, make_offer(rice.supplier, "tofu", "豆腐", stock=3))

    report = orders(f"B1,{buy.code},12/2/502,tofu,2,paper,,", f"B2,{buy.code},12/2/301,tofu,2,paper,,", dry_run=True)

    assert (report.created, [code for _line, _column, code in refused(report)]) == (1, ["sold_out"])
    assert RoundOffer.objects.get(round=buy, sku="tofu").remaining == 3
    assert not Order.objects.filter(round=buy).exists()


def test_a_worker_imports_only_for_the_own_buildings(cast, buy, orders):
    elsewhere = make_compound(make_community(cast.subdistrict, "西里"), "松榆西里")
    make_household(make_building(elsewhere, "77"), "101")

    report = orders(
        "A1,{round},12/2/502,rice,1,paper,,", "A2,{round},77/101,rice,1,paper,,",
        actor=cast.actor(cast.worker, Role.SOCIAL_WORKER),
    )  # fmt: skip

    assert report.created == 1
    assert refused(report) == [(3, "household", "unknown_household")]


def test_an_export_of_orders_can_be_imported_again(cast, buy, orders):
    orders("A1,{round},12/2/502,rice,2,paper,陈静,")
    order(buy, cast.li, greens=3)

    again = import_text("orders", written("orders", cast.subdistrict_id), actor=cast.system, now=NOON)

    assert (again.unchanged, again.created, again.changed, again.refused) == (2, 0, 0, [])
    assert Order.objects.filter(round=buy).count() == 2


def test_the_same_sku_of_two_suppliers_is_told_apart_by_the_supplier(cast, rice, orders):
    other = make_offer(make_supplier(cast.subdistrict_id, "WM", "物美"), "rice", "大米", price_fen=1900)
    buy = open_round_of(cast, rice, other)

    plain = orders(f"A1,{buy.code},12/2/502,rice,1,paper,,")
    named = orders(f"A2,{buy.code},12/2/502,WM:rice,1,paper,,")

    assert refused(plain) == [(2, "sku", "ambiguous_sku")]
    assert named.created == 1
    assert import_text("orders", written("orders", cast.subdistrict_id), actor=cast.system, now=NOON).unchanged == 1


def test_many_orders_take_as_many_queries_as_few(buy, orders, django_assert_max_num_queries):
    orders("A1,{round},12/2/502,rice,1,paper,,", "A2,{round},12/2/301,rice,1,paper,,")
    with django_assert_max_num_queries(60) as few:
        orders("B1,{round},12/2/502,rice,1,paper,,", "B2,{round},12/2/301,rice,1,paper,,")

    many = [f"C{flat}{number},{{round}},12/2/{flat},greens,1,paper,," for number in range(4) for flat in (502, 301)]
    with django_assert_max_num_queries(len(few)):
        assert orders(*many).created == 8


# ---------------------------------------------------------------- payments


def test_a_payment_names_its_order_by_code_or_by_the_ref_of_its_file(cast, buy, orders, payments):
    orders("A1,{round},12/2/502,rice,2,paper,,")
    by_page = order(buy, cast.li, rice=1)

    report = payments("P1,A1,30,cash,2022-11-24T11:00,R-17,陈静", f"P2,{by_page.code},20.00,wechat,2022-11-24 11:05,,")

    assert (report.created, report.refused) == (2, [])
    assert money(buy) == {"paid": 5000, "owed": 1000, "payable": 6000}
    cash = Transfer.objects.within(cast.subdistrict_id).get(reference="P1")
    assert (cash.way, cash.receipt_number, cash.entered_by, cash.at) == (
        "cash",
        "R-17",
        "陈静",
        NOON - timedelta(hours=1),
    )
    assert not breaches(cast.subdistrict_id)


def test_importing_payments_again_changes_nothing(cast, buy, payments):
    paid = order(buy, cast.wang, rice=2)
    line = f"P1,{paid.code},40,transfer,2022-11-24T11:00,,"
    payments(line)

    again = payments(line)

    assert (again.unchanged, again.created, again.refused) == (1, 0, [])
    assert money(buy) == {"paid": 4000, "payable": 4000}


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("P1,{order},40.01,transfer,2022-11-24,,", "amount", "overpayment"),
        ("P1,{order},0,transfer,2022-11-24,,", "amount", "out_of_range"),
        ("P1,{order},-5,transfer,2022-11-24,,", "amount", "not_an_amount"),
        ("P1,{order},10,cash,2022-11-24,,", "receipt", "receipt_missing"),
        ("P1,{order},10,gold,2022-11-24,,", "way", "not_a_choice"),
        ("P1,R1124-99-0001,10,transfer,2022-11-24,,", "order", "unknown_order"),
        ("P0,{order},11,transfer,2022-11-24,,", "ref", "reference_used"),
    ],
)
def test_each_faulty_payment_is_refused_with_its_line_and_column(cast, buy, payments, line, column, code):
    owing = order(buy, cast.wang, rice=2)
    payments(f"P0,{order(buy, cast.li, rice=1).code},10,transfer,2022-11-24,,")

    assert refused(payments(line.format(order=owing.code))) == [(2, column, code)]


def test_the_rows_of_one_file_cannot_pay_an_order_twice(cast, buy, payments):
    owing = order(buy, cast.wang, rice=2)

    report = payments(f"P1,{owing.code},30,transfer,2022-11-24,,", f"P2,{owing.code},30,transfer,2022-11-24,,")

    assert refused(report) == [(3, "amount", "overpayment")]


def test_an_export_of_payments_can_be_imported_again(cast, buy, payments):
    owing = order(buy, cast.wang, rice=2)
    payments(f"P1,{owing.code},10,transfer,2022-11-24,,")
    services.record_payment(owing.pk, 1500, "cash", "R-18", actor=cast.system, now=NOON)

    again = import_text("payments", written("payments", cast.subdistrict_id), actor=cast.system, now=NOON)

    assert (again.unchanged, again.created, again.refused) == (2, 0, [])
    assert OrderLine.objects.filter(order=owing).count() == 1
