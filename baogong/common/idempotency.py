"""The same request sent twice has one effect (law 8), for every door that changes something.

The key's row, the effect and the answer are one transaction: a crash loses all or none of them, and a second request
that comes while the first still runs waits for it (SQLite) or is told so (PostgreSQL, after its lock timeout).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.figures import whole
from baogong.common.models import IdempotencyKey

MAX_KEY = 255
STALE = timedelta(minutes=5)  # a plan takes seconds; what has not answered by then died with its process
NOT_KEPT = {401, 429}  # nothing was decided: the same request may be sent again; 5xx likewise


class KeyMissing(BadInput):
    code, status = "idempotency_key_missing", 400


class KeyReused(BadInput):
    code = "idempotency_key_reused"


class StillRunning(RuleBroken):
    code = "idempotency_still_running"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: status, bytes and the headers worth repeating; `replayed` on the second time."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False

    @property
    def kept(self) -> bool:
        return self.status < 500 and self.status not in NOT_KEPT


def once(actor: Actor, route: str, key: str, body: bytes, act: Callable[[], Answer], *, now: datetime) -> Answer:
    """Run `act` the first time a key comes, and give its answer again ever after.

    The key belongs to the account and the route. An answer that is not kept rolls everything back.
    Raises KeyMissing, KeyReused (another body), StillRunning.
    """
    refuse_bad_key(key)
    with transaction.atomic():
        row = claim(actor, route, key, hashlib.sha256(body).digest(), now=now)
        if row.status is not None:
            return stored_answer(row)
        answer = act()
        if answer.kept:
            keep(row, answer)
        else:
            transaction.set_rollback(True)
    return answer


def once_apart(actor: Actor, route: str, key: str, body: bytes, act: Callable[[], Answer], *, now: datetime) -> Answer:
    """Like `once`, for what works out a plan for many seconds before it writes: the database is not held meanwhile.

    The key is claimed first. While the first request runs, a second one is refused (StillRunning); one whose process
    died without an answer may be taken over after `STALE`.
    """
    refuse_bad_key(key)
    row = claim(actor, route, key, hashlib.sha256(body).digest(), now=now)
    if row.status is not None:
        return stored_answer(row)
    if row.created_at != now and not taken_over(row, now=now):
        raise StillRunning(_("The first request with this key is still running; try again in a moment"))
    try:
        answer = act()
    except BaseException:
        IdempotencyKey.objects.filter(pk=row.pk, status=None).delete()
        raise
    if answer.kept:
        keep(row, answer)
    else:
        IdempotencyKey.objects.filter(pk=row.pk).delete()
    return answer


def taken_over(row: IdempotencyKey, *, now: datetime) -> bool:
    """Whether this caller won a key that was left without an answer; the conditional update lets only one win."""
    left = IdempotencyKey.objects.filter(pk=row.pk, status=None, created_at=row.created_at)
    return now - row.created_at > STALE and bool(left.update(created_at=now))


def stored_answer(row: IdempotencyKey) -> Answer:
    return Answer(row.status or 0, bytes(row.body), row.headers, replayed=True)


def keep(row: IdempotencyKey, answer: Answer) -> None:
    row.status, row.body, row.headers = answer.status, answer.body, answer.headers
    row.save(update_fields=["status", "body", "headers"])


def refuse_bad_key(key: str) -> None:
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise KeyMissing(_("Send an Idempotency-Key of 1 to 255 printable characters"))


def claim(actor: Actor, route: str, key: str, sha256: bytes, *, now: datetime) -> IdempotencyKey:
    """The row of this key: a fresh one, or the one whose answer is stored already."""
    names = {
        "subdistrict_id": actor.subdistrict_id,
        "account_id": actor.account_id or actor.subdistrict_id,
        "route": route[:100],
        "key": key,
    }
    fresh = IdempotencyKey(**names, body_sha256=sha256, created_at=now)
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
        return fresh
    except OperationalError as waited:
        raise StillRunning(_("The first request with this key is still running; try again in a moment")) from waited
    except IntegrityError:
        stored = IdempotencyKey.objects.get(**names)
    if bytes(stored.body_sha256) != sha256:
        raise KeyReused(_("This Idempotency-Key came before with other content"))
    return stored


def forget_old_keys(subdistrict_id: UUID, *, now: datetime) -> int:
    days = whole("retention.idempotency_days", subdistrict_id)
    old = IdempotencyKey.objects.within(subdistrict_id).filter(created_at__lt=now - timedelta(days=days))
    return old.delete()[0]
