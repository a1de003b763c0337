"""The points where goods are handed out: seen, changed, closed with a reason, and new ones added."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.common.figures import whole
from baogong.distribution import queries, services
from baogong.distribution.point_forms import NewPointForm, PointForm
from baogong.people import access
from baogong.places.models import Compound, Point
from baogong.places.services import add_point
from baogong.web.once import once

MANAGE = "places.manage_points"


def point_actor(request: HttpRequest) -> Actor:
    actor = access.actor_of(request)
    access.require(actor, MANAGE)
    return actor


def points_url() -> str:
    return reverse("distribution:points")


@require_GET
def points(request: HttpRequest) -> HttpResponse:
    """Every point, compound by compound."""
    actor = point_actor(request)
    return render(request, "distribution/points.html", {"points": queries.points_of(actor.subdistrict_id)})


@require_http_methods(["GET", "POST"])
def point(request: HttpRequest, id: UUID) -> HttpResponse:
    """One point, to be changed."""
    actor, at = point_actor(request), now()
    found: Point | None = queries.points_of(actor.subdistrict_id).filter(pk=id).first()
    if found is None:
        raise NotFound(_("There is no such point"))
    form = PointForm(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _change(request, actor, found, form, at)
        except RuleBroken as refusal:
            form.refuse(refusal)
    context = {"point": found, "form": form, "turns": queries.turns_ahead(found, at)}
    return render(request, "distribution/point.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, actor: Actor, found: Point, form: PointForm, at: datetime) -> HttpResponse:
    def change() -> str:
        done = services.change_point(found.pk, form.facts(), actor=actor, now=at)
        messages.success(request, _("%(point)s is as you have written.") % {"point": done.name})
        return points_url()

    return once(request, actor, change, now=at)


@require_http_methods(["GET", "POST"])
def new_point(request: HttpRequest) -> HttpResponse:
    """One more point, with the figures of the subdistrict filled in."""
    actor, at = point_actor(request), now()
    compounds = Compound.objects.within(actor.subdistrict_id).select_related("community")
    found = list(compounds.order_by("community__name", "name"))
    form = NewPointForm(found, request.POST if request.method == "POST" else None, initial=usual(actor))
    if form.is_valid():
        try:
            return _add(request, actor, {str(each.pk): each for each in found}, form, at)
        except RuleBroken as refusal:
            form.refuse(refusal)
    context = {"form": form, "compounds": found}
    return render(request, "distribution/new_point.html", context, status=422 if form.errors else 200)


def usual(actor: Actor) -> dict[str, Any]:
    """What a new point is like unless somebody says otherwise."""
    mine = actor.subdistrict_id
    return {
        "desks": whole("turns.desks", mine),
        "present_cap": whole("turns.present_cap", mine),
        "opens_at": time(whole("turns.opens_hour", mine)),
        "closes_at": time(whole("turns.closes_hour", mine)),
    }


def _add(
    request: HttpRequest, actor: Actor, compounds: dict[str, Compound], form: NewPointForm, at: datetime
) -> HttpResponse:
    def add() -> str:
        compound = compounds[form.cleaned_data["compound"]]
        done = add_point(compound, form.facts(), actor=actor, now=at)
        messages.success(request, _("%(point)s is a point of %(compound)s now.") % {
            "point": done.name, "compound": compound.name,
        })  # fmt: skip
        return points_url()

    return once(request, actor, add, now=at)
