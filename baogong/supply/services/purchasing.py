"""Ordering from a supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, IntegerField, When
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.events import record
from baogong.supply.models import Offer, PurchaseOrder, PurchaseOrderLine, Supplier


class NotInStock(RuleBroken):
    """The supplier has less than is ordered."""

    code = "not_in_stock"


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """Whole packs of an offer at a price per unit; `demand` units of them are what households ordered."""

    offer: Offer
    packs: int
    demand: int
    price_fen: int

    @property
    def units(self) -> int:
        return self.packs * self.offer.pack_size


@transaction.atomic
def raise_purchase_order(
    supplier: Supplier,
    lines: Sequence[PurchaseLine],
    *,
    code: str,
    deliver_from: datetime | None = None,
    deliver_until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Order whole packs; the units leave the supplier's stock. Raises BadInput without lines, NotInStock."""
    if not lines or any(line.packs < 1 for line in lines):
        raise BadInput(_("A purchase order has lines, and each at least one pack"))
    _take_from_stock(supplier, lines)
    order = PurchaseOrder.objects.create(
        subdistrict_id=supplier.subdistrict_id,
        code=code,
        supplier=supplier,
        delivery_fee_fen=supplier.delivery_fee_fen,
        deliver_from=deliver_from,
        deliver_until=deliver_until,
        raised_at=now,
        raised_by=actor.account_id,
    )
    PurchaseOrderLine.objects.bulk_create([_line(order, line) for line in lines], batch_size=500)
    goods = sum(line.units * line.price_fen for line in lines)
    record("supply.purchase_order_raised", order.pk, actor=actor, now=now, code=code, lines=len(lines), goods_fen=goods)
    return order


def waive_delivery_fee(order: PurchaseOrder, *, actor: Actor, now: datetime) -> int:
    """A supplier that brought nothing is owed no fee; gives what is waived, in fen."""
    fee = order.delivery_fee_fen
    PurchaseOrder.objects.filter(pk=order.pk).update(delivery_fee_fen=0)
    record("supply.delivery_fee_waived", order.pk, actor=actor, now=now, code=order.code, fee_fen=fee)
    return fee


def _line(order: PurchaseOrder, line: PurchaseLine) -> PurchaseOrderLine:
    return PurchaseOrderLine(
        subdistrict_id=order.subdistrict_id,
        purchase_order=order,
        offer=line.offer,
        name=line.offer.name,
        spec=line.offer.spec,
        packs=line.packs,
        pack_size=line.offer.pack_size,
        price_fen=line.price_fen,
        demand=line.demand,
    )


def _take_from_stock(supplier: Supplier, lines: Sequence[PurchaseLine]) -> None:
    whens = [When(pk=line.offer.pk, then=line.units) for line in lines]
    units = Case(*whens, output_field=IntegerField())
    offers = Offer.objects.within(supplier.subdistrict_id).filter(pk__in=[line.offer.pk for line in lines])
    if offers.filter(supplier=supplier, stock__gte=units).update(stock=F("stock") - units) < len(lines):
        raise NotInStock(_("%(supplier)s has less in stock than is ordered") % {"supplier": supplier.name})
