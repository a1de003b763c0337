"""The hash chain over the events: sealing new rows, and proving that no old one was touched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from baogong.common.models import Event

BATCH = 5_000


def digest(event: Event, previous: bytes) -> bytes:
    """SHA-256 over the previous hash and everything the row says; sealed values go in as ciphertext."""
    content = [
        str(event.subdistrict_id),
        event.number,
        str(event.id),
        event.at.timestamp(),
        str(event.actor_id or ""),
        event.role,
        event.verb,
        str(event.subject_id),
        str(event.household_id or ""),
        event.values,
        bytes(event.sealed).hex() if event.sealed is not None else None,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


@transaction.atomic
def seal_events(subdistrict_id: UUID) -> int:
    """Chain the rows that no hash covers yet, oldest id first; returns how many. One task does this."""
    mine = Event.objects.within(subdistrict_id)
    head = mine.exclude(number=None).order_by("-number").first()
    number, previous = (head.number, bytes(head.hash)) if head else (0, b"")
    waiting = list(mine.unsealed().order_by("id")[:BATCH])
    for event in waiting:
        number += 1
        event.number = number
        previous = event.hash = digest(event, previous)
    Event.objects.within(subdistrict_id).bulk_update(waiting, ["number", "hash"], batch_size=500)
    return len(waiting)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`rows` were looked at; `broken_at` is the number of the first row that does not fit, or None."""

    rows: int
    head: str
    unsealed: int
    broken_at: int | None = None


def verify_chain(subdistrict_id: UUID, *, known_head: tuple[int, str] | None = None) -> ChainReport:
    """Walk the chain; `known_head` (number, hex hash), written down outside, also shows rows cut off at the end."""
    previous, expected, last = b"", 1, 0
    mine = Event.objects.within(subdistrict_id)
    unsealed = mine.unsealed().count()
    for event in mine.exclude(number=None).order_by("number").iterator(chunk_size=BATCH):
        if event.number != expected or event.hash is None or digest(event, previous) != bytes(event.hash):
            return ChainReport(last, previous.hex(), unsealed, broken_at=expected)
        previous, last, expected = bytes(event.hash), event.number, expected + 1
        if known_head and known_head[0] == last and known_head[1] != previous.hex():
            return ChainReport(last, previous.hex(), unsealed, broken_at=last)
    if known_head and known_head[0] > last:
        return ChainReport(last, previous.hex(), unsealed, broken_at=last + 1)
    return ChainReport(last, previous.hex(), unsealed)


def seal_all(subdistrict_id: UUID) -> int:
    """Seal until nothing waits; returns how many rows were sealed."""
    total = 0
    while sealed := seal_events(subdistrict_id):
        total += sealed
    return total
