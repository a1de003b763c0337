from __future__ import annotations

from datetime import date

import pytest

from baogong.common.imports import kind_named
from baogong.common.imports.files import export_path, import_path
from baogong.common.imports.testing import import_text
from baogong.common.models import Event
from baogong.people.tests.cast import NOON, Cast, make_cast
from baogong.supply.models import Offer, Supplier
from baogong.supply.tests.market import make_supplier
from baogong.supply.weights import grams_in, is_cold

SUPPLIERS = "code,name,licence,phone,minimum_order,delivery_fee\n"
OFFERS = "supplier,sku,name,spec,unit,price,pack_size,stock,cap_per_household,category,origin,produced_on,contents\n"
JKL = "S1,京客隆,91110105101780000D,010-64370000,2000.00,50\n"
RICE = "S1,rice-5kg,大米,5kg/袋,袋,28.50,4,400,2,粮油,黑龙江,2022-11-01,\n"


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def bring(cast):
    """Import suppliers or offers from text."""
    return lambda kind, text: import_text(kind, text, actor=cast.system, now=NOON)


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def refusals(report):
    return [(one.line, one.column, one.code) for one in report.refused]


def test_suppliers_come_in_once(bring, cast):
    text = SUPPLIERS + JKL

    assert counts(bring("suppliers", text)) == (1, 0, 0, 0, 0)
    assert counts(bring("suppliers", text)) == (0, 0, 1, 0, 0)

    supplier = Supplier.objects.within(cast.subdistrict_id).get()
    assert (supplier.minimum_order_fen, supplier.delivery_fee_fen) == (200_000, 5_000)
    assert "jkl" in supplier.search


def test_a_changed_fee_is_told_in_an_event(bring, cast):
    bring("suppliers", SUPPLIERS + JKL)

    assert counts(bring("suppliers", SUPPLIERS + JKL.replace(",50\n", ",60\n"))) == (0, 1, 0, 0, 0)
    [change] = Event.objects.within(cast.subdistrict_id).filter(verb="supply.supplier_changed")
    assert change.values == {"code": "S1", "delivery_fee_fen": 6_000}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("S1,京客隆,911101051017800001,010-64370000,0,0", "licence", "bad_licence"),
        ("S1,京客隆,9.11101051017E+17,010-64370000,0,0", "licence", "bad_licence"),
        ("S1,京客隆,91110105101780000D,call us,0,0", "phone", "not_a_phone"),
        ("S1,京客隆,91110105101780000D,95105,-1,0", "minimum_order", "not_an_amount"),
        ("S1,京客隆,91110105101780000D,95105,0,1.234", "delivery_fee", "not_an_amount"),
        (",京客隆,91110105101780000D,95105,0,0", "code", "missing"),
    ],
)
def test_suppliers_that_cannot_be_are_refused(bring, row, column, code):
    assert refusals(bring("suppliers", SUPPLIERS + row + "\n")) == [(2, column, code)]


def test_offers_come_in_once_with_weight_and_search(bring, cast):
    bring("suppliers", SUPPLIERS + JKL)

    assert counts(bring("offers", OFFERS + RICE)) == (1, 0, 0, 0, 0)
    assert counts(bring("offers", OFFERS + RICE)) == (0, 0, 1, 0, 0)

    offer = Offer.objects.within(cast.subdistrict_id).get()
    assert (offer.price_fen, offer.pack_size, offer.stock, offer.cap_per_household) == (2850, 4, 400, 2)
    assert (offer.grams, offer.cold, offer.produced_on) == (5000, False, date(2022, 11, 1))
    assert "dami" in offer.search


def test_a_supplier_may_be_named_where_the_name_is_clear(bring, cast):
    bring("suppliers", SUPPLIERS + JKL + JKL.replace("S1", "S2") + JKL.replace("S1,京客隆", "S3,物美"))

    report = bring(
        "offers", OFFERS + RICE.replace("S1", "物美") + RICE.replace("S1", "京客隆") + RICE.replace("S1", "S9")
    )

    assert refusals(report) == [(3, "supplier", "ambiguous_supplier"), (4, "supplier", "unknown_supplier")]
    assert Offer.objects.within(cast.subdistrict_id).get().supplier.code == "S3"


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("28.50", "0", "price", "out_of_range"),
        ("28.50", "-5", "price", "not_an_amount"),
        ("28.50", "28.505", "price", "not_an_amount"),
        (",4,400", ",0,400", "pack_size", "out_of_range"),
        (",4,400", ",4,-1", "stock", "out_of_range"),
        (",4,400", ",4,99999999999", "stock", "out_of_range"),
        ("2022-11-01", "2022-11-31", "produced_on", "not_a_date"),
        ("粮油", "", "category", "missing"),
        ("400,2", "400,0", "cap_per_household", "out_of_range"),
    ],
)
def test_offers_that_cannot_be_are_refused_and_the_others_are_in(bring, cast, old, new, column, code):
    bring("suppliers", SUPPLIERS + JKL)

    report = bring("offers", OFFERS + RICE.replace(old, new) + RICE.replace("rice", "rice2"))

    assert refusals(report) == [(2, column, code)]
    assert Offer.objects.within(cast.subdistrict_id).get().sku == "rice2-5kg"


def test_a_withdrawn_offer_that_comes_again_is_offered_again(bring, cast):
    make_supplier(cast.subdistrict_id, code="S1")
    bring("offers", OFFERS + RICE)
    Offer.objects.within(cast.subdistrict_id).update(withdrawn_at=NOON)

    assert counts(bring("offers", OFFERS + RICE)) == (0, 1, 0, 0, 0)
    assert Offer.objects.within(cast.subdistrict_id).get().withdrawn_at is None


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_importing_an_export_changes_nothing(bring, cast, tmp_path, ending):
    bring("suppliers", SUPPLIERS + JKL + JKL.replace("S1,京客隆", "-S2,=物美"))
    bring(
        "offers",
        OFFERS
        + RICE
        + RICE.replace("S1,rice-5kg,大米", "-S2,+egg,@鸡蛋").replace(",2,粮油,黑龙江,2022-11-01", ",,蛋,,"),
    )
    for kind, rows in (("suppliers", 2), ("offers", 2)):
        path = tmp_path / f"{kind}.{ending}"

        exported = export_path(kind_named(kind), path, actor=cast.system, now=NOON)
        report = import_path(kind_named(kind), path, actor=cast.system, now=NOON)

        assert (exported, report.unchanged, report.refused) == (rows, rows, [])


@pytest.mark.parametrize(
    ("spec", "grams"),
    [
        ("5kg/袋", 5_000), ("500g", 500), ("10斤装", 5_000), ("2.5升", 2_500), ("250ml*12", 3_000),
        ("12×250毫升", 3_000),
        ("30枚", 0), ("一箱", 0), ("１ｋｇ", 1_000), ("6 gallons", 0), ("99999kg", 1_000_000),
    ],
)  # fmt: skip
def test_the_weight_is_read_from_the_specification(spec, grams):
    assert grams_in(spec) == grams


def test_frozen_goods_are_cold():
    assert [is_cold("速冻水饺", "1kg"), is_cold("大米", "5kg")] == [True, False]
