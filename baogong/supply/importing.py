"""Suppliers and their offers from spreadsheets, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from baogong.common.errors import BadInput
from baogong.common.events import event, record, record_all
from baogong.common.imports import BadCell, Chunk, Column, InputRow, Kind, applying_each, cells, changed_names
from baogong.common.imports.chunks import Outcome
from baogong.common.models import Event
from baogong.common.money import yuan
from baogong.common.search import search_text
from baogong.supply.models import Offer, Supplier
from baogong.supply.weights import grams_in, is_cold

MOST_PACK, MOST_STOCK, MOST_CAP = 10_000, 10_000_000, 9_999

SUPPLIER_FIELDS = {"name": "name", "licence": "licence", "phone": "phone"}
SUPPLIER_MONEY = {"minimum_order": "minimum_order_fen", "delivery_fee": "delivery_fee_fen"}
OFFER_FIELDS = (
    "name", "spec", "unit", "pack_size", "stock", "cap_per_household", "category", "origin", "produced_on", "contents",
)  # fmt: skip
OFFER_STORED = [*OFFER_FIELDS, "price_fen", "grams", "cold", "withdrawn_at", "search"]


class UnknownSupplier(BadInput):
    code = "unknown_supplier"


class AmbiguousSupplier(BadInput):
    code = "ambiguous_supplier"


def licence(cell: str) -> str:
    """A unified social credit code, with its check digit proved."""
    try:
        return str(uscc.validate(cells.plain(cell).replace(" ", "").upper()))
    except ValidationError as wrong:
        reason = _("“%(cell)s” is no unified social credit code: 18 signs, the last one checks the others")
        raise BadCell("bad_licence", reason % {"cell": cells.shown(cell)}) from wrong


def firm_phone(cell: str) -> str:
    """A firm's number as it is written: with area code, 400 or 95 numbers too."""
    number = re.sub(r"\.0+$", "", cells.plain(cell))
    if len(number) > 30 or not re.fullmatch(r"\+?[0-9][0-9 ()/-]{3,}", number):
        raise BadCell("not_a_phone", _("is not a telephone number"))
    return number


# ---------------------------------------------------------------- suppliers


def put_supplier(row: InputRow, chunk: Chunk) -> Outcome:
    values = {field: row[column] for column, field in (SUPPLIER_FIELDS | SUPPLIER_MONEY).items()}
    supplier = Supplier.objects.within(chunk.subdistrict_id).filter(code=row["code"]).first()
    fresh = supplier is None
    supplier = supplier or Supplier(subdistrict_id=chunk.subdistrict_id, code=row["code"], created_at=chunk.now)
    names = changed_names(supplier, values)
    if not names and not fresh:
        return "unchanged"
    supplier.search = search_text(supplier.code, supplier.name)[:400]
    supplier.save(force_insert=fresh)
    verb = "supply.supplier_added" if fresh else "supply.supplier_changed"
    told = {name: values[name] for name in names}
    record(verb, supplier.pk, actor=chunk.actor, now=chunk.now, code=supplier.code, **told)
    return "created" if fresh else "changed"


def export_suppliers(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    for supplier in Supplier.objects.within(subdistrict_id).order_by("code"):
        yield {
            "code": supplier.code,
            "name": supplier.name,
            "licence": supplier.licence,
            "phone": supplier.phone,
            "minimum_order": yuan(supplier.minimum_order_fen),
            "delivery_fee": yuan(supplier.delivery_fee_fen),
        }


# ---------------------------------------------------------------- offers


class Suppliers:
    """All suppliers of a subdistrict by code and by name."""

    def __init__(self, subdistrict_id: UUID) -> None:
        found = list(Supplier.objects.within(subdistrict_id))
        self.by_code = {supplier.code: supplier for supplier in found}
        self.by_name: dict[str, list[Supplier]] = {}
        for supplier in found:
            self.by_name.setdefault(supplier.name, []).append(supplier)

    def find(self, text: str) -> Supplier:
        """By code, else by name. Raises UnknownSupplier, AmbiguousSupplier."""
        named = [self.by_code[text]] if text in self.by_code else self.by_name.get(text, [])
        if len(named) > 1:
            reason = _("%(count)d suppliers are called “%(text)s”; give the code")
            raise AmbiguousSupplier(reason % {"count": len(named), "text": text}, column="supplier")
        if not named:
            reason = _("There is no supplier “%(text)s”; import the suppliers first")
            raise UnknownSupplier(reason % {"text": cells.shown(text)}, column="supplier")
        return named[0]


def apply_offers(chunk: Chunk) -> None:
    suppliers = Suppliers(chunk.subdistrict_id)
    stored = {(offer.supplier_id, offer.sku): offer for offer in stored_offers(chunk)}
    new: dict[UUID, Offer] = {}
    changed: dict[UUID, Offer] = {}
    events: list[Event] = []
    for row in chunk.rows:
        try:
            supplier = suppliers.find(row["supplier"])
        except BadInput as refusal:
            chunk.refuse_for(row, refusal)
            continue
        offer = stored.get((supplier.pk, row["sku"]))
        fresh = offer is None
        if offer is None:
            offer = Offer(subdistrict_id=chunk.subdistrict_id, supplier=supplier, sku=row["sku"], created_at=chunk.now)
            stored[supplier.pk, offer.sku] = offer
            new[offer.pk] = offer
        told = put_on(offer, row)
        if fresh or told:
            events.append(offer_event(offer, told, chunk, fresh=fresh))
        if told and offer.pk not in new:
            changed[offer.pk] = offer
        chunk.say("created" if fresh else "changed" if told else "unchanged", row)
    Offer.objects.bulk_create(new.values(), batch_size=500)
    Offer.objects.within(chunk.subdistrict_id).bulk_update(changed.values(), OFFER_STORED, batch_size=200)
    record_all(events)


def stored_offers(chunk: Chunk) -> models.QuerySet[Offer]:
    skus = {row["sku"] for row in chunk.rows}
    found: models.QuerySet[Offer] = Offer.objects.within(chunk.subdistrict_id).filter(sku__in=skus)
    return found.select_related("supplier")


def put_on(offer: Offer, row: InputRow) -> dict[str, Any]:
    """Put the row's values on the offer; returns what was different, as plain values. A row offers it again."""
    values = row.given(*OFFER_FIELDS) | {"price_fen": row["price"], "withdrawn_at": None}
    names = changed_names(offer, values)
    if not names:
        return {}
    offer.grams, offer.cold = grams_in(offer.spec), is_cold(offer.name, offer.spec, offer.category)
    offer.search = search_text(offer.name, offer.sku, offer.category, offer.supplier.name)[:400]
    return {name: plain_value(values[name]) for name in names}


def plain_value(value: object) -> object:
    return value if isinstance(value, int | str | None) else str(value)


def offer_event(offer: Offer, told: dict[str, Any], chunk: Chunk, *, fresh: bool) -> Event:
    verb = "supply.offer_added" if fresh else "supply.offer_changed"
    values = {"supplier": offer.supplier.code, "sku": offer.sku, **told}
    return event(verb, offer.pk, actor=chunk.actor, now=chunk.now, values=values)


def export_offers(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """Every offer that has not been withdrawn."""
    found = Offer.objects.within(subdistrict_id).filter(withdrawn_at=None).select_related("supplier")
    for offer in found.order_by("supplier__code", "sku").iterator(chunk_size=1_000):
        row = {name: getattr(offer, name) for name in OFFER_FIELDS}
        yield {**row, "supplier": offer.supplier.code, "sku": offer.sku, "price": yuan(offer.price_fen)}


SUPPLIERS = Kind(
    name="suppliers",
    label=pgettext_lazy("spreadsheet", "suppliers"),
    operation="supply.manage_suppliers",
    columns=(
        Column("code", "编码", cells.label(40), also=("供应商编码", "代码", "供应商代码", "编号", "供应商编号")),
        Column("name", "名称", cells.text(80), also=("供应商", "供应商名称", "单位名称")),
        Column(
            "licence",
            "统一社会信用代码",
            licence,
            also=("信用代码", "营业执照", "执照号", "执照", "统一信用代码", "社会信用代码"),
        ),
        Column("phone", "电话", firm_phone, also=("联系电话", "手机")),
        Column(
            "minimum_order",
            "起订金额",
            cells.money(),
            also=(
                "起送金额",
                "最低订货额",
                "起订额",
                "最低起订额",
                "最低订单金额",
                "最小订单金额",
                "最低订单",
                "起订量",
            ),
        ),
        Column("delivery_fee", "配送费", cells.money(), also=("运费", "送货费", "配送费用")),
    ),
    apply=applying_each(put_supplier),
    export=export_suppliers,
    identity=lambda row: row["code"],
)

OFFERS = Kind(
    name="offers",
    label=pgettext_lazy("spreadsheet", "offers"),
    operation="supply.manage_suppliers",
    columns=(
        Column("supplier", "供应商", cells.text(80), also=("供应商编码", "供应商代码", "供应商编号", "供货商")),
        Column("sku", "货号", cells.label(60), also=("商品编码", "编码", "SKU", "商品编号", "商品货号")),
        Column("name", "品名", cells.text(80), also=("货品", "货品名称", "名称", "商品名称", "商品")),
        Column("spec", "规格", cells.text(80), also=("商品规格",)),
        Column("unit", "单位", cells.text(20), also=("计量单位",)),
        Column("price", "单价", cells.money(1), also=("价格", "售价")),
        Column(
            "pack_size",
            "每件数量",
            cells.whole(1, MOST_PACK),
            also=("装箱数", "件装数", "每箱数量", "装箱量", "包装数", "包装数量", "每包数量", "件规", "装箱规格"),
        ),
        Column("stock", "库存", cells.whole(0, MOST_STOCK), also=("库存数量", "可供数量", "库存量")),
        Column(
            "cap_per_household",
            "每户限购",
            cells.whole(1, MOST_CAP),
            required=False,
            also=("限购", "每户上限", "限购数量", "户限购", "每户限量"),
        ),
        Column("category", "类别", cells.text(40), also=("分类", "品类", "商品类别")),
        Column("origin", "产地", cells.text(80), required=False, also=("原产地",)),
        Column("produced_on", "生产日期", cells.day, required=False, also=("生产时间",)),
        Column(
            "contents",
            "内含",
            cells.text(500),
            required=False,
            also=("套餐内容", "清单", "明细", "内容", "内含物", "包含"),
        ),
    ),
    apply=apply_offers,
    export=export_offers,
    identity=lambda row: (row["supplier"], row["sku"]),
)

KINDS = (SUPPLIERS, OFFERS)
