"""Taking in what a vehicle brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput, NotFound, RuleBroken
from baogong.common.events import record
from baogong.supply.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine


class PurchaseOrderClosed(RuleBroken):
    """The last receipt for this purchase order has been written."""

    code = "purchase_order_closed"


class MoreThanOrdered(RuleBroken):
    """More came than was ordered; `facts` say how much, and `extra` takes it in all the same."""

    code = "more_than_ordered"


@dataclass(frozen=True, slots=True)
class Received:
    """What came of one line of a purchase order: good units taken in, units sent back with a reason, the lot."""

    line_id: UUID
    units: int
    rejected: int = 0
    reason: str = ""
    lot: str = ""


@transaction.atomic
def receive_goods(
    purchase_order_id: UUID,
    lines: Sequence[Received],
    *,
    final: bool = True,
    extra: bool = False,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> GoodsReceipt:
    """Write down a delivery; with `final` nothing more is expected, and what did not come is short.

    No lines and `final`: the supplier ships nothing. More than was ordered is refused unless `extra` says that it is
    meant. Raises NotFound, BadInput (naming line and field), PurchaseOrderClosed, MoreThanOrdered.
    """
    order = _open_order(purchase_order_id)
    ordered = {line.pk: line for line in order.lines.all()}
    _refuse_nonsense(lines, ordered, final)
    if not extra:
        _refuse_more(order, lines, ordered)
    receipt = GoodsReceipt.objects.create(
        subdistrict_id=order.subdistrict_id,
        purchase_order=order,
        received_at=now,
        received_by=actor.account_id,
        final=final,
        note=note.strip(),
    )
    GoodsReceiptLine.objects.bulk_create([_line(receipt, line) for line in lines], batch_size=500)
    if final:
        PurchaseOrder.objects.filter(pk=order.pk, closed_at=None).update(closed_at=now)
    _note(receipt, order, lines, actor, now)
    return receipt


def _open_order(purchase_order_id: UUID) -> PurchaseOrder:
    order: PurchaseOrder | None = (
        PurchaseOrder.objects.select_for_update(no_key=True).filter(pk=purchase_order_id).first()
    )
    if order is None:
        raise NotFound(_("There is no such purchase order"))
    if order.closed_at:
        text = _("The last receipt for purchase order %(code)s has been written") % {"code": order.code}
        raise PurchaseOrderClosed(text, purchase_order=order.code)
    return order


def _refuse_nonsense(lines: Sequence[Received], ordered: Mapping[UUID, PurchaseOrderLine], final: bool) -> None:
    if not lines and not final:
        raise BadInput(_("Nothing came: then it is the last receipt, or there is none"), field="lines")
    for line, times in Counter(line.line_id for line in lines).items():
        if line not in ordered:
            raise BadInput(_("This purchase order has no such line"), field="line", line=str(line))
        if times > 1:
            raise BadInput(_("%(name)s stands twice") % {"name": ordered[line].name}, field="line", line=str(line))
    for each in lines:
        facts = {"line": str(each.line_id)}
        name = {"name": ordered[each.line_id].name}
        if each.units < 0 or each.rejected < 0:
            raise BadInput(_("%(name)s: a number is not below zero") % name, field="units", **facts)
        if each.rejected and not each.reason.strip():
            raise BadInput(_("%(name)s: say why units were sent back") % name, field="reason", **facts)


def _refuse_more(order: PurchaseOrder, lines: Sequence[Received], ordered: Mapping[UUID, PurchaseOrderLine]) -> None:
    """Over all receipts of an order, no line may come to more than its packs hold."""
    taken = GoodsReceiptLine.objects.within(order.subdistrict_id).filter(receipt__purchase_order=order)
    before = Counter(dict(taken.order_by().values_list("order_line").annotate(Sum("units"))))
    for line in lines:
        name, most, so_far = ordered[line.line_id].name, ordered[line.line_id].units, before[line.line_id]
        if so_far + line.units > most:
            text = _("%(name)s: %(ordered)s were ordered, %(before)s have come, and now %(units)s")
            facts = {"name": name, "ordered": most, "before": so_far, "units": line.units}
            raise MoreThanOrdered(text % facts, line=str(line.line_id), **facts)


def _line(receipt: GoodsReceipt, line: Received) -> GoodsReceiptLine:
    return GoodsReceiptLine(
        subdistrict_id=receipt.subdistrict_id,
        receipt=receipt,
        order_line_id=line.line_id,
        units=line.units,
        rejected=line.rejected,
        reason=line.reason.strip(),
        lot=line.lot.strip(),
    )


def _note(receipt: GoodsReceipt, order: PurchaseOrder, lines: Sequence[Received], actor: Actor, now: datetime) -> None:
    record(
        "supply.goods_received",
        receipt.pk,
        actor=actor,
        now=now,
        purchase_order=order.code,
        final=receipt.final,
        units=sum(line.units for line in lines),
        rejected=sum(line.rejected for line in lines),
    )
