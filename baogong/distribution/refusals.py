"""Refusals of distribution, each with its code."""

from __future__ import annotations

from baogong.common.errors import BadInput, RuleBroken


class ReceiptNotFinal(RuleBroken):
    """More is expected for this purchase order; it is shared out once, when everything is here."""

    code = "receipt_not_final"


class NoRound(RuleBroken):
    """A purchase order that no round has raised: nobody ordered these goods."""

    code = "no_round"


class NothingToHandOut(RuleBroken):
    code = "nothing_to_hand_out"


class DayIsPast(BadInput):
    code = "day_is_past"


class PlanBreaches(RuleBroken):
    """A plan that must not be published; `facts["breaches"]` says why, one text each."""

    code = "plan_breaches"


class PlanNotPublished(RuleBroken):
    code = "plan_not_published"


class PlanWithdrawn(RuleBroken):
    code = "plan_withdrawn"


class AlreadyHandedOver(RuleBroken):
    """Somebody has received goods of this plan already; it cannot be withdrawn any more."""

    code = "already_handed_over"


class DeliveryReturned(RuleBroken):
    code = "delivery_returned"


class TaskTaken(RuleBroken):
    code = "task_taken"


class TaskOver(RuleBroken):
    """Done, or withdrawn with its plan."""

    code = "task_over"


class NotYourTask(RuleBroken):
    code = "not_your_task"


class DeliveriesOpen(RuleBroken):
    """Some households of this task have neither their goods nor been marked as not met."""

    code = "deliveries_open"


class AmbiguousCode(BadInput):
    """The pick-up code occurs in several plans of these days; say which plan."""

    code = "ambiguous_code"


class PointInUse(RuleBroken):
    """Published plans have promised turns at this point that the change would break; `facts` say how many."""

    code = "point_in_use"
