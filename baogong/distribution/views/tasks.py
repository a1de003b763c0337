"""Volunteers and building workers: on duty or off, which task to take, which door next, who comes to the desk now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.distribution import queries, services, task_view
from baogong.distribution.forms import CodeForm
from baogong.distribution.models import Task
from baogong.distribution.refusals import TaskTaken
from baogong.distribution.views.absences import absences
from baogong.people import access
from baogong.people.roles import BUILDING_WORKERS
from baogong.people.services import set_volunteer_duty
from baogong.web.once import SeeOther, once

A_PAGE = 30


def carrier(request: HttpRequest) -> Actor:
    """Whoever asks, if the role hands goods over. Raises NotAllowed."""
    actor = access.actor_of(request)
    access.require(actor, queries.HAND_OVER)
    return actor


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """One's own tasks, those that can be taken, and what was done in the last hours."""
    actor, at = carrier(request), now()
    volunteer = task_view.volunteer_of(actor)
    takes = volunteer is None or volunteer.on_duty
    free = task_view.free_tasks(actor) if takes else task_view.no_tasks()
    page = Paginator(free.select_related(*task_view.WITH_PLACES), A_PAGE).get_page(request.GET.get("page"))
    mine = actor.subdistrict_id
    context = {
        "volunteer": volunteer,
        "takes": takes,
        "own": task_view.task_lines(queries.my_tasks(actor), mine),
        "page": page,
        "free": task_view.task_lines(list(page), mine),
        "done": task_view.task_lines(task_view.done_tasks(actor, at), mine),
    }
    return render(request, "distribution/tasks.html", context)


@require_POST
def duty(request: HttpRequest) -> HttpResponse:
    """A volunteer goes on duty or off."""
    actor, at = carrier(request), now()
    volunteer = task_view.volunteer_of(actor)
    if volunteer is None:
        raise NotFound(_("This account is not a volunteer's."))
    on = request.POST.get("on") == "1"

    def switch() -> str:
        set_volunteer_duty(volunteer, on, actor=actor, now=at)
        messages.success(request, _("You are on duty.") if on else _("You are off duty. Thank you, have a good rest."))
        return reverse("distribution:tasks")

    return once(request, actor, switch, now=at)


# ---------------------------------------------------------------- one task


@require_GET
def task(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = carrier(request)
    return show_task(request, actor, task_view.task_here(actor, id, now()))


def show_task(
    request: HttpRequest, actor: Actor, found: Task, *, form: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    """A trip to the doors, or a desk; `form` holds a code that led nowhere."""
    mine = found.volunteer_id == actor.account_id
    context: dict[str, Any] = {
        "task": found,
        "mine": mine,
        "line": task_view.task_lines([found], found.subdistrict_id)[0],
        "form": form or CodeForm(),
        "to_fetch": task_view.bags_at_sorting_place(found) if mine and found.state == "accepted" else 0,
    }
    if found.kind == Task.Kind.DESK:
        context |= _desk(request, actor, found)
        return render(request, "distribution/task_desk.html", context, status=status)
    context |= _trip(request, actor, found)
    return render(request, "distribution/task_door.html", context, status=status)


def _shows_doors(actor: Actor, found: Task) -> bool:
    """A volunteer knows the doors for as long as the task lasts; who answers for the building knows them anyway."""
    return found.state == "accepted" or actor.role in BUILDING_WORKERS


def _trip(request: HttpRequest, actor: Actor, found: Task) -> dict[str, Any]:
    doors = task_view.doors_of(actor, found, absences(request)) if _shows_doors(actor, found) else []
    waiting = [door for door in doors if door.waits]
    return {
        "waiting": waiting,
        "over": [door for door in doors if not door.waits],
        "bags_given": sum(door.delivery.bags for door in doors if door.delivery.state == "handed_over"),
        "all_tried": bool(waiting) and all(door.not_met_at for door in waiting),
    }


def _desk(request: HttpRequest, actor: Actor, found: Task) -> dict[str, Any]:
    lines = task_view.turns_of(found)
    place = task_view.turn_now(lines, now(), request.GET.get("turn", ""))
    near = [] if place is None else lines[place : place + 2]
    doors: dict[UUID, list[task_view.Door]] = {}
    if _shows_doors(actor, found):
        doors = task_view.doors_of_turns(actor, [line.turn for line in near], absences(request))
    return {
        "turns": lines,
        "turn": near[0] if near else None,
        "next": near[1] if len(near) > 1 else None,
        "doors": doors.get(near[0].turn.pk, []) if near else [],
        "next_doors": doors.get(near[1].turn.pk, []) if len(near) > 1 else [],
        "at": now(),
    }


# ---------------------------------------------------------------- what can be done with a task


@dataclass(frozen=True, slots=True)
class Deed:
    """A button of the task's page: the service behind it, what is said then, and whether it leads back to the list."""

    act: Callable[..., object]
    told: Any  # a lazy text
    leaves: bool = False


DEEDS: dict[str, Deed] = {
    "acceptance": Deed(services.accept_task, gettext_lazy("The task is yours.")),
    "departure": Deed(services.start_carrying, gettext_lazy("The bags are with you now.")),
    "completion": Deed(services.finish_task, gettext_lazy("Done. Thank you."), leaves=True),
    "hand-back": Deed(services.hand_back_task, gettext_lazy("The task is free again for somebody else."), leaves=True),
}


@require_POST
def deed(request: HttpRequest, id: UUID, name: str) -> HttpResponse:
    """Do one of them; a refusal is said and changes nothing."""
    actor, at = carrier(request), now()
    wanted = DEEDS.get(name)
    if wanted is None:
        raise NotFound
    found = task_view.task_here(actor, id, at)
    try:
        return once(request, actor, lambda: _done(request, wanted, found, actor, at), now=at)
    except TaskTaken as refusal:  # from now on it looks as if it were not there
        messages.error(request, str(refusal))
        return SeeOther(reverse("distribution:tasks"))
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return show_task(request, actor, task_view.task_here(actor, id, at), status=422)


def _done(request: HttpRequest, wanted: Deed, found: Task, actor: Actor, at: datetime) -> str:
    wanted.act(found.pk, actor=actor, now=at)
    messages.success(request, str(wanted.told))
    return reverse("distribution:tasks") if wanted.leaves else reverse("distribution:task", args=[found.pk])
