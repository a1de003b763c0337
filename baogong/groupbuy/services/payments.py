"""Money that households pay, and money they get back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotFound, RuleBroken
from baogong.common.events import event, record_all
from baogong.groupbuy.ledger import FEW, Account, Bookkeeper, OrderBooks, balance_of, books_of, store
from baogong.groupbuy.models import Order, Round, Transfer
from baogong.groupbuy.refusals import BadPayment, PaymentRefused, coded
from baogong.groupbuy.services.states import lock_round
from baogong.groupbuy.telling import in_our_language, refunded_text, tell
from baogong.web.words import fen

Way = Transfer.Way
WAYS = frozenset({Way.CASH, Way.TRANSFER, Way.WECHAT})


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in for an order. `reference` is the bank's or a file's; one reference pays once.

    Cash has the number of the receipt that the worker wrote; other ways have a reference or a receipt.
    """

    order_id: UUID
    amount_fen: int
    way: str
    receipt_number: str = ""
    reference: str = ""
    paid_at: datetime | None = None
    entered_by: str = ""


@dataclass(frozen=True, slots=True)
class PaymentVerdict:
    """What became of a payment; `again` where its reference was taken down before."""

    transfer: Transfer | None = None
    again: bool = False
    refusal: RuleBroken | None = None


def record_payment(
    order_id: UUID,
    amount_fen: int,
    way: str,
    receipt_number: str = "",
    reference: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Take down that an order was paid, in full or in part.

    Raises NotFound; BadPayment (`bad_amount`, `bad_way`, `receipt_missing`, `reference_missing`); PaymentRefused
    (`overpayment` with `owed_fen`, `order_cancelled`, `reference_used`). The same reference with the same order and
    amount is the same payment.
    """
    payment = Payment(order_id, amount_fen, way, receipt_number.strip(), reference.strip())
    [verdict] = record_payments([payment], actor=actor, now=now)
    if verdict.transfer is None:
        raise verdict.refusal or AssertionError("a verdict without a transfer has its refusal")
    return verdict.transfer


@transaction.atomic
def record_payments(payments: Sequence[Payment], *, actor: Actor, now: datetime) -> list[PaymentVerdict]:
    """Many payments, of one round or several, in their order; a refused one changes nothing."""
    till = _Till(payments, actor=actor, now=now)
    verdicts = [till.take(payment) for payment in payments]
    till.store()
    return verdicts


class _Till:
    """Orders with what they owe, and the references that are used up, while payments are taken."""

    def __init__(self, payments: Sequence[Payment], *, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self.orders = _locked_orders(payments, actor)
        self.books = self._open_books()
        self.seen = _transfers_by_reference(payments, actor)
        self.taken: list[Transfer] = []

    def _open_books(self) -> dict[UUID, OrderBooks]:
        books: dict[UUID, OrderBooks] = {}
        for buy in {order.round for order in self.orders.values()}:
            books |= books_of(buy, [order.pk for order in self.orders.values() if order.round_id == buy.pk])
        return books

    def take(self, payment: Payment) -> PaymentVerdict:
        refusal = _malformed(payment)
        order = self.orders.get(payment.order_id)
        if refusal is None and order is None:
            refusal = NotFound(_("There is no such order"))
        if refusal or order is None:
            return PaymentVerdict(refusal=refusal)
        seen = self.seen.get(payment.reference) if payment.reference else None
        return self._again(payment, seen) if seen else self._first(payment, order)

    def _again(self, payment: Payment, seen: Transfer) -> PaymentVerdict:
        same = (seen.order_id, seen.amount_fen, seen.credit) == (payment.order_id, payment.amount_fen, Account.OWED)
        if same:
            return PaymentVerdict(seen, again=True)
        text = _("Reference %(reference)s was taken down before, with other content")
        return _refused("reference_used", text % {"reference": payment.reference}, reference=payment.reference)

    def _first(self, payment: Payment, order: Order) -> PaymentVerdict:
        owed = self.books.setdefault(order.pk, OrderBooks()).owed
        if order.state == Order.State.CANCELLED:
            text = _("Order %(code)s was cancelled; nothing is to be paid for it")
            return _refused("order_cancelled", text % {"code": order.code}, order=order.code)
        if payment.amount_fen > owed:
            text = _("Order %(code)s owes %(owed)s; %(amount)s is more")
            facts = {"code": order.code, "owed": fen(owed), "amount": fen(payment.amount_fen)}
            return _refused("overpayment", text % facts, owed_fen=owed, amount_fen=payment.amount_fen)
        return PaymentVerdict(self._enter(payment, order))

    def _enter(self, payment: Payment, order: Order) -> Transfer:
        self.books[order.pk].owed -= payment.amount_fen
        at = min(payment.paid_at or self.now, self.now)
        row = Bookkeeper(order.round, self.actor, at).transfer(
            Account.PAID,
            Account.OWED,
            payment.amount_fen,
            "paid",
            order_id=order.pk,
            household_id=order.household_id,
            way=payment.way,
            receipt_number=payment.receipt_number,
            reference=payment.reference,
            entered_by=payment.entered_by,
        )
        if payment.reference:
            self.seen[payment.reference] = row
        self.taken.append(row)
        return row

    def store(self) -> None:
        store(self.taken)
        record_all(
            event(
                "groupbuy.payment_recorded",
                row.order_id,
                actor=self.actor,
                now=self.now,
                household_id=row.household_id,
                values={
                    "amount_fen": row.amount_fen,
                    "way": row.way,
                    "receipt_number": row.receipt_number,
                    "reference": row.reference,
                },
            )
            for row in self.taken
            if row.order_id
        )


def _refused(code: str, text: str, **facts: object) -> PaymentVerdict:
    return PaymentVerdict(refusal=coded(PaymentRefused(text, **facts), code))


def _malformed(payment: Payment) -> RuleBroken | None:
    if payment.amount_fen < 1:
        return coded(BadPayment(_("A payment is more than nothing"), field="amount"), "bad_amount")
    if payment.way not in WAYS:
        return coded(BadPayment(_("Money comes as cash, bank transfer or WeChat"), field="way"), "bad_way")
    if payment.way == Way.CASH and not payment.receipt_number:
        return coded(BadPayment(_("Cash needs the number of its receipt"), field="receipt_number"), "receipt_missing")
    if not (payment.receipt_number or payment.reference):
        text = _("Give the reference of the transfer, or the number of a receipt")
        return coded(BadPayment(text, field="reference"), "reference_missing")
    return None


def _locked_orders(payments: Iterable[Payment], actor: Actor) -> dict[UUID, Order]:
    """The orders, with their rounds held in the order of their ids, so that two tills never wait for each other."""
    mine = Order.objects.within(actor.subdistrict_id).filter(pk__in={payment.order_id for payment in payments})
    for round_id in sorted(set(mine.values_list("round_id", flat=True))):
        lock_round(round_id)
    return {order.pk: order for order in mine.select_related("round")}


def _transfers_by_reference(payments: Iterable[Payment], actor: Actor) -> dict[str, Transfer]:
    wanted = {payment.reference for payment in payments} - {""}
    rows = Transfer.objects.within(actor.subdistrict_id).filter(reference__in=wanted)
    return {row.reference: row for row in rows}


@transaction.atomic
def pay_refunds(
    round_id: UUID,
    way: str,
    reference: str = "",
    *,
    household_id: UUID | None = None,
    receipt_number: str = "",
    actor: Actor,
    now: datetime,
) -> list[Transfer]:
    """Note that what is owed to households was paid back, to all of a round or to one; each is told.

    Paying again pays what has come to be owed since. Raises NotFound, BadPayment (`bad_way`, `reference_used`).
    """
    buy = lock_round(round_id)
    if way not in WAYS:
        raise coded(BadPayment(_("Money goes as cash, bank transfer or WeChat"), field="way"), "bad_way")
    open_refunds = _refunds_owed(buy, household_id)
    codes = _codes(buy, [order_id for order_id, _household, _amount in open_refunds])
    references = {order_id: _reference_of(reference, codes[order_id]) for order_id, *_rest in open_refunds}
    _refuse_used(buy, references.values())
    books = Bookkeeper(buy, actor, now)
    rows = [
        books.transfer(
            Account.REFUND_OWED,
            Account.REFUND_PAID,
            amount,
            "refund",
            order_id=order_id,
            household_id=household,
            way=way,
            receipt_number=receipt_number,
            reference=references[order_id],
        )
        for order_id, household, amount in open_refunds
    ]
    store(rows)
    _announce(rows, codes, actor, now)
    return rows


def _refunds_owed(buy: Round, household_id: UUID | None) -> list[tuple[UUID, UUID, int]]:
    """(order, household, fen) of every open refund, in the order of the orders."""
    transfers: QuerySet[Transfer] = Transfer.objects.within(buy.subdistrict_id).filter(round=buy, order__isnull=False)
    if household_id:
        transfers = transfers.filter(household=household_id)
    owed = transfers.order_by("order_id").values_list("order_id", "household_id")
    return list(owed.annotate(back=balance_of(Account.REFUND_OWED)).filter(back__gt=0))


def _codes(buy: Round, order_ids: Sequence[UUID]) -> dict[UUID, str]:
    orders = Order.objects.within(buy.subdistrict_id).filter(round=buy)
    if len(order_ids) <= FEW:
        orders = orders.filter(pk__in=order_ids)
    return dict(orders.values_list("pk", "code"))


def _reference_of(reference: str, code: str) -> str:
    """One bank run pays many orders back; each keeps a reference of its own."""
    return f"{reference.strip()}/{code}" if reference.strip() else ""


def _refuse_used(buy: Round, references: Iterable[str]) -> None:
    wanted = set(references) - {""}
    mine = Transfer.objects.within(buy.subdistrict_id)
    if wanted and (used := mine.filter(reference__in=wanted).values_list("reference", flat=True).first()):
        text = _("Reference %(reference)s was taken down before, with other content") % {"reference": used}
        raise coded(BadPayment(text, reference=used), "reference_used")


def _announce(rows: Sequence[Transfer], codes: Mapping[UUID, str], actor: Actor, now: datetime) -> None:
    record_all(
        event(
            "groupbuy.refund_paid",
            row.order_id,
            actor=actor,
            now=now,
            household_id=row.household_id,
            values={"amount_fen": row.amount_fen, "way": row.way, "reference": row.reference},
        )
        for row in rows
        if row.order_id
    )
    with in_our_language():
        told = [
            (row.household_id, refunded_text(codes[row.order_id], row.amount_fen, row.get_way_display()))
            for row in rows
            if row.household_id and row.order_id
        ]
        tell(told, kind="refunded", actor=actor, now=now)
