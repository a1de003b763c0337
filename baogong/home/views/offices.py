"""First pages of the offices, and of those whose own pages are still to come."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.common.figures import FIGURES, set_figure
from baogong.home import offices
from baogong.home.context import parts_for
from baogong.home.figure_forms import FigureForm
from baogong.people import access
from baogong.people.roles import Role
from baogong.web.once import once


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


@require_http_methods(["GET", "POST"])
def figures(request: HttpRequest) -> HttpResponse:
    """Every number of the domain that is in force, with its source; an administrator sets one, `name` says which."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "common.see_figures")
    form = FigureForm(request.POST if request.method == "POST" else None, initial={"name": request.GET.get("name")})
    if request.method == "POST":
        access.require(actor, "common.set_figures")
        if form.is_valid():
            try:
                return _set_figure(request, actor, form, at)
            except RuleBroken as refusal:
                form.refuse(refusal)
    context = {
        "lines": offices.figures_in_force(actor.subdistrict_id),
        "form": form if access.may(actor, "common.set_figures") else None,
    }
    return render(request, "home/figures.html", context, status=422 if form.errors else 200)


def _set_figure(request: HttpRequest, actor: Actor, form: FigureForm, at: datetime) -> HttpResponse:
    def change() -> str:
        said = form.cleaned_data
        done = set_figure(said["name"], said["value"], said["source"], actor=actor, now=at)
        facts = {"title": FIGURES[done.name].title, "value": int(done.value)}
        messages.success(request, _("%(title)s: %(value)s from now on.") % facts)
        return reverse("home:figures")

    return once(request, actor, change, now=at)
