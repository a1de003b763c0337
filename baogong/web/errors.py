"""Pages that say what went wrong and what to do next; the words stand in the templates `400.html` to `503.html`."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from baogong.web.words import age

PAGES = (400, 403, 404, 413, 422, 429, 500, 503)
DEFAULT_UPLOAD_BYTES = 20 * 1024 * 1024


def error_page(
    request: HttpRequest, status: int, *, why: object = "", next_step: object = "", retry_after_s: int | None = None
) -> HttpResponse:
    """The page for `status`. `why` says what was wrong with its numbers, `next_step` what to do instead of the usual.

    Raises ValueError for a status that has no page.
    """
    if status not in PAGES:
        raise ValueError(f"no page for status {status}; one of {PAGES}")
    if retry_after_s and not next_step:
        next_step = _("Try again in %(time)s. Nothing was lost.") % {"time": age(max(60, retry_after_s))}
    response = render(request, f"{status}.html", {"why": why, "next_step": next_step}, status=status)
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return response


def upload_too_large(request: HttpRequest, limit_bytes: int | None = None) -> HttpResponse:
    """413 with the limit in figures."""
    limit: int = limit_bytes or getattr(settings, "UPLOAD_MAX_BYTES", None) or DEFAULT_UPLOAD_BYTES
    return error_page(request, 413, why=_("This page takes files up to %(size)d MB.") % {"size": limit // 1024**2})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that lay open too long, or that came from elsewhere: nothing was changed, and the way back is named."""
    why = _("This form has lain open too long, or cookies are switched off.")
    step = _("Go back, load the page again and send it once more. Nothing was changed.")
    return error_page(request, 403, why=why, next_step=step)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request, database or session: any of them may be what failed."""
    return HttpResponse(render_to_string("500.html"), status=500)
