"""Doors that belong to no context: the reader's switches, what browsers fetch by themselves, the page of components."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from baogong.common import clock
from baogong.web import samples
from baogong.web.assets import STATIC
from baogong.web.context import ELDER_COOKIE, Page

YEAR_S = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the switch stood on, if it is one of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if ours else "/")


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure(), httponly=True)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in its cookie; one that we do not speak changes nothing."""
    response = _back(request)
    if (language := request.POST.get("language", "")) in dict(settings.LANGUAGES):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@require_POST
def set_elder(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    if request.POST.get("elder") == "1":
        _remember(request, response, ELDER_COOKIE, "1")
    else:
        response.delete_cookie(ELDER_COOKIE, samesite="Lax")
    return response


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Served at the root, since a worker rules only what lies below its own address."""
    return HttpResponse((STATIC / "worker.js").read_text("utf-8"), content_type="text/javascript; charset=utf-8")


@require_GET
@cache_control(private=True, max_age=24 * 3600)
def manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": _("Baogong"),
            "short_name": _("Baogong"),
            "start_url": "/",
            "display": "minimal-ui",
            "background_color": "#f3f5f2",
            "theme_color": "#233f94",
            "icons": [{"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The one page that the worker keeps; in both languages and without anything of the reader."""
    return render(request, "web/offline.html", {"hotline": Page(request).hotline})


@require_GET
@cache_control(max_age=24 * 3600)
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116. The contact is BAOGONG_SECURITY_CONTACT (mailto:, tel: or https:), else the first page."""
    facts = {
        "contact": getattr(settings, "BAOGONG_SECURITY_CONTACT", "") or request.build_absolute_uri("/"),
        "expires": (clock.start_of_day(clock.now()) + timedelta(days=365)).isoformat(timespec="seconds"),
        "canonical": request.build_absolute_uri(),
    }
    return render(request, "web/security.txt", facts, content_type="text/plain; charset=utf-8")


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component, light beside dark; `?size=` shows them as on a phone, at a desk or in large type."""
    size = request.GET.get("size", "desk")
    size = size if size in samples.SIZES else "desk"
    return render(request, "web/components.html", samples.page(size))
