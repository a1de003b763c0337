"""The end of a round's books: suppliers paid, what cannot be collected carried by the subdistrict, settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.events import event, record, record_all
from baogong.groupbuy.checks import round_breaches
from baogong.groupbuy.ledger import Account, Bookkeeper, balance_of, balances, store
from baogong.groupbuy.models import Order, OrderLine, Round, RoundPurchase, Transfer
from baogong.groupbuy.refusals import BadPayment, NotReady, coded
from baogong.groupbuy.services.order_states import ON_THE_WAY
from baogong.groupbuy.services.payments import WAYS
from baogong.groupbuy.services.states import State, advance, lock_round

NOT_YET_BOUGHT = {State.DRAFT, State.FILED, State.APPROVED, State.OPEN, State.FORMED}
OPEN_ACCOUNTS = (Account.OWED, Account.PAYABLE, Account.REFUND_OWED)


@transaction.atomic
def pay_suppliers(
    round_id: UUID, way: str, reference: str = "", *, supplier_id: UUID | None = None, actor: Actor, now: datetime
) -> list[Transfer]:
    """Note that the suppliers of a round, or one of them, were paid for the goods that came.

    Only after everything of theirs is shared out, since what did not come is not paid for. Raises NotFound,
    BadPayment (`bad_way`), NotReady (`goods_expected`).
    """
    buy = lock_round(round_id)
    if way not in WAYS:
        raise coded(BadPayment(_("Money goes as cash, bank transfer or WeChat"), field="way"), "bad_way")
    payable = _payable(buy, supplier_id)
    _refuse_while_expected(buy, [supplier for supplier, _amount in payable])
    books = Bookkeeper(buy, actor, now)
    rows = [
        books.transfer(
            Account.PAYABLE,
            Account.SUPPLIER_PAID,
            amount,
            "supplier_paid",
            supplier_id=supplier,
            way=way,
            reference=f"{reference.strip()}/{buy.code}/{number}" if reference.strip() else "",
        )
        for number, (supplier, amount) in enumerate(payable, 1)
    ]
    store(rows)
    paid = [[str(row.supplier_id), row.amount_fen] for row in rows]
    if rows:
        record("groupbuy.suppliers_paid", buy.pk, actor=actor, now=now, code=buy.code, way=way, paid=paid)
    return rows


def _payable(buy: Round, supplier_id: UUID | None) -> list[tuple[UUID, int]]:
    transfers = Transfer.objects.within(buy.subdistrict_id).filter(round=buy, supplier_id__isnull=False)
    if supplier_id:
        transfers = transfers.filter(supplier_id=supplier_id)
    rows = transfers.order_by("supplier_id").values_list("supplier_id").annotate(fen=balance_of(Account.PAYABLE))
    return list(rows.filter(fen__gt=0))


def _refuse_while_expected(buy: Round, suppliers: Sequence[UUID]) -> None:
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy, place=OrderLine.Place.ORDERED)
    expected = lines.filter(round_offer__offer__supplier__in=suppliers).values_list("round_offer__name", flat=True)
    name = expected.order_by("round_offer__position").first()
    if name:
        text = _("%(name)s is still expected; pay when everything of this supplier has been shared out")
        raise coded(NotReady(text % {"name": name}), "goods_expected")


@transaction.atomic
def write_off(
    round_id: UUID, reason: str, *, order_id: UUID | None = None, actor: Actor, now: datetime
) -> list[Transfer]:
    """The subdistrict carries what households still owe, for all orders of a round or one; the reason is kept.

    Only for orders of which nothing is on its way any more. Raises NotFound, BadInput for a missing reason.
    """
    buy = lock_round(round_id)
    if not reason.strip():
        raise BadInput(_("Say why this cannot be collected"), field="reason")
    books = Bookkeeper(buy, actor, now)
    rows = [
        books.transfer(Account.SHARE, Account.OWED, owed, "written_off", order_id=order, household_id=household)
        for order, household, owed in _debts(buy, order_id)
    ]
    store(rows)
    record_all(
        event(
            "groupbuy.debt_written_off",
            row.order_id,
            actor=actor,
            now=now,
            household_id=row.household_id,
            values={"amount_fen": row.amount_fen, "reason": reason.strip()},
        )
        for row in rows
        if row.order_id
    )
    return rows


def _debts(buy: Round, order_id: UUID | None) -> list[tuple[UUID, UUID, int]]:
    """(order, household, fen) of what is owed for orders that are through."""
    coming = OrderLine.objects.filter(order=OuterRef("order_id"), place__in=ON_THE_WAY)
    transfers = Transfer.objects.within(buy.subdistrict_id).filter(~Exists(coming), round=buy, order__isnull=False)
    if order_id:
        transfers = transfers.filter(order=order_id)
    rows = transfers.order_by("order_id").values_list("order_id", "household_id")
    return list(rows.annotate(fen=balance_of(Account.OWED)).filter(fen__gt=0))


@transaction.atomic
def settle_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """Close the books: everything is handed over or given back, and nobody owes anybody anything. Twice is once.

    Raises NotFound, IllegalTransition, NotReady (`goods_on_the_way` with how many lines, `money_open` with the sums in
    fen, `books_do_not_balance`).
    """
    buy = lock_round(round_id)
    if buy.state == State.SETTLED:
        return buy
    _refuse_goods_on_the_way(buy)
    sums = balances(Transfer.objects.within(buy.subdistrict_id).filter(round=buy))
    _refuse_open_money(sums)
    for breach in round_breaches(buy):
        raise coded(NotReady(_("The books do not balance: %(what)s") % {"what": breach.what}), "books_do_not_balance")
    advance(buy, State.SETTLED, actor=actor, now=now, settled_at=now)
    Order.objects.filter(round=buy, state=Order.State.HANDED_OVER).update(state=Order.State.SETTLED)
    record("groupbuy.books_closed", buy.pk, actor=actor, now=now, code=buy.code, sums=sums)
    return buy


def _refuse_goods_on_the_way(buy: Round) -> None:
    lines = OrderLine.objects.within(buy.subdistrict_id).filter(order__round=buy, place__in=ON_THE_WAY)
    counts = dict(lines.order_by().values_list("place").annotate(Count("pk")))
    if counts:
        text = _("%(count)s lines are not handed over yet") % {"count": sum(counts.values())}
        raise coded(NotReady(text, **counts), "goods_on_the_way")
    expected = RoundPurchase.objects.filter(round=buy, purchase_order__closed_at=None).count()
    if expected:
        text = _("%(count)s purchase orders wait for their last receipt") % {"count": expected}
        raise coded(NotReady(text, purchase_orders=expected), "goods_expected")


def _refuse_open_money(sums: dict[str, int]) -> None:
    still = {account.value: sums[account] for account in OPEN_ACCOUNTS if sums[account]}
    if still:
        text = _("Money is still open: %(accounts)s")
        names = "、".join(str(Account(account).label) for account in still)
        raise coded(NotReady(text % {"accounts": names}, **still), "money_open")
