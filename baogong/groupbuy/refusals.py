"""Refusals of group buying, each with its code and the text that says what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from baogong.common.errors import BadInput, NotFound, RuleBroken


class RoundNotOpen(RuleBroken):
    code = "round_not_open"


class SoldOut(RuleBroken):
    code = "sold_out"


class OverHouseholdCap(RuleBroken):
    code = "over_household_cap"


class OrderCancelled(RuleBroken):
    code = "order_cancelled"


class KeyReused(RuleBroken):
    code = "key_reused"


class UnknownOffer(BadInput):
    code = "unknown_offer"


class UnknownOrder(NotFound):
    code = "unknown_order"


class UnknownHousehold(NotFound):
    code = "unknown_household"


class BadLines(BadInput):
    """Lines that no round could take; `code` is set per case."""

    code = "bad_lines"


class IllegalTransition(RuleBroken):
    """A round cannot go from its state to that one; `facts` name both."""

    code = "illegal_transition"


class NotReady(RuleBroken):
    """Something has to come first; `code` is set per case and `facts` name what is missing."""

    code = "not_ready"


class BadRound(BadInput):
    """A round cannot be made like this; `facts["field"]` names the field."""

    code = "bad_round"


class BadPayment(BadInput):
    """Money that cannot be taken down like this; `code` is set per case."""

    code = "bad_payment"


class PaymentRefused(RuleBroken):
    """Money that this order does not owe; `code` is set per case."""

    code = "payment_refused"


def coded(refusal: RuleBroken, code: str) -> RuleBroken:
    """The refusal under the code of its case."""
    refusal.code = code
    return refusal


_KINDS: dict[str, type[RuleBroken]] = {
    "round_not_open": RoundNotOpen,
    "sold_out": SoldOut,
    "over_household_cap": OverHouseholdCap,
    "order_cancelled": OrderCancelled,
    "key_reused": KeyReused,
    "unknown_offer": UnknownOffer,
    "unknown_order": UnknownOrder,
    "unknown_household": UnknownHousehold,
}

_TEXTS = {
    "round_not_open": _("Round %(round)s takes no orders at this time; it is open from %(opens)s to %(closes)s"),
    "sold_out": _("%(name)s: %(remaining)s left, you asked for %(asked)s. Take %(remaining)s or fewer"),
    "none_left": _("%(name)s is sold out. Take it off, and the rest can be ordered"),
    "over_household_cap": _("%(name)s: at most %(cap)s per household, you asked for %(asked)s"),
    "over_cap_with_earlier": _(
        "%(name)s: at most %(cap)s per household; you have ordered %(already)s and now ask for %(asked)s"
    ),
    "order_cancelled": _("This order was cancelled and cannot be changed; place a new one"),
    "key_reused": _("This request was sent before for another household"),
    "unknown_offer": _("This round does not offer that"),
    "unknown_order": _("There is no such order in this round"),
    "unknown_household": _("There is no such household"),
    "no_lines": _("Choose at least one thing"),
    "too_many_lines": _("An order has at most %(most)s lines, this one has %(lines)s"),
    "bad_quantity": _("A quantity is a whole number from 1 to %(most)s"),
    "offer_twice": _("%(name)s stands twice in this order; put it in one line"),
}


def refusal_of(code: str, facts: Mapping[str, object]) -> RuleBroken:
    """A decision's refusal as an exception: its code, its words, its numbers."""
    wording = code
    if code == "sold_out" and not facts["remaining"]:
        wording = "none_left"
    if code == "over_household_cap" and facts["already"]:
        wording = "over_cap_with_earlier"
    broken = _KINDS.get(code, BadLines)(str(_TEXTS[wording] % facts), **facts)
    return coded(broken, code)
