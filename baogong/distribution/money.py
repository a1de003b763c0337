"""What households still owe for goods that are handed to them: read from groupbuy's books."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from baogong.distribution.models import DeliveryQuerySet, ParcelLine
from baogong.distribution.recipients import chunks
from baogong.groupbuy.ledger import balance_of
from baogong.groupbuy.models import LedgerAccount, Transfer


def owed_by_order(order_ids: Collection[UUID], subdistrict_id: UUID) -> dict[UUID, int]:
    """Fen still owed, by order, oldest order first; orders that owe nothing are left out."""
    owed: dict[UUID, int] = {}
    for ids in chunks(sorted(order_ids)):
        transfers = Transfer.objects.within(subdistrict_id).filter(order_id__in=ids)
        rows = transfers.order_by("order_id").values_list("order_id").annotate(fen=balance_of(LedgerAccount.OWED))
        owed.update(rows.filter(fen__gt=0))
    return owed


def owed_at_delivery(deliveries: DeliveryQuerySet, subdistrict_id: UUID) -> dict[UUID, int]:
    """Fen to be paid when the goods are handed over, by delivery; nothing for those that are paid."""
    lines = ParcelLine.objects.filter(parcel__delivery__in=deliveries).order_by()
    pairs = set(lines.values_list("parcel__delivery_id", "order_line__order_id"))
    owed = owed_by_order({order for _delivery, order in pairs}, subdistrict_id)
    sums: dict[UUID, int] = {}
    for delivery, order in pairs:
        if order in owed:
            sums[delivery] = sums.get(delivery, 0) + owed[order]
    return sums
