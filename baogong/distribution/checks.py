"""The laws of distribution, proved on what is stored: 3 (every line in one place, every bag in one hand) and 6 (turns).

Each query looks at all rows at once and gives back only what is wrong; nothing here trusts the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, Lag, RowNumber

from baogong.common.laws import Breach, Check
from baogong.distribution.models import Custody, Delivery, Holder, Parcel, ParcelLine, Plan, Turn
from baogong.groupbuy.models import Order, OrderLine

Place, State = OrderLine.Place, Delivery.State
# Where a line is while its delivery is in a state; the states of a draft and of a withdrawn plan hold no line.
LINE_PLACES = {State.WAITING: Place.BAGGED, State.HANDED_OVER: Place.HANDED_OVER, State.RETURNED: Place.RETURNED}
PLAN_STATES = {
    Plan.State.DRAFT: [State.PLANNED],
    Plan.State.PUBLISHED: list(LINE_PLACES),
    Plan.State.WITHDRAWN: [State.WITHDRAWN],
}
HANDS = {
    State.WAITING: [Holder.SORTING, Holder.POINT, Holder.CARRIER],
    State.HANDED_OVER: [Holder.HOUSEHOLD],
    State.RETURNED: [Holder.RETURNED],
    State.WITHDRAWN: [Holder.UNPACKED],
}
ON_THE_WAY = [Place.ORDERED, Place.GRANTED, Place.BAGGED]


def _rows(model: type[Any], subdistrict_id: UUID) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.within(subdistrict_id).order_by()
    return rows


def _any_of(pairs: list[Q]) -> Q:
    return Q(*pairs, _connector=Q.OR)


# ---------------------------------------------------------------- 3: one place, one hand


def law_3(subdistrict_id: UUID) -> Iterator[Breach]:
    for check in (_lines_elsewhere, _lines_twice, _orders_elsewhere, _deliveries_elsewhere, _bags_elsewhere, _chains):
        yield from check(subdistrict_id)


def _lines_elsewhere(subdistrict_id: UUID) -> Iterator[Breach]:
    """What a line was granted lies in the bags of deliveries in the state that fits its place, and nowhere else."""
    for state, place in LINE_PLACES.items():
        bags = ParcelLine.objects.filter(order_line=OuterRef("pk"), parcel__delivery__state=state).order_by()
        inside = bags.values("order_line").annotate(units=Sum("quantity")).values("units")
        lines = _rows(OrderLine, subdistrict_id).filter(place=place)
        wrong = lines.annotate(inside=Coalesce(Subquery(inside), 0)).exclude(inside=F("granted"))
        for pk, code, granted, units in wrong.values_list("pk", "order__code", "granted", "inside"):
            yield Breach(3, f"{code}: a line is {place} with {granted} units, {units} lie in such bags", pk)
    fitting = [Q(parcel__delivery__state=state, order_line__place=place) for state, place in LINE_PLACES.items()]
    strays = (
        _rows(ParcelLine, subdistrict_id).exclude(_any_of(fitting)).exclude(parcel__delivery__state=State.WITHDRAWN)
    )
    for pk, code, place in strays.values_list("pk", "parcel__code", "order_line__place"):
        yield Breach(3, f"bag {code} holds a line that is {place}", pk)


def _lines_twice(subdistrict_id: UUID) -> Iterator[Breach]:
    live = _rows(ParcelLine, subdistrict_id).filter(parcel__delivery__state__in=list(LINE_PLACES))
    lines = live.values("order_line", "order_line__order__code").annotate(n=Count("parcel__delivery", distinct=True))
    for row in lines.filter(n__gt=1):
        yield Breach(3, f"{row['order_line__order__code']}: a line lies in {row['n']} deliveries", row["order_line"])


def _orders_elsewhere(subdistrict_id: UUID) -> Iterator[Breach]:
    """An order is handed over exactly when nothing of it is on its way and something was handed over."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    coming, given = Exists(lines.filter(place__in=ON_THE_WAY)), Exists(lines.filter(place=Place.HANDED_OVER))
    orders = _rows(Order, subdistrict_id)
    done = [Order.State.HANDED_OVER, Order.State.SETTLED]
    for pk, code in orders.filter(coming, state__in=done).values_list("pk", "code"):
        yield Breach(3, f"{code} is handed over, and some of it is still on its way", pk)
    open_states = [Order.State.CONFIRMED, Order.State.SHORT]
    for pk, code in orders.filter(~coming, given, state__in=open_states).values_list("pk", "code"):
        yield Breach(3, f"{code}: everything was handed over, and it does not say so", pk)


def _deliveries_elsewhere(subdistrict_id: UUID) -> Iterator[Breach]:
    """Deliveries follow their plan, and have the bags that they say."""
    fitting = [Q(plan__state=plan, state__in=states) for plan, states in PLAN_STATES.items()]
    strays = _rows(Delivery, subdistrict_id).exclude(_any_of(fitting))
    for pk, code, state in strays.values_list("pk", "plan__code", "state"):
        yield Breach(3, f"plan {code}: a delivery is {state}", pk)
    live = _rows(Delivery, subdistrict_id).filter(state__in=list(LINE_PLACES))
    for row in live.annotate(n=Count("parcels")).exclude(n=F("bags")).values("pk", "plan__code", "bags", "n"):
        yield Breach(3, f"plan {row['plan__code']}: a delivery has {row['n']} bags, it says {row['bags']}", row["pk"])


def _bags_elsewhere(subdistrict_id: UUID) -> Iterator[Breach]:
    """Each bag is in a hand that fits its delivery, the one that its last change of hands names."""
    parcels = _rows(Parcel, subdistrict_id)
    fitting = [Q(delivery__state=state, holder__in=hands) for state, hands in HANDS.items()]
    for pk, code, holder in parcels.exclude(_any_of(fitting)).values_list("pk", "code", "holder"):
        yield Breach(3, f"bag {code} cannot be with {holder}", pk)
    strangers = parcels.filter(holder=Holder.HOUSEHOLD).exclude(holder_id=F("delivery__household_id"))
    for pk, code in strangers.values_list("pk", "code"):
        yield Breach(3, f"bag {code} is with another household", pk)
    last = Custody.objects.filter(parcel=OuterRef("pk")).order_by("-step")
    parcels = parcels.annotate(
        hand=Subquery(last.values("receiver")[:1]), whose=Subquery(last.values("receiver_id")[:1])
    )
    same = Q(hand=F("holder")) & (Q(whose=F("holder_id")) | Q(whose=None, holder_id=None))
    for pk, code, holder, hand in parcels.filter(Q(hand=None) | ~same).values_list("pk", "code", "holder", "hand"):
        yield Breach(3, f"bag {code} is with {holder}, it was last given to {hand}", pk)


def _chains(subdistrict_id: UUID) -> Iterator[Breach]:
    """Each change of hands begins where the one before ended; none is missing."""
    chain: dict[str, Any] = {"partition_by": F("parcel"), "order_by": F("step").asc()}
    rows = _rows(Custody, subdistrict_id).annotate(
        before=Window(Lag("receiver"), **chain), place=Window(RowNumber(), **chain)
    )
    broken = rows.filter(Q(before__isnull=False) & ~Q(before=F("giver")) | ~Q(place=F("step")))
    for parcel, step, giver in broken.values_list("parcel_id", "step", "giver"):
        yield Breach(3, f"a bag's step {step} begins with {giver}, where it was not", parcel)


# ---------------------------------------------------------------- 6: no shared turn, no crowd


def law_6(subdistrict_id: UUID) -> Iterator[Breach]:
    for check in (_turns_overlap, _crowds, _turns_elsewhere):
        yield from check(subdistrict_id)


def _turns_overlap(subdistrict_id: UUID) -> Iterator[Breach]:
    """In order of their start, no live turn at a point begins before the one before it has ended."""
    turns = _rows(Turn, subdistrict_id).filter(live=True)
    point: dict[str, Any] = {"partition_by": F("point"), "order_by": [F("starts_at").asc(), F("ends_at").asc()]}
    for row in (
        turns.annotate(free_at=Window(Lag("ends_at"), **point))
        .filter(free_at__gt=F("starts_at"))
        .values("pk", "point__name", "building__name", "starts_at")
    ):
        place, who = row["point__name"], row["building__name"]
        yield Breach(6, f"{place}, {row['starts_at']:%m-%d %H:%M} UTC: {who} comes into another turn", row["pk"])


def _crowds(subdistrict_id: UUID) -> Iterator[Breach]:
    turns = _rows(Turn, subdistrict_id).filter(live=True)
    crowded = turns.filter(households__gt=F("point__present_cap"))
    for pk, name, count, cap in crowded.values_list("pk", "point__name", "households", "point__present_cap"):
        yield Breach(6, f"{name}: {count} households come at once, {cap} may be present", pk)
    said = turns.annotate(n=Count("deliveries")).exclude(n=F("households"))
    for pk, name, count, coming in said.values_list("pk", "point__name", "households", "n"):
        yield Breach(6, f"{name}: a turn is for {count} households, {coming} are told to come", pk)


def _turns_elsewhere(subdistrict_id: UUID) -> Iterator[Breach]:
    turns = _rows(Turn, subdistrict_id)
    wrong = turns.exclude(Q(live=True, plan__state=Plan.State.PUBLISHED) | Q(live=False))
    missing = turns.filter(live=False, plan__state=Plan.State.PUBLISHED)
    for pk, code in (wrong | missing).values_list("pk", "plan__code"):
        yield Breach(6, f"plan {code}: a turn does not hold as its plan does", pk)


LAWS: dict[int, Check] = {3: law_3, 6: law_6}
