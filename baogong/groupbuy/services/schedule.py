"""What rounds do by themselves when their time comes; each function is safe to run twice or from two workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from baogong.common.actors import Actor, system
from baogong.common.errors import RuleBroken
from baogong.groupbuy.models import Round, RoundPurchase
from baogong.groupbuy.services.purchasing import raise_purchase_orders
from baogong.groupbuy.services.rounds import close_round, open_round
from baogong.groupbuy.services.states import State, advance, lock_round

log = logging.getLogger(__name__)


def open_due_rounds(now: datetime) -> int:
    """Open every scheduled round whose time has come; gives how many."""
    return _each(Round.objects.everywhere().due_to_open(at=now), lambda pk, actor: open_round(pk, actor=actor, now=now))


def close_due_rounds(now: datetime) -> int:
    """Close every round past its cut-off and order from the suppliers; gives how many were closed.

    A round that was formed and could not be ordered is tried again each time: it is still there, waiting.
    """
    closed = _each(
        Round.objects.everywhere().due_to_close(at=now), lambda pk, actor: close_round(pk, actor=actor, now=now)
    )
    formed = Round.objects.everywhere().filter(state=State.FORMED)
    _each(formed, lambda pk, actor: raise_purchase_orders(pk, actor=actor, now=now))
    return closed


def note_due_receipts(now: datetime) -> int:
    """Rounds whose purchase orders have all had their last receipt are received; gives how many."""
    on_the_way = Round.objects.everywhere().filter(state__in=[State.ORDERED, State.IN_TRANSIT])
    waiting = on_the_way.exclude(purchases__purchase_order__closed_at=None)
    return _each(waiting, lambda pk, actor: note_receipts(pk, actor=actor, now=now))


@transaction.atomic
def note_receipts(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """A round is received when the last of its purchase orders is closed; before that it stays as it is."""
    buy = lock_round(round_id)
    waiting = RoundPurchase.objects.filter(round=buy, purchase_order__closed_at=None).exists()
    if not waiting and buy.state in {State.ORDERED, State.IN_TRANSIT}:
        advance(buy, State.RECEIVED, actor=actor, now=now)
    return buy


def _each(rounds: Iterable[Round], act: Callable[[UUID, Actor], object]) -> int:
    """Each in a transaction of its own: one that is refused does not keep the others waiting."""
    done = 0
    for buy in rounds:
        try:
            act(buy.pk, system(buy.subdistrict_id))
            done += 1
        except RuleBroken:
            log.exception("round %s was left as it is", buy.code)
    return done
