"""Pages: a refusal that no form shows becomes a page with its words and its status."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from baogong.common.errors import NotAllowed, RuleBroken
from baogong.web.errors import PAGES, error_page


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        known = request.user.is_authenticated or "Authorization" in request.headers
        if known and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"  # what somebody signed in has seen stays in no browser's store
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RuleBroken):
            return None
        if isinstance(error, NotAllowed) and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        status = error.status if error.status in PAGES else 422
        return error_page(request, status, why=str(error), retry_after_s=getattr(error, "retry_after_s", None))
