"""What must hold of purchases and the reserve, proved on what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum

from baogong.common.laws import Breach, Check
from baogong.supply.models import GoodsReceipt, PurchaseOrder, ReserveMovement


def law_2(subdistrict_id: UUID) -> Iterator[Breach]:
    """Goods that the subdistrict carries lie in its reserve: nothing leaves it that did not come in."""
    moved = ReserveMovement.objects.within(subdistrict_id).order_by().values_list("offer__sku", "offer")
    for sku, offer, units in moved.annotate(units=Sum("units")).filter(units__lt=0):
        yield Breach(2, f"reserve of {sku}: {-units} more left than came in", offer)


def law_3(subdistrict_id: UUID) -> Iterator[Breach]:
    """A purchase order is closed exactly when it has a final receipt."""
    final = Exists(GoodsReceipt.objects.filter(purchase_order=OuterRef("pk"), final=True))
    orders = PurchaseOrder.objects.within(subdistrict_id).annotate(has_final=final)
    wrong = orders.filter(Q(closed_at=None, has_final=True) | Q(closed_at__isnull=False, has_final=False))
    for pk, code in wrong.values_list("pk", "code"):
        yield Breach(3, f"purchase order {code}: closed without a final receipt, or open with one", pk)


LAWS: dict[int, Check] = {2: law_2, 3: law_3}
