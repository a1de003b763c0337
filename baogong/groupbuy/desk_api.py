"""The JSON door of the buyer's desk: a round scheduled, called off, bought for and settled, and its money."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from baogong.common.api import ApiRequest
from baogong.common.clock import local, now
from baogong.common.errors import NotFound
from baogong.groupbuy import queries, services
from baogong.groupbuy.api import REFUSED, PurchaseOrderBrief, RoundOut, managed_round, round_out
from baogong.groupbuy.models import Order, Round, Transfer
from baogong.people import access
from baogong.people.models import Household
from baogong.supply.models import Supplier

router = Router(tags=["groupbuy"])
Way: TypeAlias = Literal["cash", "transfer", "wechat"]


class PaymentIn(Schema):
    amount_fen: int = Field(ge=1, le=1_000_000_000)
    way: Way
    receipt_number: str = Field("", max_length=40, description="cash always has one")
    reference: str = Field("", max_length=120, description="of the bank or of WeChat; one reference pays once")


class PayoutIn(Schema):
    way: Way
    reference: str = Field("", max_length=80)


class RefundsIn(PayoutIn):
    household: UUID | None = Field(None, description="only to this one; default all that are owed something")
    receipt_number: str = Field("", max_length=40)


class SupplierPaymentsIn(PayoutIn):
    supplier: UUID | None = Field(None, description="only this one; default all of the round")


class WriteOffIn(Schema):
    reason: str = Field(min_length=1, max_length=200)
    order: UUID | None = Field(None, description="only this one; default all that are through")


class TransferOut(Schema):
    id: UUID
    amount_fen: int
    reason: str
    order: UUID | None
    household: UUID | None
    supplier: UUID | None
    way: str
    receipt_number: str
    reference: str
    at: datetime


class MovedOut(Schema):
    """Money that was moved at once: each transfer, and the sum."""

    items: list[TransferOut]
    total_fen: int


class PurchasesOut(Schema):
    state: str
    items: list[PurchaseOrderBrief]


def transfer_out(row: Transfer) -> dict[str, Any]:
    return {
        "id": row.pk,
        "amount_fen": row.amount_fen,
        "reason": row.reason,
        "order": row.order_id,
        "household": row.household_id,
        "supplier": row.supplier_id,
        "way": row.way,
        "receipt_number": row.receipt_number,
        "reference": row.reference,
        "at": local(row.at),
    }


def moved_out(rows: list[Transfer]) -> dict[str, Any]:
    return {"items": [transfer_out(row) for row in rows], "total_fen": sum(row.amount_fen for row in rows)}


def settled_round(request: ApiRequest, id: UUID) -> Round:
    """A round whose money the actor may move. Raises NotAllowed, NotFound."""
    access.require(request.actor, "groupbuy.settle")
    return managed_round(request, id)


# ---------------------------------------------------------------- the round


@router.post("/rounds/{id}/scheduling", response={200: RoundOut, **REFUSED}, operation_id="scheduleRound")
def schedule_round(request: ApiRequest, id: UUID) -> Any:
    """From now on the draft opens by itself at its time."""
    return round_out(services.schedule_round(managed_round(request, id).pk, actor=request.actor, now=now()))


@router.post("/rounds/{id}/cancellation", response={200: RoundOut, **REFUSED}, operation_id="cancelRound")
def cancel_round(request: ApiRequest, id: UUID) -> Any:
    """Call the round off before it is bought for: every order is cancelled, refunded and told."""
    return round_out(services.cancel_round(managed_round(request, id).pk, actor=request.actor, now=now()))


@router.post(
    "/rounds/{id}/purchase-orders", response={200: PurchasesOut, **REFUSED}, operation_id="raisePurchaseOrders"
)
def raise_purchase_orders(request: ApiRequest, id: UUID) -> Any:
    """Order a closed round's goods from its suppliers; a second time gives the same purchase orders."""
    buy = managed_round(request, id)
    raised = services.raise_purchase_orders(buy.pk, actor=request.actor, now=now())
    buy.refresh_from_db()
    return {"state": buy.state, "items": [{"id": p.pk, "code": p.code, "supplier": p.supplier.code} for p in raised]}


# ---------------------------------------------------------------- money


@router.post("/orders/{id}/payments", response={201: TransferOut, **REFUSED}, operation_id="recordPayment")
def record_payment(request: ApiRequest, id: UUID, payload: PaymentIn) -> Any:
    """Take down that an order was paid, in full or in part."""
    access.require(request.actor, "groupbuy.record_payment")
    order = queries.order_for(request.actor, id)
    paid = services.record_payment(
        order.pk,
        payload.amount_fen,
        payload.way,
        payload.receipt_number,
        payload.reference,
        actor=request.actor,
        now=now(),
    )
    return Status(201, transfer_out(paid))


@router.post("/rounds/{id}/refunds", response={200: MovedOut, **REFUSED}, operation_id="payRefunds")
def pay_refunds(request: ApiRequest, id: UUID, payload: RefundsIn) -> Any:
    """Note that what is owed to households was paid back; each is told."""
    buy = settled_round(request, id)
    if payload.household:
        _must_exist(Household, buy, payload.household, _("There is no such household"))
    rows = services.pay_refunds(
        buy.pk,
        payload.way,
        payload.reference,
        household_id=payload.household,
        receipt_number=payload.receipt_number,
        actor=request.actor,
        now=now(),
    )
    return moved_out(rows)


@router.post("/rounds/{id}/supplier-payments", response={200: MovedOut, **REFUSED}, operation_id="paySuppliers")
def pay_suppliers(request: ApiRequest, id: UUID, payload: SupplierPaymentsIn) -> Any:
    """Note that suppliers were paid for the goods that came."""
    buy = settled_round(request, id)
    if payload.supplier:
        _must_exist(Supplier, buy, payload.supplier, _("There is no such supplier"))
    rows = services.pay_suppliers(
        buy.pk, payload.way, payload.reference, supplier_id=payload.supplier, actor=request.actor, now=now()
    )
    return moved_out(rows)


@router.post("/rounds/{id}/write-off", response={200: MovedOut, **REFUSED}, operation_id="writeOff")
def write_off(request: ApiRequest, id: UUID, payload: WriteOffIn) -> Any:
    """The subdistrict carries what households still owe for orders that are through."""
    buy = settled_round(request, id)
    if payload.order:
        _must_exist(Order, buy, payload.order, _("There is no such order in this round"), round=buy)
    rows = services.write_off(buy.pk, payload.reason, order_id=payload.order, actor=request.actor, now=now())
    return moved_out(rows)


@router.post("/rounds/{id}/settlement", response={200: RoundOut, **REFUSED}, operation_id="settleRound")
def settle_round(request: ApiRequest, id: UUID) -> Any:
    """Close the books: nothing is on its way, and nobody owes anybody anything."""
    return round_out(services.settle_round(settled_round(request, id).pk, actor=request.actor, now=now()))


def _must_exist(kind: Any, buy: Round, id: UUID, text: str, **more: object) -> None:
    if not kind.objects.within(buy.subdistrict_id).filter(pk=id, **more).exists():
        raise NotFound(text)
