"""Rounds of group buying, the orders in them, and the money that follows.

An order line's price is fixed when ordered. Money moves in `Transfer` rows, each from one account to another, so
every posting balances by construction; the laws are proved against orders and receipts in `checks.py`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from baogong.common.clock import now
from baogong.common.rows import Row, ScopedQuerySet
from baogong.people.models import Household
from baogong.supply.models import Offer, PurchaseOrder


class RoundQuerySet(ScopedQuerySet["Round"]):
    def due_to_open(self, *, at: datetime) -> RoundQuerySet:
        return self.filter(state=Round.State.APPROVED, opens_at__lte=at)

    def due_to_close(self, *, at: datetime) -> RoundQuerySet:
        return self.filter(state=Round.State.OPEN, closes_at__lte=at)

    def open_now(self, *, at: datetime) -> RoundQuerySet:
        return self.filter(state=Round.State.OPEN, opens_at__lte=at, closes_at__gt=at)


class Round(Row):
    """One group buy. Households order until `closes_at`; closing freezes the totals."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        FILED = "filed", _("filed")
        APPROVED = "approved", _("approved")
        OPEN = "open", _("open for orders")
        FORMED = "formed", _("formed")
        FAILED = "failed", _("minimum not reached")
        ORDERED = "ordered", _("ordered from suppliers")
        IN_TRANSIT = "in_transit", _("on the way")
        RECEIVED = "received", _("received")
        STANDING = "standing", _("disinfecting and standing")
        SORTING = "sorting", _("sorting")
        HANDING_OUT = "handing_out", _("handing out")
        SETTLED = "settled", _("settled")
        CANCELLED = "cancelled", _("cancelled")

    code = models.CharField(max_length=20)  # what people see: R1124-03
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    deliver_from = models.DateTimeField()
    deliver_until = models.DateTimeField()
    minimum_households = models.PositiveIntegerField(default=0)
    complaint_contact = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=now)
    created_by = models.UUIDField(null=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    orders_taken = models.PositiveIntegerField(default=0)  # the last order's number; grows under the round's lock

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "code"], name="round_code_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="round_closes_after_opening"),
            models.CheckConstraint(condition=Q(deliver_until__gt=F("deliver_from")), name="round_delivery_window"),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "state", "closes_at"])]

    def __str__(self) -> str:
        return self.code

    def accepts_orders(self, *, at: datetime) -> bool:
        return self.state == self.State.OPEN and self.opens_at <= at < self.closes_at


class RoundOffer(Row):
    """What can be ordered in a round. Law 1: `remaining` + live ordered = `offered`, never below zero."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="offers")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+")
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    spec = models.CharField(max_length=80)
    unit = models.CharField(max_length=20)
    category = models.CharField(max_length=40, blank=True)
    price_fen = models.BigIntegerField()
    cap_per_household = models.PositiveIntegerField(null=True, blank=True)
    offered = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    ordered = models.PositiveIntegerField(null=True)  # total frozen when the round closed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "round", "offer"], name="round_offer_once"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("offered")), name="round_offer_never_oversold"
            ),
        ]


class RoundPurchase(Row):
    """Which purchase orders a round led to."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="purchases")
    purchase_order = models.OneToOneField(PurchaseOrder, models.PROTECT, related_name="+")


class OrderQuerySet(ScopedQuerySet["Order"]):
    def live(self) -> OrderQuerySet:
        return self.exclude(state=Order.State.CANCELLED)


class Order(Row):
    """One household's order in a round, whatever way it came in. `key` makes a repeated request the same order."""

    class State(models.TextChoices):
        PLACED = "placed", _("placed")
        CHANGED = "changed", _("changed")
        CANCELLED = "cancelled", _("cancelled")
        CONFIRMED = "confirmed", _("confirmed")
        SHORT = "short", _("short")
        REFUNDED = "refunded", _("refunded")
        HANDED_OVER = "handed_over", _("handed over")
        SETTLED = "settled", _("settled")

    class Source(models.TextChoices):
        APP = "app", _("own phone")
        PHONE = "phone", _("by telephone")
        DOOR = "door", _("at the door")
        PAPER = "paper", _("on paper")

    round = models.ForeignKey(Round, models.PROTECT, related_name="orders")
    household = models.ForeignKey(Household, models.PROTECT, related_name="orders")
    code = models.CharField(max_length=30)  # R1124-03-0042
    key = models.CharField(max_length=300)  # `api:<account>:<key>`, `page:<account>:<key>`, `file:<ref>`
    state = models.CharField(max_length=11, choices=State, default=State.PLACED)
    source = models.CharField(max_length=5, choices=Source, default=Source.APP)
    placed_at = models.DateTimeField(default=now)
    placed_by = models.UUIDField(null=True)  # account; another than a member of the household: on its behalf
    entered_by = models.CharField(max_length=60, blank=True)  # the name on a paper list
    cancelled_at = models.DateTimeField(null=True, blank=True)
    total_fen = models.BigIntegerField(default=0)  # of the lines as they stand

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "round", "key"], name="order_key_once"),
            models.UniqueConstraint(fields=["subdistrict_id", "code"], name="order_code_once"),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "household", "placed_at"])]

    def __str__(self) -> str:
        return self.code


class OrderLineQuerySet(ScopedQuerySet["OrderLine"]):
    def live(self) -> OrderLineQuerySet:
        """What counts against the stock of the round."""
        return self.exclude(place=OrderLine.Place.CANCELLED)

    def paid_for(self) -> OrderLineQuerySet:
        """What a household has to pay for: neither cancelled nor returned."""
        return self.exclude(place__in=[OrderLine.Place.CANCELLED, OrderLine.Place.RETURNED])


class OrderLine(Row):
    """Units of one offer. Its place in its life (law 3) is `place`: exactly one at any time.

    `granted` is what the household gets after sharing out; `quantity` - `granted` was short and is given back.
    """

    class Place(models.TextChoices):
        ORDERED = "ordered", _("ordered")  # in an open or closed round, goods not here yet
        CANCELLED = "cancelled", _("cancelled")
        GRANTED = "granted", _("allocated")  # goods are here and shared out
        BAGGED = "bagged", _("in a bag")  # in a parcel of a plan
        HANDED_OVER = "handed_over", _("handed over")
        SHORT = "short", _("nothing came")  # granted 0
        RETURNED = "returned", _("returned")  # could not be handed over; given back

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    round_offer = models.ForeignKey(RoundOffer, models.PROTECT, related_name="lines")
    quantity = models.PositiveIntegerField()
    price_fen = models.BigIntegerField()
    granted = models.PositiveIntegerField(null=True)
    place = models.CharField(max_length=11, choices=Place, default=Place.ORDERED)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "order", "round_offer"], name="order_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(granted=None) | Q(granted__lte=F("quantity")), name="order_line_granted_fits"
            ),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "round_offer", "place"])]


class LedgerAccount(models.TextChoices):
    """Per round: paid + owed + share = payable + supplier_paid + refund_owed + refund_paid + fees (law 2).

    On the left (debits grow them) what comes in, on the right (credits grow them) what it is for.
    """

    OWED = "owed", _("owed by households")
    PAID = "paid", _("paid by households")
    SHARE = "share", _("carried by the subdistrict")
    PAYABLE = "payable", _("payable to suppliers")
    SUPPLIER_PAID = "supplier_paid", _("paid to suppliers")
    REFUND_OWED = "refund_owed", _("refunds owed")
    REFUND_PAID = "refund_paid", _("refunds paid")
    FEES = "fees", _("delivery fees")


class Transfer(Row):
    """Whole fen from one account to another: a posting that cannot fail to balance.

    `household` and `supplier_id` say whose part of the account is meant, `reason` why.
    """

    class Way(models.TextChoices):
        NONE = "", _("no money moved")
        CASH = "cash", _("cash")
        TRANSFER = "transfer", _("bank transfer")
        WECHAT = "wechat", _("WeChat")

    round = models.ForeignKey(Round, models.PROTECT, related_name="transfers")
    debit = models.CharField(max_length=13, choices=LedgerAccount)
    credit = models.CharField(max_length=13, choices=LedgerAccount)
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=20)  # ordered, changed, cancelled, paid, short, surplus, fee, refund, ...
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="transfers")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="+")
    supplier_id = models.UUIDField(null=True)
    way = models.CharField(max_length=8, choices=Way, blank=True)
    receipt_number = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=120, blank=True)  # of a payments file or a bank
    entered_by = models.CharField(max_length=60, blank=True)  # the name on a list of payments
    at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_moves_money"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            models.UniqueConstraint(
                fields=["subdistrict_id", "reference"], condition=~Q(reference=""), name="transfer_reference_once"
            ),
        ]
        indexes = [
            models.Index(fields=["subdistrict_id", "round", "debit"]),
            models.Index(fields=["subdistrict_id", "order"]),
        ]


# What a line is worth as it stands: what was granted, or before that what was ordered. For lines that are paid for.
LINE_VALUE = Coalesce("granted", "quantity") * F("price_fen")
