"""A round as residents meet it: the list with its plus and minus, and ordering from it, for oneself or for others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from baogong.common.clock import now
from baogong.common.errors import NotAllowed, NotFound, RuleBroken
from baogong.groupbuy import queries, services
from baogong.groupbuy.baskets import BasketForm, has_choice
from baogong.groupbuy.customers import Customer, customer_of
from baogong.groupbuy.decision import Wish
from baogong.groupbuy.models import Order, Round, Transfer
from baogong.groupbuy.onbehalf import OnBehalfForm
from baogong.groupbuy.round_view import RoundView, round_view
from baogong.people import access
from baogong.web.once import SeeOther, SentBefore, form_key, once
from baogong.web.words import fen

KEPT = ("household", "source", "receipt_number")  # what else a form holds while plus and minus lead through addresses


@cache_control(private=True, no_cache=True)
@require_http_methods(["GET", "POST"])
def round_page(request: HttpRequest, id: UUID) -> HttpResponse:
    """GET shows what the round offers; POST orders from it, or steps one number up or down."""
    at = now()
    buy = public_round(request, id)
    customer = customer_of(request)
    if request.method != "POST":
        return show(request, round_view(buy, customer, at, typed=request.GET if has_choice(request.GET) else None))
    if customer is None:
        raise NotAllowed(_("Sign in first, then you can order."))
    return take_order(request, buy, customer, at)


def public_round(request: HttpRequest, id: UUID) -> Round:
    """A round that everybody may know of. Raises NotFound."""
    found: Round | None = queries.public_rounds(access.subdistrict_of(request)).filter(pk=id).first()
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


def take_order(request: HttpRequest, buy: Round, customer: Customer, at: datetime) -> HttpResponse:
    view = round_view(buy, customer, at, typed=request.POST)
    if "plus" in request.POST or "minus" in request.POST:
        return stepped(request, view.basket)
    on_behalf = OnBehalfForm(customer, request.POST if customer.on_behalf else None)
    if view.basket.is_valid() and (not customer.on_behalf or on_behalf.is_valid()):
        try:
            return once(
                request, customer.actor, lambda: place(request, buy, customer, view.basket, on_behalf, at), now=at
            )
        except SentBefore:
            return already_ordered(request, buy, customer)
        except RuleBroken as refusal:
            view = round_view(public_round(request, buy.pk), customer, at, typed=request.POST)
            view.basket.refuse(refusal)
    return show(request, view, on_behalf=on_behalf, status=422)


def place(
    request: HttpRequest, buy: Round, customer: Customer, basket: BasketForm, on_behalf: OnBehalfForm, at: datetime
) -> str:
    """Order, and take down cash where a receipt was written for it. Gives the address of the order."""
    wish = Wish(customer.household.pk, order_key(request, customer), basket.lines(), source=on_behalf.chosen_source)
    order = services.place_order(buy.pk, wish, actor=customer.actor, now=at)
    if on_behalf.taken_receipt:
        services.record_payment(
            order.pk,
            order.total_fen,
            Transfer.Way.CASH,
            receipt_number=on_behalf.taken_receipt,
            actor=customer.actor,
            now=at,
        )
    facts = {"code": order.code, "count": basket.count, "total": fen(order.total_fen)}
    messages.success(request, _("Order %(code)s is in: %(count)s kinds, %(total)s.") % facts)
    return reverse("groupbuy:order", args=[order.pk])


def order_key(request: HttpRequest, customer: Customer) -> str:
    return f"page:{customer.actor.account_id}:{form_key(request)}"


def already_ordered(request: HttpRequest, buy: Round, customer: Customer) -> HttpResponse:
    """The form of an order that is in came again with other numbers: lead to the order, where they can be changed."""
    order = Order.objects.within(buy.subdistrict_id).filter(round=buy, key=order_key(request, customer)).first()
    if order is None:
        raise NotFound(_("There is no such order."))
    messages.warning(request, _("This is the order you sent before. Press “Change” to set other numbers."))
    return SeeOther(reverse("groupbuy:order", args=[order.pk]))


def stepped(request: HttpRequest, basket: BasketForm) -> HttpResponse:
    """Without a script plus and minus are buttons: the same page again, with the new number in its address."""
    pressed, chosen = basket.step()
    query = request.GET.copy()
    for name in [name for name in query if name in basket.offers]:
        del query[name]
    for name in KEPT:
        if name in request.POST:
            query[name] = request.POST[name]
    query.update(chosen)
    return SeeOther(f"{request.path}?{query.urlencode()}#id_{pressed}")


def show(
    request: HttpRequest, view: RoundView, *, on_behalf: OnBehalfForm | None = None, status: int = 200
) -> HttpResponse:
    customer = view.customer
    if customer and customer.on_behalf and on_behalf is None and view.changing is None:
        on_behalf = OnBehalfForm(customer, initial=request.GET.dict())
    context: Mapping[str, Any] = {
        "view": view,
        "round": view.round,
        "on_behalf": on_behalf if customer and customer.on_behalf and view.can_choose else None,
        "may_order_for_others": access.request_may(request, "groupbuy.order_for_others"),
    }
    return render(request, "groupbuy/resident_round.html", context, status=status)
