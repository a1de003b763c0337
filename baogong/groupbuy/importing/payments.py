"""Payments from spreadsheets: a bank's list, or the cash that workers took; and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common.errors import BadInput, RuleBroken
from baogong.common.ids import is_uuid
from baogong.common.imports import Chunk, Column, InputRow, Kind, cells
from baogong.common.money import yuan
from baogong.groupbuy.importing.orders import orders_by_ref
from baogong.groupbuy.models import LedgerAccount, Order, Transfer
from baogong.groupbuy.services import Payment, PaymentVerdict, record_payments
from baogong.people import access

WAYS = {
    "cash": "cash", "现金": "cash",
    "transfer": "transfer", "转账": "transfer", "银行转账": "transfer",
    "wechat": "wechat", "微信": "wechat", "微信支付": "wechat",
}  # fmt: skip
OWN = "T-"  # begins the ref of a payment that had no reference, so that its export can be imported again
# The column that a refusal is about.
COLUMNS = {"overpayment": "amount", "order_cancelled": "order", "receipt_missing": "receipt", "reference_used": "ref"}


class UnknownOrder(BadInput):
    code = "unknown_order"


class AmbiguousOrder(BadInput):
    code = "ambiguous_order"


def apply_payments(chunk: Chunk) -> None:
    """A ref pays once: the same row again is unchanged, with other content it is refused."""
    orders = _Orders(chunk)
    exported = _exported_before(chunk)
    taken: list[tuple[InputRow, Payment]] = []
    for row in chunk.rows:
        try:
            payment = _payment(row, orders.find(row))
        except RuleBroken as refusal:
            chunk.refuse_for(row, refusal)
            continue
        if row["ref"] in exported:
            _compare(chunk, row, payment, exported[row["ref"]])
        else:
            taken.append((row, payment))
    verdicts = record_payments([payment for _row, payment in taken], actor=chunk.actor, now=chunk.now)
    for (row, _payment_made), verdict in zip(taken, verdicts, strict=True):
        _say(chunk, row, verdict)


def _payment(row: InputRow, order: Order) -> Payment:
    return Payment(
        order_id=order.pk,
        amount_fen=row["amount"],
        way=row["way"],
        receipt_number=row["receipt"] or "",
        reference=row["ref"],
        paid_at=row["paid_at"],
        entered_by=row["entered_by"] or "",
    )


def _say(chunk: Chunk, row: InputRow, verdict: PaymentVerdict) -> None:
    if verdict.refusal:
        chunk.refuse_for(row, verdict.refusal, column=COLUMNS.get(verdict.refusal.code, ""))
    else:
        chunk.say("unchanged" if verdict.again else "created", row)


def _exported_before(chunk: Chunk) -> dict[str, Transfer]:
    """Payments without a reference that these rows were exported from, by ref."""
    refs = [row["ref"] for row in chunk.rows if row["ref"].startswith(OWN) and is_uuid(row["ref"].removeprefix(OWN))]
    ids = [UUID(ref.removeprefix(OWN)) for ref in refs]
    rows = Transfer.objects.within(chunk.subdistrict_id).filter(pk__in=ids, reference="")
    return {f"{OWN}{row.pk}": row for row in rows}


def _compare(chunk: Chunk, row: InputRow, payment: Payment, stored: Transfer) -> None:
    if (stored.order_id, stored.amount_fen) == (payment.order_id, payment.amount_fen):
        chunk.say("unchanged", row)
    else:
        chunk.refuse(row, "reference_used", _("This ref is another payment; give a new one"), column="ref")


class _Orders:
    """The orders that rows name by their code, or by the ref of the file that they came in."""

    def __init__(self, chunk: Chunk) -> None:
        self.meant = orders_by_ref(chunk.subdistrict_id, {row["order"] for row in chunk.rows})
        households = {order.household_id for of_round in self.meant.values() for order in of_round.values()}
        self.reachable = _reachable(chunk, households)

    def find(self, row: InputRow) -> Order:
        named = list(self.meant.get(row["order"], {}).values())
        mine = [order for order in named if order.household_id in self.reachable]
        facts = {"text": row["order"]}
        if not mine:
            raise UnknownOrder(_("There is no order “%(text)s”") % facts, column="order")
        if len(mine) > 1:
            raise AmbiguousOrder(_("“%(text)s” is an order in several rounds; give its code") % facts, column="order")
        return mine[0]


def _reachable(chunk: Chunk, households: Iterable[UUID]) -> set[UUID]:
    if chunk.actor.is_system:
        return set(households)
    mine = access.households_for(chunk.actor, "groupbuy.record_payment").filter(pk__in=set(households))
    return set(mine.values_list("pk", flat=True))


def export_payments(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    paid = Transfer.objects.within(subdistrict_id).filter(debit=LedgerAccount.PAID, order__isnull=False)
    for row in paid.select_related("order").order_by("at", "pk").iterator(chunk_size=2_000):
        yield {
            "ref": row.reference or f"{OWN}{row.pk}",
            "order": row.order.code,
            "amount": yuan(row.amount_fen),
            "way": row.way,
            "paid_at": row.at,
            "receipt": row.receipt_number,
            "entered_by": row.entered_by,
        }


PAYMENTS = Kind(
    name="payments",
    label=gettext_lazy("payments"),
    operation="groupbuy.record_payment",
    columns=(
        Column("ref", "流水号", cells.label(100), also=("编号", "交易号")),
        Column("order", "订单号", cells.label(100), also=("单号", "订单编号")),
        Column("amount", "金额", cells.money(1), also=("实付金额", "付款金额")),
        Column("way", "支付方式", cells.choice(WAYS), also=("方式", "付款方式")),
        Column("paid_at", "支付时间", cells.moment, also=("时间", "付款时间")),
        Column("receipt", "收据号", cells.text(40), required=False, also=("收据", "收据编号")),
        Column("entered_by", "登记人", cells.text(60), required=False, also=("收款人", "录入人")),
    ),
    apply=apply_payments,
    export=export_payments,
    identity=lambda values: values["ref"],
    together=True,
)
