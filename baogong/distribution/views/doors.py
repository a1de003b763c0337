"""One household's bags: found by code, label or door; handed over, not met, or taken back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.distribution import queries, services, task_view
from baogong.distribution.forms import FLAT, HOW, CodeForm, HandOverForm, ReturnForm
from baogong.distribution.models import Delivery, Task
from baogong.distribution.task_view import Door
from baogong.distribution.views.absences import absences, note_absence
from baogong.distribution.views.tasks import carrier, show_task
from baogong.people.addresses import dashed
from baogong.web.once import SeeOther, once
from baogong.web.words import clock, fen, span, when

DIGITS = re.compile(r"\d{1,6}")
LABEL = re.compile(r"D\d{4}-\d+-\d+-\d+", re.IGNORECASE)  # D1125-01-0042-1


# ---------------------------------------------------------------- finding


@require_POST
def find(request: HttpRequest, id: UUID) -> HttpResponse:
    """From what the household says or shows, or a bag carries, to its page; changes nothing."""
    actor = carrier(request)
    task = task_view.task_here(actor, id, now())
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            found = _delivery_with(actor, task, form.cleaned_data["code"])
        except RuleBroken as refusal:
            form.add_error("code", str(refusal))
        else:
            return SeeOther(f"{_address(task, found)}?how={form.cleaned_data['how']}")
    return show_task(request, actor, task, form=form, status=422)


def _delivery_with(actor: Actor, task: Task, code: str) -> Delivery:
    """Raises NotFound or AmbiguousCode with words that lead on."""
    try:
        if DIGITS.fullmatch(code):
            found = queries.delivery_for(actor, plan_id=task.plan_id, pickup_code=code)
        elif LABEL.fullmatch(code):
            found = queries.delivery_for(actor, parcel_code=code)
        else:
            found = queries.delivery_for(actor, secret=code)
    except NotFound as unknown:
        text = _("No bags here have the code %(code)s. Compare it once more, or look for the door in the list.")
        raise NotFound(text % {"code": code}) from unknown
    if not task_view.belongs_to(found, task):
        raise NotFound(_elsewhere(found, task))
    return found


def _elsewhere(found: Delivery, task: Task) -> str:
    """Where the household really gets its bags."""
    if found.plan_id != task.plan_id:
        text = _("These bags belong to plan %(plan)s of %(day)s, not to this one.")
        return text % {"plan": found.plan.code, "day": found.plan.day.isoformat()}
    if found.turn:
        text = _("This household comes to %(point)s, %(time)s.")
        return text % {"point": found.turn.point.name, "time": span(found.turn.starts_at, found.turn.ends_at)}
    return _("These bags are carried to the door of %(door)s.") % {"door": dashed(found.household.code)}


def _address(task: Task, delivery: Delivery) -> str:
    return reverse("distribution:door", args=[task.pk, delivery.pk])


# ---------------------------------------------------------------- handing over


@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, id: UUID, delivery_id: UUID) -> HttpResponse:
    """Whose bags, how many, what is to be paid; POST hands them over. What was handed over before is told."""
    actor, at = carrier(request), now()
    task = task_view.task_here(actor, id, at)
    found = task_view.door_here(actor, task, delivery_id, absences(request))
    how = request.GET.get("how", FLAT)
    form = HandOverForm(request.POST or None, initial={"how": how if (how, how) in HOW else FLAT})
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, actor, lambda: _give(request, task, found, form, actor, at), now=at)
        except RuleBroken as refusal:
            field = {"overpayment": "amount"}.get(refusal.code, str(refusal.facts.get("field", "")))
            form.add_error(field if field in form.fields else None, str(refusal))
            found = task_view.door_here(actor, task, delivery_id, absences(request))
    return _show_door(request, task, found, form=form)


def _give(request: HttpRequest, task: Task, found: Door, form: HandOverForm, actor: Actor, at: datetime) -> str:
    paid, how = form.payment(), form.cleaned_data["how"]
    done = services.hand_over(found.delivery.pk, how=how, payment=paid, actor=actor, now=at)
    if paid:
        messages.success(request, _("%(sum)s in cash noted.") % {"sum": fen(paid.amount_fen)})
    if done.again:
        if not paid:
            messages.warning(request, again_text(done.delivery))
        return _address(task, done.delivery)
    messages.success(request, given_text(found))
    return reverse("distribution:task", args=[task.pk])


def given_text(found: Door) -> str:
    bags = found.delivery.bags
    text = ngettext("%(door)s has its %(bags)s bag.", "%(door)s has its %(bags)s bags.", bags)
    return text % {"door": dashed(found.household.code), "bags": bags}


def again_text(delivery: Delivery) -> str:
    """When and by whom it was handed over first."""
    facts = {"time": when(delivery.handed_over_at), "name": task_view.name_of(delivery.handed_over_by)}
    if not facts["name"]:
        return _("These bags were handed over already, %(time)s. It is not counted again.") % facts
    return _("These bags were handed over already, %(time)s, by %(name)s. It is not counted again.") % facts


def back_text(found: Door) -> str:
    text = _("Bring the bags of %(door)s to the sorting place. The household is told and pays nothing for them.")
    return text % {"door": dashed(found.household.code)}


def _show_door(
    request: HttpRequest, task: Task, found: Door, *, form: Form | None = None, back: Form | None = None
) -> HttpResponse:
    delivery = found.delivery
    wrong = bool((form and form.errors) or (back and back.errors))
    context: dict[str, Any] = {
        "task": task,
        "door": found,
        "delivery": delivery,
        "parcels": task_view.parcels_of(delivery),
        "again": again_text(delivery) if delivery.state == Delivery.State.HANDED_OVER else "",
        "form": form or HandOverForm(initial={"how": FLAT}),
        "return_form": back or ReturnForm(),
    }
    return render(request, "distribution/door.html", context, status=422 if wrong else 200)


# ---------------------------------------------------------------- nobody there


@require_POST
def not_met(request: HttpRequest, id: UUID, delivery_id: UUID) -> HttpResponse:
    """Nobody was there: the bags stay with the volunteer, and the door comes again at the end."""
    actor, at = carrier(request), now()
    task = task_view.task_here(actor, id, at)
    found = task_view.door_here(actor, task, delivery_id, {})
    if found.waits:
        note_absence(request, delivery_id, at)
        text = _("%(door)s, %(time)s: nobody was there. Try once more at the end.")
        messages.warning(request, text % {"door": dashed(found.household.code), "time": clock(at)})
    return SeeOther(reverse("distribution:task", args=[task.pk]))


@require_POST
def take_back(request: HttpRequest, id: UUID, delivery_id: UUID) -> HttpResponse:
    """The bags go back to the sorting place; the household pays nothing for them and is told."""
    actor, at = carrier(request), now()
    task = task_view.task_here(actor, id, at)
    found = task_view.door_here(actor, task, delivery_id, absences(request))
    form = ReturnForm(request.POST)
    if form.is_valid():

        def bring_back() -> str:
            services.return_delivery(delivery_id, form.cleaned_data["reason"], actor=actor, now=at)
            text = _(
                "Bring the bags of %(door)s to the sorting place. The household is told and pays nothing for them."
            )
            messages.success(request, text % {"door": dashed(found.household.code)})
            return reverse("distribution:task", args=[task.pk])

        try:
            return once(request, actor, bring_back, now=at)
        except RuleBroken as refusal:
            form.add_error(None, str(refusal))
            found = task_view.door_here(actor, task, delivery_id, absences(request))
    return _show_door(request, task, found, back=form)
