"""The JSON door of supply: the published list, purchase orders, receipts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from baogong.common.api import ApiRequest, Problem, page
from baogong.common.clock import local, now
from baogong.people import access
from baogong.supply import queries, services
from baogong.supply.models import GoodsReceipt, PurchaseOrder, SupplyListItem

router = Router(tags=["supply"])
REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class SupplyItemOut(Schema):
    id: UUID
    name: str
    spec: str
    unit: str
    price_fen: int
    cap_per_household: int | None
    category: str
    origin: str
    supplier: str
    published_at: datetime


class SupplyListPage(Schema):
    items: list[SupplyItemOut]
    next: str | None


class SupplierOut(Schema):
    id: UUID
    code: str
    name: str
    licence: str
    phone: str
    minimum_order_fen: int
    delivery_fee_fen: int
    live_offers: int = Field(description="how many offers it has that are not withdrawn")
    units_in_stock: int


class SupplierPage(Schema):
    items: list[SupplierOut]
    next: str | None


class PublishIn(Schema):
    offers: list[UUID] | None = Field(
        None, min_length=1, max_length=1000, description="in this order; default all that are not withdrawn"
    )
    note: str = Field("", max_length=300, description="a word to everybody, above the list")


class PublishedOut(Schema):
    id: UUID
    number: int
    published_at: datetime
    note: str
    items: int


class PurchaseLineOut(Schema):
    id: UUID
    sku: str
    name: str
    spec: str
    packs: int
    pack_size: int
    units: int
    price_fen: int


class PurchaseOrderOut(Schema):
    id: UUID
    code: str
    state: str
    supplier: str
    raised_at: datetime
    deliver_from: datetime | None
    deliver_until: datetime | None
    delivery_fee_fen: int
    lines: list[PurchaseLineOut]


class PurchaseOrderPage(Schema):
    items: list[PurchaseOrderOut]
    next: str | None


class ReceivedIn(Schema):
    line: UUID = Field(description="id of a purchase order's line")
    units: int = Field(ge=0, le=10_000_000, description="good units taken in")
    rejected: int = Field(0, ge=0, le=10_000_000)
    reason: str = Field("", max_length=200)
    lot: str = Field("", max_length=60)


class ReceiptIn(Schema):
    lines: list[ReceivedIn] = Field(min_length=1, max_length=1000)
    final: bool = Field(True, description="nothing more is expected for this purchase order")
    note: str = Field("", max_length=300)


class ReceiptLineOut(Schema):
    line: UUID
    sku: str
    units: int
    rejected: int
    reason: str


class ReceiptOut(Schema):
    id: UUID
    state: str
    purchase_order: UUID
    received_at: datetime
    final: bool
    lines: list[ReceiptLineOut]


def item_out(item: SupplyListItem) -> dict[str, Any]:
    return {
        "id": item.offer_id,
        "name": item.name,
        "spec": item.spec,
        "unit": item.unit,
        "price_fen": item.price_fen,
        "cap_per_household": item.cap_per_household,
        "category": item.category,
        "origin": item.origin,
        "supplier": item.supplier_name,
        "published_at": local(item.supply_list.published_at),
    }


def purchase_order_out(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "id": order.pk,
        "code": order.code,
        "state": order.state,
        "supplier": order.supplier.code,
        "raised_at": local(order.raised_at),
        "deliver_from": order.deliver_from and local(order.deliver_from),
        "deliver_until": order.deliver_until and local(order.deliver_until),
        "delivery_fee_fen": order.delivery_fee_fen,
        "lines": [
            {
                "id": line.pk,
                "sku": line.offer.sku,
                "name": line.name,
                "spec": line.spec,
                "packs": line.packs,
                "pack_size": line.pack_size,
                "units": line.units,
                "price_fen": line.price_fen,
            }
            for line in order.lines.all()
        ],
    }


def receipt_out(receipt: GoodsReceipt) -> dict[str, Any]:
    return {
        "id": receipt.pk,
        "state": "allocated" if receipt.allocated_at else "received",
        "purchase_order": receipt.purchase_order_id,
        "received_at": local(receipt.received_at),
        "final": receipt.final,
        "lines": [
            {
                "line": line.order_line_id,
                "sku": line.order_line.offer.sku,
                "units": line.units,
                "rejected": line.rejected,
                "reason": line.reason,
            }
            for line in receipt.lines.select_related("order_line__offer")
        ],
    }


@router.get("/supply-list", response={200: SupplyListPage, 422: Problem}, operation_id="listSupplyList", auth=None)
def list_supply_list(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """The newest published supply list, as households read it."""
    items = queries.published_items(access.subdistrict_of(request))
    return page(items, item_out, cursor=cursor, limit=limit, newest=False)


@router.post("/supply-list", response={201: PublishedOut, **REFUSED}, operation_id="publishSupplyList")
def publish_supply_list(request: ApiRequest, payload: PublishIn) -> Any:
    """Publish the next supply list; an offer that lacks something people must know is refused, with what it lacks."""
    access.require(request.actor, "supply.publish_list")
    done = services.publish_list(payload.offers, payload.note, actor=request.actor, now=now())
    body = {"id": done.pk, "number": done.number, "published_at": local(done.published_at), "note": done.note}
    return Status(201, {**body, "items": done.items.count()})


@router.get("/suppliers", response={200: SupplierPage, **REFUSED}, operation_id="listSuppliers")
def list_suppliers(request: ApiRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """The suppliers with how much they offer."""
    access.require(request.actor, "supply.manage_suppliers")
    return page(queries.suppliers_with_counts(request.actor.subdistrict_id), cursor=cursor, limit=limit, newest=False)


@router.get("/purchase-orders", response={200: PurchaseOrderPage, **REFUSED}, operation_id="listPurchaseOrders")
def list_purchase_orders(
    request: ApiRequest, day: date | None = None, cursor: str | None = None, limit: int = 50
) -> Any:
    """Purchase orders, newest first; a supplier sees its own. `day` is the day they were raised."""
    access.require(request.actor, "supply.see_purchase_orders")
    orders = queries.purchase_orders_for(request.actor, day=day)
    return page(orders, purchase_order_out, cursor=cursor, limit=limit)


@router.post("/purchase-orders/{id}/receipts", response={201: ReceiptOut, **REFUSED}, operation_id="receiveGoods")
def receive_goods(request: ApiRequest, id: UUID, payload: ReceiptIn) -> Any:
    access.require(request.actor, "supply.receive_goods")
    order = queries.purchase_order_for(request.actor, id)
    lines = [services.Received(e.line, e.units, e.rejected, e.reason, e.lot) for e in payload.lines]
    receipt = services.receive_goods(
        order.pk, lines, final=payload.final, note=payload.note, actor=request.actor, now=now()
    )
    return Status(201, receipt_out(receipt))
