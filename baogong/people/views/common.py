"""What the views of this room share: a refusal lands in the form that asked, each form has one effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from baogong.common.actors import Actor
from baogong.common.errors import RuleBroken, TooMany
from baogong.people.roles import BUILDING_WORKERS, Role
from baogong.web.forms import Form
from baogong.web.once import once

ON_FOOT = BUILDING_WORKERS | {Role.VOLUNTEER, Role.GUARD, Role.CARE_WORKER, Role.CARRIER}


def put_into(form: Form, refusal: RuleBroken) -> None:
    """Beside the field that the refusal names, else at the top of the form; its facts decide the status."""
    field = str(refusal.facts.get("field", ""))
    form.add_error(field if field in form.fields else None, str(refusal))
    if isinstance(refusal, TooMany):
        form.retry_after_s = refusal.retry_after_s  # type: ignore[attr-defined]


def carry_out(
    request: HttpRequest, form: Form, actor: Actor, change: Callable[[], str], *, now: datetime
) -> HttpResponse | None:
    """Run `change` once and go where it says; None when the form is wrong or refused: then the form says why."""
    if not form.is_valid():
        return None
    try:
        return once(request, actor, change, now=now)
    except RuleBroken as refusal:
        put_into(form, refusal)
        return None


def page(request: HttpRequest, template: str, form: Form | None = None, **context: Any) -> HttpResponse:
    """The page, with the status that its form asks for: 422 with errors, 429 where somebody must wait."""
    retry_after_s = getattr(form, "retry_after_s", None)
    status = 429 if retry_after_s else 422 if form is not None and form.errors else 200
    response = render(request, template, {"form": form, **context}, status=status)
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return response


def base_for(actor: Actor) -> str:
    """The frame of a page that several roles see: residents', for the phone, or for the desk."""
    if actor.role == Role.RESIDENT:
        return "base_resident.html"
    return "base_staff.html" if actor.role in ON_FOOT else "base_desk.html"


def safe_next(request: HttpRequest, parameters: Mapping[str, Any]) -> str:
    """Where to go after signing in: the page that was asked for, if it is one of ours, else `/`."""
    target = str(parameters.get("next", ""))
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else "/"


def address_of(request: HttpRequest) -> str:
    """The network address that the request came from; behind a proxy, what the proxy says."""
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For", "")):
        return forwarded.split(",")[-1].strip()[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
