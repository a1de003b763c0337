"""What the buyer's pages read: rounds with their counts, where a round is on its way, its purchases and payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.groupbuy.ledger import Account
from baogong.groupbuy.models import Order, Round, RoundPurchase, Transfer
from baogong.groupbuy.queries import orders_for
from baogong.supply.models import GoodsReceipt, PurchaseOrder
from baogong.web.parts import Step
from baogong.web.words import when

RECENT = 20
S = Round.State


def rounds_with_counts(subdistrict_id: UUID) -> QuerySet[Round]:
    """Rounds with `live_orders`, `doors` and `value_fen`, the newest first."""
    live = ~Q(orders__state=Order.State.CANCELLED)
    found: QuerySet[Round] = Round.objects.within(subdistrict_id).annotate(
        live_orders=Count("orders", filter=live),
        doors=Count("orders__household", filter=live, distinct=True),
        value_fen=Coalesce(Sum("orders__total_fen", filter=live), 0),
    )
    return found.order_by("-created_at", "-pk")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase order of a round, and the receipt that still waits to be shared out, if one does."""

    order: PurchaseOrder
    waiting_receipt: UUID | None


def purchases_of(buy: Round) -> list[Purchase]:
    """Two queries."""
    rows = RoundPurchase.objects.within(buy.subdistrict_id).filter(round=buy)
    orders = [
        row.purchase_order for row in rows.select_related("purchase_order__supplier").order_by("purchase_order__code")
    ]
    receipts = (
        GoodsReceipt.objects.within(buy.subdistrict_id).unallocated().filter(purchase_order__in=orders, final=True)
    )
    waiting = dict(receipts.values_list("purchase_order_id", "pk"))
    return [Purchase(order, waiting.get(order.pk)) for order in orders]


def steps_of(buy: Round) -> list[Step]:
    """The round's way, for the bar across the top of its page."""
    order = [S.OPEN, S.ORDERED, S.RECEIVED, S.HANDING_OUT, S.SETTLED]
    ranks = {S.DRAFT: -1, S.FILED: -1, S.APPROVED: -1, S.FORMED: 0, S.IN_TRANSIT: 1, S.STANDING: 2, S.SORTING: 2}
    rank = ranks.get(S(buy.state), order.index(S(buy.state)) if buy.state in order else -1)
    if buy.state in {S.FAILED, S.CANCELLED}:
        return [Step("late", str(S(buy.state).label), when(buy.closed_at) if buy.closed_at else "")]
    titles = [_("Orders"), _("Purchase"), _("Goods in"), _("Handing out"), _("Settled")]
    times: list[Any] = [buy.closes_at, buy.deliver_from, None, None, buy.settled_at]
    kinds = ["done" if n < rank or rank == 4 else "go" if n == rank else "wait" for n in range(5)]
    return [Step(k, t, when(at) if at else "") for k, t, at in zip(kinds, titles, times, strict=True)]


def recent_payments(actor: Actor) -> QuerySet[Transfer]:
    """The last payments for orders that the actor looks after."""
    paid: QuerySet[Transfer] = Transfer.objects.within(actor.subdistrict_id).filter(
        debit=Account.PAID, order__in=orders_for(actor)
    )
    return paid.select_related("order").order_by("-at", "-pk")[:RECENT]
