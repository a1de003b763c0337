"""What first pages read across the contexts. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from baogong.channels.models import Message
from baogong.common.actors import Actor
from baogong.common.clock import end_of_day, start_of_day
from baogong.distribution.models import Delivery, Plan, Turn
from baogong.groupbuy.ledger import balance_of
from baogong.groupbuy.models import LedgerAccount, Order, Round, Transfer
from baogong.people import access
from baogong.people.models import Duty, Household, HouseholdQuerySet
from baogong.people.roles import Area, Role
from baogong.places.models import Building
from baogong.supply.models import SupplyList, SupplyListItem

RECENT = timedelta(hours=24)
NEWS = timedelta(days=7)


# ---------------------------------------------------------------- a household


def homes_of(actor: Actor) -> list[Household]:
    """The living households that the actor is a member of, as they were joined."""
    grants = access.live_grants(actor.subdistrict_id, actor.account_id)
    ids = list(
        grants.filter(area=Area.HOUSEHOLD, role=Role.RESIDENT).order_by("since", "pk").values_list("area_id", flat=True)
    )
    homes: HouseholdQuerySet = Household.objects.within(actor.subdistrict_id).filter(pk__in=ids)
    found = {home.pk: home for home in homes.living().select_related("unit", "building__compound__community")}
    return [found[pk] for pk in ids if pk in found]


def doors_of(household: Household) -> Q:
    """A condition on what belongs to a household: its own, and that of households which were merged into it."""
    return Q(household=household) | Q(household__merged_into=household)


@dataclass(frozen=True, slots=True)
class Helper:
    """The person who answers for a building, and how to ring them."""

    name: str
    phone: str


def helper_of(building: Building) -> Helper | None:
    """The building's worker: the responsible one, or the deputy while that one is off duty."""
    duties = Duty.objects.within(building.subdistrict_id).filter(building=building, ended_at=None)
    found = list(duties.select_related("account__person"))
    best = min(found, key=lambda duty: (not duty.on_duty, duty.kind != Duty.Kind.RESPONSIBLE), default=None)
    if best is None:
        return None
    person = best.account.person
    return Helper(best.account.name, person.phone if person else "")


def deliveries_of(household: Household, at: datetime) -> list[Delivery]:
    """What a published plan has for the household: still to come, or handed over within the last day."""
    recent = Q(state=Delivery.State.WAITING) | Q(handed_over_at__gt=at - RECENT)
    mine = Delivery.objects.within(household.subdistrict_id).filter(doors_of(household), recent)
    published = mine.filter(plan__state=Plan.State.PUBLISHED).select_related("turn__point", "task", "plan")
    return sorted(published, key=lambda delivery: (delivery.state != Delivery.State.WAITING, delivery.plan.day))


def orders_under_way(household: Household, at: datetime) -> list[Order]:
    """Orders whose goods are not in the house yet, the newest first."""
    live = Order.objects.within(household.subdistrict_id).filter(doors_of(household))
    still = live.exclude(state__in=[Order.State.CANCELLED, Order.State.SETTLED, Order.State.HANDED_OVER])
    ended = [Round.State.SETTLED, Round.State.FAILED, Round.State.CANCELLED]
    return list(still.exclude(round__state__in=ended).select_related("round").order_by("-placed_at"))


@dataclass(frozen=True, slots=True)
class OpenMoney:
    """What one order still has open, in fen: `owed` by the household, or `back` to it."""

    order_id: UUID
    code: str
    owed_fen: int
    back_fen: int


def open_money(household: Household) -> list[OpenMoney]:
    """Orders that are not even, the oldest first."""
    rows = Transfer.objects.within(household.subdistrict_id).filter(doors_of(household), order__isnull=False)
    sums = rows.order_by("order__placed_at").values_list("order_id", "order__code").annotate(
        owed=balance_of(LedgerAccount.OWED), back=balance_of(LedgerAccount.REFUND_OWED)
    )  # fmt: skip
    return [OpenMoney(*row) for row in sums.filter(Q(owed__gt=0) | Q(back__gt=0))]


def news_for(household: Household, at: datetime, most: int = 5) -> list[Message]:
    """What the household was told on its page within the last week, the newest first."""
    told = Message.objects.within(household.subdistrict_id).for_recipient(household.pk)
    return list(told.filter(channel=Message.Channel.PAGE, created_at__gt=at - NEWS)[:most])


# ---------------------------------------------------------------- rounds and turns


def open_rounds(subdistrict_id: UUID, at: datetime) -> list[Round]:
    """Rounds that take orders now, the one that closes first at the top."""
    rounds = Round.objects.within(subdistrict_id).open_now(at=at)
    return list(rounds.order_by("closes_at", "code"))


def turns_around(building: Building, at: datetime, *, until: datetime | None = None) -> list[Turn]:
    """Published turns of today at the points of the building's compound, and its own elsewhere."""
    near = Q(point__compound=building.compound_id) | Q(building__compound=building.compound_id)
    return list(turns_between(building.subdistrict_id, at, until).filter(near))


def turns_between(subdistrict_id: UUID, at: datetime, until: datetime | None = None) -> QuerySet[Turn]:
    """Published turns from the day of `at` to its end, or to `until`."""
    live = Turn.objects.within(subdistrict_id).filter(live=True)
    within = live.filter(starts_at__gte=start_of_day(at), starts_at__lt=until or end_of_day(at))
    found: QuerySet[Turn] = within.select_related("point", "building").order_by("starts_at")
    return found


def turns_of_buildings(subdistrict_id: UUID, buildings: Sequence[Building], at: datetime) -> list[Turn]:
    return list(turns_between(subdistrict_id, at).filter(building__in=buildings))


def rounds_until(subdistrict_id: UUID, at: datetime, end: datetime) -> list[Round]:
    """Rounds that are open or announced, and open or close before `end`."""
    ahead = Round.objects.within(subdistrict_id).filter(state__in=[Round.State.OPEN, Round.State.APPROVED])
    return list(ahead.filter(Q(closes_at__gt=at, closes_at__lt=end) | Q(opens_at__gt=at, opens_at__lt=end)))


def list_items(subdistrict_id: UUID) -> list[SupplyListItem]:
    """What the newest supply list says, in its order; one query."""
    newest = SupplyList.objects.within(subdistrict_id).order_by("-number").values("pk")[:1]
    return list(SupplyListItem.objects.within(subdistrict_id).filter(supply_list__in=newest).order_by("position"))
