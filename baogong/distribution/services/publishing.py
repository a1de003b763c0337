"""From a draft to a promise: bags are made, turns taken, households told. And back, while nothing was handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.common.errors import NotFound
from baogong.common.events import event, record, record_all
from baogong.distribution.breaches import breaches_of
from baogong.distribution.models import Delivery, Holder, Parcel, ParcelLine, Plan, Task, Turn
from baogong.distribution.recipients import Recipient, recipients_of
from baogong.distribution.refusals import AlreadyHandedOver, PlanBreaches, PlanNotPublished, PlanWithdrawn
from baogong.distribution.services.custody import begin_custody, pass_on
from baogong.distribution.services.rounds import bring_back, hand_out, lock_rounds
from baogong.distribution.telling import door_text, turn_text, withdrawn_text
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
    recipients = recipients_of(rounds, plan.subdistrict_id)
    _refuse_breaches(plan, recipients)
    _pack_bags(plan, recipients, actor=actor, now=now)
    Turn.objects.filter(plan=plan).update(live=True)
    Delivery.objects.filter(plan=plan).update(state=State.WAITING)
    plan.state, plan.published_at, plan.published_by = Plan.State.PUBLISHED, now, actor.account_id
    plan.save(update_fields=["state", "published_at", "published_by"])
    hand_out(rounds, actor=actor, now=now)
    _announce(plan, actor=actor, now=now)
    return plan


def _lock_points(plan: Plan) -> None:
    """Two plans that want the same point are published one after the other."""
    points = Point.objects.within(plan.subdistrict_id).filter(turns__plan=plan).order_by().values("pk")
    held = Point.objects.select_for_update(no_key=True).filter(pk__in=points).order_by("pk")
    list(held.values_list("pk", flat=True))


def _refuse_breaches(plan: Plan, recipients: Sequence[Recipient]) -> None:
    found = breaches_of(plan, recipients)
    if found:
        text = ngettext(
            "Plan %(plan)s cannot be published, %(count)s thing is wrong: %(first)s",
            "Plan %(plan)s cannot be published, %(count)s things are wrong: %(first)s",
            len(found),
        )
        facts = {"plan": plan.code, "count": len(found), "first": found[0]}
        raise PlanBreaches(text % facts, plan=plan.code, count=len(found), breaches=found[:SHOWN])


# ---------------------------------------------------------------- bags


def _pack_bags(plan: Plan, recipients: Iterable[Recipient], *, actor: Actor, now: datetime) -> None:
    """One parcel for each bag, with its lines. Groupbuy refuses a line that lies in another bag already."""
    deliveries = {delivery.household_id: delivery for delivery in Delivery.objects.filter(plan=plan)}
    parcels: list[Parcel] = []
    lines: list[ParcelLine] = []
    for recipient in recipients:
        for parcel, contents in _bags(plan, deliveries[recipient.household_id], recipient):
            parcels.append(parcel)
            lines += contents
    insert_all(parcels)
    insert_all(lines)
    begin_custody(parcels, actor=actor, now=now)
    bag_lines({line.order_line_id for line in lines})


def _bags(plan: Plan, delivery: Delivery, recipient: Recipient) -> Iterator[tuple[Parcel, list[ParcelLine]]]:
    for number, bag in enumerate(recipient.bags, 1):
        parcel = Parcel(
            subdistrict_id=plan.subdistrict_id,
            delivery=delivery,
            number=number,
            code=f"{plan.code}-{delivery.number:04d}-{number}",
            cold=bag.cold,
            grams=bag.grams,
        )
        yield (
            parcel,
            [
                ParcelLine(subdistrict_id=plan.subdistrict_id, parcel=parcel, order_line_id=line, quantity=units)
                for line, units in bag.contents
            ],
        )


# ---------------------------------------------------------------- telling


def _announce(plan: Plan, *, actor: Actor, now: datetime) -> None:
    deliveries = list(Delivery.objects.filter(plan=plan).select_related("turn__point"))
    with in_our_language():
        for way, kind in ((Way.TURN, "turn"), (Way.DOOR, "door")):
            told = {each.household_id: _text(plan, each) for each in deliveries if each.way == way}
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


def _text(plan: Plan, delivery: Delivery) -> str:
    return turn_text(delivery, delivery.turn, plan.day) if delivery.turn else door_text(delivery, plan.day)


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


def _lines_in(plan: Plan) -> set[UUID]:
    return set(ParcelLine.objects.filter(parcel__delivery__plan=plan).values_list("order_line_id", flat=True))


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
