"""What is done in distribution: goods shared out, days planned, plans published, tasks taken, bags handed over."""

from __future__ import annotations

from baogong.distribution.services.allocation import allocate
from baogong.distribution.services.handing_over import HandedOver, hand_over, return_delivery
from baogong.distribution.services.planning import plan_day
from baogong.distribution.services.points import change_point
from baogong.distribution.services.publishing import publish_plan, withdraw_plan
from baogong.distribution.services.tasks import accept_task, finish_task, hand_back_task, start_carrying
from baogong.distribution.services.till import PaidAtDoor

__all__ = [
    "HandedOver",
    "PaidAtDoor",
    "accept_task",
    "allocate",
    "change_point",
    "finish_task",
    "hand_back_task",
    "hand_over",
    "plan_day",
    "publish_plan",
    "return_delivery",
    "start_carrying",
    "withdraw_plan",
]
