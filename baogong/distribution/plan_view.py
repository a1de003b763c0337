"""What the pages of the desk show: goods to share out, rounds to plan, plans and how far they are.

Each function makes a constant number of queries; nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from baogong.common.clock import local
from baogong.distribution import prints
from baogong.distribution.breaches import breaches_of
from baogong.distribution.models import Allocation, AllocationOffer, Delivery, Plan, PlanRound, Task
from baogong.distribution.prints import PointTable
from baogong.distribution.recipients import recipients_of
from baogong.distribution.sheets import Sheets
from baogong.groupbuy.models import OrderLine, Round, RoundPurchase
from baogong.places.models import Building
from baogong.planning.turns.problem import UNSERVED_COST
from baogong.supply.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine
from baogong.web.parts import HourRow
from baogong.web.words import kg

NOON = 12  # until then the same day can still be planned for
State, Way = Delivery.State, Delivery.Way


# ---------------------------------------------------------------- goods that came


@dataclass(frozen=True, slots=True)
class Arrival:
    """A purchase order of which something came that is not shared out; units of all its receipts."""

    order: PurchaseOrder
    round: Round
    receipt_id: UUID
    came: int
    ordered: int

    @property
    def complete(self) -> bool:
        """Nothing more is expected, so that it can be shared out."""
        return self.order.closed_at is not None


def arrivals(subdistrict_id: UUID) -> list[Arrival]:
    """The ones that can be shared out first, then by time. Four queries."""
    receipts = GoodsReceipt.objects.within(subdistrict_id).unallocated().select_related("purchase_order__supplier")
    newest = {receipt.purchase_order_id: receipt for receipt in receipts}
    purchases = RoundPurchase.objects.within(subdistrict_id).filter(purchase_order__in=list(newest))
    rounds = {row.purchase_order_id: row.round for row in purchases.select_related("round")}
    came, ordered = _units_came(newest, subdistrict_id), _units_ordered(newest, subdistrict_id)
    found = [
        Arrival(receipt.purchase_order, rounds[order_id], receipt.pk, came.get(order_id, 0), ordered.get(order_id, 0))
        for order_id, receipt in newest.items()
        if order_id in rounds
    ]
    return sorted(found, key=lambda arrival: not arrival.complete)


def _units_came(order_ids: Iterable[UUID], subdistrict_id: UUID) -> dict[UUID, int]:
    lines = GoodsReceiptLine.objects.within(subdistrict_id).filter(receipt__purchase_order__in=list(order_ids))
    return dict(lines.order_by().values_list("receipt__purchase_order").annotate(Sum("units")))


def _units_ordered(order_ids: Iterable[UUID], subdistrict_id: UUID) -> dict[UUID, int]:
    lines = PurchaseOrderLine.objects.within(subdistrict_id).filter(purchase_order__in=list(order_ids))
    return dict(lines.order_by().values_list("purchase_order").annotate(units=Sum(F("packs") * F("pack_size"))))


# ---------------------------------------------------------------- how they were shared out


@dataclass(frozen=True, slots=True)
class Share:
    """One offer of an allocation; `short` households got less of it than they ordered."""

    offer: AllocationOffer
    short: int

    @property
    def percent(self) -> int:
        """Of the demand; rounded down, so that 100 means everything."""
        return 100 * self.offer.granted // self.offer.demand if self.offer.demand else 100

    @property
    def missing(self) -> int:
        return self.offer.demand - self.offer.granted


def recent_allocations(subdistrict_id: UUID, most: int = 10) -> QuerySet[Allocation]:
    found: QuerySet[Allocation] = Allocation.objects.within(subdistrict_id).select_related("purchase_order", "round")
    return found.order_by("-at", "-pk")[:most]


def shares_of(allocation: Allocation) -> list[Share]:
    """Offer by offer, what is scarcest first. Two queries."""
    offers = list(allocation.offers.select_related("round_offer"))
    cut = OrderLine.objects.within(allocation.subdistrict_id).filter(
        round_offer__in=[offer.round_offer_id for offer in offers], granted__lt=F("quantity")
    )
    doors = dict(cut.order_by().values_list("round_offer").annotate(Count("order__household", distinct=True)))
    shares = [Share(offer, doors.get(offer.round_offer_id, 0)) for offer in offers]
    return sorted(shares, key=lambda share: (share.percent, share.offer.round_offer.position))


# ---------------------------------------------------------------- rounds to be planned


@dataclass(frozen=True, slots=True)
class ReadyRound:
    """A round with goods that are shared out and lie in no bag yet: whole packs for so many households."""

    round: Round
    households: int
    units: int


def ready_rounds(subdistrict_id: UUID) -> list[ReadyRound]:
    """The one that was promised first at the top. Two queries."""
    lines = OrderLine.objects.within(subdistrict_id).filter(place=OrderLine.Place.GRANTED)
    sums = lines.order_by().values_list("order__round").annotate(
        households=Count("order__household", distinct=True), units=Coalesce(Sum("granted"), 0)
    )  # fmt: skip
    waiting = {round_id: (households, units) for round_id, households, units in sums}
    rounds = Round.objects.within(subdistrict_id).filter(pk__in=list(waiting)).order_by("deliver_from", "code")
    return [ReadyRound(buy, *waiting[buy.pk]) for buy in rounds]


def usual_day(rounds: Sequence[ReadyRound], at: datetime) -> date:
    """The next day that was promised; where none was, today until noon, then tomorrow."""
    today = local(at).date()
    promised = [local(ready.round.deliver_from).date() for ready in rounds]
    fallback = today if local(at).hour < NOON else today + timedelta(days=1)
    return min((day for day in promised if day >= today), default=fallback)


# ---------------------------------------------------------------- plans


@dataclass(slots=True)
class Counts:
    """Households of a plan, or of a building in it, by what became of their goods."""

    planned: int = 0
    waiting: int = 0
    handed_over: int = 0
    returned: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        return self.planned + self.waiting + self.handed_over + self.returned + self.withdrawn

    @property
    def done(self) -> bool:
        return bool(self.total) and self.handed_over + self.returned == self.total


@dataclass(slots=True)
class PlanLine:
    plan: Plan
    names: list[str] = field(default_factory=list)  # of its rounds
    counts: Counts = field(default_factory=Counts)

    @property
    def rounds(self) -> str:
        return listed(self.names)


def listed(names: Iterable[str]) -> str:
    return pgettext("between goods", ", ").join(names)


def plan_lines(plans: Sequence[Plan], subdistrict_id: UUID) -> list[PlanLine]:
    """For the list of plans. Two queries, however many there are."""
    lines = {plan.pk: PlanLine(plan) for plan in plans}
    of_plans = PlanRound.objects.within(subdistrict_id).filter(plan__in=list(lines))
    for row in of_plans.order_by("round__code").select_related("round"):
        lines[row.plan_id].names.append(row.round.name)
    deliveries = Delivery.objects.within(subdistrict_id).filter(plan__in=list(lines))
    for plan_id, state, households in deliveries.order_by().values_list("plan", "state").annotate(Count("pk")):
        setattr(lines[plan_id].counts, state, households)
    return list(lines.values())


@dataclass(frozen=True, slots=True)
class PlanSums:
    """What a plan is about, in households, turns, trips, bags and grams."""

    counts: Counts
    at_turns: int
    to_doors: int
    turns: int
    trips: int
    bags: int
    grams: int


def sums_of(plan: Plan) -> PlanSums:
    """Three queries."""
    rows = Delivery.objects.filter(plan=plan).order_by().values_list("way", "state")
    counts, ways, bags, grams = Counts(), dict.fromkeys(Way.values, 0), 0, 0
    for way, state, households, some_bags, some_grams in rows.annotate(Count("pk"), Sum("bags"), Sum("grams")):
        setattr(counts, state, getattr(counts, state) + households)
        ways[way] += households
        bags, grams = bags + some_bags, grams + some_grams
    trips = Task.objects.filter(plan=plan, kind=Task.Kind.DOORSTEP).count()
    return PlanSums(counts, ways[Way.TURN], ways[Way.DOOR], plan.turns.count(), trips, bags, grams)


@dataclass(frozen=True, slots=True)
class BuildingLine:
    """How far one building is."""

    code: str
    name: str
    compound_id: UUID
    compound: str
    counts: Counts


def figures_of(sums: PlanSums) -> list[tuple[str, int, str]]:
    """For the row of large numbers."""
    turns = ngettext("in %(n)s turn", "in %(n)s turns", sums.turns) % {"n": sums.turns}
    trips = ngettext("in %(n)s trip", "in %(n)s trips", sums.trips) % {"n": sums.trips}
    return [
        (_("Come to a point"), sums.at_turns, turns),
        (_("Served at the door"), sums.to_doors, trips),
        (_("Bags"), sums.bags, kg(sums.grams)),
    ]


def progress_by_building(plan: Plan) -> list[BuildingLine]:
    """Compound by compound, numbers as numbers. One query."""
    place = "household__building__"
    sums = {state: Count("pk", filter=Q(state=state)) for state in State.values}
    columns = [f"{place}{column}" for column in ("code", "name", "compound", "compound__name")]
    rows: Any = Delivery.objects.filter(plan=plan).values_list(*columns).annotate(**sums)
    in_order = rows.order_by(f"{place}compound__name", f"{place}compound", f"{place}sort_key", f"{place}code")
    return [_building_line(row[:4], dict(zip(sums, row[4:], strict=True))) for row in in_order]


def _building_line(place: Any, states: dict[str, int]) -> BuildingLine:
    code, name, compound_id, compound = place
    return BuildingLine(code, name, compound_id, compound, Counts(**states))


def door_tasks(plan: Plan) -> QuerySet[Task]:
    """Trips to the doors with `doors` households, `left` of them still waiting, in the order of the buildings."""
    tasks: QuerySet[Task] = Task.objects.filter(plan=plan, kind=Task.Kind.DOORSTEP).annotate(
        doors=Count("deliveries"),
        left=Count("deliveries", filter=Q(deliveries__state__in=[State.PLANNED, State.WAITING])),
        bags=Coalesce(Sum("deliveries__bags"), 0),
    )
    near = tasks.select_related("building__compound", "unit", "volunteer").defer("building__outline")
    return near.order_by("building__compound__name", "building__sort_key", "unit__name", "trip", "pk")


def desk_tasks(plan: Plan) -> QuerySet[Task]:
    tasks: QuerySet[Task] = Task.objects.filter(plan=plan, kind=Task.Kind.DESK).select_related(
        "point__compound", "volunteer"
    )
    return tasks.order_by("point__compound__name", "point__name", "point", "trip")


# ---------------------------------------------------------------- what is not as good as it could be


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Households that got no turn and are served at the door, and why."""

    building: str
    households: int
    why: str


def left_out_of(plan: Plan) -> list[LeftOut]:
    """One query."""
    words = {"no_point": _("no distribution point in reach"), "no_slot": _("no free slot at its point")}
    codes = [row["building"] for row in plan.left_out]
    names = dict(Building.objects.within(plan.subdistrict_id).filter(code__in=codes).values_list("code", "name"))
    return [
        LeftOut(names.get(row["building"], row["building"]), row["households"], words.get(row["why"], row["why"]))
        for row in plan.left_out
    ]


def quality_of(plan: Plan) -> str:
    """How far the turns are from the best ones that there can be, in a sentence for people."""
    gap = plan.cost - plan.bound
    if gap <= 0:
        return _("No other plan makes people walk and wait less: that is proven.")
    if missed := gap // UNSERVED_COST:
        text = ngettext(
            "At most %(count)s more household could have got a turn; nothing better is proven.",
            "At most %(count)s more households could have got a turn; nothing better is proven.",
            missed,
        )
        return text % {"count": missed}
    without_turn = sum(row["households"] for row in plan.left_out if row["why"] == "no_slot")
    best = max(1, plan.bound - without_turn * UNSERVED_COST)
    text = _("People walk and wait at most %(percent)s%% more than in the best plan that there can be.")
    return text % {"percent": _percent(gap, best)}


def _percent(part: int, whole: int) -> str:
    """With one decimal where it is small, rounded up: a proof promises no more than it shows."""
    tenths = -(-1000 * part // whole)
    return str(-(-tenths // 10)) if tenths >= 100 else f"{tenths // 10}.{tenths % 10}"


def tables_of(plan: Plan) -> list[PointTable]:
    """The turns as on the poster, one table for each point, with names short enough for a phone. One query."""
    tables = prints.point_tables(Sheets(plan).turns(), plan.slot_minutes)
    return [PointTable(table.point, [_short_row(row) for row in table.rows]) for table in tables]


def _short_row(row: HourRow) -> HourRow:
    return HourRow(row.hour, [replace(cell, text=short_name(cell.text)) for cell in row.cells])


def short_name(name: str) -> str:
    """`12号` for `12号楼`, so that six stand side by side on a phone."""
    return name.removesuffix("楼") if name.endswith("号楼") else name


def faults_of(plan: Plan) -> list[str]:
    """What keeps a draft from being published; reads all of its households."""
    rounds = list(PlanRound.objects.filter(plan=plan).values_list("round_id", flat=True))
    return each_once(breaches_of(plan, recipients_of(rounds, plan.subdistrict_id)))


def each_once(faults: Iterable[str]) -> list[str]:
    """A point that is closed is one fault, however many turns it has."""
    return list(dict.fromkeys(faults))
