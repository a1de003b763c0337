"""One box for staff: households, people, phones, buildings, orders; and from a household found to an order for it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.home import queries, workers
from baogong.home.searching import find, too_short
from baogong.people import access

LONGEST = 100


@never_cache
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    actor = access.actor_of(request)
    return answer(request, actor, "home/search.html")


@never_cache
@require_GET
def order_for(request: HttpRequest) -> HttpResponse:
    """Find the household to order for."""
    actor = access.actor_of(request)
    access.require(actor, "groupbuy.order_for_others")
    return answer(request, actor, "home/order_for.html")


def first_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The hotline's: who rings, what they ordered, and ordering for them."""
    return answer(request, actor, "home/operator.html", calls_waiting=workers.calls_in(actor).count())


def answer(request: HttpRequest, actor: Actor, template: str, **more: object) -> HttpResponse:
    """The page with what was found; while somebody types, only the results."""
    query = " ".join(request.GET.get("q", "").split())[:LONGEST]
    may_order = access.may(actor, "groupbuy.order_for_others")
    context = {
        "query": query,
        "found": find(actor, query) if query else None,
        "too_short": too_short(query),
        "may_order": may_order,
        "may_open": access.may(actor, "people.see_household"),
        "rounds": queries.open_rounds(actor.subdistrict_id, now()) if may_order else [],
        **more,
    }
    typing = request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers
    return render(request, "home/_found.html" if typing else template, context)
