"""Suppliers and what they offer; the published supply list; purchase orders, receipts and the reserve.

A `unit` (份) is what a household orders and pays for; suppliers deliver whole packs of `pack_size` units. Prices are
per unit. A purchase order does not know which round it is for: groupbuy keeps that link.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Sum

from baogong.common.clock import now
from baogong.common.rows import Row, ScopedQuerySet


class Supplier(Row):
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    licence = models.CharField(max_length=18)  # unified social credit code, check digit proved
    phone = models.CharField(max_length=30, blank=True)  # a firm's number, not a person's
    minimum_order_fen = models.BigIntegerField(default=0)
    delivery_fee_fen = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    search = models.CharField(max_length=400, editable=False, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "code"], name="supplier_code_once"),
            models.CheckConstraint(
                condition=Q(minimum_order_fen__gte=0, delivery_fee_fen__gte=0), name="supplier_money_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Offer(Row):
    """What a supplier can deliver: one SKU with its price per unit, pack size and stock in units."""

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="offers")
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    spec = models.CharField(max_length=80)
    unit = models.CharField(max_length=20)
    price_fen = models.BigIntegerField()
    pack_size = models.PositiveIntegerField(default=1)
    stock = models.PositiveIntegerField(default=0)
    cap_per_household = models.PositiveIntegerField(null=True, blank=True)
    category = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    produced_on = models.DateField(null=True, blank=True)
    contents = models.CharField(max_length=500, blank=True)
    grams = models.PositiveIntegerField(default=0)  # of one unit, read from the spec; 0 where it says none
    cold = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    search = models.CharField(max_length=400, editable=False, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "supplier", "sku"], name="offer_sku_once"),
            models.CheckConstraint(condition=Q(price_fen__gt=0, pack_size__gt=0), name="offer_numbers_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class SupplyList(Row):
    """What was published on a day for everybody to read; the newest one counts, older ones stay."""

    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=now)
    published_by = models.UUIDField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "number"], name="supply_list_number_once")]


class SupplyListItem(Row):
    """One line as it was published; later changes of the offer do not reach it."""

    supply_list = models.ForeignKey(SupplyList, models.PROTECT, related_name="items")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    spec = models.CharField(max_length=80)
    unit = models.CharField(max_length=20)
    price_fen = models.BigIntegerField()
    cap_per_household = models.PositiveIntegerField(null=True)
    category = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    supplier_name = models.CharField(max_length=80)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "supply_list", "offer"], name="supply_list_item_once"),
        ]


class PurchaseOrder(Row):
    """What one supplier is asked to deliver. `closed_at` is set with the last receipt."""

    code = models.CharField(max_length=60)  # P1124-03- and the supplier's code
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="purchase_orders")
    delivery_fee_fen = models.BigIntegerField(default=0)
    deliver_from = models.DateTimeField(null=True, blank=True)
    deliver_until = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(default=now)
    raised_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "code"], name="purchase_order_code_once")]

    def __str__(self) -> str:
        return self.code

    @property
    def state(self) -> str:
        return "received" if self.closed_at else "ordered"


class PurchaseOrderLine(Row):
    """Whole packs of one offer. `demand` units were ordered by households; the rest of the packs is reserve."""

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    spec = models.CharField(max_length=80)
    packs = models.PositiveIntegerField()
    pack_size = models.PositiveIntegerField()
    price_fen = models.BigIntegerField()  # of a unit, as ordered
    demand = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict_id", "purchase_order", "offer"], name="purchase_order_line_once"
            ),
        ]

    @property
    def units(self) -> int:
        return self.packs * self.pack_size


class GoodsReceiptQuerySet(ScopedQuerySet["GoodsReceipt"]):
    def unallocated(self) -> GoodsReceiptQuerySet:
        """Receipts still waiting for distribution; the oldest first."""
        return self.filter(allocated_at=None).order_by("received_at")


class GoodsReceipt(Row):
    """What one vehicle brought for a purchase order. With `final`, nothing more is expected for it."""

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts")
    received_at = models.DateTimeField(default=now)
    received_by = models.UUIDField(null=True)
    final = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)
    allocated_at = models.DateTimeField(null=True, blank=True)  # set by distribution

    objects = GoodsReceiptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subdistrict_id"], condition=Q(allocated_at=None), name="receipt_unallocated")]


class GoodsReceiptLine(Row):
    receipt = models.ForeignKey(GoodsReceipt, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="receipt_lines")
    units = models.PositiveIntegerField()  # good ones, taken in
    rejected = models.PositiveIntegerField(default=0)  # sent back: rotten, wrong, short weight
    reason = models.CharField(max_length=200, blank=True)
    lot = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "receipt", "order_line"], name="receipt_line_once"),
        ]


class ReserveQuerySet(ScopedQuerySet["ReserveMovement"]):
    def stock(self) -> dict[object, int]:
        """Units in reserve by offer id."""
        return dict(self.values_list("offer").annotate(units=Sum("units")).order_by())


class ReserveMovement(Row):
    """Units that came into the subdistrict's reserve (above zero) or left it (below)."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="reserve_movements")
    units = models.IntegerField()
    reason = models.CharField(max_length=40)  # pack_surplus, returned, handed_out
    receipt = models.ForeignKey(GoodsReceipt, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    by = models.UUIDField(null=True)

    objects = ReserveQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(units=0), name="reserve_movement_moves")]
