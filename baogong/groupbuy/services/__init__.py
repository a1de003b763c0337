"""What is done in group buying: rounds made and closed, orders placed, goods bought and shared out, money moved."""

from __future__ import annotations

from baogong.groupbuy.services.handing_over import bag_lines, hand_over_lines, return_lines, unbag_lines
from baogong.groupbuy.services.orders import cancel_order, change_order, place_order, place_orders
from baogong.groupbuy.services.payments import Payment, PaymentVerdict, pay_refunds, record_payment, record_payments
from baogong.groupbuy.services.purchasing import raise_purchase_orders
from baogong.groupbuy.services.recording import Verdict
from baogong.groupbuy.services.rounds import (
    RoundDraft,
    RoundItem,
    cancel_round,
    close_round,
    correct_offered,
    create_round,
    open_round,
    schedule_round,
)
from baogong.groupbuy.services.schedule import close_due_rounds, note_due_receipts, note_receipts, open_due_rounds
from baogong.groupbuy.services.settling import pay_suppliers, settle_round, write_off
from baogong.groupbuy.services.sharing import Granted, grant_lines
from baogong.groupbuy.services.states import TRANSITIONS, move_round

__all__ = [
    "TRANSITIONS",
    "Granted",
    "Payment",
    "PaymentVerdict",
    "RoundDraft",
    "RoundItem",
    "Verdict",
    "bag_lines",
    "cancel_order",
    "cancel_round",
    "change_order",
    "close_due_rounds",
    "close_round",
    "correct_offered",
    "create_round",
    "grant_lines",
    "hand_over_lines",
    "move_round",
    "note_due_receipts",
    "note_receipts",
    "open_due_rounds",
    "open_round",
    "pay_refunds",
    "pay_suppliers",
    "place_order",
    "place_orders",
    "raise_purchase_orders",
    "record_payment",
    "record_payments",
    "return_lines",
    "schedule_round",
    "settle_round",
    "unbag_lines",
    "write_off",
]
