"""Pages for the tests: a resident's order page of the usual length, and ways into each trouble."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from baogong.web.csp import allow
from baogong.web.errors import error_page

handler400 = "baogong.web.errors.bad_request"
handler403 = "baogong.web.errors.forbidden"
handler404 = "baogong.web.errors.not_found"
handler500 = "baogong.web.errors.server_error"

ORDER_PAGE = (Path(__file__).parent / "order_page.html").read_text("utf-8")

KINDS = (
    "青菜、生菜、土豆、番茄、胡萝卜、黄瓜、洋葱、大米、面粉、菜籽油、"
    "鸡蛋、猪腿肉、鸡腿、纯牛奶、豆腐、奶粉一段、纸尿裤、护理垫"
)


def order_page(request: HttpRequest) -> HttpResponse:
    offers = [
        {
            "sku": f"sku-{n:04d}",
            "name": name,
            "spec": f"{n * 137 % 950} g 一份 · 每户限 2 份 · 剩 {n * 41} 份",
            "fen": n * 731,
        }
        for n, name in enumerate(KINDS.split("、") * 2, start=1)
    ]
    return HttpResponse(engines["django"].from_string(ORDER_PAGE).render({"offers": offers}, request))


DESK_PAGE = """{% extends "base_desk.html" %}{% load parts %}{% block title %}轮次{% endblock %}
{% block plate %}{% plate "第 7 轮" %}{% endblock %}{% block content %}
<form method="post" action="/answer/" hx-post="/answer/" hx-target="#answer">{% button "核价" %}</form>
<div id="answer"></div>{% endblock %}"""


def desk_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(DESK_PAGE).render({"nav": [("/desk/", "轮次", True)]}, request))


def answer(request: HttpRequest) -> HttpResponse:
    """What htmx puts into the page: also when it is a refusal."""
    return HttpResponse('<p class="note late">每户最多 2 份</p>', status=422)


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the database is gone")


def trouble(request: HttpRequest, status: int) -> HttpResponse:
    return error_page(request, status, why="每户最多 2 份，您填了 3 份", retry_after_s=300 if status == 429 else None)


def told(request: HttpRequest) -> HttpResponse:
    messages.success(request, "好了")
    messages.error(request, "<b>没成</b>")
    return order_page(request)


@allow(script="'wasm-unsafe-eval'")
def scanner(request: HttpRequest) -> HttpResponse:
    return HttpResponse("scan")


urlpatterns = [
    path("", include("baogong.web.urls")),
    path("order/", order_page),
    path("desk/", desk_page),
    path("answer/", answer),
    path("denied/", denied),
    path("suspicious/", suspicious),
    path("broken/", broken),
    path("told/", told),
    path("scanner/", scanner),
    path("exempt/", csrf_exempt(order_page)),
    path("trouble/<int:status>/", trouble),
]
