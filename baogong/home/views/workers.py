"""The first page of a building's worker, and the list of households to be told something."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from baogong.channels import services as channels
from baogong.channels.models import Message
from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound
from baogong.common.ids import is_uuid
from baogong.home import queries, workers
from baogong.people import access
from baogong.people.templatetags.doors import building_number
from baogong.places.models import Building
from baogong.web.once import SeeOther, once

PAGE = 50
FEW = 4


def first_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = now()
    buildings = workers.my_buildings(actor)
    rounds = queries.open_rounds(actor.subdistrict_id, at)
    calls = workers.calls_in(actor)
    context = {
        "buildings": buildings,
        "numbers": numbers_of(buildings),
        "doors": sum(building.doors for building in buildings),
        "calls": workers.with_households(list(calls[: workers.CALLS])),
        "calls_waiting": calls.count(),
        "moments": workers.moments(actor, buildings, rounds, at)[: workers.MOMENTS],
        "round": rounds[0] if rounds else None,
        "phoneless": workers.phoneless(actor, buildings, rounds[0] if rounds else None),
        "debts": workers.unpaid(actor, buildings),
    }
    return render(request, "home/worker.html", context)


def numbers_of(buildings: Sequence[Building]) -> str:
    """`6 7 8`, where the plate can name them all: a few numbered buildings of one compound."""
    numbers = [building_number(building) for building in buildings]
    alone = len({building.compound_id for building in buildings}) == 1
    return " ".join(numbers) if alone and len(numbers) <= FEW and all(numbers) else ""


@cache_control(private=True, no_cache=True)
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Everybody in the area who waits to be told something, the longest waiting first."""
    actor = access.actor_of(request)
    access.require(actor, "channels.see_call_list")
    page = Paginator(workers.calls_in(actor), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "calls": workers.with_households(list(page)), "told": told_id(request)}
    return render(request, "home/calls.html", context)


def told_id(request: HttpRequest) -> str:
    """The call that was just confirmed, for taking it back."""
    told = request.GET.get("told", "")
    return str(UUID(told)) if is_uuid(told) else ""


def reachable_call(actor: Actor, id: UUID) -> Message:
    """Raises NotAllowed, or NotFound for one outside the area and none alike."""
    access.require(actor, "channels.see_call_list")
    buildings = access.buildings_for(actor, "channels.see_call_list")
    messages = Message.objects.within(actor.subdistrict_id).filter(channel=Message.Channel.CALL_LIST)
    found: Message | None = messages.filter(area_id__in=buildings.values("pk"), pk=id).first()
    if found is None:
        raise NotFound(_("There is no such call."))
    return found


@require_POST
def call_made(request: HttpRequest, id: UUID) -> HttpResponse:
    """The household has been told; offered to be taken back on the next page."""
    at, actor = now(), access.actor_of(request)
    message = reachable_call(actor, id)

    def told() -> str:
        channels.confirm_call(message, actor=actor, now=at)
        return f"{reverse('home:calls')}?told={message.pk}"

    return once(request, actor, told, now=at)


@require_POST
def call_not_made(request: HttpRequest, id: UUID) -> HttpResponse:
    """Taken back: it waits on the list again. Sent twice it changes nothing more."""
    at, actor = now(), access.actor_of(request)
    if channels.withdraw_call(reachable_call(actor, id), actor=actor, now=at):
        messages.success(request, _("It stands on the list again."))
    return SeeOther(reverse("home:calls"))
