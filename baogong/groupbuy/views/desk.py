"""The task force's desk: rounds from draft to settlement, what waits, and whose money is still open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.common.figures import whole
from baogong.groupbuy import desk, queries, services
from baogong.groupbuy.desk_deeds import DEEDS, Deed, Scene, scene_of
from baogong.groupbuy.desk_forms import DeedForm, RoundForm
from baogong.groupbuy.desk_waiting import waiting
from baogong.groupbuy.models import Round
from baogong.people import access
from baogong.supply.models import Offer
from baogong.web.once import once
from baogong.web.words import fen

ROUNDS_A_PAGE, A_PAGE, FEW = 15, 30, 8


def desk_actor(request: HttpRequest, operation: str = "groupbuy.manage_rounds") -> Actor:
    actor = access.actor_of(request)
    access.require(actor, operation)
    return actor


def desk_round_of(actor: Actor, round_id: UUID) -> Round:
    found: Round | None = Round.objects.within(actor.subdistrict_id).filter(pk=round_id).first()
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """What waits, and every round with how far it is; the newest first."""
    actor, at = desk_actor(request, "groupbuy.see_rounds"), now()
    found = Round.objects.within(actor.subdistrict_id).order_by("-created_at", "-pk")
    page = Paginator(found, ROUNDS_A_PAGE).get_page(request.GET.get("page"))
    may_manage = access.may(actor, "groupbuy.manage_rounds")
    context = {
        "page": page,
        "lines": desk.round_lines(list(page)),
        "may_manage": may_manage,
        "waiting": waiting(actor.subdistrict_id, at) if may_manage else [],
    }
    return render(request, "groupbuy/desk_rounds.html", context)


@require_http_methods(["GET", "POST"])
def new_round(request: HttpRequest) -> HttpResponse:
    """Write a draft; it takes orders only when it is opened."""
    actor, at = desk_actor(request), now()
    offers = Offer.objects.within(actor.subdistrict_id).filter(withdrawn_at=None).select_related("supplier")
    sent = request.POST if request.method == "POST" else None
    hour = whole("rounds.cut_off_hour", actor.subdistrict_id)
    form = RoundForm(list(offers.order_by("category", "name", "sku")), sent, at=at, cut_off_hour=hour)
    if form.is_valid():

        def create() -> str:
            created = services.create_round(form.draft(), actor=actor, now=at)
            said = _("Round %(code)s is a draft. Open it when it is right.") % {"code": created.code}
            messages.success(request, said)
            return reverse("groupbuy:desk_round", args=[created.pk])

        try:
            return once(request, actor, create, now=at)
        except RuleBroken as refusal:
            form.refuse(refusal)
    return render(request, "groupbuy/desk_new_round.html", {"form": form}, status=422 if form.errors else 200)


# ---------------------------------------------------------------- one round


@require_GET
def round_page(request: HttpRequest, id: UUID) -> HttpResponse:
    """One round: what was ordered, what came, whose money is still open, and what can be done next."""
    actor = desk_actor(request, "groupbuy.see_rounds")
    return show_round(request, actor, desk_round_of(actor, id))


def show_round(
    request: HttpRequest, actor: Actor, buy: Round, *, failed: tuple[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    scene, totals = scene_of(buy), queries.round_totals(buy)
    may_manage = access.may(actor, "groupbuy.manage_rounds")
    open_ids = list(desk.open_order_ids(buy)[: FEW + 1]) if may_manage and buy.closed_at else []
    context: dict[str, Any] = {
        "round": buy,
        "totals": totals,
        "statement": scene.statement,
        "figures": figures_of(scene, totals),
        "purchases": desk.purchases_of(buy),
        "steps": desk.steps_of(buy),
        "may_manage": may_manage,
        "may_see_orders": access.may(actor, "supply.see_purchase_orders"),
        "is_public": buy.state not in queries.NOT_PUBLIC and bool(buy.opened_at or buy.state != Round.State.CANCELLED),
        "deeds": deeds_of(scene, failed) if may_manage else [],
        "open_orders": desk.balances_in(buy, open_ids[:FEW]) if open_ids else [],
        "more_open": len(open_ids) > FEW,
    }
    return render(request, "groupbuy/desk_round.html", context, status=status)


def figures_of(scene: Scene, totals: queries.RoundTotals) -> list[tuple[str, object, str]]:
    """(label, value, small) for the row of figures under the plate."""
    least = scene.buy.minimum_households
    needed = _("/ %(least)s needed") % {"least": least} if least else ""
    return [
        (_("Households that ordered"), totals.households, needed),
        (_("Orders"), totals.orders, ""),
        (_("Units ordered"), totals.units, ""),
        (_("Value of the goods"), fen(totals.value_fen), ""),
        (_("Paid so far"), fen(scene.statement.money["paid"]), ""),
    ]


def deeds_of(scene: Scene, failed: tuple[str, Form] | None) -> list[dict[str, Any]]:
    """What can be done now, each with its form and, where it cannot be done yet, why not."""
    found = []
    for name, deed in DEEDS.items():
        if deed.fits(scene):
            form = failed[1] if failed and failed[0] == name else deed.form_for(name, scene)
            found.append({"name": name, "deed": deed, "form": form, "why": deed.why_not(scene)})
    return found


@require_POST
def deed(request: HttpRequest, id: UUID, name: str) -> HttpResponse:
    """Do one of them; a refusal is shown on the round's page and changes nothing."""
    actor, at = desk_actor(request), now()
    buy, wanted = desk_round_of(actor, id), DEEDS.get(name)
    if wanted is None:
        raise NotFound(_("There is nothing like that to do with a round."))
    access.require(actor, wanted.operation)
    form = wanted.form_for(name, scene_of(buy), request.POST) or Form(request.POST)
    if form.is_valid():

        def act() -> str:
            messages.success(request, wanted.act(buy, form.cleaned_data, actor, at))
            return reverse("groupbuy:desk_round", args=[buy.pk])

        try:
            return once(request, actor, act, now=at)
        except RuleBroken as refusal:
            _refuse(request, wanted, form, desk_round_of(actor, id), refusal)
    return show_round(request, actor, desk_round_of(actor, id), failed=(name, form), status=422)


def _refuse(request: HttpRequest, wanted: Deed, form: Form, buy: Round, refusal: RuleBroken) -> None:
    """At the deed's own form, or above the page where the round has moved on and the form is gone."""
    if isinstance(form, DeedForm) and wanted.fits(scene_of(buy)):
        form.refuse(refusal)
    else:
        messages.error(request, str(refusal))


@require_GET
def money(request: HttpRequest, id: UUID) -> HttpResponse:
    """Every order of a round that somebody still has to pay, or to be paid back for."""
    actor = desk_actor(request)
    buy = desk_round_of(actor, id)
    page = Paginator(desk.open_order_ids(buy), A_PAGE).get_page(request.GET.get("page"))
    context = {"round": buy, "page": page, "open_orders": desk.balances_in(buy, list(page))}
    return render(request, "groupbuy/desk_money.html", context)
