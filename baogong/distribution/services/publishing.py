"""From a draft to a promise: bags are made, turns taken, households told. And back, while nothing was handed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baogong.common.actors import Actor
from baogong.common.bulk import insert_columns
from baogong.common.errors import NotFound
from baogong.common.events import event, record, record_all
from baogong.common.ids import new_id
from baogong.distribution.bagging import Bag
from baogong.distribution.breaches import Planned, breaches_of, planned
from baogong.distribution.models import Delivery, Holder, Parcel, ParcelLine, Plan, Task, Turn
from baogong.distribution.recipients import Recipient, recipients_of
from baogong.distribution.refusals import AlreadyHandedOver, PlanBreaches, PlanNotPublished, PlanWithdrawn
from baogong.distribution.services.custody import begin_custody, pass_on
from baogong.distribution.services.rounds import bring_back, hand_out, lock_rounds
from baogong.distribution.telling import DeliveryTexts, withdrawn_text
from baogong.groupbuy.services import bag_lines, unbag_lines
from baogong.groupbuy.telling import in_our_language
from baogong.people.services import tell_households
from baogong.places.models import Point

SHOWN = 50  # breaches that a refusal lists
Way, State = Delivery.Way, Delivery.State


def lock_plan(plan_id: UUID) -> Plan:
    """The plan, held until the transaction ends. Raises NotFound."""
    found: Plan | None = Plan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
    if found is None:
        raise NotFound(_("There is no such plan"))
    return found


@transaction.atomic
def publish_plan(plan_id: UUID, *, actor: Actor, now: datetime) -> Plan:
    """Check the draft, take its slots, pack its bags and tell every household. Publishing twice is once.

    Raises NotFound, PlanWithdrawn, PlanBreaches (`breaches`: texts, `count`): then nothing has changed.
    """
    plan = lock_plan(plan_id)
    if plan.state == Plan.State.PUBLISHED:
        return plan
    if plan.state == Plan.State.WITHDRAWN:
        raise PlanWithdrawn(_("Plan %(plan)s was withdrawn; make a new one") % {"plan": plan.code}, plan=plan.code)
    rounds = lock_rounds(plan)
    _lock_points(plan)
    recipients, deliveries = recipients_of(rounds, plan.subdistrict_id), planned(plan)
    _refuse_breaches(plan, recipients, deliveries)
    _pack_bags(plan, recipients, deliveries, actor=actor, now=now)
    Turn.objects.filter(plan=plan).update(live=True)
    Delivery.objects.filter(plan=plan).update(state=State.WAITING)
    plan.state, plan.published_at, plan.published_by = Plan.State.PUBLISHED, now, actor.account_id
    plan.save(update_fields=["state", "published_at", "published_by"])
    hand_out(rounds, actor=actor, now=now)
    _announce(plan, deliveries, actor=actor, now=now)
    return plan


def _lock_points(plan: Plan) -> None:
    """Two plans that want the same point are published one after the other."""
    points = Point.objects.within(plan.subdistrict_id).filter(turns__plan=plan).order_by().values("pk")
    held = Point.objects.select_for_update(no_key=True).filter(pk__in=points).order_by("pk")
    list(held.values_list("pk", flat=True))


def _refuse_breaches(plan: Plan, recipients: Sequence[Recipient], deliveries: Sequence[Planned]) -> None:
    found = breaches_of(plan, recipients, deliveries)
    if found:
        text = ngettext(
            "Plan %(plan)s cannot be published, %(count)s thing is wrong: %(first)s",
            "Plan %(plan)s cannot be published, %(count)s things are wrong: %(first)s",
            len(found),
        )
        facts = {"plan": plan.code, "count": len(found), "first": found[0]}
        raise PlanBreaches(text % facts, plan=plan.code, count=len(found), breaches=found[:SHOWN])


# ---------------------------------------------------------------- bags


def _pack_bags(
    plan: Plan, recipients: Iterable[Recipient], deliveries: Iterable[Planned], *, actor: Actor, now: datetime
) -> None:
    """One parcel for each bag, with its lines. Groupbuy refuses a line that lies in another bag already."""
    goods = {recipient.household_id: recipient.bags for recipient in recipients}
    bags = [
        _Bag(new_id(), delivery.pk, number, f"{plan.code}-{delivery.number:04d}-{number}", bag)
        for delivery in deliveries
        for number, bag in enumerate(goods[delivery.household_id], 1)
    ]
    _store_bags(plan, bags)
    begin_custody(plan, actor=actor, now=now)
    bag_lines(_lines_in(plan))


class _Bag(NamedTuple):
    """A parcel that is not stored yet."""

    pk: UUID
    delivery_id: UUID
    number: int
    code: str
    bag: Bag


def _store_bags(plan: Plan, bags: Sequence[_Bag]) -> None:
    """Column by column: a subdistrict's day has a hundred thousand bags and twice as many lines in them."""
    insert_columns(
        Parcel,
        {
            "subdistrict_id": [plan.subdistrict_id] * len(bags),
            "id": [each.pk for each in bags],
            "delivery_id": [each.delivery_id for each in bags],
            "number": [each.number for each in bags],
            "code": [each.code for each in bags],
            "cold": [each.bag.cold for each in bags],
            "grams": [each.bag.grams for each in bags],
        },
    )
    inside = [(each.pk, line, units) for each in bags for line, units in each.bag.contents]
    insert_columns(
        ParcelLine,
        {
            "subdistrict_id": [plan.subdistrict_id] * len(inside),
            "parcel_id": [parcel for parcel, _line, _units in inside],
            "order_line_id": [line for _parcel, line, _units in inside],
            "quantity": [units for _parcel, _line, units in inside],
        },
    )


def _lines_in(plan: Plan) -> QuerySet[Any]:
    """The ids of the order lines that lie in a plan's bags."""
    inside = ParcelLine.objects.filter(parcel__delivery__plan=plan)
    return inside.order_by().values("order_line").distinct()


# ---------------------------------------------------------------- telling


def _announce(plan: Plan, deliveries: Sequence[Planned], *, actor: Actor, now: datetime) -> None:
    with in_our_language():
        for way, kind in ((Way.TURN, "turn"), (Way.DOOR, "door")):
            told = _texts(plan, [delivery for delivery in deliveries if delivery.way == way])
            tell_households(told, kind=kind, actor=actor, now=now)
    record_all(
        event(
            "distribution.delivery_planned",
            delivery.pk,
            actor=actor,
            now=now,
            household_id=delivery.household_id,
            values={
                "plan": plan.code,
                "way": delivery.way,
                "turn": str(delivery.turn_id or ""),
                "bags": delivery.bags,
                "grams": delivery.grams,
            },
        )
        for delivery in deliveries
    )
    record("distribution.plan_published", plan.pk, actor=actor, now=now, code=plan.code, households=len(deliveries))


def _texts(plan: Plan, deliveries: Iterable[Planned]) -> dict[UUID, str]:
    turns = {turn.pk: turn for turn in Turn.objects.filter(plan=plan).select_related("point")}
    texts = DeliveryTexts(plan.day)
    return {
        each.household_id: texts.at_turn(turns[each.turn_id], each.pickup_code, each.bags)
        if each.turn_id
        else texts.at_door(each.bags)
        for each in deliveries
    }


# ---------------------------------------------------------------- taking it back


@transaction.atomic
def withdraw_plan(plan_id: UUID, *, actor: Actor, now: datetime) -> Plan:
    """Take a plan back as long as nobody has received or returned anything: its bags are taken apart, its goods wait
    for the next plan, its slots are free, its households are told. A draft is just put aside. Twice is once.

    Raises NotFound, AlreadyHandedOver (`count`).
    """
    plan = lock_plan(plan_id)
    if plan.state == Plan.State.WITHDRAWN:
        return plan
    published = plan.state == Plan.State.PUBLISHED
    _withdraw_deliveries(plan)  # before the rounds: a hand-over holds its delivery while it waits for a round
    if published:
        rounds = lock_rounds(plan)
        unbag_lines(_lines_in(plan))
        pass_on(Parcel.objects.filter(delivery__plan=plan), Holder.UNPACKED, actor=actor, now=now)
        bring_back(rounds, actor=actor, now=now)
        _tell_withdrawn(plan, actor=actor, now=now)
    Turn.objects.filter(plan=plan).update(live=False)
    Task.objects.filter(plan=plan).open().update(withdrawn_at=now)
    plan.state, plan.withdrawn_at = Plan.State.WITHDRAWN, now
    plan.save(update_fields=["state", "withdrawn_at"])
    record("distribution.plan_withdrawn", plan.pk, actor=actor, now=now, code=plan.code, published=published)
    return plan


def _withdraw_deliveries(plan: Plan) -> None:
    deliveries = Delivery.objects.filter(plan=plan)
    deliveries.filter(state__in=[State.PLANNED, State.WAITING]).update(state=State.WITHDRAWN)
    done = deliveries.filter(state__in=[State.HANDED_OVER, State.RETURNED]).count()
    if done:
        text = ngettext(
            "%(count)s household has its goods already; the plan cannot be withdrawn",
            "%(count)s households have their goods already; the plan cannot be withdrawn",
            done,
        )
        raise AlreadyHandedOver(text % {"count": done}, plan=plan.code, count=done)


def _tell_withdrawn(plan: Plan, *, actor: Actor, now: datetime) -> None:
    households = Delivery.objects.filter(plan=plan).values_list("household_id", flat=True)
    with in_our_language():
        text = withdrawn_text(plan.day)
        tell_households(dict.fromkeys(households, text), kind="plan_withdrawn", actor=actor, now=now)


def refuse_unpublished(plan: Plan) -> None:
    """Raises PlanNotPublished, PlanWithdrawn."""
    if plan.state == Plan.State.DRAFT:
        raise PlanNotPublished(_("Plan %(plan)s is a draft; publish it first") % {"plan": plan.code}, plan=plan.code)
    if plan.state == Plan.State.WITHDRAWN:
        raise PlanWithdrawn(_("Plan %(plan)s was withdrawn") % {"plan": plan.code}, plan=plan.code)
