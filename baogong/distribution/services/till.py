"""Cash that is taken with the goods: shared over the household's orders in the delivery, once per receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.distribution.models import Delivery
from baogong.distribution.money import owed_by_order
from baogong.groupbuy.models import OrderLine, Transfer
from baogong.groupbuy.refusals import PaymentRefused, coded
from baogong.groupbuy.services import Payment, record_payments
from baogong.web.words import fen


@dataclass(frozen=True, slots=True)
class PaidAtDoor:
    """Cash taken with the hand-over, and the number of the receipt that was written for it."""

    amount_fen: int
    receipt_number: str


def take_money(delivery: Delivery, line_ids: Sequence[UUID], paid: PaidAtDoor, *, actor: Actor, now: datetime) -> None:
    """Take down cash for the orders of a delivery, oldest first. The same receipt again is the same payment.

    The caller holds the delivery's row. Raises BadPayment, PaymentRefused (`overpayment` with `owed_fen`).
    """
    reference = f"hand-over/{delivery.plan.code}-{delivery.number:04d}/{paid.receipt_number.strip()}"
    if _taken_before(delivery, reference):
        return
    orders = set(OrderLine.objects.filter(pk__in=line_ids).values_list("order_id", flat=True))
    owed = owed_by_order(orders, delivery.subdistrict_id)
    if paid.amount_fen > sum(owed.values()):
        text = _("This household owes %(owed)s for these goods; %(amount)s is more")
        facts = {"owed": fen(sum(owed.values())), "amount": fen(paid.amount_fen)}
        raise coded(
            PaymentRefused(text % facts, owed_fen=sum(owed.values()), amount_fen=paid.amount_fen), "overpayment"
        )
    payments = list(_payments(owed, paid, reference))
    for verdict in record_payments(payments, actor=actor, now=now):
        if verdict.refusal:
            raise verdict.refusal


def _taken_before(delivery: Delivery, reference: str) -> bool:
    transfers = Transfer.objects.within(delivery.subdistrict_id)
    return bool(transfers.filter(reference__startswith=f"{reference}/").exists())


def _payments(owed: dict[UUID, int], paid: PaidAtDoor, reference: str) -> Iterator[Payment]:
    left = paid.amount_fen
    for number, (order_id, owes) in enumerate(owed.items(), 1):
        part = min(left, owes)
        if part:
            yield Payment(order_id, part, Transfer.Way.CASH, paid.receipt_number.strip(), f"{reference}/{number}")
        left -= part
