"""What a building's worker has before them today: calls, turns and rounds to the doors, households without a phone,
cash that is still out. Constant numbers of queries, however many buildings there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from baogong.channels.models import Message
from baogong.common.actors import Actor
from baogong.common.clock import end_of_day, start_of_day
from baogong.distribution.models import Delivery, Plan, Task, Turn
from baogong.groupbuy.ledger import balance_of
from baogong.groupbuy.models import LedgerAccount, Order, Round, Transfer
from baogong.people import access
from baogong.people.models import Duty, Household, HouseholdQuerySet
from baogong.places.models import Building
from baogong.web.words import clock

CALLS, DEBTS, PHONELESS, MOMENTS = 5, 8, 30, 40  # how many lines of each the first page shows
WAITING = Q(deliveries__state=Delivery.State.WAITING)


def my_buildings(actor: Actor) -> list[Any]:
    """Those that the worker has a duty for, else all of the area; each with `doors`, how many households it has."""
    reach = access.buildings_for(actor, "people.see_household")
    duties = Duty.objects.within(actor.subdistrict_id).filter(account=actor.account_id, ended_at=None)
    own = set(duties.values_list("building_id", flat=True))
    mine = reach.filter(pk__in=own) if own else reach
    doors = Count("households", filter=Q(households__ended_at=None))
    return list(mine.select_related("compound").defer("outline").annotate(doors=doors).in_order())


# ---------------------------------------------------------------- calls


@dataclass(frozen=True, slots=True)
class Call:
    """Something to tell a household in person or by telephone."""

    message: Message
    household: Household


def calls_in(actor: Actor) -> QuerySet[Message]:
    """The call list of the worker's area, the oldest first."""
    buildings = access.buildings_for(actor, "channels.see_call_list")
    waiting = Message.objects.within(actor.subdistrict_id).on_call_lists().filter(area_id__in=buildings.values("pk"))
    found: QuerySet[Message] = waiting.order_by("created_at", "pk")
    return found


def with_households(messages: Sequence[Message]) -> list[Call]:
    """One query for all of them; a message whose household is gone is left out."""
    doors = Household.objects.filter(pk__in=[message.recipient_id for message in messages])
    found = {door.pk: door for door in doors.select_related("unit", "building__compound")}
    return [Call(message, found[message.recipient_id]) for message in messages if message.recipient_id in found]


# ---------------------------------------------------------------- today


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the day: when, what, how far it is."""

    at: datetime
    time: str
    text: str
    kind: str
    word: str
    url: str = ""


def moments(actor: Actor, buildings: Sequence[Building], rounds: Sequence[Round], at: datetime) -> list[Moment]:
    """Turns, rounds to the doors and cut-offs of today, by the clock."""
    found = [*_turns(actor, buildings, at), *_tasks(actor, buildings, at), *_cut_offs(rounds, at)]
    return sorted(found, key=lambda moment: moment.at)


def _turns(actor: Actor, buildings: Sequence[Building], at: datetime) -> Iterator[Moment]:
    turns = Turn.objects.within(actor.subdistrict_id).filter(live=True, building__in=buildings)
    today = turns.filter(starts_at__gte=start_of_day(at), starts_at__lt=end_of_day(at))
    counted = today.annotate(doors=Count("deliveries"), left=Count("deliveries", filter=WAITING))
    for turn in counted.select_related("building", "point"):
        facts = {"building": turn.building.name, "point": turn.point.name, "households": turn.doors}
        text = _("%(building)s collects at %(point)s, households: %(households)d") % facts
        yield Moment(turn.starts_at, clock(turn.starts_at), text, *progress(turn, at))


def _tasks(actor: Actor, buildings: Sequence[Building], at: datetime) -> Iterator[Moment]:
    tasks = Task.objects.within(actor.subdistrict_id).filter(
        kind=Task.Kind.DOORSTEP, building__in=buildings, withdrawn_at=None, plan__state=Plan.State.PUBLISHED
    )
    today = tasks.filter(starts_at__gte=start_of_day(at), starts_at__lt=end_of_day(at))
    counted = today.annotate(
        doors=Count("deliveries"), left=Count("deliveries", filter=WAITING), bags=Coalesce(Sum("deliveries__bags"), 0)
    )
    for task in counted.select_related("building"):
        facts = {"building": task.building.name, "households": task.doors, "bags": task.bags}
        text = _("%(building)s to the doors, households: %(households)d, bags: %(bags)d") % facts
        url = reverse("distribution:task", args=[task.pk])
        yield Moment(task.starts_at, clock(task.starts_at), text, *progress(task, at), url)


def progress(work: Turn | Task, at: datetime) -> tuple[str, str]:
    """The state mark of something with `doors` households, `left` of which still wait."""
    left, doors = work.left, work.doors  # type: ignore[union-attr]
    if doors and not left:
        return "done", _("All handed over")
    if left < doors:
        return "go", _("%(left)d to go") % {"left": left}
    return ("late", _("%(left)d did not come") % {"left": left}) if _end(work) < at else ("wait", _("Not yet"))


def _end(work: Turn | Task) -> datetime:
    return work.due_at if isinstance(work, Task) else work.ends_at


def _cut_offs(rounds: Sequence[Round], at: datetime) -> Iterator[Moment]:
    for buy in rounds:
        if buy.closes_at < end_of_day(at):
            text = _("%(name)s closes") % {"name": buy.name}
            url = reverse("groupbuy:round", args=[buy.pk])
            yield Moment(buy.closes_at, clock(buy.closes_at), text, "wait", _("Open"), url)


# ---------------------------------------------------------------- households without a phone


@dataclass(frozen=True, slots=True)
class Phoneless:
    """The households without a phone of some buildings, by whether they have an order in a round."""

    total: int
    ordered: int
    waiting: list[Household]


def phoneless(actor: Actor, buildings: Sequence[Building], buy: Round | None) -> Phoneless:
    """`waiting` is cut after PHONELESS doors."""
    without: HouseholdQuerySet = Household.objects.within(actor.subdistrict_id).filter(
        no_phone=True, building__in=buildings
    )
    doors = without.living()
    if buy is None:
        return Phoneless(doors.count(), 0, [])
    order = Order.objects.filter(round=buy, household=OuterRef("pk")).live()
    waiting = doors.filter(~Exists(order)).select_related("unit", "building__compound").in_order()
    total = doors.count()
    return Phoneless(total, total - waiting.count(), list(waiting[:PHONELESS]))


# ---------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class Debt:
    """What an order still owes, in fen."""

    order: Order
    owed_fen: int


@dataclass(frozen=True, slots=True)
class Debts:
    """Orders that are not paid, the oldest first; `shown` is the beginning of the list."""

    count: int
    total_fen: int
    shown: list[Debt]


def unpaid(actor: Actor, buildings: Sequence[Building]) -> Debts:
    """Of the households in some buildings."""
    moved = Transfer.objects.within(actor.subdistrict_id).filter(order__household__building__in=buildings)
    sums = moved.order_by("order__placed_at").values_list("order_id").annotate(owed=balance_of(LedgerAccount.OWED))
    owed = dict(sums.filter(owed__gt=0))
    some = list(owed)[:DEBTS]
    orders = Order.objects.filter(pk__in=some).select_related(
        "household__unit", "household__building__compound", "round"
    )
    found = {order.pk: order for order in orders}
    return Debts(len(owed), sum(owed.values()), [Debt(found[pk], owed[pk]) for pk in some])
