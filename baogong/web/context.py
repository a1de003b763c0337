"""What every template knows of its page, as one variable `web`; each part is looked up only when it is used."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import get_language

ELDER_COOKIE = "elder"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def page(request: HttpRequest) -> dict[str, object]:
    return {"web": Page(request)}


class Page:
    """The reader's choices and the state of this installation, as far as a page shows them."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def elder(self) -> bool:
        return self.request.COOKIES.get(ELDER_COOKIE) == "1"

    @cached_property
    def demo(self) -> bool:
        """Whether the database was made by `demo`: then every page says so."""
        ask = _hook("BAOGONG_DEMO")
        return bool(ask and ask())

    @cached_property
    def hotline(self) -> str:
        ask = _hook("BAOGONG_HOTLINE")
        return str(ask(self.request) or "") if ask else ""

    @property
    def insecure(self) -> bool:
        """Served in clear to another machine: passwords and addresses can be read on the way."""
        in_clear = not self.request.is_secure() and host_of(self.request).rsplit(":", 1)[0] not in LOOPBACK
        return in_clear or bool(getattr(settings, "BAOGONG_INSECURE", False))

    @property
    def back(self) -> str:
        """Where a switch of language or size returns to: this page, or the one before when this one answers a form."""
        return self.request.get_full_path() if self.request.method == "GET" else page_before(self.request)


def host_of(request: HttpRequest) -> str:
    """The host that was asked for; empty where it is none of ours, so that the page that says so can be shown."""
    try:
        return request.get_host()
    except DisallowedHost:
        return ""


def page_before(request: HttpRequest) -> str:
    """The path of the page that led here, if it is one of ours; else `/`."""
    referer = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(referer, {host_of(request)}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _hook(setting: str) -> Callable[..., Any] | None:
    """A function that another room supplies, given in the settings as itself or by its dotted path."""
    value = getattr(settings, setting, None)
    return import_string(value) if isinstance(value, str) and value else value or None
