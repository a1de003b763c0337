"""The task force's desk: rounds from draft to settlement, and their money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.groupbuy import books, desk, queries, services
from baogong.groupbuy.desk_forms import PaymentForm, PayoutForm, ReasonForm, RoundForm
from baogong.groupbuy.models import Order, Round
from baogong.people import access
from baogong.supply.models import Offer
from baogong.web.once import once
from baogong.web.words import fen

A_PAGE = 30


def desk_actor(request: HttpRequest, operation: str = "groupbuy.manage_rounds") -> Actor:
    actor = access.actor_of(request)
    access.require(actor, operation)
    return actor


def desk_round_of(actor: Actor, round_id: UUID) -> Round:
    found: Round | None = Round.objects.within(actor.subdistrict_id).filter(pk=round_id).first()
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round with how far it is; the newest first."""
    actor = desk_actor(request, "groupbuy.see_rounds")
    page = Paginator(desk.rounds_with_counts(actor.subdistrict_id), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_manage": access.may(actor, "groupbuy.manage_rounds")}
    return render(request, "groupbuy/desk_rounds.html", context)


@require_http_methods(["GET", "POST"])
def new_round(request: HttpRequest) -> HttpResponse:
    """Write a draft; it takes orders only when it is opened."""
    actor, at = desk_actor(request), now()
    offers = Offer.objects.within(actor.subdistrict_id).filter(withdrawn_at=None).select_related("supplier")
    form = RoundForm(list(offers.order_by("category", "name", "sku")), request.POST or None, at=at)
    if request.method == "POST" and form.is_valid():

        def create() -> str:
            created = services.create_round(form.draft(), actor=actor, now=at)
            messages.success(
                request, _("Round %(code)s is a draft. Open it when it is right.") % {"code": created.code}
            )
            return reverse("groupbuy:desk_round", args=[created.pk])

        try:
            return once(request, actor, create, now=at)
        except RuleBroken as refusal:
            field = str(refusal.facts.get("field", ""))
            form.add_error(field if field in form.fields else None, str(refusal))
    return render(request, "groupbuy/desk_new_round.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def round_page(request: HttpRequest, id: UUID) -> HttpResponse:
    """One round: what was ordered, what came, whose money is still open, and what can be done next."""
    actor = desk_actor(request, "groupbuy.see_rounds")
    return show_round(request, actor, desk_round_of(actor, id))


def show_round(
    request: HttpRequest, actor: Actor, buy: Round, *, failed: tuple[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    may_manage = access.may(actor, "groupbuy.manage_rounds")
    context: dict[str, Any] = {
        "round": buy,
        "totals": queries.round_totals(buy),
        "statement": books.round_statement(buy),
        "purchases": desk.purchases_of(buy),
        "steps": desk.steps_of(buy),
        "may_manage": may_manage,
        "deeds": [(name, deed, _form_of(name, deed, failed)) for name, deed in DEEDS.items() if deed.fits(buy)]
        if may_manage
        else [],
        "open_orders": books.open_balances(buy)[:A_PAGE] if buy.closed_at and not buy.settled_at else [],
    }
    return render(request, "groupbuy/desk_round.html", context, status=status)


def _form_of(name: str, deed: Deed, failed: tuple[str, Form] | None) -> Form | None:
    if failed and failed[0] == name:
        return failed[1]
    return deed.form(auto_id=f"{name}_%s") if deed.form else None


# ---------------------------------------------------------------- what can be done with a round


@dataclass(frozen=True, slots=True)
class Deed:
    """One button of the round's page: in which states it fits, what it asks for, and the service behind it."""

    label: Any
    states: frozenset[str]
    act: Callable[[Round, dict[str, Any], Actor, datetime], str]
    form: type[Form] | None = None
    confirm: Any = ""
    final: bool = False  # cannot be undone
    when: Callable[[Round], bool] = lambda buy: True

    def fits(self, buy: Round) -> bool:
        return buy.state in self.states and self.when(buy)


def _open(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.open_round(buy.pk, actor=actor, now=at)
    return _("The round is open; households can order.")


def _schedule(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.schedule_round(buy.pk, actor=actor, now=at)
    return _("The round opens by itself at its time.")


def _cancel(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.cancel_round(buy.pk, actor=actor, now=at)
    return _("The round is called off; everybody is told.")


def _close(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.close_round(buy.pk, actor=actor, now=at)
    return _order(buy, said, actor, at)


def _order(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    buy.refresh_from_db()
    if buy.state == Round.State.FAILED:
        return _("Too few households ordered: the round failed, everybody is refunded and told.")
    raised = services.raise_purchase_orders(buy.pk, actor=actor, now=at)
    return _("Closed; %(count)s purchase orders are raised.") % {"count": len(raised)}


def _refund(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    paid = services.pay_refunds(buy.pk, said["way"], said["reference"], actor=actor, now=at)
    return _("%(sum)s paid back to %(count)s orders.") % {
        "sum": fen(sum(t.amount_fen for t in paid)),
        "count": len(paid),
    }


def _pay_suppliers(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    paid = services.pay_suppliers(buy.pk, said["way"], said["reference"], actor=actor, now=at)
    return _("%(sum)s paid to %(count)s suppliers.") % {"sum": fen(sum(t.amount_fen for t in paid)), "count": len(paid)}


def _write_off(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    rows = services.write_off(buy.pk, said["reason"], actor=actor, now=at)
    return _("%(sum)s are carried by the subdistrict.") % {"sum": fen(sum(row.amount_fen for row in rows))}


def _settle(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.settle_round(buy.pk, actor=actor, now=at)
    return _("The round is settled; nobody owes anybody anything.")


S = Round.State
AFTER_ORDERING = frozenset({S.ORDERED, S.IN_TRANSIT, S.RECEIVED, S.STANDING, S.SORTING, S.HANDING_OUT})
WITH_MONEY = AFTER_ORDERING | {S.OPEN, S.FAILED, S.CANCELLED}

DEEDS: dict[str, Deed] = {
    "opening": Deed(gettext_lazy("Open now"), frozenset({S.DRAFT, S.APPROVED}), _open),
    "schedule": Deed(gettext_lazy("Open by itself at its time"), frozenset({S.DRAFT}), _schedule),
    "closing": Deed(
        gettext_lazy("Close now and order"), frozenset({S.OPEN}), _close,
        confirm=gettext_lazy("Nobody can order any more, and the suppliers get their orders."), final=True,
    ),
    "ordering": Deed(gettext_lazy("Order from the suppliers"), frozenset({S.FORMED}), _order),
    "cancellation": Deed(
        gettext_lazy("Call the round off"), frozenset({S.DRAFT, S.APPROVED, S.OPEN}), _cancel,
        confirm=gettext_lazy("All orders are cancelled and refunded, and everybody is told."), final=True,
    ),
    "refunds": Deed(gettext_lazy("Note refunds as paid"), WITH_MONEY, _refund, form=PayoutForm),
    "supplier-payment": Deed(gettext_lazy("Note suppliers as paid"), AFTER_ORDERING, _pay_suppliers, form=PayoutForm),
    "write-off": Deed(
        gettext_lazy("Carry what cannot be collected"), AFTER_ORDERING, _write_off, form=ReasonForm, final=True,
    ),
    "settlement": Deed(gettext_lazy("Settle the round"), frozenset({S.HANDING_OUT, S.FAILED, S.SORTING}), _settle),
}  # fmt: skip


@require_POST
def deed(request: HttpRequest, id: UUID, name: str) -> HttpResponse:
    """Do one of them; a refusal is shown on the round's page and changes nothing."""
    actor, at = desk_actor(request), now()
    buy, wanted = desk_round_of(actor, id), DEEDS.get(name)
    if wanted is None:
        raise NotFound
    form = wanted.form(request.POST, auto_id=f"{name}_%s") if wanted.form else Form(request.POST)
    if form.is_valid():

        def act() -> str:
            messages.success(request, wanted.act(buy, form.cleaned_data, actor, at))
            return reverse("groupbuy:desk_round", args=[buy.pk])

        try:
            return once(request, actor, act, now=at)
        except RuleBroken as refusal:
            if wanted.form is None:
                messages.error(request, str(refusal))
            else:
                form.add_error(None, str(refusal))
    return show_round(request, actor, desk_round_of(actor, id), failed=(name, form), status=422)


# ---------------------------------------------------------------- money of single orders


@require_http_methods(["GET", "POST"])
def payments(request: HttpRequest) -> HttpResponse:
    """Take down that an order was paid, by transfer or in cash."""
    actor, at = desk_actor(request, "groupbuy.record_payment"), now()
    form = PaymentForm(request.POST or None, initial={"order": request.GET.get("order", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def pay() -> str:
            order = _order_by_code(actor, said["order"])
            done = services.record_payment(
                order.pk, said["amount"], said["way"], said["receipt_number"], said["reference"], actor=actor, now=at
            )
            facts = {"sum": fen(done.amount_fen), "code": order.code}
            messages.success(request, _("%(sum)s noted for order %(code)s.") % facts)
            return reverse("groupbuy:desk_payments")

        try:
            return once(request, actor, pay, now=at)
        except RuleBroken as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "recent": desk.recent_payments(actor)}
    return render(request, "groupbuy/desk_payments.html", context, status=422 if form.errors else 200)


def _order_by_code(actor: Actor, code: str) -> Order:
    found: Order | None = queries.orders_for(actor).filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound(_("There is no order %(code)s among those you look after.") % {"code": code})
    return found
