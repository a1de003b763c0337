"""Writing events. Services call `record` inside their own transaction; nothing else makes an Event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.common.models import Event


def event(
    verb: str,
    subject_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    household_id: UUID | None = None,
    values: Mapping[str, object] | None = None,
    sealed: bytes | None = None,
) -> Event:
    """An event that is not yet stored, for `record_all`; `values` must be plain JSON and hold nothing personal."""
    return Event(
        subdistrict_id=actor.subdistrict_id,
        at=now,
        actor_id=actor.account_id,
        role=actor.role,
        verb=verb,
        subject_id=subject_id,
        household_id=household_id,
        values=dict(values or {}),
        sealed=sealed,
    )


def record_all(events: Iterable[Event]) -> None:
    """Store many events with one statement."""
    insert_all(events)


def record(
    verb: str,
    subject_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    household_id: UUID | None = None,
    sealed: bytes | None = None,
    **values: object,
) -> None:
    """Store one event: `record("groupbuy.round_opened", round.pk, actor=actor, now=now, offers=12)`."""
    event(verb, subject_id, actor=actor, now=now, household_id=household_id, values=values, sealed=sealed).save(
        force_insert=True
    )
