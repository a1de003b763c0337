"""The way of an order's goods, station by station with its times.

Group buying knows the way as far as the goods' arrival. Rooms above it know the rest, and add their stations when the
program starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from baogong.groupbuy.models import Order, OrderLine, Round, RoundPurchase
from baogong.web.parts import Step
from baogong.web.words import when, when_span

Stations = Callable[[Order, datetime], Sequence[Step]]
later_stations: list[Stations] = []

State = Round.State
GOODS_HERE = {State.RECEIVED, State.STANDING, State.SORTING, State.HANDING_OUT, State.SETTLED}


def stations(order: Order, now: datetime) -> list[Step]:
    """Where the goods of an order have been, are, and go; `order` with its round, lines and round offers loaded."""
    placed = Step("done", _("Ordered"), when(order.placed_at, now))
    if order.state == Order.State.CANCELLED:
        return [placed, *_end(order, now)]
    buy = order.round
    if buy.accepts_orders(at=now):
        return [placed, _closing(buy, now), *_still_to_come(buy, now)]
    return [
        placed,
        Step("done", _("Round closed"), when(buy.closed_at or buy.closes_at, now)),
        *_from_arrival(order, now),
    ]


def _end(order: Order, now: datetime) -> list[Step]:
    buy = order.round
    if buy.state == State.FAILED:
        return [Step("short", _("Too few households"), when(buy.closed_at, now), _("What was paid is paid back."))]
    title = _("Round called off") if buy.state == State.CANCELLED else _("Cancelled")
    return [Step("short", title, when(order.cancelled_at, now))]


def _closing(buy: Round, now: datetime) -> Step:
    return Step("wait", _("Round closes"), when(buy.closes_at, now), _("Until then you can change or cancel."))


def _still_to_come(buy: Round, now: datetime) -> list[Step]:
    return [Step("wait", _("Goods arrive"), when_span(buy.deliver_from, buy.deliver_until)), _told_later()]


def _told_later() -> Step:
    return Step("wait", _("Your turn, or to your door"), note=_("You are told the time beforehand."))


def _from_arrival(order: Order, now: datetime) -> list[Step]:
    arrived = _arrival(order, now)
    if all(line.place == OrderLine.Place.SHORT for line in live_lines(order)):
        return [arrived]
    later = [step for add in later_stations for step in add(order, now)]
    return [arrived, *(later or [_told_later()])]


def _arrival(order: Order, now: datetime) -> Step:
    """Of the suppliers that this order needs: who has brought everything, and what was short."""
    lines = live_lines(order)
    suppliers = {line.round_offer.offer.supplier_id for line in lines}
    needed = RoundPurchase.objects.within(order.subdistrict_id).filter(round=order.round)
    closed = list(
        needed.filter(purchase_order__supplier_id__in=suppliers).values_list("purchase_order__closed_at", flat=True)
    )
    here = [moment for moment in closed if moment]
    if len(here) < len(closed) or (not closed and order.round.state not in GOODS_HERE):
        return _on_the_way(order.round, len(here), len(closed), now)
    short = _short_note(lines)
    return Step("short" if short else "done", _("Goods arrived"), when(max(here, default=None), now), short)


def _on_the_way(buy: Round, here: int, of: int, now: datetime) -> Step:
    note = _("%(here)d of %(of)d suppliers have delivered") % {"here": here, "of": of} if here else ""
    return Step("go", _("Goods arrive"), when_span(buy.deliver_from, buy.deliver_until), note)


def _short_note(lines: Sequence[OrderLine]) -> str:
    short = [line for line in lines if line.granted is not None and line.granted < line.quantity]
    facts = [_("%(name)s: %(granted)d of %(asked)d") % _facts(line) for line in short]
    return (
        _("Less came than was ordered. %(what)s") % {"what": pgettext("between goods", ", ").join(facts)}
        if facts
        else ""
    )


def live_lines(order: Order) -> list[OrderLine]:
    """What is in the order now; lines that were taken out of it stay as rows."""
    return [line for line in order.lines.all() if line.place != OrderLine.Place.CANCELLED]


def _facts(line: OrderLine) -> dict[str, object]:
    return {"name": line.round_offer.name, "granted": line.granted, "asked": line.quantity}
