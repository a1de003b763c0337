"""Double entry in whole fen: postings for orders that grow, shrink, are paid and are given back, and their balances.

Everything a household owes or gets back is posted per order, so each order's books close for themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.groupbuy.models import LedgerAccount, Round, Transfer

Account = LedgerAccount
DEBIT_ACCOUNTS = frozenset({Account.OWED, Account.PAID, Account.SHARE})  # grow by debits; the others by credits
FEW = 2_000  # ids in one condition


def balance_of(account: str) -> Coalesce:
    """An aggregate over transfers: what lies in `account`, in fen."""
    sign = 1 if account in DEBIT_ACCOUNTS else -1
    amount = F("amount_fen")
    moved = Case(When(debit=account, then=amount * sign), When(credit=account, then=amount * -sign), default=0)
    return Coalesce(Sum(moved), 0)


def balances(transfers: QuerySet[Transfer]) -> dict[str, int]:
    """Every account's balance over some transfers, in one query."""
    return transfers.aggregate(**{account.value: balance_of(account) for account in Account})


class ValueChange(NamedTuple):
    """What one supplier's part of an order became worth more (above zero) or less (below)."""

    order_id: UUID
    household_id: UUID
    supplier_id: UUID
    amount_fen: int


@dataclass(slots=True)
class OrderBooks:
    """What is still open between an order and its household while postings are made."""

    owed: int = 0
    refund_owed: int = 0


def books_of(buy: Round, order_ids: Sequence[UUID]) -> dict[UUID, OrderBooks]:
    """Open amounts by order id; of more than a few orders the whole round is read, which is one query as well."""
    transfers = Transfer.objects.within(buy.subdistrict_id).filter(round=buy, order__isnull=False)
    if len(order_ids) <= FEW:
        transfers = transfers.filter(order_id__in=order_ids)
    rows = transfers.order_by().values_list("order_id").annotate(
        owed=balance_of(Account.OWED), back=balance_of(Account.REFUND_OWED)
    )  # fmt: skip
    return {order_id: OrderBooks(owed, back) for order_id, owed, back in rows}


@dataclass(frozen=True, slots=True)
class Bookkeeper:
    """Writes a round's transfers: with the actor, the time and the reason that they share."""

    buy: Round
    actor: Actor
    now: datetime

    def transfer(self, debit: str, credit: str, amount_fen: int, reason: str, **whose: Any) -> Transfer:
        """One transfer, not stored yet; `whose` are fields of Transfer: order_id, household_id, supplier_id, way."""
        return Transfer(
            subdistrict_id=self.buy.subdistrict_id,
            round_id=self.buy.pk,
            debit=debit,
            credit=credit,
            amount_fen=amount_fen,
            reason=reason,
            at=self.now,
            actor_id=self.actor.account_id,
            **whose,
        )

    def post_new(self, changes: Iterable[ValueChange], reason: str) -> None:
        """Orders that did not exist before: nothing is paid, all is owed."""
        store(self._owe(change, change.amount_fen, reason) for change in changes)

    def post(self, changes: Sequence[ValueChange], reason: str, *, against: str = Account.PAYABLE) -> dict[UUID, int]:
        """Orders that grew or shrank. Growing comes first, so that shifting between suppliers moves no money.

        A growing order first takes back what was to be refunded; a shrinking one first owes less, and what was paid
        already becomes a refund. `against` is whose loss the shrinking is: the supplier's (payable) or the
        subdistrict's (share), who keeps goods that could not be handed over. Gives by order what became a refund.
        """
        if not changes:
            return {}
        books = books_of(self.buy, list({change.order_id for change in changes}))
        rows: list[Transfer] = []
        for change in sorted(changes, key=lambda change: change.amount_fen <= 0):
            own = books.setdefault(change.order_id, OrderBooks())
            grows = change.amount_fen > 0
            rows.extend(self._grow(change, own, reason) if grows else self._shrink(change, own, reason, against))
        store(rows)
        return _became_refunds(rows)

    def _owe(self, change: ValueChange, amount_fen: int, reason: str) -> Transfer:
        return self.transfer(Account.OWED, Account.PAYABLE, amount_fen, reason, **_whose(change))

    def _grow(self, change: ValueChange, own: OrderBooks, reason: str) -> Iterator[Transfer]:
        kept = min(change.amount_fen, own.refund_owed)
        if kept:
            own.refund_owed -= kept
            yield self.transfer(Account.REFUND_OWED, Account.PAYABLE, kept, reason, **_whose(change))
        if change.amount_fen > kept:
            own.owed += change.amount_fen - kept
            yield self._owe(change, change.amount_fen - kept, reason)

    def _shrink(self, change: ValueChange, own: OrderBooks, reason: str, against: str) -> Iterator[Transfer]:
        less = -change.amount_fen
        unowed = min(less, own.owed)
        if unowed:
            own.owed -= unowed
            yield self.transfer(against, Account.OWED, unowed, reason, **_whose(change))
        if less > unowed:
            own.refund_owed += less - unowed
            yield self.transfer(against, Account.REFUND_OWED, less - unowed, reason, **_whose(change))


def _whose(change: ValueChange) -> dict[str, UUID]:
    return {"order_id": change.order_id, "household_id": change.household_id, "supplier_id": change.supplier_id}


def _became_refunds(rows: Iterable[Transfer]) -> dict[UUID, int]:
    back: dict[UUID, int] = defaultdict(int)
    for row in rows:
        if row.credit == Account.REFUND_OWED and row.order_id:
            back[row.order_id] += row.amount_fen
    return back


def store(rows: Iterable[Transfer]) -> None:
    insert_all(rows)
