"""Pages of supply: the list that everybody reads, suppliers, purchase orders and what came for them."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from baogong.common.clock import local, now
from baogong.common.errors import RuleBroken
from baogong.people import access
from baogong.supply import queries, services
from baogong.supply.forms import PublishForm, ReceiptForm
from baogong.supply.models import PurchaseOrder, SupplyListItem
from baogong.supply.workbooks import purchase_order_workbook
from baogong.web.once import once

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_PAGE = 50


def by_category(items: list[SupplyListItem]) -> list[tuple[str, list[SupplyListItem]]]:
    """Items of a list under their category, both in the order in which they were published."""
    return [(category, list(group)) for category, group in groupby(items, key=lambda item: item.category)]


@require_GET
def supply_list(request: HttpRequest) -> HttpResponse:
    """The list in force, for everybody; also as a text to paste into the building's group."""
    published = queries.current_list(access.subdistrict_of(request))
    groups = by_category(list(published.items.all())) if published else []
    return render(request, "supply/list.html", {"published": published, "groups": groups})


@require_GET
def print_list(request: HttpRequest) -> HttpResponse:
    published = queries.current_list(access.subdistrict_of(request))
    groups = by_category(list(published.items.all())) if published else []
    return render(request, "supply/print_list.html", {"published": published, "groups": groups})


@require_http_methods(["GET", "POST"])
def suppliers(request: HttpRequest) -> HttpResponse:
    """Suppliers with what they offer and what keeps an offer from being published; POST publishes the list."""
    actor = access.actor_of(request)
    access.require(actor, "supply.manage_suppliers")
    form, at = PublishForm(request.POST or None), now()
    if request.method == "POST":
        access.require(actor, "supply.publish_list")
        if form.is_valid():

            def publish() -> str:
                done = services.publish_list(None, form.cleaned_data["note"], actor=actor, now=at)
                messages.success(request, _("Supply list no. %(number)s is published.") % {"number": done.number})
                return reverse("supply:list")

            try:
                return once(request, actor, publish, now=at)
            except RuleBroken as refusal:
                form.add_error(None, str(refusal))
    offers = queries.offers_with_gaps(actor.subdistrict_id)
    context = {
        "form": form,
        "suppliers": queries.suppliers_with_counts(actor.subdistrict_id),
        "offers": offers,
        "incomplete": sum(bool(gaps) for _offer, gaps in offers),
        "published": queries.newest_list(actor.subdistrict_id),
        "may_publish": access.may(actor, "supply.publish_list"),
    }
    return render(request, "supply/suppliers.html", context, status=422 if form.errors else 200)


@require_GET
def purchase_orders(request: HttpRequest) -> HttpResponse:
    """All purchase orders, or a supplier's own; the newest first."""
    actor = access.actor_of(request)
    access.require(actor, "supply.see_purchase_orders")
    page = Paginator(queries.purchase_orders_for(actor), A_PAGE).get_page(request.GET.get("page"))
    rows = [(order, sum(line.units * line.price_fen for line in order.lines.all())) for order in page]
    return render(request, "supply/purchase_orders.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
def purchase_order(request: HttpRequest, id: UUID) -> HttpResponse:
    """One purchase order: what was asked for, what came; POST takes in a delivery."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "supply.see_purchase_orders")
    order = queries.purchase_order_for(actor, id)
    lines = queries.lines_received(order)
    may_receive = access.may(actor, "supply.receive_goods") and order.closed_at is None
    form = ReceiptForm(lines, request.POST or None)
    if request.method == "POST":
        access.require(actor, "supply.receive_goods")
        if form.is_valid():

            def receive() -> str:
                services.receive_goods(
                    order.pk,
                    form.received(),
                    final=form.cleaned_data["final"],
                    note=form.cleaned_data["note"],
                    actor=actor,
                    now=at,
                )
                messages.success(request, _("The delivery is written down."))
                return reverse("supply:purchase_order", args=[order.pk])

            try:
                return once(request, actor, receive, now=at)
            except RuleBroken as refusal:
                form.add_error(None, str(refusal))
    context = {"order": order, "lines": lines, "form": form, "may_receive": may_receive, **_sums(order)}
    return render(request, "supply/purchase_order.html", context, status=422 if form.errors else 200)


def _sums(order: PurchaseOrder) -> dict[str, object]:
    return {
        "goods_fen": sum(line.units * line.price_fen for line in order.lines.all()),
        "receipts": list(order.receipts.order_by("received_at")),
    }


@require_GET
def workbook(request: HttpRequest, id: UUID) -> HttpResponse:
    """The purchase order as a spreadsheet that the supplier can work from."""
    actor = access.actor_of(request)
    access.require(actor, "supply.see_purchase_orders")
    order = queries.purchase_order_for(actor, id)
    response = HttpResponse(purchase_order_workbook(order), content_type=XLSX)
    name = f"{order.code}-{local(now()):%m%d}.xlsx"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
