"""First pages of the offices, and of those whose own pages are still to come."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.home import offices
from baogong.home.context import parts_for
from baogong.people import access
from baogong.people.roles import Role


def command_post(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = now()
    context = {
        "figures": offices.places_figures(actor.subdistrict_id),
        "rounds": offices.rounds_now(actor.subdistrict_id),
        "plans": offices.plans_around(actor.subdistrict_id, at),
        "messages_open": offices.messages_open(actor.subdistrict_id),
        "at": at,
    }
    return render(request, "home/command_post.html", context)


def administrator(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"figures": offices.places_figures(actor.subdistrict_id)}
    return render(request, "home/administrator.html", context)


def plain(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Says which pages are the reader's."""
    context = {
        "role": Role(actor.role).label,
        "parts": parts_for(request)[1:],
        "may_search": access.may(actor, "people.search"),
    }
    return render(request, "home/plain.html", context)


@require_GET
def laws(request: HttpRequest) -> HttpResponse:
    """The laws, and with `prove` whether they hold on everything that is stored now."""
    actor = access.actor_of(request)
    access.require(actor, "common.check_laws")
    at = now()
    proofs = offices.prove_laws(actor.subdistrict_id) if "prove" in request.GET else None
    context = {"proofs": proofs, "laws": offices.LAWS, "at": at, "shown": offices.SHOWN}
    return render(request, "home/laws.html", context)


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Every number of the domain that is in force, with its source."""
    actor = access.actor_of(request)
    access.require(actor, "common.see_figures")
    return render(request, "home/figures.html", {"lines": offices.figures_in_force(actor.subdistrict_id)})
