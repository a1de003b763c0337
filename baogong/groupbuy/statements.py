"""What a household was asked for, has paid and got back for one order, line by line, out of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from baogong.groupbuy.ledger import balances
from baogong.groupbuy.models import LedgerAccount, Order, Transfer

Account = LedgerAccount

REASONS = {
    "ordered": _("Ordered"),
    "changed": _("Changed"),
    "cancelled": _("Cancelled"),
    "round_cancelled": _("Round called off"),
    "round_failed": _("Too few households"),
    "short": _("Less came than was ordered"),
    "returned": _("Could not be handed over"),
    "paid": _("Paid"),
    "refund": _("Paid back"),
    "written_off": _("Let off"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. Above zero: dearer, or money given back; below zero: paid, or cheaper."""

    at: datetime
    text: str
    way: str
    receipt_number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines, and what is still open: one of `owed_fen` and `refund_owed_fen` is zero."""

    entries: list[Entry]
    owed_fen: int
    paid_fen: int
    refund_owed_fen: int


def statement(order: Order) -> Statement:
    """The books of one order as its household reads them, in two queries."""
    transfers = Transfer.objects.within(order.subdistrict_id).filter(order=order)
    sums = balances(transfers)
    return Statement(list(_entries(transfers)), sums[Account.OWED], sums[Account.PAID], sums[Account.REFUND_OWED])


def _entries(transfers: object) -> Iterator[Entry]:
    """Parts of one change that went to several suppliers are one line."""
    rows = sorted(transfers, key=lambda row: (row.at, row.pk))  # type: ignore[call-overload]
    for (at, reason, way, receipt), parts in groupby(rows, lambda r: (r.at, r.reason, r.way, r.receipt_number)):
        amount = sum(map(_to_the_household, parts))
        if amount:
            yield Entry(
                at, str(REASONS.get(reason, reason)), str(Transfer.Way(way).label) if way else "", receipt, amount
            )


def _to_the_household(row: Transfer) -> int:
    """How much more the household owes by this transfer (less: below zero); what it pays lowers it too."""
    mine = {Account.OWED, Account.REFUND_OWED}
    return row.amount_fen * ((row.debit in mine) - (row.credit in mine))
