"""A household's calendar: when it fetches something or is brought something, and until when it can order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from baogong.common.clock import at_local, end_of_day, local, start_of_day
from baogong.distribution.models import Delivery
from baogong.groupbuy.models import Order, Round
from baogong.home import queries
from baogong.people.models import Household
from baogong.web.words import clock, span

DAYS = 7
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the calendar; `kind` and `word` are its state mark."""

    at: datetime
    when: str
    text: str
    kind: str
    word: str
    url: str = ""


def days_of(household: Household, at: datetime) -> list[tuple[date, list[Entry]]]:
    """Today and the six days after it, those with something in them."""
    start, end = start_of_day(at), end_of_day(at + timedelta(days=DAYS - 1))
    entries = [entry for entry in entries_of(household, at, end) if start <= entry.at < end]
    entries.sort(key=lambda entry: entry.at)
    return [(day, list(found)) for day, found in groupby(entries, key=lambda entry: local(entry.at).date())]


def entries_of(household: Household, at: datetime, end: datetime) -> Iterator[Entry]:
    deliveries = queries.deliveries_of(household, at)
    orders = queries.orders_under_way(household, at)
    yield from map(_delivery, deliveries)
    yield from _arrivals(orders, deliveries)
    yield from _rounds(queries.rounds_until(household.subdistrict_id, at, end), {order.round_id for order in orders})


def _delivery(delivery: Delivery) -> Entry:
    start, end, text = expected(delivery)
    done = delivery.state == Delivery.State.HANDED_OVER
    kind, word = ("done", _("Handed over")) if done else ("go", _("For you"))
    return Entry(start, span(start, end) if end else "", text, kind, word, reverse("home:delivery", args=[delivery.pk]))


def expected(delivery: Delivery) -> tuple[datetime, datetime | None, str]:
    """From when until when a delivery is to be expected, and where. A bag for the door without a task has its day."""
    if delivery.turn:
        text = _("Collect at %(point)s, bags: %(bags)d") % {"point": delivery.turn.point.name, "bags": delivery.bags}
        return delivery.turn.starts_at, delivery.turn.ends_at, text
    text = _("Brought to your door, bags: %(bags)d") % {"bags": delivery.bags}
    if delivery.task:
        return delivery.task.starts_at, delivery.task.due_at, text
    return at_local(delivery.plan.day, NOON), None, text


def _arrivals(orders: Iterable[Order], deliveries: Iterable[Delivery]) -> Iterator[Entry]:
    """Goods that have no turn yet: the window in which they are expected. Once something is planned, that says more."""
    if any(delivery.state == Delivery.State.WAITING for delivery in deliveries):
        return
    for order in orders:
        buy = order.round
        text = _("Goods of order %(code)s are expected") % {"code": order.code}
        url = reverse("groupbuy:order", args=[order.pk])
        yield Entry(buy.deliver_from, span(buy.deliver_from, buy.deliver_until), text, "wait", _("Expected"), url)


def _rounds(rounds: Iterable[Round], ordered: set[object]) -> Iterator[Entry]:
    for buy in rounds:
        url = reverse("groupbuy:round", args=[buy.pk])
        if buy.state == Round.State.APPROVED:
            text = _("%(name)s opens") % {"name": buy.name}
            yield Entry(buy.opens_at, clock(buy.opens_at), text, "wait", _("Not open yet"), url)
        text = _("%(name)s closes: last moment to order or change") % {"name": buy.name}
        kind, word = ("done", _("Ordered")) if buy.pk in ordered else ("wait", _("Not ordered"))
        yield Entry(buy.closes_at, clock(buy.closes_at), text, kind, word, url)
