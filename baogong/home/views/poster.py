"""A building's public page, where its poster's code leads, and the stranger's way to it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from baogong.common.clock import now
from baogong.groupbuy.models import Round, RoundOffer
from baogong.groupbuy.round_view import next_round, offers_of_rounds
from baogong.home import queries
from baogong.home.buildings import buildings_meant
from baogong.home.timetable import point_tables
from baogong.people import access
from baogong.places.models import Building
from baogong.places.queries import NoSubdistrict, building_by_poster, remember_subdistrict
from baogong.supply.models import SupplyListItem
from baogong.web.once import SeeOther

BUILDING = "building"  # where a session keeps the code of the building whose poster was scanned
MOST_LINES = 80  # of goods; more would not fit into one answer of 14 KB, and a longer list has its own page


@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """Turns, open rounds, the supply list and whom to ring, for anybody. The poster's secret (`k`) is remembered."""
    code = code.rstrip("/")
    secret = request.GET.get("k", "")
    building = building_by_poster(code, secret) if secret else None
    if building:
        remember(request, building)
    else:
        meant = meant_here(request, code)
        if len(meant) != 1:
            return unknown_building(request, code, meant)
        [building] = meant
        if building.code != code:
            return SeeOther(reverse("home:poster", args=[building.code]))
    at_the_door = request.session.get(BUILDING) == building.code
    return render(request, "home/poster.html", page_of(building, now(), at_the_door=at_the_door))


def remember(request: HttpRequest, building: Building) -> None:
    """This browser stands at that building's door: where it signs in, and what the first page shows."""
    remember_subdistrict(request, building.subdistrict_id)
    if request.session.get(BUILDING) != building.code:
        request.session[BUILDING] = building.code


def meant_here(request: HttpRequest, code: str) -> list[Building]:
    """What a typed code can mean in the subdistrict that the reader is known to be in."""
    try:
        return buildings_meant(access.subdistrict_of(request), code)
    except NoSubdistrict:
        return []


def unknown_building(request: HttpRequest, typed: str, meant: Sequence[Building]) -> HttpResponse:
    """The entry again, with what was typed and, where a name fits several buildings, these to choose from."""
    context = {"typed": typed, "meant": meant, "unknown": not meant}
    return render(request, "home/entry.html", context, status=200 if meant else 404)


@require_safe
def find_building(request: HttpRequest) -> HttpResponse:
    """The entry's form: leads to the building's page, or back with what was wrong."""
    typed = request.GET.get("code", "").strip()[:80]
    if not typed:
        return SeeOther(reverse("home:index"))
    meant = meant_here(request, typed)
    if len(meant) == 1:
        return SeeOther(reverse("home:poster", args=[meant[0].code]))
    return unknown_building(request, typed, meant)


@require_safe
def entry(request: HttpRequest) -> HttpResponse:
    """`/` for a stranger: to the building by its code, signing in, whom to ring."""
    code = request.session.get(BUILDING, "") if request.COOKIES else ""
    meant = meant_here(request, code) if code else []
    return render(request, "home/entry.html", {"building": meant[0] if len(meant) == 1 else None})


# ---------------------------------------------------------------- what the page shows


@dataclass(frozen=True, slots=True)
class RoundGoods:
    """An open round with the first of its offers; `more` stand on its own page."""

    round: Round
    offers: list[RoundOffer]
    more: int


def page_of(building: Building, at: datetime, *, at_the_door: bool) -> dict[str, object]:
    """A worker's name and number are for those who have stood before the poster, not for who tries codes."""
    rounds = rounds_shown(building.subdistrict_id, at)
    in_rounds = {offer.offer_id for goods in rounds for offer in goods.offers}
    room = MOST_LINES - sum(len(goods.offers) for goods in rounds)
    items, more = list_shown(building.subdistrict_id, in_rounds, room)
    return {
        "building": building,
        "tables": point_tables(queries.turns_around(building, at), building.pk, at),
        "rounds": rounds,
        "next": None if rounds else next_round(building.subdistrict_id, at),
        "items": items,
        "more_items": more,
        "helper": queries.helper_of(building) if at_the_door else None,
    }


def rounds_shown(subdistrict_id: UUID, at: datetime) -> list[RoundGoods]:
    """Each open round with its share of the lines that there is room for; two queries."""
    rounds = queries.open_rounds(subdistrict_id, at)
    offers = offers_of_rounds(rounds)
    share = MOST_LINES // max(1, len(rounds))
    return [RoundGoods(buy, offers[buy.pk][:share], max(0, len(offers[buy.pk]) - share)) for buy in rounds]


def list_shown(subdistrict_id: UUID, in_rounds: set[UUID], room: int) -> tuple[list[SupplyListItem], int]:
    """The newest published list without what a round above shows already, and how many lines are left out."""
    items = [item for item in queries.list_items(subdistrict_id) if item.offer_id not in in_rounds]
    shown = max(0, room)
    return items[:shown], max(0, len(items) - shown)
