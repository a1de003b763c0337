"""Orders follow their lines: after each sharing, return or hand-over, their states and totals are worked out again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from baogong.groupbuy.models import LINE_VALUE, Order, OrderLine, OrderQuerySet, Round

Place = OrderLine.Place
State = Order.State
CHUNK = 5_000  # ids in one condition
ON_THE_WAY = [Place.ORDERED, Place.GRANTED, Place.BAGGED]
FRESH = [State.PLACED, State.CHANGED]
NOT_HANDED_OVER = [*FRESH, State.CONFIRMED, State.SHORT]
T = TypeVar("T")


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, CHUNK)):
        yield some


def mark_less(orders: OrderQuerySet) -> None:
    """Orders that got less than they asked for: refunded where nothing is left of them, else short."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).live()
    left = Exists(lines.exclude(place__in=[Place.SHORT, Place.RETURNED]))
    orders.filter(~left, state__in=NOT_HANDED_OVER).update(state=State.REFUNDED)
    orders.filter(state__in=[*FRESH, State.CONFIRMED]).update(state=State.SHORT)


def mark_confirmed(orders: OrderQuerySet) -> None:
    """Orders that wait for nothing any more, after those that are short were marked."""
    waiting = Exists(OrderLine.objects.filter(order=OuterRef("pk"), place=Place.ORDERED))
    orders.filter(~waiting, state__in=FRESH).update(state=State.CONFIRMED)


def refresh_handed_over(orders: OrderQuerySet) -> list[tuple[UUID, UUID, str]]:
    """Orders of which the last line has just been handed over; gives their id, household and code."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    done = orders.filter(
        ~Exists(lines.filter(place__in=ON_THE_WAY)),
        Exists(lines.filter(place=Place.HANDED_OVER)),
        state__in=NOT_HANDED_OVER,
    )
    rows = list(done.values_list("pk", "household_id", "code"))
    for some in chunks(rows):
        Order.objects.filter(pk__in=[pk for pk, _household, _code in some]).update(state=State.HANDED_OVER)
    return rows


def refresh_totals(order_ids: Iterable[UUID]) -> None:
    """`total_fen` from the lines as they stand."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).paid_for().order_by().values("order")
    value = lines.annotate(fen=Sum(LINE_VALUE)).values("fen")
    for some in chunks(order_ids):
        Order.objects.filter(pk__in=some).update(total_fen=Coalesce(Subquery(value), 0))


def orders_of(buy: Round, order_ids: Iterable[UUID] | None = None) -> OrderQuerySet:
    """The live orders of a round, or some of them."""
    orders: OrderQuerySet = Order.objects.within(buy.subdistrict_id).filter(round=buy).live()
    return orders if order_ids is None else orders.filter(pk__in=list(order_ids))
