"""The last stations on the way of an order's goods: the turn or the door, and the hand-over."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from baogong.common.clock import local
from baogong.distribution.models import Delivery, Plan
from baogong.groupbuy.models import Order
from baogong.home.week import expected
from baogong.web.parts import Step
from baogong.web.words import day, when, when_span


def delivery_stations(order: Order, now: datetime) -> list[Step]:
    """A pair of stations for each delivery that carries something of this order; none before a plan is published."""
    mine = Delivery.objects.within(order.subdistrict_id).filter(parcels__lines__order_line__order=order).distinct()
    published = mine.filter(plan__state=Plan.State.PUBLISHED).select_related("turn__point", "task", "plan")
    found = sorted(published, key=lambda delivery: delivery.plan.day)
    return [step for delivery in found for step in _stations(delivery, now)]


def _stations(delivery: Delivery, now: datetime) -> list[Step]:
    start, end, text = expected(delivery)
    time = when_span(start, end) if end else day(local(start).date())
    if delivery.state == Delivery.State.HANDED_OVER:
        return [Step("done", text, time), Step("done", _("Handed over"), when(delivery.handed_over_at, now))]
    if delivery.state == Delivery.State.RETURNED:
        return [Step("done", text, time), Step("short", _("Brought back"), note=_("It is paid back to you."))]
    return [
        Step("go", text, time),
        Step("wait", _("Hand-over"), note=_("Count your goods. Say at once if something is missing or bad.")),
    ]
