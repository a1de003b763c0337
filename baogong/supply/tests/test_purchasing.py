"""Purchase orders, their spreadsheet, and what vehicles bring for them."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from baogong.common.errors import BadInput, NotFound
from baogong.common.models import Event
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, make_staff
from baogong.supply import checks, queries, services
from baogong.supply.models import GoodsReceipt, PurchaseOrder, ReserveMovement
from baogong.supply.services import PurchaseLine, Received
from baogong.supply.services.purchasing import NotInStock
from baogong.supply.services.receiving import MoreThanOrdered, PurchaseOrderClosed
from baogong.supply.tests.market import make_offer, make_supplier
from baogong.supply.workbooks import purchase_order_workbook

NEXT_DAY = NOON + timedelta(days=1)


@pytest.fixture
def jkl(cast):
    return make_supplier(cast.subdistrict_id, delivery_fee_fen=5000)


@pytest.fixture
def rice(jkl):
    return make_offer(jkl, "rice", "大米", price_fen=2000, pack_size=4, stock=100)


@pytest.fixture
def purchase(cast, jkl, rice) -> PurchaseOrder:
    """Ten cases of four bags of rice, 38 of them ordered by households; two boxes of eggs."""
    eggs = make_offer(jkl, "eggs", "=鸡蛋", price_fen=1550)
    lines = [PurchaseLine(rice, 10, 38, 2000), PurchaseLine(eggs, 2, 2, 1550)]
    return services.raise_purchase_order(
        jkl, lines, code="P1124-03-JKL", deliver_from=NEXT_DAY, deliver_until=NEXT_DAY + timedelta(hours=3),
        actor=cast.actor(cast.buyer), now=NOON,
    )  # fmt: skip


def line(purchase: PurchaseOrder, sku: str):
    return purchase.lines.get(offer__sku=sku).pk


def receive(purchase: PurchaseOrder, *lines: Received, actor, **more) -> GoodsReceipt:
    return services.receive_goods(purchase.pk, lines, actor=actor, now=NEXT_DAY, **more)


# ---------------------------------------------------------------- ordering


def test_a_purchase_order_takes_its_units_from_the_stock(cast, purchase, rice):
    rice.refresh_from_db()

    assert (rice.stock, purchase.delivery_fee_fen, purchase.raised_by) == (60, 5000, cast.buyer.pk)
    noted = Event.objects.within(cast.subdistrict_id).get(verb="supply.purchase_order_raised")
    assert noted.values == {"code": "P1124-03-JKL", "lines": 2, "goods_fen": 83_100}


def test_more_than_the_stock_or_nothing_at_all_cannot_be_ordered(cast, jkl, rice):
    for lines, refusal in (([PurchaseLine(rice, 26, 0, 2000)], NotInStock), ([], BadInput)):
        with pytest.raises(refusal):
            services.raise_purchase_order(jkl, lines, code="P1", actor=cast.system, now=NOON)

    rice.refresh_from_db()
    assert rice.stock == 100
    assert not PurchaseOrder.objects.within(cast.subdistrict_id).exists()


def test_a_supplier_sees_only_its_own_purchase_orders(cast, jkl, purchase):
    other = make_supplier(cast.subdistrict_id, "WM", "物美")
    own, foreign = (
        cast.actor(make_staff(cast.subdistrict_id, who.name, Role.SUPPLIER, area=Area.SUPPLIER, area_id=who.pk))
        for who in (jkl, other)
    )

    assert list(queries.purchase_orders_for(own)) == [purchase]
    assert list(queries.purchase_orders_for(cast.actor(cast.buyer), day=NOON.date())) == [purchase]
    assert not queries.purchase_orders_for(cast.actor(cast.buyer), day=NEXT_DAY.date())
    assert not queries.purchase_orders_for(foreign)
    with pytest.raises(NotFound):
        queries.purchase_order_for(foreign, purchase.pk)


# ---------------------------------------------------------------- the spreadsheet


def read(purchase: PurchaseOrder) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(purchase_order_workbook(purchase)))
    return book.get_sheet_by_index(0).to_python()


def test_the_spreadsheet_says_in_chinese_what_to_bring_when_and_to_whom(purchase, cast):
    rows = read(purchase)
    words = [str(cell) for row in rows for cell in row]

    assert "采购单 P1124-03-JKL" in words[0]
    assert {"供应商", "京客隆", "货号", "品名", "规格", "件数", "每件份数", "份数"} <= set(words)
    assert any(cast.subdistrict.hotline in word for word in words)
    assert any("12:00—15:00" in word for word in words)


def test_the_spreadsheet_counts_packs_units_and_money(purchase):
    rows = read(purchase)

    assert [1, "eggs", "=鸡蛋", "5 kg", 2, 1, 2, 15.5, 31] in rows
    assert [2, "rice", "大米", "5 kg", 10, 4, 40, 20, 800] in rows
    amounts = {row[2]: (row[4], row[8]) for row in rows if row[2] in {"货款", "配送费", "合计"}}
    assert amounts == {"货款": (12, 831), "配送费": ("", 50), "合计": ("", 881)}


# ---------------------------------------------------------------- receiving


def test_what_came_is_written_down_with_what_was_sent_back(cast, purchase):
    rice = line(purchase, "rice")
    receipt = receive(
        purchase,
        Received(rice, 38, rejected=2, reason="袋子破了", lot="L-7"),
        final=False,
        actor=cast.actor(cast.buyer),
    )

    taken = receipt.lines.get()
    assert (taken.units, taken.rejected, taken.reason, taken.lot) == (38, 2, "袋子破了", "L-7")
    assert (receipt.final, receipt.received_by) == (False, cast.buyer.pk)
    purchase.refresh_from_db()
    assert purchase.closed_at is None
    assert GoodsReceipt.objects.within(cast.subdistrict_id).unallocated().get() == receipt
    assert [(each.line.offer.sku, each.received, each.missing) for each in queries.lines_received(purchase)] == [
        ("eggs", 0, 2),
        ("rice", 38, 2),
    ]


def test_several_vehicles_together_bring_no_more_than_was_ordered(cast, purchase):
    rice = line(purchase, "rice")
    receive(purchase, Received(rice, 30), final=False, actor=cast.system)

    with pytest.raises(MoreThanOrdered) as refused:
        receive(purchase, Received(rice, 11), actor=cast.system)

    assert {name: refused.value.facts[name] for name in ("ordered", "before", "units")} == {
        "ordered": 40, "before": 30, "units": 11,
    }  # fmt: skip
    assert GoodsReceipt.objects.within(cast.subdistrict_id).count() == 1


def test_more_than_was_ordered_is_taken_in_when_it_is_meant(cast, purchase):
    receive(purchase, Received(line(purchase, "rice"), 41), extra=True, actor=cast.system)

    came = {each.line.offer.sku: each.received for each in queries.lines_received(purchase)}
    assert came == {"eggs": 0, "rice": 41}
    assert sorted(queries.units_received(purchase).values()) == [0, 41]


def test_after_the_last_receipt_nothing_more_is_taken_in(cast, purchase):
    receive(purchase, Received(line(purchase, "rice"), 40), actor=cast.system)

    with pytest.raises(PurchaseOrderClosed):
        receive(purchase, Received(line(purchase, "eggs"), 2), actor=cast.system)

    purchase.refresh_from_db()
    assert (purchase.closed_at, purchase.state) == (NEXT_DAY, "received")


def test_a_supplier_that_ships_nothing_closes_its_purchase_order(cast, purchase):
    receive(purchase, actor=cast.system)

    purchase.refresh_from_db()
    assert purchase.closed_at == NEXT_DAY
    assert list(queries.units_received(purchase).values()) == [0, 0]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        (lambda p: [], "lines"),
        (lambda p: [Received(p.pk, 1)], "line"),
        (lambda p: [Received(line(p, "rice"), 1), Received(line(p, "rice"), 1)], "line"),
        (lambda p: [Received(line(p, "rice"), -1)], "units"),
        (lambda p: [Received(line(p, "rice"), 1, rejected=-1)], "units"),
        (lambda p: [Received(line(p, "rice"), 1, rejected=1)], "reason"),
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused_at_its_field(cast, purchase, fault, field):
    with pytest.raises(BadInput) as refused:
        receive(purchase, *fault(purchase), final=False, actor=cast.system)

    assert refused.value.facts["field"] == field
    assert not GoodsReceipt.objects.within(cast.subdistrict_id).exists()


def test_a_purchase_order_that_does_not_exist_receives_nothing(cast):
    with pytest.raises(NotFound):
        services.receive_goods(cast.wang.pk, [], actor=cast.system, now=NOON)


# ---------------------------------------------------------------- reserve and laws


def test_the_reserve_is_what_came_in_less_what_left(cast, rice):
    for units in (5, -2):
        ReserveMovement.objects.create(subdistrict_id=cast.subdistrict_id, offer=rice, units=units, reason="returned")

    assert queries.reserve(cast.subdistrict_id) == [(rice, 3)]
    assert not list(checks.law_2(cast.subdistrict_id))


def test_a_reserve_below_zero_breaks_a_law(cast, rice):
    ReserveMovement.objects.create(subdistrict_id=cast.subdistrict_id, offer=rice, units=-1, reason="handed_out")

    [breach] = checks.law_2(cast.subdistrict_id)
    assert (breach.law, breach.subject_id) == (2, rice.pk)
