"""For every request of a signed-in browser: is the session still good, and which language does its reader speak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from baogong.common import clock
from baogong.people.roles import Role
from baogong.people.sessions import SEEN, STARTED

Answer = Callable[[HttpRequest], HttpResponse]

# how long without a request, how long at all, how often the last request is written down
STAFF_LIFE = (timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=1))
RESIDENT_LIFE = (timedelta(days=7), timedelta(days=30), timedelta(hours=1))


class SessionLifeMiddleware:
    """Ends sessions that are too old, were idle too long, or began before the account was signed out everywhere.

    A deactivated account is not even found (`AccountBackend.get_user`), and grants are read anew for each request, so
    both are in force at once.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_session(request) and request.user.is_authenticated:
            now = clock.now()
            if is_over(request, now=now):
                logout(request)
            else:
                note_seen(request, now=now)
        return self.get_response(request)


def has_session(request: HttpRequest) -> bool:
    """Asked before `request.user`, which would look into the database for strangers too."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _life(session: Any) -> tuple[timedelta, timedelta, timedelta]:
    return RESIDENT_LIFE if session.get("role") == Role.RESIDENT else STAFF_LIFE


def _moment(session: Any, name: str) -> datetime:
    return datetime.fromtimestamp(session.get(name, 0), UTC)


def is_over(request: HttpRequest, *, now: datetime) -> bool:
    if STARTED not in request.session:
        return False
    idle, absolute, _every = _life(request.session)
    started = _moment(request.session, STARTED)
    signed_out_before = request.user.signed_out_before  # type: ignore[union-attr]
    return (
        started + absolute <= now
        or _moment(request.session, SEEN) + idle <= now
        or (signed_out_before is not None and started < signed_out_before)
    )


def note_seen(request: HttpRequest, *, now: datetime) -> None:
    request.session.setdefault(STARTED, now.timestamp())
    every = _life(request.session)[2]
    if _moment(request.session, SEEN) + every <= now:
        request.session[SEEN] = now.timestamp()


class LanguageMiddleware:
    """Language by cookie, else the account's, else what the browser asks for where that is Chinese or English."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        try:
            response = self.get_response(request)
        finally:
            translation.activate(settings.LANGUAGE_CODE)
        response.headers.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    if (chosen := request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)) in known:
        return str(chosen)
    if has_session(request) and request.user.is_authenticated and request.user.language in known:
        return str(request.user.language)
    return accepted_language(request.headers.get("Accept-Language", ""))


def accepted_language(header: str) -> str:
    """The first of Chinese and English in an Accept-Language header, by its weights; Chinese where neither is named."""
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _semicolon, weight = part.strip().partition(";")
        wishes.append((-_weight(weight), position, tag.strip().lower().split("-")[0]))
    for less, _position, tag in sorted(wishes):
        if less and tag in {"zh", "en"}:
            return "en" if tag == "en" else settings.LANGUAGE_CODE
    return settings.LANGUAGE_CODE


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text.strip() else 1.0
    except ValueError:
        return 0.0
