"""The life of a round: which state may follow which, and the one lock that everything about a round waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.common.events import record
from baogong.groupbuy.models import Round
from baogong.groupbuy.refusals import IllegalTransition

State = Round.State

TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.FILED, State.APPROVED, State.OPEN, State.CANCELLED}),
    State.FILED: frozenset({State.DRAFT, State.APPROVED, State.CANCELLED}),
    State.APPROVED: frozenset({State.DRAFT, State.OPEN, State.CANCELLED}),
    State.OPEN: frozenset({State.FORMED, State.FAILED, State.CANCELLED}),
    # Formed with its households, and yet no supplier could be ordered from: failed.
    State.FORMED: frozenset({State.ORDERED, State.FAILED}),
    State.FAILED: frozenset({State.SETTLED}),
    State.ORDERED: frozenset({State.IN_TRANSIT, State.RECEIVED}),
    State.IN_TRANSIT: frozenset({State.RECEIVED}),
    # Where nothing came there is nothing to hand out, and the round settles from here.
    State.RECEIVED: frozenset({State.STANDING, State.SORTING, State.HANDING_OUT, State.SETTLED}),
    State.STANDING: frozenset({State.SORTING, State.HANDING_OUT}),
    State.SORTING: frozenset({State.STANDING, State.HANDING_OUT}),
    State.HANDING_OUT: frozenset({State.RECEIVED, State.SETTLED}),  # back when its plan is withdrawn
    State.SETTLED: frozenset(),
    State.CANCELLED: frozenset(),
}


def lock_round(round_id: UUID) -> Round:
    """The round, held until the transaction ends: orders, closing, money and sharing out take turns here.

    On SQLite the whole database is held since BEGIN IMMEDIATE. Raises NotFound.
    """
    found: Round | None = Round.objects.select_for_update(no_key=True).filter(pk=round_id).first()
    if found is None:
        raise NotFound(_("There is no such round"))
    return found


@transaction.atomic
def move_round(round_id: UUID, state: str, *, actor: Actor, now: datetime) -> Round:
    """Take a round on to `state`; a round that is there already stays. Raises NotFound, IllegalTransition."""
    buy = lock_round(round_id)
    if buy.state != state:
        advance(buy, state, actor=actor, now=now)
    return buy


def advance(buy: Round, state: str, *, actor: Actor, now: datetime, **values: object) -> None:
    """Move a locked round and set `values` with it; the update's condition says whether we were first."""
    refuse_jump(buy, state)
    moved = Round.objects.filter(pk=buy.pk, state=buy.state).update(state=state, **values)
    if not moved:
        raise IllegalTransition(_("Somebody else has just moved this round on"), state=state)
    came_from, buy.state = buy.state, state
    for name, value in values.items():
        setattr(buy, name, value)
    record(f"groupbuy.round_{state}", buy.pk, actor=actor, now=now, code=buy.code, came_from=came_from)


def refuse_jump(buy: Round, state: str) -> None:
    if state not in TRANSITIONS[buy.state]:
        text = _("Round %(round)s is %(now)s; it cannot become %(then)s") % {
            "round": buy.code,
            "now": buy.get_state_display(),
            "then": State(state).label,
        }
        raise IllegalTransition(text, round=buy.code, state=buy.state, wanted=str(state))
