"""`baogong rounds` and `baogong round CODE STEP`: the buyer's desk on the command line, acting as the system."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.common.errors import BadInput, NotFound
from baogong.groupbuy.desk import RoundLine, round_lines
from baogong.groupbuy.desk_deeds import DEEDS
from baogong.groupbuy.models import Round
from baogong.supply.models import Supplier
from baogong.web.words import fen, when

# The words of the command line, and the deeds of the desk behind them.
STEPS = {
    "open": "opening",
    "schedule": "schedule",
    "close": "closing",
    "order": "ordering",
    "cancel": "cancellation",
    "refund": "refunds",
    "pay-suppliers": "supplier-payment",
    "write-off": "write-off",
    "settle": "settlement",
}
SHOWN = 30


def list_rounds(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """One line a round, the newest first."""
    rounds = Round.objects.within(subdistrict_id).order_by("-created_at", "-pk")[:SHOWN]
    for line in round_lines(list(rounds)):
        print(in_words(line))
    return 0


def in_words(line: RoundLine) -> str:
    facts = {
        "code": line.round.code,
        "name": line.round.name,
        "state": line.round.get_state_display(),
        "closes": when(line.round.closes_at),
        "doors": line.doors,
        "sum": fen(line.value_fen),
    }
    return _("%(code)s  %(name)s: %(state)s, cut-off %(closes)s, households %(doors)s, %(sum)s") % facts


def move_round(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """Take `options.step` with the round `options.code` and say what was done. Raises NotFound, BadInput, refusals."""
    buy = round_named(options.code, subdistrict_id)
    said: dict[str, Any] = {
        "way": options.way,
        "reference": options.reference,
        "reason": options.reason,
        "supplier": supplier_named(options.supplier, subdistrict_id),
    }
    if options.step == "write-off" and not options.reason.strip():
        raise BadInput(_("Say with --reason why this cannot be collected"))
    print(DEEDS[STEPS[options.step]].act(buy, said, system(subdistrict_id), now()))
    return 0


def round_named(code: str, subdistrict_id: UUID) -> Round:
    found: Round | None = Round.objects.within(subdistrict_id).filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound(_("There is no round “%(code)s”; `baogong rounds` lists them") % {"code": code})
    return found


def supplier_named(code: str, subdistrict_id: UUID) -> str:
    """The id of a supplier, or an empty text for all of them."""
    if not code:
        return ""
    found = Supplier.objects.within(subdistrict_id).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no supplier “%(code)s”") % {"code": code})
    return str(found.pk)
