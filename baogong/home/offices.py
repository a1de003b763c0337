"""What the command post sees at a glance: rounds and how far they are, today's plans, messages that reach nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Max, Min, Q
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from baogong.channels.models import Message
from baogong.common.clock import local
from baogong.common.figures import FIGURES, Figure
from baogong.common.laws import Breach
from baogong.common.models import FigureSetting
from baogong.distribution.models import Delivery, Plan
from baogong.groupbuy.models import Order, Round
from baogong.people.models import Duty, Household
from baogong.places.models import Building

LATEST_ROUNDS = 20
OVER = [Round.State.SETTLED, Round.State.FAILED, Round.State.CANCELLED]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round that is not over, with the households that take part."""

    round: Round
    orders: int
    households: int


def rounds_now(subdistrict_id: UUID) -> list[RoundLine]:
    """Rounds that are not over, the newest first; two queries."""
    rounds = list(Round.objects.within(subdistrict_id).exclude(state__in=OVER).order_by("-opens_at")[:LATEST_ROUNDS])
    live = Order.objects.within(subdistrict_id).filter(round__in=rounds).live().order_by().values_list("round")
    counts = {
        pk: (orders, doors) for pk, orders, doors in live.annotate(Count("pk"), Count("household", distinct=True))
    }
    return [RoundLine(buy, *counts.get(buy.pk, (0, 0))) for buy in rounds]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A published plan with its deliveries: all, handed over, brought back."""

    plan: Plan
    deliveries: int
    handed_over: int
    returned: int

    @property
    def waiting(self) -> int:
        return self.deliveries - self.handed_over - self.returned


def plans_around(subdistrict_id: UUID, at: datetime) -> list[PlanLine]:
    """Published plans of yesterday, today and later; one query."""
    day = local(at).date() - timedelta(days=1)
    plans = Plan.objects.within(subdistrict_id).published().filter(day__gte=day)
    counted = plans.annotate(
        all=Count("deliveries"),
        out=Count("deliveries", filter=Q(deliveries__state=Delivery.State.HANDED_OVER)),
        back=Count("deliveries", filter=Q(deliveries__state=Delivery.State.RETURNED)),
    )
    return [PlanLine(plan, plan.all, plan.out, plan.back) for plan in counted.order_by("day", "code")]


@dataclass(frozen=True, slots=True)
class MessageLine:
    """Messages of one channel in one state; `oldest` is when the one that waits longest was written."""

    channel: str
    state: str
    count: int
    oldest: datetime


def messages_open(subdistrict_id: UUID) -> list[MessageLine]:
    """What is not with its reader yet: waiting for a sender, on a call list, or failed; one query."""
    rows = Message.objects.within(subdistrict_id).exclude(state=Message.State.SENT).order_by()
    sums = rows.values_list("channel", "state").annotate(Count("pk"), Min("created_at"))
    return [
        MessageLine(str(Message.Channel(channel).label), state, count, oldest)
        for channel, state, count, oldest in sorted(sums)
    ]


def places_figures(subdistrict_id: UUID) -> list[tuple[object, object]]:
    """Buildings, households, those without a phone, buildings that nobody answers for; four queries."""
    buildings = Building.objects.within(subdistrict_id)
    households = Household.objects.within(subdistrict_id).living()
    duties = Duty.objects.within(subdistrict_id).filter(ended_at=None, kind=Duty.Kind.RESPONSIBLE)
    return [
        (_("Buildings"), buildings.count()),
        (_("Households"), households.count()),
        (_("without a phone"), households.filter(no_phone=True).count()),
        (_("Buildings without a worker"), buildings.exclude(pk__in=duties.values("building")).count()),
    ]


# ---------------------------------------------------------------- laws

LAWS = {
    "1": _("Nothing is sold twice: what is left and what is ordered make what was offered"),
    "2": _("Every fen is accounted for: paid and owed make what suppliers and households get"),
    "3": _("Every order line is in one place, every bag in one hand"),
    "4": _("A change of zone loses no order"),
    "5": _("Every household lies in one building, every building has a worker and a deputy"),
    "6": _("Two buildings never share a turn, and never are too many people present"),
    "7": _("No published plan breaks its own rules"),
    "8": _("What was sent twice happened once"),
    "9": _("A pass is judged alike with and without a network"),
    "10": _("Nobody sees what their task does not need"),
    "11": _("An emergency is never refused"),
    "12": _("The hotline and each gate are always staffed"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A law and what was found against it; `title` for people."""

    number: str
    title: str
    breaches: list[Breach]


SHOWN = 20


def prove_laws(subdistrict_id: UUID) -> list[Proof]:
    """Every law that a context of this installation can prove, on all rows of the subdistrict: seconds, not moments."""
    found: dict[str, list[Breach]] = {}
    for number, breaches in _checks(subdistrict_id):
        found.setdefault(number, []).extend(breaches)
    return [Proof(number, str(LAWS.get(number, "")), found[number]) for number in sorted(found, key=int)]


def _checks(subdistrict_id: UUID) -> Iterator[tuple[str, list[Breach]]]:
    for config in apps.get_app_configs():
        if config.name.startswith("baogong.") and module_has_submodule(config.module, "checks"):
            for number, law in getattr(import_module(f"{config.name}.checks"), "LAWS", {}).items():
                yield str(number), list(law(subdistrict_id))


# ---------------------------------------------------------------- figures


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A number of the domain as it is in force here; `since` is None for the default."""

    name: str
    value: int
    figure: Figure
    source: str
    since: datetime | None


def figures_in_force(subdistrict_id: UUID) -> list[FigureLine]:
    """All of them by name, in two queries."""
    rows = FigureSetting.objects.within(subdistrict_id)
    newest = dict(rows.order_by().values_list("name").annotate(Max("since")))
    own = {row.name: row for row in rows.filter(name__in=newest) if row.since == newest[row.name]}
    return [_line(name, figure, own.get(name)) for name, figure in FIGURES.items()]


def _line(name: str, figure: Figure, own: FigureSetting | None) -> FigureLine:
    if own is None:
        return FigureLine(name, int(figure.default), figure, figure.source, None)
    return FigureLine(name, int(own.value), figure, own.source, own.since)
