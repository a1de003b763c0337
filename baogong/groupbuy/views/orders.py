"""An order as its household sees it: what is in it, what it costs, where its goods are; changing and cancelling it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.groupbuy import queries, services
from baogong.groupbuy.baskets import BasketForm, has_choice
from baogong.groupbuy.customers import Customer
from baogong.groupbuy.ledger import balance_of
from baogong.groupbuy.models import LedgerAccount, Order, Transfer
from baogong.groupbuy.onbehalf import CashForm
from baogong.groupbuy.refusals import BadLines
from baogong.groupbuy.round_view import RoundView, change_view
from baogong.groupbuy.statements import statement
from baogong.groupbuy.views.residents import show, stepped
from baogong.groupbuy.way import live_lines, stations
from baogong.people import access
from baogong.web.once import once
from baogong.web.words import fen

PAGE = 30
private = cache_control(private=True, no_cache=True)  # asked for anew, and kept by nobody on the way
FIELDS = {"amount": "amount", "receipt_number": "receipt_number"}  # of the cash form, as refusals name them


def reachable_order(request: HttpRequest, id: UUID) -> Order:
    """An order of the reader's household, or of one in the reader's area, with all that belongs to it.

    Raises NotFound, NotAllowed for strangers.
    """
    return queries.whole_order(queries.order_for(access.actor_of(request), id).pk)


def customer_for(request: HttpRequest, order: Order) -> Customer:
    actor = access.actor_of(request)
    on_behalf = not access.may(actor, "groupbuy.order")
    return Customer(actor, order.household, on_behalf, named=on_behalf)


@private
@require_GET
def my_orders(request: HttpRequest) -> HttpResponse:
    """A household's orders, the newest first. Staff see those of the households in their area: all, with `household`
    one household's, with `owed` those that are not paid."""
    actor = access.actor_of(request)
    orders = queries.orders_for(actor)
    others = not access.may(actor, "groupbuy.order")
    household = None
    if others and (ref := request.GET.get("household")):
        household = access.household_for(actor, "people.see_household", ref)
        orders = orders.filter(Q(household=household) | Q(household__merged_into=household))
    if "owed" in request.GET:
        orders = orders.filter(pk__in=unpaid(actor.subdistrict_id))
    page = Paginator(orders.select_related("round", "household").order_by("-placed_at", "-pk"), PAGE)
    context = {"page": page.get_page(request.GET.get("page")), "others": others, "household": household}
    return render(request, "groupbuy/resident_orders.html", context)


def unpaid(subdistrict_id: UUID) -> QuerySet[Any, Any]:
    """Ids of orders of which something is still owed."""
    moved = Transfer.objects.within(subdistrict_id).filter(order__isnull=False).order_by().values("order")
    open_ones = moved.annotate(owed=balance_of(LedgerAccount.OWED)).filter(owed__gt=0)
    return open_ones.values("order")


@private
@require_GET
def order_page(request: HttpRequest, id: UUID) -> HttpResponse:
    return show_order(request, reachable_order(request, id), now())


def show_order(request: HttpRequest, order: Order, at: datetime, cash: CashForm | None = None) -> HttpResponse:
    """`cash` is a form that came back with errors."""
    books = statement(order)
    if cash is None and books.owed_fen and access.request_may(request, "groupbuy.record_payment"):
        cash = CashForm.of(books.owed_fen)
    context = {
        "order": order,
        "lines": live_lines(order) or order.lines.all(),
        "steps": stations(order, at),
        "books": books,
        "cash": cash,
        "can_change": may_change(request, order, at),
        "customer": customer_for(request, order),
    }
    status = 422 if cash and cash.errors else 200
    return render(request, "groupbuy/resident_order.html", context, status=status)


@require_POST
def take_cash(request: HttpRequest, id: UUID) -> HttpResponse:
    """A worker has taken money for an order and written a receipt."""
    at = now()
    order = reachable_order(request, id)
    actor = access.actor_of(request)
    access.require(actor, "groupbuy.record_payment")
    form = CashForm(request.POST)

    def note() -> str:
        amount_fen, receipt = form.cleaned_data["amount"], form.cleaned_data["receipt_number"]
        services.record_payment(order.pk, amount_fen, Transfer.Way.CASH, receipt_number=receipt, actor=actor, now=at)
        messages.success(request, _("%(sum)s noted, receipt %(number)s.") % {"sum": fen(amount_fen), "number": receipt})
        return reverse("groupbuy:order", args=[order.pk])

    if form.is_valid():
        try:
            return once(request, actor, note, now=at)
        except RuleBroken as refusal:
            form.add_error(FIELDS.get(str(refusal.facts.get("field"))), str(refusal))
    return show_order(request, order, at, form)


def may_change(request: HttpRequest, order: Order, at: datetime) -> bool:
    """Whether buttons for changing stand there: the round takes orders and the reader's role may order."""
    role_may = any(access.request_may(request, f"groupbuy.{what}") for what in ("order", "order_for_others"))
    return role_may and order.state != Order.State.CANCELLED and order.round.accepts_orders(at=at)


def changing(request: HttpRequest, id: UUID) -> tuple[Order, Customer]:
    """The order and for whom it is changed. Raises NotAllowed for those who only look."""
    order = reachable_order(request, id)
    customer = customer_for(request, order)
    access.require(customer.actor, "groupbuy.order_for_others" if customer.on_behalf else "groupbuy.order")
    return order, customer


@private
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, id: UUID) -> HttpResponse:
    """The list of the round with this order's numbers in it."""
    at = now()
    order, customer = changing(request, id)
    if request.method != "POST":
        typed = request.GET if has_choice(request.GET) else None
        return show_change(request, change_view(order, customer, at, typed=typed))
    view = change_view(order, customer, at, typed=request.POST)
    if "plus" in request.POST or "minus" in request.POST:
        return stepped(request, view.basket)
    if view.basket.is_valid():
        try:
            return once(request, customer.actor, lambda: set_lines(request, order, view.basket, at), now=at)
        except BadLines as refusal:
            view.basket.refuse(nothing_left(refusal))
        except RuleBroken as refusal:
            view = change_view(reachable_order(request, id), customer, at, typed=request.POST)
            view.basket.refuse(refusal)
    return show_change(request, view, status=422)


def show_change(request: HttpRequest, view: RoundView, status: int = 200) -> HttpResponse:
    return show(request, view, status=status)


def nothing_left(refusal: BadLines) -> RuleBroken:
    """An order is not emptied but cancelled; the page says so."""
    if refusal.code != "no_lines":
        return refusal
    return BadLines(_("Nothing is left in the order. Cancel it, or choose at least one thing."))


def set_lines(request: HttpRequest, order: Order, basket: BasketForm, at: datetime) -> str:
    changed = services.change_order(order.pk, basket.lines(), actor=access.actor_of(request), now=at)
    facts = {"code": changed.code, "count": basket.count, "total": fen(changed.total_fen)}
    messages.success(request, _("Order %(code)s now is: %(count)s kinds, %(total)s.") % facts)
    return reverse("groupbuy:order", args=[order.pk])


@require_POST
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    at = now()
    order, customer = changing(request, id)

    def take_back() -> str:
        services.cancel_order(order.pk, actor=customer.actor, now=at)
        messages.success(request, _("Order %(code)s is cancelled.") % {"code": order.code})
        return reverse("groupbuy:order", args=[order.pk])

    return once(request, customer.actor, take_back, now=at)
