"""Spreadsheets of group buying."""

from __future__ import annotations

from baogong.groupbuy.importing.orders import ORDERS
from baogong.groupbuy.importing.payments import PAYMENTS

KINDS = (ORDERS, PAYMENTS)
