"""The JSON door of group buying: rounds and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from baogong.common.api import ApiRequest, Problem, page
from baogong.common.clock import local, now
from baogong.common.errors import NotFound
from baogong.groupbuy import queries, services
from baogong.groupbuy.decision import Wish, WishLine
from baogong.groupbuy.models import Order, Round
from baogong.people import access

router = Router(tags=["groupbuy"])
REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class RoundOfferOut(Schema):
    id: UUID
    sku: str
    name: str
    spec: str
    unit: str
    category: str
    price_fen: int
    cap_per_household: int | None
    offered: int
    remaining: int


class RoundOut(Schema):
    id: UUID
    code: str
    name: str
    state: str
    opens_at: datetime
    closes_at: datetime
    deliver_from: datetime
    deliver_until: datetime
    minimum_households: int
    offers: list[RoundOfferOut]


class RoundPage(Schema):
    items: list[RoundOut]
    next: str | None


class RoundOfferIn(Schema):
    offer: UUID = Field(description="id of a supplier's offer")
    offered: int | None = Field(None, ge=1, le=1_000_000, description="units; default the supplier's stock")
    cap_per_household: int | None = Field(None, ge=1, le=999)


class RoundIn(Schema):
    name: str = Field(min_length=1, max_length=80)
    offers: list[RoundOfferIn] = Field(min_length=1, max_length=1000)
    opens_at: AwareDatetime | None = Field(None, description="default now")
    closes_at: AwareDatetime
    deliver_from: AwareDatetime
    deliver_until: AwareDatetime
    minimum_households: int = Field(0, ge=0, le=1_000_000)
    complaint_contact: str = Field("", max_length=80)


class LineIn(Schema):
    offer: UUID = Field(description="id of a round's offer")
    quantity: int = Field(ge=1, le=999, description="whole units")


class OrderIn(Schema):
    lines: list[LineIn] = Field(min_length=1, max_length=100)
    household: str | None = Field(
        None, max_length=120, description="on behalf of: id or code; workers and operators only"
    )
    source: str | None = Field(None, pattern="^(app|phone|door|paper)$")


class ChangeIn(Schema):
    lines: list[LineIn] = Field(min_length=1, max_length=100)


class OrderLineOut(Schema):
    offer: UUID
    sku: str
    name: str
    quantity: int
    granted: int | None
    price_fen: int
    state: str


class OrderOut(Schema):
    id: UUID
    code: str
    round: UUID
    household: UUID
    state: str
    source: str
    placed_at: datetime
    total_fen: int
    lines: list[OrderLineOut]


class OrderPage(Schema):
    items: list[OrderOut]
    next: str | None


class PurchaseOrderBrief(Schema):
    id: UUID
    code: str
    supplier: str


class ClosedOut(RoundOut):
    purchase_orders: list[PurchaseOrderBrief]


def round_out(round: Round) -> dict[str, Any]:
    return {
        "id": round.pk,
        "code": round.code,
        "name": round.name,
        "state": round.state,
        "opens_at": local(round.opens_at),
        "closes_at": local(round.closes_at),
        "deliver_from": local(round.deliver_from),
        "deliver_until": local(round.deliver_until),
        "minimum_households": round.minimum_households,
        "offers": sorted(round.offers.all(), key=lambda offer: offer.position),
    }


def order_out(order: Order) -> dict[str, Any]:
    return {
        "id": order.pk,
        "code": order.code,
        "round": order.round_id,
        "household": order.household_id,
        "state": order.state,
        "source": order.source,
        "placed_at": local(order.placed_at),
        "total_fen": order.total_fen,
        "lines": [
            {
                "offer": line.round_offer_id,
                "sku": line.round_offer.sku,
                "name": line.round_offer.name,
                "quantity": line.quantity,
                "granted": line.granted,
                "price_fen": line.price_fen,
                "state": line.place,
            }
            for line in order.lines.all()
        ],
    }


def lines_of(lines: list[LineIn]) -> tuple[WishLine, ...]:
    return tuple(WishLine(line.offer, line.quantity) for line in lines)


def key_of(request: ApiRequest) -> str:
    return f"api:{request.actor.account_id}:{request.headers.get('Idempotency-Key', '')}"


@router.get("/rounds", response={200: RoundPage, 422: Problem}, operation_id="listRounds", auth=None)
def list_rounds(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """The rounds that everybody may know of: open ones and those after; newest first."""
    rounds = queries.public_rounds(access.subdistrict_of(request)).prefetch_related("offers")
    return page(rounds, round_out, cursor=cursor, limit=limit)


@router.get("/rounds/{id}", response={200: RoundOut, 404: Problem, 422: Problem}, operation_id="getRound", auth=None)
def get_round(request: HttpRequest, id: UUID) -> Any:
    return round_out(visible_round(request, id))


def visible_round(request: HttpRequest, id: UUID) -> Round:
    """A public round, or a draft for those who manage rounds."""
    subdistrict_id = access.subdistrict_of(request)
    found = Round.objects.within(subdistrict_id).filter(pk=id).prefetch_related("offers").first()
    if found is None or (
        found.state in queries.NOT_PUBLIC and not access.request_may(request, "groupbuy.manage_rounds")
    ):
        raise NotFound
    return found


@router.post("/rounds", response={201: RoundOut, **REFUSED}, operation_id="createRound")
def create_round(request: ApiRequest, payload: RoundIn) -> Any:
    access.require(request.actor, "groupbuy.manage_rounds")
    at = now()
    draft = services.RoundDraft(
        name=payload.name,
        items=[services.RoundItem(o.offer, o.offered, o.cap_per_household) for o in payload.offers],
        opens_at=payload.opens_at or at,
        closes_at=payload.closes_at,
        deliver_from=payload.deliver_from,
        deliver_until=payload.deliver_until,
        minimum_households=payload.minimum_households,
        complaint_contact=payload.complaint_contact,
    )
    created = services.create_round(draft, actor=request.actor, now=at)
    return Status(201, round_out(created))


def managed_round(request: ApiRequest, id: UUID) -> Round:
    access.require(request.actor, "groupbuy.manage_rounds")
    found = Round.objects.within(request.actor.subdistrict_id).filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


@router.post("/rounds/{id}/opening", response={200: RoundOut, **REFUSED}, operation_id="openRound")
def open_round(request: ApiRequest, id: UUID) -> Any:
    return round_out(services.open_round(managed_round(request, id).pk, actor=request.actor, now=now()))


@router.post("/rounds/{id}/closing", response={200: ClosedOut, **REFUSED}, operation_id="closeRound")
def close_round(request: ApiRequest, id: UUID) -> Any:
    """Close before the cut-off, freeze the totals and raise the purchase orders."""
    at = now()
    closed = services.close_round(managed_round(request, id).pk, actor=request.actor, now=at)
    purchases = services.raise_purchase_orders(closed.pk, actor=request.actor, now=at)
    closed.refresh_from_db()
    briefs = [{"id": p.pk, "code": p.code, "supplier": p.supplier.code} for p in purchases]
    return {**round_out(closed), "purchase_orders": briefs}


@router.post("/rounds/{id}/orders", response={201: OrderOut, **REFUSED}, operation_id="placeOrder")
def place_order(request: ApiRequest, id: UUID, payload: OrderIn) -> Any:
    actor = request.actor
    own = access.may(actor, "groupbuy.order")
    household = access.household_for(actor, "groupbuy.order" if own else "groupbuy.order_for_others", payload.household)
    source = payload.source or ("app" if own else "phone")
    wish = Wish(household.pk, key_of(request), lines_of(payload.lines), source=source)
    order = services.place_order(public_round_id(actor.subdistrict_id, id), wish, actor=actor, now=now())
    return Status(201, order_out(queries.whole_order(order.pk)))


def public_round_id(subdistrict_id: UUID, id: UUID) -> UUID:
    if not queries.public_rounds(subdistrict_id).filter(pk=id).exists():
        raise NotFound
    return id


def own_order(request: ApiRequest, id: UUID) -> Order:
    """An order of the actor's own household, or of one in the area of a worker or operator."""
    return queries.order_for(request.actor, id)


@router.get("/orders", response={200: OrderPage, **REFUSED}, operation_id="listMyOrders")
def list_my_orders(request: ApiRequest, cursor: str | None = None, limit: int = 50) -> Any:
    """Orders of the actor's own household; workers see those they may order for."""
    orders = queries.orders_for(request.actor).prefetch_related("lines__round_offer")
    return page(orders, order_out, cursor=cursor, limit=limit)


@router.get("/orders/{id}", response={200: OrderOut, **REFUSED}, operation_id="getOrder")
def get_order(request: ApiRequest, id: UUID) -> Any:
    return order_out(queries.whole_order(own_order(request, id).pk))


@router.put("/orders/{id}", response={200: OrderOut, **REFUSED}, operation_id="changeOrder")
def change_order(request: ApiRequest, id: UUID, payload: ChangeIn) -> Any:
    order = own_order(request, id)
    services.change_order(order.pk, lines_of(payload.lines), actor=request.actor, now=now())
    return order_out(queries.whole_order(order.pk))


@router.post("/orders/{id}/cancellation", response={200: OrderOut, **REFUSED}, operation_id="cancelOrder")
def cancel_order(request: ApiRequest, id: UUID) -> Any:
    order = own_order(request, id)
    services.cancel_order(order.pk, actor=request.actor, now=now())
    return order_out(queries.whole_order(order.pk))
