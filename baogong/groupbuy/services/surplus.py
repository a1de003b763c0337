"""Packs hold more than households ordered: the subdistrict carries that share and keeps the units in reserve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.groupbuy.ledger import Account, Bookkeeper, store
from baogong.groupbuy.models import Round, RoundOffer, RoundPurchase, Transfer
from baogong.supply.models import GoodsReceipt, PurchaseOrder, PurchaseOrderLine, ReserveMovement
from baogong.supply.queries import units_received
from baogong.supply.services import waive_delivery_fee


def post_purchase(order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], books: Bookkeeper) -> None:
    """What the subdistrict carries of a purchase: the units beyond the demand, and the delivery fee."""
    surplus = sum(surplus_units(line) * line.price_fen for line in lines)
    rows = []
    if surplus:
        rows.append(books.transfer(Account.SHARE, Account.PAYABLE, surplus, "surplus", supplier_id=order.supplier_id))
    if order.delivery_fee_fen:
        fee = order.delivery_fee_fen
        rows.append(books.transfer(Account.SHARE, Account.FEES, fee, "fee", supplier_id=order.supplier_id))
    store(rows)


def surplus_units(line: PurchaseOrderLine) -> int:
    return max(0, line.units - line.demand)


def keep_surplus(
    buy: Round, reserve: Mapping[UUID, int], receipt: GoodsReceipt | None, *, actor: Actor, now: datetime
) -> None:
    """Put what came beyond the demand (units by round offer) into the reserve; the share becomes its worth."""
    offers = RoundOffer.objects.within(buy.subdistrict_id).filter(pk__in=list(reserve)).select_related("offer")
    expected = _ordered_surplus(buy)
    more: Counter[UUID] = Counter()
    kept = []
    for offer in offers:
        units = reserve[offer.pk]
        more[offer.offer.supplier_id] += (units - expected.get(offer.offer_id, 0)) * offer.price_fen
        if units:
            kept.append(_into_reserve(buy, offer, units, "pack_surplus", receipt, actor, now))
    insert_all(kept)
    books = Bookkeeper(buy, actor, now)
    store(_share(books, supplier, fen) for supplier, fen in more.items() if fen)


def waive_fee(buy: Round, receipt: GoodsReceipt, *, actor: Actor, now: datetime) -> None:
    """Take back the delivery fee of a supplier whose last receipt says that it brought nothing at all."""
    order = receipt.purchase_order
    if order.delivery_fee_fen and receipt.final and not any(units_received(order).values()):
        fee = waive_delivery_fee(order, actor=actor, now=now)
        books = Bookkeeper(buy, actor, now)
        store([books.transfer(Account.FEES, Account.SHARE, fee, "fee", supplier_id=order.supplier_id)])


def keep_returned(buy: Round, units: Mapping[UUID, int], *, actor: Actor, now: datetime) -> None:
    """Put goods that could not be handed over (units by round offer) into the reserve."""
    offers = RoundOffer.objects.within(buy.subdistrict_id).filter(pk__in=list(units))
    rows = [_into_reserve(buy, offer, units[offer.pk], "returned", None, actor, now) for offer in offers]
    insert_all(rows)


def _share(books: Bookkeeper, supplier_id: UUID, fen: int) -> Transfer:
    """The share grows where more came than was ordered; what a short receipt lacks is taken back."""
    debit, credit = (Account.SHARE, Account.PAYABLE) if fen > 0 else (Account.PAYABLE, Account.SHARE)
    return books.transfer(debit, credit, abs(fen), "surplus", supplier_id=supplier_id)


def _ordered_surplus(buy: Round) -> dict[UUID, int]:
    """Units beyond the demand as ordered, by supplier's offer."""
    purchases = RoundPurchase.objects.within(buy.subdistrict_id).filter(round=buy).values("purchase_order")
    lines = PurchaseOrderLine.objects.within(buy.subdistrict_id).filter(purchase_order__in=purchases)
    return {line.offer_id: surplus_units(line) for line in lines}


def _into_reserve(
    buy: Round, offer: RoundOffer, units: int, reason: str, receipt: GoodsReceipt | None, actor: Actor, now: datetime
) -> ReserveMovement:
    return ReserveMovement(
        subdistrict_id=buy.subdistrict_id,
        offer_id=offer.offer_id,
        units=units,
        reason=reason,
        receipt=receipt,
        at=now,
        by=actor.account_id,
    )
