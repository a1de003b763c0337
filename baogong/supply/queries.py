"""Reading supply: the list in force, purchase orders with what came, the reserve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.clock import at_local
from baogong.common.errors import NotFound
from baogong.people import access
from baogong.supply.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    Offer,
    PurchaseOrder,
    PurchaseOrderLine,
    ReserveMovement,
    Supplier,
    SupplyList,
    SupplyListItem,
)
from baogong.supply.services.supply_lists import FIELD_NAMES, missing_fields

DAY = timedelta(days=1)


def current_list(subdistrict_id: UUID) -> SupplyList | None:
    """The newest published list with its items in order, or None before the first; two queries."""
    lists: QuerySet[SupplyList] = SupplyList.objects.within(subdistrict_id)
    items = Prefetch("items", SupplyListItem.objects.order_by("position"))
    return lists.prefetch_related(items).order_by("-number").first()


def published_items(subdistrict_id: UUID) -> QuerySet[SupplyListItem]:
    """The lines of the list in force, each with its list; none before the first list."""
    newest = SupplyList.objects.within(subdistrict_id).order_by("-number").values("pk")[:1]
    items: QuerySet[SupplyListItem] = SupplyListItem.objects.within(subdistrict_id).filter(supply_list__in=newest)
    return items.select_related("supply_list").order_by("position")


def purchase_orders_for(actor: Actor, *, day: date | None = None) -> QuerySet[PurchaseOrder]:
    """Purchase orders that the actor may see, the newest first, with supplier and lines; raised on `day` only."""
    orders = PurchaseOrder.objects.within(actor.subdistrict_id).select_related("supplier")
    suppliers = access.suppliers_for(actor, "supply.see_purchase_orders")
    if suppliers is not None:
        orders = orders.filter(supplier__in=suppliers)
    if day is not None:
        orders = orders.filter(raised_at__gte=at_local(day, time.min), raised_at__lt=at_local(day, time.min) + DAY)
    lines = PurchaseOrderLine.objects.select_related("offer").order_by("name", "pk")
    found: QuerySet[PurchaseOrder] = orders.prefetch_related(Prefetch("lines", lines)).order_by("-raised_at", "-pk")
    return found


def purchase_order_for(actor: Actor, purchase_order_id: UUID) -> PurchaseOrder:
    """One of them. Another supplier's and none both raise NotFound."""
    found = purchase_orders_for(actor).filter(pk=purchase_order_id).first()
    if found is None:
        raise NotFound(_("There is no such purchase order"))
    return found


@dataclass(frozen=True, slots=True)
class LineReceived:
    """A purchase order's line with what came of it so far, in units."""

    line: PurchaseOrderLine
    received: int
    rejected: int

    @property
    def missing(self) -> int:
        return max(0, self.line.units - self.received)


def lines_received(order: PurchaseOrder) -> list[LineReceived]:
    """Every line of a purchase order with its sums over all receipts; one query."""
    lines = PurchaseOrderLine.objects.within(order.subdistrict_id).filter(purchase_order=order).annotate(
        received=Coalesce(Sum("receipt_lines__units"), 0), rejected=Coalesce(Sum("receipt_lines__rejected"), 0)
    )  # fmt: skip
    return [LineReceived(line, line.received, line.rejected) for line in lines.order_by("name", "pk")]


def receipts_of(order: PurchaseOrder) -> list[GoodsReceipt]:
    """Its deliveries, the first one first, each with its lines; two queries."""
    lines = GoodsReceiptLine.objects.select_related("order_line").order_by("order_line__name", "pk")
    receipts = GoodsReceipt.objects.within(order.subdistrict_id).filter(purchase_order=order)
    return list(receipts.prefetch_related(Prefetch("lines", lines)).order_by("received_at", "pk"))


def units_received(order: PurchaseOrder) -> dict[UUID, int]:
    """Good units taken in by offer id, over all receipts of a purchase order; 0 for what did not come."""
    came = {line.offer_id: 0 for line in order.lines.all()}
    lines = GoodsReceiptLine.objects.within(order.subdistrict_id).filter(receipt__purchase_order=order)
    came |= dict(lines.order_by().values_list("order_line__offer").annotate(Sum("units")))
    return came


def reserve(subdistrict_id: UUID) -> list[tuple[Offer, int]]:
    """What the subdistrict holds in reserve: offers with their units, none at zero; two queries."""
    stock = ReserveMovement.objects.within(subdistrict_id).stock()
    offers = Offer.objects.within(subdistrict_id).filter(pk__in=list(stock)).select_related("supplier")
    return [(offer, stock[offer.pk]) for offer in offers.order_by("category", "name") if stock[offer.pk]]


def suppliers_with_counts(subdistrict_id: UUID) -> QuerySet[Supplier]:
    """Suppliers by name with `live_offers` and `units_in_stock`; one query."""
    live = Q(offers__withdrawn_at=None)
    found: QuerySet[Supplier] = Supplier.objects.within(subdistrict_id).annotate(
        live_offers=Count("offers", filter=live), units_in_stock=Coalesce(Sum("offers__stock", filter=live), 0)
    )
    return found.order_by("name", "code")


def offers_with_gaps(subdistrict_id: UUID) -> list[tuple[Offer, list[str]]]:
    """Offers in the order of the list, each with the names of what it lacks to be published; one query."""
    offers = Offer.objects.within(subdistrict_id).filter(withdrawn_at=None).select_related("supplier")
    return [
        (offer, [str(FIELD_NAMES[field]) for field in missing_fields(offer)])
        for offer in offers.order_by("category", "name", "sku")
    ]


def newest_list(subdistrict_id: UUID) -> SupplyList | None:
    found: SupplyList | None = SupplyList.objects.within(subdistrict_id).order_by("-number").first()
    return found
