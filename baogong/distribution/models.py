"""From the goods' arrival to the hand-over: allocation, plans with turns and doorstep tasks, parcels and their custody.

A plan covers one day and one or more rounds. Each household in it has one `Delivery`: at the door, or at a turn. Its
goods travel in `Parcel`s (bags, k of n), each in exactly one hand at any time.

`PERSONAL` names the fields that tell who somebody is or open their goods; every other field is public within the
installation.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from baogong.common.clock import now
from baogong.common.ids import secret_code
from baogong.common.rows import Row, ScopedQuerySet
from baogong.groupbuy.models import OrderLine, Round
from baogong.people.models import Account, Household
from baogong.places.models import Building, Point, Unit
from baogong.supply.models import PurchaseOrder


class Allocation(Row):
    """How the goods of one purchase order were shared out: method, seed and sums, for anybody to work out again."""

    purchase_order = models.OneToOneField(PurchaseOrder, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.PROTECT, related_name="allocations")
    seed = models.BigIntegerField()
    at = models.DateTimeField(default=now)
    by = models.UUIDField(null=True)
    demand = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    granted = models.PositiveIntegerField()


class AllocationOffer(Row):
    """One offer of an allocation: what was asked for, what came, what was given and what went to reserve."""

    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="offers")
    round_offer = models.ForeignKey("groupbuy.RoundOffer", models.PROTECT, related_name="+")
    demand = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    granted = models.PositiveIntegerField()
    reserve = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "allocation", "round_offer"], name="allocated_once"),
            models.CheckConstraint(
                condition=Q(granted__lte=F("arrived")) & Q(granted__lte=F("demand")), name="allocation_fits"
            ),
        ]


class PlanQuerySet(ScopedQuerySet["Plan"]):
    def published(self) -> PlanQuerySet:
        return self.filter(state=Plan.State.PUBLISHED)


class Plan(Row):
    """Who gets their goods where and when on one day.

    A draft is a proposal; a published plan is a promise, and its bags exist.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    code = models.CharField(max_length=20)  # D1125-01
    day = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    rounds = models.ManyToManyField(Round, through="PlanRound", related_name="+")
    seed = models.BigIntegerField(default=0)
    slot_minutes = models.PositiveSmallIntegerField(default=10)  # these three: the figures it was made with
    seconds_per_handover = models.PositiveSmallIntegerField(default=77)
    gap_slots = models.PositiveSmallIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    bound = models.BigIntegerField(default=0)
    # [{"building": code, "households": n, "why": "no_point" or "no_slot"}]: they got no turn and are served at the door
    left_out = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    created_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "code"], name="plan_code_once")]

    def __str__(self) -> str:
        return self.code


class PlanRound(Row):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="plan_rounds")
    round = models.ForeignKey(Round, models.PROTECT, related_name="plan_rounds")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "plan", "round"], name="plan_round_once")]


class Turn(Row):
    """One building's slot at a point. `live` from publishing on: then no other building can have it (law 6)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="turns")
    point = models.ForeignKey(Point, models.PROTECT, related_name="turns")
    building = models.ForeignKey(Building, models.PROTECT, related_name="turns")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    households = models.PositiveIntegerField()
    priority = models.BooleanField(default=False)
    live = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "plan", "point", "starts_at"], name="turn_once_a_plan"),
            models.UniqueConstraint(
                fields=["subdistrict_id", "point", "starts_at"], condition=Q(live=True), name="turn_never_shared"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="turn_ends_after_start"),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "building", "starts_at"])]


class TaskQuerySet(ScopedQuerySet["Task"]):
    def open(self) -> TaskQuerySet:
        return self.filter(done_at=None, withdrawn_at=None)


class Task(Row):
    """Work for one volunteer or worker: carry to the doors of a building (or unit), or stand at a point's desk."""

    class Kind(models.TextChoices):
        DOORSTEP = "doorstep", _("to the door")
        DESK = "desk", _("at the distribution point")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=8, choices=Kind)
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="tasks")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="tasks")
    point = models.ForeignKey(Point, models.PROTECT, null=True, blank=True, related_name="tasks")
    trip = models.PositiveSmallIntegerField(default=1)  # one trolley load each; the number of a point's desk
    grams = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    volunteer = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="tasks")
    accepted_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="doorstep", building__isnull=False) | Q(kind="desk", point__isnull=False),
                name="task_has_a_place",
            ),
        ]

    @property
    def state(self) -> str:
        if self.withdrawn_at:
            return "withdrawn"
        return "done" if self.done_at else "accepted" if self.volunteer_id else "waiting"


def carry_secret() -> str:
    return secret_code(16)  # 80 bits, in the household's QR code


class DeliveryQuerySet(ScopedQuerySet["Delivery"]):
    def open(self) -> DeliveryQuerySet:
        return self.filter(state=Delivery.State.WAITING)

    def live(self) -> DeliveryQuerySet:
        """Of a published plan: neither a draft's nor a withdrawn plan's."""
        return self.exclude(state__in=[Delivery.State.PLANNED, Delivery.State.WITHDRAWN])

    def in_order(self) -> DeliveryQuerySet:
        """Building by building, flats as numbers."""
        household = "household__"
        return self.order_by(f"{household}building__sort_key", f"{household}building__code", f"{household}sort_key")


class Delivery(Row):
    """What one household gets in one plan: its way, its pick-up code, its bags."""

    PERSONAL: ClassVar[set[str]] = {"pickup_code", "secret"}

    class Way(models.TextChoices):
        DOOR = "door", _("to the door")
        TURN = "turn", _("pick up at a turn")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")  # in a draft
        WAITING = "waiting", _("waiting")
        HANDED_OVER = "handed_over", _("handed over")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")  # with its plan

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="deliveries")
    household = models.ForeignKey(Household, models.PROTECT, related_name="deliveries")
    number = models.PositiveIntegerField()  # counts through the plan, building by building; part of its bags' codes
    way = models.CharField(max_length=4, choices=Way)
    turn = models.ForeignKey(Turn, models.PROTECT, null=True, blank=True, related_name="deliveries")
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="deliveries")
    state = models.CharField(max_length=11, choices=State, default=State.PLANNED)
    pickup_code = models.CharField(max_length=6)  # digits, unique within the plan; typed at the desk
    secret = models.CharField(max_length=20, default=carry_secret)  # in the household's QR code
    bags = models.PositiveSmallIntegerField()
    grams = models.PositiveIntegerField(default=0)
    cold = models.BooleanField(default=False)  # some of it must stay cold
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_by = models.UUIDField(null=True)
    handed_over_how = models.CharField(max_length=10, blank=True)  # code, scan, flat
    returned_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "plan", "household"], name="delivery_once_a_plan"),
            models.UniqueConstraint(fields=["subdistrict_id", "plan", "pickup_code"], name="pickup_code_once"),
            models.UniqueConstraint(fields=["subdistrict_id", "plan", "number"], name="delivery_number_once"),
            models.CheckConstraint(
                condition=Q(way="door", turn=None) | Q(way="turn", turn__isnull=False), name="delivery_way_fits"
            ),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "household"])]


class Holder(models.TextChoices):
    """Whose hands a parcel is in (law 3)."""

    SORTING = "sorting", _("sorting place")
    POINT = "point", _("distribution point")
    CARRIER = "carrier", _("volunteer")
    HOUSEHOLD = "household", _("household")
    RETURNED = "returned", _("returned to the sorting place")
    UNPACKED = "unpacked", _("taken apart")  # its plan was withdrawn; the goods wait for the next one


class Parcel(Row):
    """One bag of a delivery, k of n, with its label's code; `holder` is the hand that has it now."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="parcels")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)  # on the label: D1125-01-0042-1
    cold = models.BooleanField(default=False)
    grams = models.PositiveIntegerField(default=0)
    holder = models.CharField(max_length=9, choices=Holder, default=Holder.SORTING)
    holder_id = models.UUIDField(null=True)  # the account, point or household

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "delivery", "number"], name="parcel_number_once"),
            models.UniqueConstraint(fields=["subdistrict_id", "code"], name="parcel_code_once"),
        ]


class ParcelLine(Row):
    """How many units of an order line lie in a bag. A line may fill several bags, all of one delivery."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="parcel_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "parcel", "order_line"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_holds_something"),
        ]


class Custody(Row):
    """A parcel went from one hand to the next. The last row's receiver is the parcel's holder."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="custody")
    step = models.PositiveSmallIntegerField()
    giver = models.CharField(max_length=9, choices=Holder)
    receiver = models.CharField(max_length=9, choices=Holder)
    receiver_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "parcel", "step"], name="custody_step_once"),
        ]
