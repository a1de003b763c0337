"""The desk plans a day, publishes the plan, and watches how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.common.models import IdempotencyKey
from baogong.distribution import plan_view, prints, queries, services
from baogong.distribution.forms import PlanForm
from baogong.distribution.models import Plan
from baogong.distribution.refusals import PlanBreaches
from baogong.people import access
from baogong.people.roles import Role
from baogong.web.once import form_key, once

A_PAGE, TRIPS_A_PAGE = 20, 50


# ---------------------------------------------------------------- all plans


@require_http_methods(["GET", "POST"])
def plans(request: HttpRequest) -> HttpResponse:
    """Goods that wait to be shared out, rounds that wait for a plan, and every plan; POST drafts one."""
    actor, at = access.actor_of(request), now()
    access.require(actor, queries.SEE)
    ready = plan_view.ready_rounds(actor.subdistrict_id)
    form = PlanForm(ready, request.POST or None, at=at)
    if request.method == "POST":
        access.require(actor, "distribution.plan")
        if form.is_valid():
            try:
                return _draft(request, actor, form, at)
            except RuleBroken as refusal:
                field = str(refusal.facts.get("field", ""))
                form.add_error(field if field in form.fields else None, str(refusal))
    return _show_plans(request, actor, form, ready)


def _draft(request: HttpRequest, actor: Actor, form: PlanForm, at: datetime) -> HttpResponse:
    """The solver must not hold the database, so the plan is made before the form's key is taken. Of two that come at
    the same moment, the one that finds the key taken puts its own draft aside.
    """
    made: list[Plan] = []

    def draft() -> str:
        return _address(made[0])

    if not _sent_before(request, actor):
        said = form.cleaned_data
        rounds = [UUID(pk) for pk in said["rounds"]]
        made.append(services.plan_day(rounds, said["day"], seed=said["seed"], actor=actor, now=at))
    answer = once(request, actor, draft, now=at)
    if made and answer["Location"] != _address(made[0]):
        services.withdraw_plan(made[0].pk, actor=actor, now=at)
    return answer


def _sent_before(request: HttpRequest, actor: Actor) -> bool:
    keys = IdempotencyKey.objects.within(actor.subdistrict_id)
    return bool(keys.filter(account_id=actor.account_id, key=form_key(request)).exists())


def _address(plan: Plan) -> str:
    return reverse("distribution:plan", args=[plan.pk])


def _show_plans(request: HttpRequest, actor: Actor, form: PlanForm, ready: list[plan_view.ReadyRound]) -> HttpResponse:
    page = Paginator(queries.plans_of(actor.subdistrict_id), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "arrivals": plan_view.arrivals(actor.subdistrict_id),
        "allocations": plan_view.recent_allocations(actor.subdistrict_id),
        "ready": ready,
        "form": form,
        "page": page,
        "lines": plan_view.plan_lines(list(page), actor.subdistrict_id),
        "may_allocate": access.may(actor, "distribution.allocate"),
        "may_plan": access.may(actor, "distribution.plan"),
        "may_manage_points": access.may(actor, "places.manage_points"),
    }
    return render(request, "distribution/plans.html", context, status=422 if form.errors else 200)


# ---------------------------------------------------------------- one plan


@require_GET
def plan(request: HttpRequest, id: UUID) -> HttpResponse:
    """A plan's turns, trips and papers; with `check`, also what keeps the draft from being published."""
    actor = access.actor_of(request)
    found = queries.plan_for(actor, id)
    faults = plan_view.faults_of(found) if "check" in request.GET and found.state == Plan.State.DRAFT else None
    return _show_plan(request, actor, found, faults=faults)


def _show_plan(
    request: HttpRequest, actor: Actor, found: Plan, *, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    published, sums = found.state == Plan.State.PUBLISHED, plan_view.sums_of(found)
    trips = Paginator(plan_view.door_tasks(found), TRIPS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "plan": found,
        "rounds": plan_view.listed(found.rounds.order_by("code").values_list("name", flat=True)),
        "sums": sums,
        "figures": plan_view.figures_of(sums),
        "tables": plan_view.tables_of(found),
        "quality": plan_view.quality_of(found),
        "trips": trips,
        "desks": list(plan_view.desk_tasks(found)),
        "left_out": plan_view.left_out_of(found),
        "faults": faults,
        "papers": list(prints.PAPERS.items()) if published and access.may(actor, "distribution.print") else [],
        "may_publish": access.may(actor, "distribution.publish"),
        "shows_people": actor.role != Role.VOLUNTEER,
        **(_progress_of(found) if published else {}),
    }
    return render(request, "distribution/plan.html", context, status=status)


@require_GET
def progress(request: HttpRequest, id: UUID) -> HttpResponse:
    """How far a published plan is, building by building: the part of its page that renews itself."""
    found = queries.plan_for(access.actor_of(request), id)
    context = {"plan": found, "sums": plan_view.sums_of(found), **_progress_of(found)}
    return render(request, "distribution/_progress.html", context)


def _progress_of(found: Plan) -> dict[str, Any]:
    return {"buildings": plan_view.progress_by_building(found), "at": now()}


@require_POST
def publish(request: HttpRequest, id: UUID) -> HttpResponse:
    """Make a promise of a draft; what is wrong with it is listed on its page, and nothing has changed."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "distribution.publish")
    found = queries.plan_for(actor, id)

    def make_public() -> str:
        services.publish_plan(found.pk, actor=actor, now=at)
        messages.success(request, _("The plan is published, and everybody in it is told."))
        return _address(found)

    try:
        return once(request, actor, make_public, now=at)
    except PlanBreaches as refusal:
        faults = plan_view.each_once(refusal.facts["breaches"])  # type: ignore[arg-type]
        return _show_plan(request, actor, found, faults=faults, status=422)
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return _show_plan(request, actor, found, status=422)


@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a plan back, or put a draft aside."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "distribution.publish")
    found = queries.plan_for(actor, id)

    def take_back() -> str:
        services.withdraw_plan(found.pk, actor=actor, now=at)
        told = _("The plan is withdrawn; its goods wait for the next one, and everybody in it is told.")
        messages.success(request, told if found.state == Plan.State.PUBLISHED else _("The draft is put aside."))
        return _address(found)

    try:
        return once(request, actor, take_back, now=at)
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return _show_plan(request, actor, found, status=422)
