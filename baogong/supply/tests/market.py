"""Suppliers and their offers for tests: made with plain rows, complete enough to be published."""

from __future__ import annotations

from uuid import UUID

from baogong.supply.models import Offer, Supplier


def make_supplier(subdistrict_id: UUID, code: str = "JKL", name: str = "京客隆", **values: object) -> Supplier:
    more = {"licence": "91110105101780000X", **values}
    return Supplier.objects.create(subdistrict_id=subdistrict_id, code=code, name=name, **more)


def make_offer(supplier: Supplier, sku: str = "rice", name: str = "大米", **values: object) -> Offer:
    """An offer of 5 yuan with a thousand units in stock, unless told otherwise."""
    defaults = {
        "spec": "5 kg",
        "unit": "袋",
        "price_fen": 500,
        "pack_size": 1,
        "stock": 1000,
        "cap_per_household": 5,
        "category": "粮油",
        "origin": "黑龙江",
    }
    return Offer.objects.create(
        subdistrict_id=supplier.subdistrict_id, supplier=supplier, sku=sku, name=name, **{**defaults, **values}
    )
