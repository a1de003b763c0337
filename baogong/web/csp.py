"""The content policy: scripts and styles from this house only, inline ones only if they are exactly ours.

No `unsafe-inline` anywhere. A view that needs more says so with `@allow`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from baogong.web.assets import inline_script, inline_style, policy_hash

HEADER = "Content-Security-Policy"
SELF = "'self'"
# The camera reads household codes; nothing else of the phone is needed.
PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
OTHER_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


@lru_cache(maxsize=1)
def directives() -> dict[str, str]:
    return {
        "default-src": SELF,
        "script-src": f"{SELF} {policy_hash(inline_script())}",
        "style-src": f"{SELF} {policy_hash(inline_style())}",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": SELF,
        "form-action": SELF,
        "frame-ancestors": "'none'",
        # "worker" registers the service worker, "default" lets htmx turn answers into nodes (desk.js); no other exists.
        "require-trusted-types-for": "'script'",
        "trusted-types": "worker default",
    }


@lru_cache(maxsize=32)
def policy(extra: tuple[tuple[str, str], ...] = ()) -> str:
    """The header's text, with the sources of `extra` added to their directives."""
    merged = dict(directives())
    for name, sources in extra:
        merged[name] = f"{merged.get(name, SELF)} {sources}"
    return "; ".join(f"{name} {sources}" for name, sources in merged.items())


def allow(**sources: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Widen the policy for one view: `@allow(script="'wasm-unsafe-eval'")`."""
    extra = tuple((f"{name.replace('_', '-')}-src", text) for name, text in sorted(sources.items()))

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def widened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response[HEADER] = policy(extra)
            return response

        return widened

    return wrap


class ContentSecurityPolicyMiddleware:
    """Puts the policy and its companions on every answer that does not carry its own."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy())
        for name, value in OTHER_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
