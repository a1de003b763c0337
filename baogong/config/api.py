"""The JSON door: one NinjaAPI, its sign-in, its errors, and an Idempotency-Key on every change."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.utils import check_csrf

from baogong.common.actors import Actor
from baogong.common.api import StrictParser, problem
from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.common.idempotency import Answer, once, once_apart
from baogong.people import access

log = logging.getLogger(__name__)
PREFIX = "/api/v1/"
SOLVES = {f"{PREFIX}plans"}  # a solver thinks first: nobody else may have to wait for it
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def signed_in(request: HttpRequest) -> Actor | None:
    """The actor of a bearer token (programs) or of a session with its CSRF token (pages); None for strangers."""
    if not hasattr(request, "actor"):
        request.actor = _authenticate(request)  # type: ignore[attr-defined]
    return request.actor  # type: ignore[attr-defined]


def _authenticate(request: HttpRequest) -> Actor | None:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        account = access.account_for_token(token.strip()) if scheme.lower() == "bearer" else None
        return access.actor_of_account(account) if account else None
    if not request.user.is_authenticated:
        return None
    if request.method in UNSAFE and check_csrf(request):
        return None
    return access.actor_of(request)


api = NinjaAPI(
    title="Baogong 保供",
    version="1",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=signed_in,
    parser=StrictParser(),
    urls_namespace="api",
)


@api.exception_handler(RuleBroken)
def rule_broken(request: HttpRequest, refusal: RuleBroken) -> HttpResponse:
    return problem(refusal.status, refusal.code, str(refusal), refusal.facts)


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(401, "not_signed_in", _("Sign in, or send a bearer token"))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which fields are wrong and why; what was sent is not repeated."""
    errors = [{"field": ".".join(map(str, e["loc"])), "reason": e["msg"], "kind": e["type"]} for e in error.errors]
    return problem(422, "bad_input", _("Some fields cannot be understood"), {"errors": errors})


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "bad_request", str(error))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "not_found", _("There is no such record"))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "too_large", _("The body is larger than 1 MB"))


@api.exception_handler(Exception)
def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("unexpected error at %s", request.path, exc_info=error)
    if isinstance(error, OperationalError):
        return problem(503, "busy", _("The database is busy; try again in a moment"), {"retry_after_s": 3})
    return problem(500, "server_error", _("Something went wrong here; nothing was changed"))


class IdempotencyMiddleware:
    """Every change through the JSON door needs an Idempotency-Key and has one effect (law 8)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in UNSAFE or not request.path.startswith(PREFIX):
            return self.get_response(request)
        actor = signed_in(request)
        if actor is None:
            return not_signed_in(request, AuthenticationError())
        try:
            body = hashlib.sha256(request.get_full_path().encode()).digest() + request.body
            answer = (once_apart if request.path in SOLVES else once)(
                actor,
                f"{request.method} {request.path}",
                request.headers.get("Idempotency-Key", ""),
                body,
                lambda: self._answer(request),
                now=now(),
            )
        except RuleBroken as refusal:
            return rule_broken(request, refusal)
        except RequestDataTooBig as error:
            return too_large(request, error)
        return _response(answer)

    def _answer(self, request: HttpRequest) -> Answer:
        response = self.get_response(request)
        headers = {name: response[name] for name in ("Content-Type", "Location", "Retry-After") if name in response}
        return Answer(response.status_code, response.content, headers)


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def add_routers() -> None:
    """Each context's operations; called once, by urls.py."""
    from baogong.distribution.api import router as distribution
    from baogong.distribution.points_api import router as points
    from baogong.groupbuy.api import router as groupbuy
    from baogong.groupbuy.desk_api import router as desk
    from baogong.home.api import router as figures
    from baogong.supply.api import router as supply

    api.add_router("", groupbuy)
    api.add_router("", desk)
    api.add_router("", supply)
    api.add_router("", distribution)
    api.add_router("", points)
    api.add_router("", figures)


@csrf_exempt  # nothing is done there, and a program has no token
def unknown_path(request: HttpRequest, rest: str = "") -> Any:
    """Below /api/ also a wrong address is answered as a problem."""
    if signed_in(request) is None:
        return not_signed_in(request, AuthenticationError())
    return problem(404, "not_found", _("There is no such operation"))
