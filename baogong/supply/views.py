"""Pages of supply: the list that everybody reads, suppliers, purchase orders and what came for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from baogong.common.actors import Actor
from baogong.common.clock import local, now
from baogong.common.errors import RuleBroken
from baogong.people import access
from baogong.supply import queries, services
from baogong.supply.forms import PublishForm, ReceiptForm
from baogong.supply.models import PurchaseOrder
from baogong.supply.texts import by_category, list_as_text
from baogong.supply.workbooks import purchase_order_workbook
from baogong.web.once import once

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_PAGE = 50


# ---------------------------------------------------------------- the list


def list_context(request: HttpRequest) -> dict[str, Any]:
    published = queries.current_list(access.subdistrict_of(request))
    groups = by_category(published.items.all()) if published else []
    return {"published": published, "groups": groups}


@require_GET
def supply_list(request: HttpRequest) -> HttpResponse:
    """The list in force, for everybody; also as a text to paste into the building's group."""
    context = list_context(request)
    text = list_as_text(context["published"], context["groups"]) if context["published"] else ""
    return render(request, "supply/list.html", {**context, "text": text})


@require_GET
def print_list(request: HttpRequest) -> HttpResponse:
    return render(request, "supply/print_list.html", list_context(request))


# ---------------------------------------------------------------- suppliers and their goods


@require_http_methods(["GET", "POST"])
def suppliers(request: HttpRequest) -> HttpResponse:
    """Suppliers with what they offer and what keeps an offer from being published; POST publishes the list."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "supply.manage_suppliers")
    offers = queries.offers_with_gaps(actor.subdistrict_id)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        access.require(actor, "supply.publish_list")
        if form.is_valid():
            complete = [offer.pk for offer, gaps in offers if not gaps]
            try:
                return _publish(request, actor, form, complete, at)
            except RuleBroken as refusal:
                form.add_error(None, str(refusal))
    context = {
        "form": form,
        "suppliers": queries.suppliers_with_counts(actor.subdistrict_id),
        "offers": sorted(offers, key=lambda row: not row[1]),
        "incomplete": sum(bool(gaps) for _offer, gaps in offers),
        "published": queries.newest_list(actor.subdistrict_id),
        "may_publish": access.may(actor, "supply.publish_list"),
    }
    return render(request, "supply/suppliers.html", context, status=422 if form.errors else 200)


def _publish(request: HttpRequest, actor: Actor, form: PublishForm, complete: list[UUID], at: datetime) -> HttpResponse:
    def publish() -> str:
        said = form.cleaned_data
        done = services.publish_list(complete if said["complete_only"] else None, said["note"], actor=actor, now=at)
        messages.success(request, _("Supply list no. %(number)s is published.") % {"number": done.number})
        return reverse("supply:list")

    return once(request, actor, publish, now=at)


# ---------------------------------------------------------------- purchase orders


@require_GET
def purchase_orders(request: HttpRequest) -> HttpResponse:
    """All purchase orders, or a supplier's own; the newest first."""
    actor = access.actor_of(request)
    access.require(actor, "supply.see_purchase_orders")
    page = Paginator(queries.purchase_orders_for(actor), A_PAGE).get_page(request.GET.get("page"))
    rows = [(order, goods_fen(order)) for order in page]
    return render(request, "supply/purchase_orders.html", {"page": page, "rows": rows})


def goods_fen(order: PurchaseOrder) -> int:
    """What the ordered goods of a purchase order cost, without its delivery; `lines` are loaded."""
    return sum(line.units * line.price_fen for line in order.lines.all())


@require_http_methods(["GET", "POST"])
def purchase_order(request: HttpRequest, id: UUID) -> HttpResponse:
    """One purchase order: what was asked for, what came; POST takes in a delivery."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "supply.see_purchase_orders")
    order = queries.purchase_order_for(actor, id)
    lines = queries.lines_received(order)
    form = ReceiptForm(lines, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        access.require(actor, "supply.receive_goods")
        if form.is_valid():
            try:
                return _receive(request, actor, order, form, at)
            except RuleBroken as refusal:
                form.refuse(refusal)
    context = {
        "order": order,
        "form": form,
        "goods_fen": goods_fen(order),
        "receipts": queries.receipts_of(order),
        "may_receive": access.may(actor, "supply.receive_goods") and order.closed_at is None,
        "may_allocate": access.may(actor, "distribution.allocate"),
    }
    return render(request, "supply/purchase_order.html", context, status=422 if form.errors else 200)


def _receive(request: HttpRequest, actor: Actor, order: PurchaseOrder, form: ReceiptForm, at: datetime) -> HttpResponse:
    def receive() -> str:
        said = form.cleaned_data
        services.receive_goods(order.pk, form.received(), final=said["final"], note=said["note"], actor=actor, now=at)
        messages.success(request, _("The delivery is written down."))
        return reverse("supply:purchase_order", args=[order.pk])

    return once(request, actor, receive, now=at)


@require_GET
def workbook(request: HttpRequest, id: UUID) -> HttpResponse:
    """The purchase order as a spreadsheet that the supplier can work from."""
    actor = access.actor_of(request)
    access.require(actor, "supply.see_purchase_orders")
    order = queries.purchase_order_for(actor, id)
    response = HttpResponse(purchase_order_workbook(order), content_type=XLSX)
    name = f"{order.code}-{local(now()):%m%d}.xlsx"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
