"""The laws of group buying, proved on what is stored: 1 (stock), 2 (money), 3 (lines), 8 (once).

Each query looks at all rows at once and gives back only what is wrong; nothing here trusts the services.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from baogong.common.laws import Breach, Check
from baogong.common.models import Event, IdempotencyKey
from baogong.groupbuy.ledger import DEBIT_ACCOUNTS, Account, balance_of
from baogong.groupbuy.models import LINE_VALUE, Order, OrderLine, Round, RoundOffer, RoundPurchase, Transfer
from baogong.supply.models import ReserveMovement

Place = OrderLine.Place
HOUSEHOLD_ACCOUNTS = [Account.OWED, Account.PAID, Account.REFUND_OWED, Account.REFUND_PAID]
SUPPLIER_ACCOUNTS = [Account.PAYABLE, Account.SUPPLIER_PAID]
GOODS_SHARE = ["surplus", "returned"]  # reasons for which the subdistrict carries goods


class _Rows:
    """The rows of a subdistrict, or of one round of it."""

    def __init__(self, subdistrict_id: UUID, round_id: UUID | None = None) -> None:
        self.subdistrict_id = subdistrict_id
        self.round_id = round_id

    def of(self, model: type[Any], path: str = "round") -> Any:
        rows = model.objects.within(self.subdistrict_id).order_by()
        return rows.filter(**{path: self.round_id}) if self.round_id else rows


# ---------------------------------------------------------------- 1: never oversold


def law_1(subdistrict_id: UUID) -> Iterator[Breach]:
    """Per offer of a round: remaining + live ordered = offered; totals stay as they were frozen."""
    live = _Rows(subdistrict_id).of(OrderLine).live()
    ordered: Counter[UUID] = Counter(dict(live.values_list("round_offer").annotate(Sum("quantity"))))
    columns = ("pk", "sku", "offered", "remaining", "ordered", "round__code", "round__state")
    for pk, sku, offered, remaining, frozen, code, state in _Rows(subdistrict_id).of(RoundOffer).values_list(*columns):
        if remaining + ordered[pk] != offered or remaining < 0:
            yield Breach(1, f"{code} {sku}: {remaining} left + {ordered[pk]} ordered is not {offered} offered", pk)
        called_off = state in {Round.State.FAILED, Round.State.CANCELLED, Round.State.SETTLED} and not ordered[pk]
        if frozen is not None and frozen != ordered[pk] and not called_off:
            yield Breach(1, f"{code} {sku}: {ordered[pk]} are ordered, {frozen} were when the round closed", pk)


# ---------------------------------------------------------------- 2: the books balance


def law_2(subdistrict_id: UUID) -> Iterator[Breach]:
    """Per round the accounts balance, and they say what orders, purchases and receipts say."""
    yield from _money(_Rows(subdistrict_id))


def round_breaches(buy: Round) -> Iterator[Breach]:
    """Law 2 for one round, before it is settled."""
    yield from _money(_Rows(buy.subdistrict_id, buy.pk))


def _money(rows: _Rows) -> Iterator[Breach]:
    for check in (_unbalanced, _orders_worth_other, _overdrawn, _suppliers_worth_other, _fees_other, _surplus_other):
        yield from check(rows)


def _unbalanced(rows: _Rows) -> Iterator[Breach]:
    sums = {account.value: balance_of(account) for account in Account}
    for row in rows.of(Transfer).values("round", "round__code", "round__state").annotate(**sums):
        left = sum(row[account] for account in DEBIT_ACCOUNTS)
        right = sum(row[account] for account in Account if account not in DEBIT_ACCOUNTS)
        if left != right:
            yield Breach(2, f"{row['round__code']}: {left} fen came in, {right} fen are accounted for", row["round"])
        still = {name: row[name] for name in (Account.OWED, Account.PAYABLE, Account.REFUND_OWED) if row[name]}
        if row["round__state"] == Round.State.SETTLED and still:
            yield Breach(2, f"{row['round__code']} is settled and yet open: {still}", row["round"])


def _orders_worth_other(rows: _Rows) -> Iterator[Breach]:
    """Per order: paid + owed - refunds owed and paid + written off = its lines as they stand = its total."""
    value = OrderLine.objects.filter(order=OuterRef("pk")).paid_for().order_by().values("order")
    booked = Transfer.objects.filter(order=OuterRef("pk")).exclude(reason="written_off").order_by().values("order")
    orders = rows.of(Order).annotate(
        worth=Coalesce(Subquery(value.annotate(fen=Sum(LINE_VALUE)).values("fen")), 0),
        booked=Coalesce(Subquery(booked.annotate(fen=_debits_less_credits(HOUSEHOLD_ACCOUNTS)).values("fen")), 0),
    )
    wrong = orders.exclude(worth=F("booked"), total_fen=F("worth"))
    for pk, code, total, worth, books in wrong.values_list("pk", "code", "total_fen", "worth", "booked"):
        yield Breach(2, f"{code}: its lines are worth {worth} fen, it says {total}, the books say {books}", pk)


def _debits_less_credits(accounts: list[Account]) -> Sum:
    amount = F("amount_fen")
    debit = Case(When(debit__in=accounts, then=amount), default=0)
    return Sum(debit - Case(When(credit__in=accounts, then=amount), default=0))


def _overdrawn(rows: _Rows) -> Iterator[Breach]:
    """No order owes less than nothing, gets back less than nothing, or was paid back more than it paid."""
    sums = {account.value: balance_of(account) for account in HOUSEHOLD_ACCOUNTS}
    orders = rows.of(Transfer).filter(order__isnull=False).values("order", "order__code").annotate(**sums)
    wrong = orders.filter(Q(owed__lt=0) | Q(refund_owed__lt=0) | Q(refund_paid__gt=F("paid")))
    for row in wrong:
        books = {account.value: row[account] for account in HOUSEHOLD_ACCOUNTS}
        yield Breach(2, f"{row['order__code']}: more went out than came in: {books}", row["order"])


def _suppliers_worth_other(rows: _Rows) -> Iterator[Breach]:
    """Per supplier: payable + paid = the lines of its goods as they stand + the goods that the subdistrict carries."""
    lines = rows.of(OrderLine, "order__round").paid_for().values_list("order__round", "round_offer__offer__supplier")
    worth = {(buy, supplier): fen for buy, supplier, fen in lines.annotate(fen=Sum(LINE_VALUE))}
    shared = Case(When(reason__in=GOODS_SHARE, debit=Account.SHARE, then=F("amount_fen")), default=0) - Case(
        When(reason__in=GOODS_SHARE, credit=Account.SHARE, then=F("amount_fen")), default=0
    )
    booked = rows.of(Transfer).filter(supplier_id__isnull=False).values_list("round", "supplier_id")
    for buy, supplier, goods, share in booked.annotate(
        goods=_debits_less_credits(SUPPLIER_ACCOUNTS) * -1, share=Sum(shared)
    ):
        due = worth.pop((buy, supplier), 0) + share
        if goods != due:
            yield Breach(2, f"supplier {supplier}: {goods} fen payable or paid for goods of {due} fen", buy)
    for (buy, supplier), fen in worth.items():
        if fen:
            yield Breach(2, f"supplier {supplier}: nothing payable for goods of {fen} fen", buy)


def _fees_other(rows: _Rows) -> Iterator[Breach]:
    """Per round: the fees booked are those of its purchase orders."""
    purchases = rows.of(RoundPurchase).values_list("round")
    due = Counter(dict(purchases.annotate(Sum("purchase_order__delivery_fee_fen"))))
    booked = Counter(dict(rows.of(Transfer).values_list("round").annotate(fen=balance_of(Account.FEES))))
    for buy in due.keys() | booked.keys():
        if due[buy] != booked[buy]:
            yield Breach(2, f"{booked[buy]} fen of fees are booked, the purchase orders say {due[buy]}", buy)


def _surplus_other(rows: _Rows) -> Iterator[Breach]:
    """The subdistrict carries exactly the units beyond the demand: as ordered, and once shared out, as in reserve."""
    due: Counter[tuple[UUID, UUID]] = Counter()
    shared_out = set(rows.of(RoundOffer).filter(lines__granted__isnull=False).values_list("round", "offer").distinct())
    reserve = _reserve_by_purchase(rows.subdistrict_id)
    for purchase in rows.of(RoundPurchase).prefetch_related("purchase_order__lines"):
        order = purchase.purchase_order
        for line in order.lines.all():
            kept = reserve.get((order.pk, line.offer_id), 0)
            units = kept if (purchase.round_id, line.offer_id) in shared_out else max(0, line.units - line.demand)
            due[purchase.round_id, order.supplier_id] += units * line.price_fen
    carried = rows.of(Transfer).filter(reason="surplus").values_list("round", "supplier_id")
    booked = Counter({(buy, supplier): fen for buy, supplier, fen in carried.annotate(fen=balance_of(Account.SHARE))})
    for key in due.keys() | booked.keys():
        if due[key] != booked[key]:
            yield Breach(2, f"the subdistrict carries {booked[key]} fen of surplus, it has goods of {due[key]}", key[0])


def _reserve_by_purchase(subdistrict_id: UUID) -> dict[tuple[UUID, UUID], int]:
    kept = ReserveMovement.objects.within(subdistrict_id).filter(reason="pack_surplus", receipt__isnull=False)
    rows = kept.order_by().values_list("receipt__purchase_order", "offer").annotate(Sum("units"))
    return {(order, offer): units for order, offer, units in rows}


# ---------------------------------------------------------------- 3: every line in one place


def law_3(subdistrict_id: UUID) -> Iterator[Breach]:
    """A line's place fits what was granted to it, and an order's lines are cancelled exactly when it is."""
    lines = _Rows(subdistrict_id).of(OrderLine)
    nothing_yet = Q(place=Place.ORDERED, granted__isnull=False)
    nothing_came = Q(place=Place.SHORT) & (Q(granted=None) | Q(granted__gt=0))
    has_goods = [Place.GRANTED, Place.BAGGED, Place.HANDED_OVER, Place.RETURNED]
    goods_missing = Q(place__in=has_goods) & (Q(granted=None) | Q(granted=0))
    order_gone = Q(order__state=Order.State.CANCELLED) & ~Q(place=Place.CANCELLED)
    wrong = lines.filter(nothing_yet | nothing_came | goods_missing | order_gone)
    for pk, code, sku, place in wrong.values_list("pk", "order__code", "round_offer__sku", "place"):
        yield Breach(3, f"{code} {sku}: it cannot be {place} as it stands", pk)
    some = Exists(OrderLine.objects.filter(order=OuterRef("pk")).live())
    for pk, code in _Rows(subdistrict_id).of(Order).live().filter(~some).values_list("pk", "code"):
        yield Breach(3, f"{code}: an order without lines", pk)


# ---------------------------------------------------------------- 8: the same request once


def law_8(subdistrict_id: UUID) -> Iterator[Breach]:
    """No key made two orders, no reference paid twice, no order was placed twice, no request is half done."""
    rows = _Rows(subdistrict_id)
    once = (
        (rows.of(Order), ("round", "key"), "orders with the same key"),
        (rows.of(Order), ("code",), "orders with the same code"),
        (rows.of(Transfer).exclude(reference=""), ("reference",), "payments with the same reference"),
        (rows.of(Event).filter(verb="groupbuy.order_placed"), ("subject_id",), "times the same order was placed"),
        (rows.of(IdempotencyKey), ("account_id", "route", "key"), "answers to the same request"),
    )
    for found, names, what in once:
        for *_key, count in found.values_list(*names).annotate(n=Count("pk")).filter(n__gt=1):
            yield Breach(8, f"{count} {what}")
    # a plan in the making keeps its key without an answer until it is there, or until somebody takes it over
    for pk in (
        rows.of(IdempotencyKey).filter(status=None).exclude(route__endswith="/plans").values_list("pk", flat=True)
    ):
        yield Breach(8, "a request was kept without its answer", pk)


LAWS: dict[int, Check] = {1: law_1, 2: law_2, 3: law_3, 8: law_8}
