"""What the buyer's pages read: what waits, rounds with their counts, the way of a round, its purchases and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.groupbuy.books import OrderBalance, order_balances
from baogong.groupbuy.ledger import Account, balance_of
from baogong.groupbuy.models import Order, Round, RoundPurchase, Transfer
from baogong.groupbuy.queries import orders_for
from baogong.supply.models import GoodsReceipt, PurchaseOrder
from baogong.web.parts import Step
from baogong.web.words import when

RECENT = 20
S = Round.State


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round with the orders that live in it, the households behind them, and what they are worth in fen."""

    round: Round
    orders: int
    doors: int
    value_fen: int


def round_lines(rounds: Sequence[Round]) -> list[RoundLine]:
    """One query for all of them, of one subdistrict."""
    if not rounds:
        return []
    live = Order.objects.within(rounds[0].subdistrict_id).filter(round__in=rounds).live()
    sums = live.order_by().values_list("round").annotate(
        orders=Count("pk"), doors=Count("household", distinct=True), fen=Coalesce(Sum("total_fen"), 0)
    )  # fmt: skip
    counted = {pk: counts for pk, *counts in sums}
    return [RoundLine(buy, *counted.get(buy.pk, (0, 0, 0))) for buy in rounds]


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
    receipts = GoodsReceipt.objects.within(buy.subdistrict_id).unallocated()
    waiting = dict(receipts.filter(purchase_order__in=orders, final=True).values_list("purchase_order_id", "pk"))
    return [Purchase(order, waiting.get(order.pk)) for order in orders]


WAY = [S.OPEN, S.ORDERED, S.RECEIVED, S.HANDING_OUT, S.SETTLED]
BETWEEN = {S.FORMED: S.OPEN, S.IN_TRANSIT: S.ORDERED, S.STANDING: S.RECEIVED, S.SORTING: S.RECEIVED}


def steps_of(buy: Round) -> list[Step]:
    """The round's way, for the bar across the top of its page."""
    state = S(buy.state)
    if state in {S.FAILED, S.CANCELLED}:
        return [Step("late", str(state.label), when(buy.closed_at))]
    here = BETWEEN.get(state, state)
    rank = WAY.index(here) if here in WAY else -1
    titles = [_("Orders"), _("Purchase"), _("Goods in"), _("Handing out"), _("Settled")]
    times: list[Any] = [buy.closed_at or buy.closes_at, None, buy.deliver_from, None, buy.settled_at]
    kinds = ["done" if n < rank or state == S.SETTLED else "go" if n == rank else "wait" for n in range(len(WAY))]
    return [Step(k, t, when(at)) for k, t, at in zip(kinds, titles, times, strict=True)]


# ---------------------------------------------------------------- money


def open_order_ids(buy: Round) -> QuerySet[Transfer, Any]:
    """Ids of the orders for which money is open either way, the newest order first; nothing is read yet."""
    transfers = Transfer.objects.within(buy.subdistrict_id).filter(round=buy, order__isnull=False)
    sums = transfers.order_by("-order_id").values_list("order_id", flat=True).annotate(
        owed=balance_of(Account.OWED), back=balance_of(Account.REFUND_OWED)
    )  # fmt: skip
    return sums.filter(Q(owed__gt=0) | Q(back__gt=0))


def balances_in(buy: Round, order_ids: Sequence[UUID]) -> list[OrderBalance]:
    """The books of some orders of a round; two queries."""
    return balances_of(Order.objects.within(buy.subdistrict_id).filter(pk__in=order_ids))


def balances_of(orders: QuerySet[Order]) -> list[OrderBalance]:
    """The books of some orders, each with its household's door; two queries."""
    return list(order_balances(orders.select_related("household__building", "household__unit")))


def recent_payments(actor: Actor) -> QuerySet[Transfer]:
    """The last payments for orders that the actor looks after."""
    paid: QuerySet[Transfer] = Transfer.objects.within(actor.subdistrict_id).filter(
        debit=Account.PAID, order__in=orders_for(actor)
    )
    return paid.select_related("order").order_by("-at", "-pk")[:RECENT]
