"""Money of single orders, taken down at the desk or by whoever looks after the household."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.common.money import yuan
from baogong.groupbuy import desk, queries, services
from baogong.groupbuy.books import OrderBalance
from baogong.groupbuy.desk_forms import PaymentForm
from baogong.groupbuy.models import Order
from baogong.people import access
from baogong.web.once import once
from baogong.web.words import fen


@require_http_methods(["GET", "POST"])
def payments(request: HttpRequest) -> HttpResponse:
    """Take down that an order was paid, by transfer or in cash; `order` in the address says which one."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "groupbuy.record_payment")
    named = _balance_of(actor, request.GET.get("order", ""))
    form = PaymentForm(request.POST if request.method == "POST" else None, initial=_initial(named))
    if form.is_valid():
        try:
            return _pay(request, actor, form, at)
        except RuleBroken as refusal:
            form.refuse(refusal)
    context = {"form": form, "named": named, "recent": desk.recent_payments(actor)}
    return render(request, "groupbuy/desk_payments.html", context, status=422 if form.errors else 200)


def _balance_of(actor: Actor, code: str) -> OrderBalance | None:
    """The books of the order that the address names; None where it names none that the actor looks after."""
    named = queries.orders_for(actor).filter(code=code.strip().upper())
    return next(iter(desk.balances_of(named)), None) if code else None


def _initial(named: OrderBalance | None) -> dict[str, Any]:
    if named is None:
        return {}
    return {"order": named.order.code, "amount": yuan(named.owed) if named.owed else ""}


def _pay(request: HttpRequest, actor: Actor, form: PaymentForm, at: datetime) -> HttpResponse:
    said = form.cleaned_data

    def pay() -> str:
        order = _order_by_code(actor, said["order"])
        done = services.record_payment(
            order.pk, said["amount"], said["way"], said["receipt_number"], said["reference"], actor=actor, now=at
        )
        facts = {"sum": fen(done.amount_fen), "code": order.code}
        messages.success(request, _("%(sum)s noted for order %(code)s.") % facts)
        return reverse("groupbuy:desk_payments")

    return once(request, actor, pay, now=at)


def _order_by_code(actor: Actor, code: str) -> Order:
    found: Order | None = queries.orders_for(actor).filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound(_("There is no order %(code)s among those you look after.") % {"code": code})
    return found
