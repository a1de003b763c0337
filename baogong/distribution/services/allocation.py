"""What came for a purchase order is shared out among those who ordered it: once, visibly, reproducibly."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.common.errors import NotFound
from baogong.common.events import record
from baogong.distribution.models import Allocation, AllocationOffer
from baogong.distribution.refusals import NoRound, ReceiptNotFinal
from baogong.distribution.services.rounds import goods_are_shared_out
from baogong.groupbuy.models import Round, RoundOffer, RoundPurchase
from baogong.groupbuy.services import Granted, grant_lines
from baogong.supply.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine


@transaction.atomic
def allocate(receipt_id: UUID, *, seed: int | None = None, actor: Actor, now: datetime) -> Allocation:
    """Share out everything that came for this receipt's purchase order, once its last receipt is in.

    All good units of all its receipts count. Groupbuy shares by the common rule and keeps what is beyond the demand
    as reserve; the seed (drawn where none is given), the sums and the method stay on record. Asking again gives the
    same allocation and changes nothing. Raises NotFound, ReceiptNotFinal, NoRound.
    """
    order, receipt = _locked(receipt_id)
    done = Allocation.objects.filter(purchase_order=order).first()
    if done is not None:
        return done
    buy = _round_of(order)
    if order.closed_at is None:
        text = _("More is expected for %(order)s; mark the last receipt as the last one") % {"order": order.code}
        raise ReceiptNotFinal(text, purchase_order=order.code)
    seed = secrets.randbelow(2**31) if seed is None else seed
    granted = grant_lines(buy.pk, _arrived(order, buy), seed=seed, receipt=receipt, actor=actor, now=now)
    allocation = _keep(order, buy, seed, granted, actor, now)
    GoodsReceipt.objects.filter(purchase_order=order, allocated_at=None).update(allocated_at=now)
    goods_are_shared_out(buy, actor=actor, now=now)
    return allocation


def _locked(receipt_id: UUID) -> tuple[PurchaseOrder, GoodsReceipt]:
    """The receipt and its purchase order, held so that two cannot share out the same goods."""
    receipt = GoodsReceipt.objects.filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound(_("There is no such receipt"))
    order = PurchaseOrder.objects.select_for_update(no_key=True).get(pk=receipt.purchase_order_id)
    return order, receipt


def _round_of(order: PurchaseOrder) -> Round:
    purchase = RoundPurchase.objects.filter(purchase_order=order).select_related("round").first()
    if purchase is None:
        raise NoRound(_("%(order)s belongs to no round") % {"order": order.code}, purchase_order=order.code)
    buy: Round = purchase.round
    return buy


def _arrived(order: PurchaseOrder, buy: Round) -> dict[UUID, int]:
    """Good units by round offer, for everything that was ordered; 0 where nothing came."""
    lines = GoodsReceiptLine.objects.filter(receipt__in=GoodsReceipt.objects.filter(purchase_order=order))
    units = dict(lines.order_by().values_list("order_line__offer_id").annotate(Sum("units")))
    ordered = PurchaseOrderLine.objects.filter(purchase_order=order).values("offer")
    offers = RoundOffer.objects.filter(round=buy, offer__in=ordered)
    return {pk: units.get(offer_id, 0) for pk, offer_id in offers.values_list("pk", "offer_id")}


def _keep(
    order: PurchaseOrder, buy: Round, seed: int, granted: Iterable[Granted], actor: Actor, now: datetime
) -> Allocation:
    shares = list(granted)
    sums = _sums(shares)
    allocation = Allocation.objects.create(
        subdistrict_id=buy.subdistrict_id,
        purchase_order=order,
        round=buy,
        seed=seed,
        at=now,
        by=actor.account_id,
        **sums,
    )
    insert_all(_offer(allocation, share) for share in shares)
    values: dict[str, Any] = {"purchase_order": order.code, "seed": seed, **sums}
    record("distribution.allocated", allocation.pk, actor=actor, now=now, **values)
    return allocation


def _sums(shares: Iterable[Granted]) -> dict[str, int]:
    names = ("demand", "arrived", "granted")
    rows = [[getattr(share, name) for name in names] for share in shares]
    return {name: sum(row[place] for row in rows) for place, name in enumerate(names)}


def _offer(allocation: Allocation, share: Granted) -> AllocationOffer:
    return AllocationOffer(
        subdistrict_id=allocation.subdistrict_id,
        allocation=allocation,
        round_offer_id=share.round_offer_id,
        demand=share.demand,
        arrived=share.arrived,
        granted=share.granted,
        reserve=share.reserve,
    )
