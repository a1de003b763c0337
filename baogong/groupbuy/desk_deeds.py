"""The buttons of a round's page: in which states each fits, what it asks for, what keeps it waiting, what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from baogong.common.actors import Actor
from baogong.groupbuy import services
from baogong.groupbuy.books import RoundStatement, round_statement
from baogong.groupbuy.desk_forms import CorrectionForm, DeedForm, PayoutForm, ReasonForm, SupplierPayoutForm
from baogong.groupbuy.ledger import Account
from baogong.groupbuy.models import OrderLine, Round, Transfer
from baogong.groupbuy.services.order_states import ON_THE_WAY
from baogong.web.words import fen

S = Round.State


@dataclass(frozen=True, slots=True)
class Scene:
    """A round with its books, and how many of its lines are not in people's hands yet."""

    buy: Round
    statement: RoundStatement
    on_the_way: int

    def has(self, account: Account) -> bool:
        return bool(self.statement.money[account])


def scene_of(buy: Round) -> Scene:
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy, place__in=ON_THE_WAY)
    return Scene(buy, round_statement(buy), lines.count())


def always(scene: Scene) -> bool:
    return True


def at_once(scene: Scene) -> str:
    return ""


Act = Callable[[Round, dict[str, Any], Actor, datetime], str]


@dataclass(frozen=True, slots=True)
class Deed:
    """One button. `act` gives the sentence that says what was done; `why_not` why it has to wait, or an empty text."""

    label: Any
    states: frozenset[str]
    act: Act
    form: type[DeedForm] | None = None
    confirm: Any = ""
    final: bool = False  # cannot be undone
    operation: str = "groupbuy.manage_rounds"
    due: Callable[[Scene], bool] = always
    why_not: Callable[[Scene], str] = at_once

    def fits(self, scene: Scene) -> bool:
        return scene.buy.state in self.states and self.due(scene)

    def form_for(self, name: str, scene: Scene, sent: QueryDict | None = None) -> DeedForm | None:
        if self.form is None:
            return None
        return self.form(sent, auto_id=f"{name}_%s", buy=scene.buy, statement=scene.statement)


# ---------------------------------------------------------------- what they do


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
    raised = services.raise_purchase_orders(buy.pk, actor=actor, now=at)
    buy.refresh_from_db()
    if buy.state == S.FAILED and raised == []:
        return _("The round failed: nothing is delivered. Everybody is told, and whoever paid is refunded.")
    told = ngettext(
        "Closed; %(count)s purchase order is raised.", "Closed; %(count)s purchase orders are raised.", len(raised)
    )
    return told % {"count": len(raised)}


def _correct(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    offer = services.correct_offered(UUID(said["offer"]), said["offered"], said["reason"], actor=actor, now=at)
    return _("%(name)s: %(offered)s are offered now.") % {"name": offer.name, "offered": offer.offered}


def _refund(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    paid = services.pay_refunds(buy.pk, said["way"], said["reference"], actor=actor, now=at)
    told = ngettext("%(sum)s paid back for %(count)s order.", "%(sum)s paid back for %(count)s orders.", len(paid))
    return told % _sum_and_count(paid)


def _pay_suppliers(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    supplier = UUID(said["supplier"]) if said["supplier"] else None
    paid = services.pay_suppliers(buy.pk, said["way"], said["reference"], supplier_id=supplier, actor=actor, now=at)
    told = ngettext("%(sum)s paid to %(count)s supplier.", "%(sum)s paid to %(count)s suppliers.", len(paid))
    return told % _sum_and_count(paid)


def _write_off(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    rows = services.write_off(buy.pk, said["reason"], actor=actor, now=at)
    told = ngettext(
        "The subdistrict carries %(sum)s of %(count)s order.",
        "The subdistrict carries %(sum)s of %(count)s orders.",
        len(rows),
    )
    return told % _sum_and_count(rows)


def _settle(buy: Round, said: dict[str, Any], actor: Actor, at: datetime) -> str:
    services.settle_round(buy.pk, actor=actor, now=at)
    return _("The round is settled; nobody owes anybody anything.")


def _sum_and_count(rows: Sequence[Transfer]) -> dict[str, object]:
    return {"sum": fen(sum(row.amount_fen for row in rows)), "count": len(rows)}


# ---------------------------------------------------------------- when they fit


def _nothing_expected(scene: Scene) -> str:
    return _("goods are still on their way") if scene.on_the_way else ""


def _all_even(scene: Scene) -> str:
    """Why a round cannot be settled yet."""
    if scene.on_the_way:
        return _("goods are still on their way")
    if scene.statement.purchase_orders_open:
        return _("a purchase order waits for its last receipt")
    for account in (Account.OWED, Account.PAYABLE, Account.REFUND_OWED):
        if scene.has(account):
            facts = {"account": account.label, "sum": fen(scene.statement.money[account])}
            return _("%(account)s: %(sum)s") % facts
    return ""


AFTER_ORDERING = frozenset({S.ORDERED, S.IN_TRANSIT, S.RECEIVED, S.STANDING, S.SORTING, S.HANDING_OUT})
WITH_MONEY = AFTER_ORDERING | {S.OPEN, S.FORMED, S.FAILED, S.CANCELLED}

DEEDS: dict[str, Deed] = {
    "opening": Deed(gettext_lazy("Open now"), frozenset({S.DRAFT, S.APPROVED}), _open),
    "schedule": Deed(gettext_lazy("Open by itself at its time"), frozenset({S.DRAFT}), _schedule),
    "closing": Deed(
        gettext_lazy("Close now and order"), frozenset({S.OPEN}), _close,
        confirm=gettext_lazy("Nobody can order any more, and the suppliers get their orders."), final=True,
    ),
    "ordering": Deed(gettext_lazy("Order from the suppliers"), frozenset({S.FORMED}), _order),
    "correction": Deed(
        gettext_lazy("Correct what is offered"), frozenset({S.DRAFT, S.APPROVED, S.OPEN}), _correct,
        form=CorrectionForm,
    ),
    "refunds": Deed(
        gettext_lazy("Note refunds as paid"), WITH_MONEY, _refund, form=PayoutForm,
        due=lambda scene: scene.has(Account.REFUND_OWED),
        operation="groupbuy.settle",
    ),
    "supplier-payment": Deed(
        gettext_lazy("Note suppliers as paid"), AFTER_ORDERING, _pay_suppliers, form=SupplierPayoutForm,
        due=lambda scene: scene.has(Account.PAYABLE),
        operation="groupbuy.settle",
    ),
    "settlement": Deed(
        gettext_lazy("Settle the round"), frozenset({S.RECEIVED, S.HANDING_OUT, S.FAILED}), _settle,
        why_not=_all_even,
        operation="groupbuy.settle",
    ),
    "write-off": Deed(
        gettext_lazy("Carry what cannot be collected"), AFTER_ORDERING, _write_off, form=ReasonForm, final=True,
        due=lambda scene: scene.has(Account.OWED), why_not=_nothing_expected,
        operation="groupbuy.settle",
    ),
    "cancellation": Deed(
        gettext_lazy("Call the round off"), frozenset({S.DRAFT, S.APPROVED, S.OPEN}), _cancel,
        confirm=gettext_lazy("All orders are cancelled and refunded, and everybody is told."), final=True,
    ),
}  # fmt: skip
