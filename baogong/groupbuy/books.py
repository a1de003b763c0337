"""Statements out of the ledger: what each household, each supplier and a round as a whole owe, paid and got back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from baogong.groupbuy.ledger import Account, balance_of, balances
from baogong.groupbuy.models import Order, Round, RoundPurchase, Transfer
from baogong.supply.models import Supplier

ORDER_ACCOUNTS = (Account.OWED, Account.PAID, Account.REFUND_OWED, Account.REFUND_PAID)


@dataclass(frozen=True, slots=True)
class OrderBalance:
    """One order's books, in fen: `owed` and `refund_owed` are still open."""

    order: Order
    owed: int
    paid: int
    refund_owed: int
    refund_paid: int

    @property
    def is_open(self) -> bool:
        return bool(self.owed or self.refund_owed)


def household_statement(household_id: UUID, *, subdistrict_id: UUID, buy: Round | None = None) -> list[OrderBalance]:
    """A household's orders, in one round or all, the newest first, with what is open for each; two queries."""
    orders = Order.objects.within(subdistrict_id).filter(household=household_id)
    return list(order_balances(orders.filter(round=buy) if buy else orders))


def open_balances(buy: Round, *, most: int = 200) -> list[OrderBalance]:
    """The latest orders of a round for which money is still open either way, at most `most`; two queries."""
    sums = {account.value: balance_of(account) for account in ORDER_ACCOUNTS}
    rows: Any = _transfers(buy).filter(order__isnull=False).order_by("-order_id").values("order_id").annotate(**sums)
    still_open = rows.filter(Q(owed__gt=0) | Q(refund_owed__gt=0))[:most]
    orders = Order.objects.filter(pk__in=[row["order_id"] for row in still_open])
    return list(order_balances(orders, _by_order(still_open)))


def order_balances(
    orders: QuerySet[Order], books: Mapping[UUID, tuple[int, ...]] | None = None
) -> Iterator[OrderBalance]:
    """Each order of `orders`, all of one subdistrict, with its household and its books, the newest first."""
    found = list(orders.select_related("round", "household").order_by("-placed_at", "-pk"))
    if books is None and found:
        transfers = Transfer.objects.within(found[0].subdistrict_id).filter(order__in=found)
        sums = {account.value: balance_of(account) for account in ORDER_ACCOUNTS}
        books = _by_order(transfers.order_by().values("order_id").annotate(**sums))
    for order in found:
        yield OrderBalance(order, *(books or {}).get(order.pk, (0, 0, 0, 0)))


def _by_order(rows: Iterable[Any]) -> dict[UUID, tuple[int, ...]]:
    """Owed, paid, refund owed, refund paid by order."""
    return {row["order_id"]: tuple(row[account] for account in ORDER_ACCOUNTS) for row in rows}


def _transfers(buy: Round) -> QuerySet[Transfer]:
    transfers: QuerySet[Transfer] = Transfer.objects.within(buy.subdistrict_id).filter(round=buy)
    return transfers


# ---------------------------------------------------------------- suppliers


@dataclass(frozen=True, slots=True)
class SupplierBalance:
    """What a supplier is due from a round, in fen: goods that came or are expected, its fee, what was paid."""

    round: Round
    supplier: Supplier
    payable: int
    paid: int
    fees: int

    @property
    def goods(self) -> int:
        return self.payable + self.paid


def supplier_statement(
    *, subdistrict_id: UUID, supplier_id: UUID | None = None, buy: Round | None = None
) -> list[SupplierBalance]:
    """By round and supplier, the newest round first; of one supplier, one round, or all. Three queries."""
    transfers = Transfer.objects.within(subdistrict_id).filter(supplier_id__isnull=False)
    transfers = transfers.filter(supplier_id=supplier_id) if supplier_id else transfers
    transfers = transfers.filter(round=buy) if buy else transfers
    accounts = (Account.PAYABLE, Account.SUPPLIER_PAID, Account.FEES)
    sums = {account.value: balance_of(account) for account in accounts}
    rows = list(transfers.order_by("-round_id").values_list("round_id", "supplier_id").annotate(**sums))
    rounds = Round.objects.within(subdistrict_id).in_bulk([row[0] for row in rows])
    suppliers = Supplier.objects.within(subdistrict_id).in_bulk([row[1] for row in rows])
    return [SupplierBalance(rounds[row[0]], suppliers[row[1]], *row[2:]) for row in rows]


# ---------------------------------------------------------------- a round as a whole


@dataclass(frozen=True, slots=True)
class RoundStatement:
    """`money` by account; `paid_by_way` what came in as cash, transfer, WeChat; how many orders are still open."""

    money: Mapping[str, int]
    paid_by_way: Mapping[str, int]
    suppliers: Sequence[SupplierBalance]
    orders_owing: int
    orders_to_refund: int
    written_off: int
    purchase_orders_open: int

    @property
    def left(self) -> int:
        """What came in: paid + owed + share; by law 2 it equals `right`."""
        return self.money[Account.PAID] + self.money[Account.OWED] + self.money[Account.SHARE]

    @property
    def right(self) -> int:
        return sum(self.money.values()) - self.left


def round_statement(buy: Round) -> RoundStatement:
    """A round's books on one page, in eight queries however many orders it has."""
    transfers = _transfers(buy)
    by_way = transfers.filter(debit=Account.PAID).order_by().values_list("way").annotate(Sum("amount_fen"))
    written_off = transfers.filter(reason="written_off").aggregate(fen=Sum("amount_fen"))["fen"] or 0
    purchases = RoundPurchase.objects.within(buy.subdistrict_id).filter(round=buy)
    waiting = purchases.filter(purchase_order__closed_at=None).aggregate(n=Count("pk"))["n"]
    return RoundStatement(
        money=balances(transfers),
        paid_by_way=dict(by_way),
        suppliers=supplier_statement(subdistrict_id=buy.subdistrict_id, buy=buy),
        orders_owing=_orders_with(transfers, Account.OWED),
        orders_to_refund=_orders_with(transfers, Account.REFUND_OWED),
        written_off=written_off,
        purchase_orders_open=waiting,
    )


def _orders_with(transfers: QuerySet[Transfer], account: str) -> int:
    """How many orders have something in an account."""
    orders = transfers.filter(order__isnull=False).order_by().values("order").annotate(fen=balance_of(account))
    return orders.filter(fen__gt=0).count()
