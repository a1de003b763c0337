"""A resident's first page: what comes when, what can be ordered, what is to be paid, whom to ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from baogong.common.actors import Actor
from baogong.common.clock import local, now
from baogong.common.errors import NotFound
from baogong.distribution.models import Delivery
from baogong.groupbuy.customers import Customer
from baogong.groupbuy.models import Order, Round
from baogong.groupbuy.round_view import RoundView, next_round, round_view
from baogong.home import queries
from baogong.home.timetable import point_tables
from baogong.home.week import days_of, expected
from baogong.people import access
from baogong.people.addresses import spoken_door
from baogong.people.models import Household

ON_FIRST_PAGE = 40  # offers; a longer list has its own page, so that the first one stays within 14 KB


@dataclass(frozen=True, slots=True)
class OpenRound:
    """An open round on the first page: `view` with its list where it is to be ordered from right here."""

    round: Round
    orders: list[Order]
    view: RoundView | None = None


def first_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The home of the household that `household=` names, else of the one the reader lives in."""
    at = now()
    homes = queries.homes_of(actor)
    if not homes:
        return render(request, "home/no_household.html", {})
    household = chosen_home(request, homes, actor)
    customer = Customer(actor, household, on_behalf=False, named=len(homes) > 1)
    under_way = queries.orders_under_way(household, at)
    rounds = rounds_for(customer, under_way, at)
    deliveries = queries.deliveries_of(household, at)
    context = {
        "household": household,
        "customer": customer,
        "homes": home_tabs(homes, household),
        "helper": queries.helper_of(household.building),
        "waiting": [(each, is_late(each, at)) for each in deliveries if each.state == Delivery.State.WAITING],
        "handed_over": [each for each in deliveries if each.state == Delivery.State.HANDED_OVER],
        "orders": [order for order in under_way if order.round_id not in {each.round.pk for each in rounds}],
        "money": queries.open_money(household),
        "rounds": rounds,
        "next": None if rounds else next_round(actor.subdistrict_id, at),
        "news": queries.news_for(household, at),
        "today": local(at).date(),
    }
    return render(request, "home/household.html", context)


def is_late(delivery: Delivery, at: datetime) -> bool:
    """Whether the time that the household was told is over."""
    until = expected(delivery)[1]
    return until is not None and until < at


def chosen_home(request: HttpRequest, homes: Sequence[Household], actor: Actor) -> Household:
    """Raises NotFound for one that the reader is not a member of."""
    if ref := request.GET.get("household"):
        return access.household_for(actor, "groupbuy.order", ref)
    return homes[0] if len(homes) == 1 else access.own_household(actor)


def home_tabs(homes: Sequence[Household], current: Household, page: str = "home:index") -> list[tuple[str, str, bool]]:
    """Somebody who orders for parents or children too chooses at the top of the page."""
    if len(homes) < 2:
        return []
    address = reverse(page)
    return [(f"{address}?household={home.pk}", spoken_door(home), home.pk == current.pk) for home in homes]


def rounds_for(customer: Customer, orders: Sequence[Order], at: datetime) -> list[OpenRound]:
    """Open rounds with the household's orders in them; the first without an order shows its list, if it is short."""
    found: list[OpenRound] = []
    shown = False
    for buy in queries.open_rounds(customer.actor.subdistrict_id, at):
        mine = [order for order in orders if order.round_id == buy.pk]
        view = None
        if not mine and not shown:
            view, shown = round_view(buy, customer, at), True
        found.append(OpenRound(buy, mine, view if view and len(view.basket.offers) <= ON_FIRST_PAGE else None))
    return found


@cache_control(private=True, no_cache=True)
@require_GET
def delivery_page(request: HttpRequest, id: UUID) -> HttpResponse:
    """One delivery of the reader's household: the code, what to bring, the turns of that day at the point."""
    at = now()
    delivery, household = own_delivery(request, id)
    day = delivery.turn.starts_at if delivery.turn else at
    turns = (
        queries.turns_between(household.subdistrict_id, day).filter(point=delivery.turn.point) if delivery.turn else []
    )
    context = {
        "delivery": delivery,
        "late": is_late(delivery, at),
        "household": household,
        "tables": point_tables(turns, household.building_id, at),
        "helper": queries.helper_of(household.building),
        "parcels": delivery.parcels.order_by("number").prefetch_related("lines__order_line__round_offer"),
    }
    return render(request, "home/delivery.html", context)


def own_delivery(request: HttpRequest, id: UUID) -> tuple[Delivery, Household]:
    """Raises NotFound for another household's, and for one whose plan is not published."""
    actor = access.actor_of(request)
    homes = queries.homes_of(actor)
    for household in homes:
        mine = Delivery.objects.within(actor.subdistrict_id).filter(queries.doors_of(household), pk=id)
        found = mine.filter(plan__state="published").select_related("turn__point", "task", "plan").first()
        if found:
            return found, household
    raise NotFound(_("There is no such delivery."))


@cache_control(private=True, no_cache=True)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """The household's next seven days: turns, goods to the door, rounds that open and close."""
    at = now()
    actor = access.actor_of(request)
    homes = queries.homes_of(actor)
    if not homes:
        return render(request, "home/no_household.html", {})
    household = chosen_home(request, homes, actor)
    context = {
        "household": household,
        "homes": home_tabs(homes, household, "home:week"),
        "days": days_of(household, at),
    }
    return render(request, "home/week.html", context)
