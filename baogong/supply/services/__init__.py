"""What is done with suppliers' goods: lists published, purchases raised, deliveries received."""

from __future__ import annotations

from baogong.supply.services.purchasing import PurchaseLine, raise_purchase_order, waive_delivery_fee
from baogong.supply.services.receiving import Received, receive_goods
from baogong.supply.services.supply_lists import NotPublishable, missing_fields, publish_list

__all__ = [
    "NotPublishable",
    "PurchaseLine",
    "Received",
    "missing_fields",
    "publish_list",
    "raise_purchase_order",
    "receive_goods",
    "waive_delivery_fee",
]
