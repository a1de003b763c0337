"""Doorstep work cut into trolley loads: building by building, entrance by entrance, floor by floor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from baogong.distribution.recipients import Recipient

LOWEST = -99  # below any floor


@dataclass(frozen=True, slots=True)
class Trip:
    """One trolley load for one entrance; `number` counts within it from 1."""

    building_id: UUID
    unit_id: UUID | None
    number: int
    recipients: tuple[Recipient, ...]

    @property
    def grams(self) -> int:
        return sum(recipient.grams for recipient in self.recipients)

    @property
    def cold(self) -> bool:
        return any(recipient.cold for recipient in self.recipients)


def door_trips(recipients: Iterable[Recipient], *, carrier_grams: int) -> list[Trip]:
    """Trips of at most `carrier_grams`, in walking order from the lowest floor up; who gets more has a trip alone."""
    in_order = sorted(recipients, key=walking_order)
    trips = []
    for (building_id, unit_id), group in groupby(in_order, key=lambda r: (r.building_id, r.unit_id)):
        loads = _loads(list(group), carrier_grams)
        trips += [Trip(building_id, unit_id, number, tuple(load)) for number, load in enumerate(loads, 1)]
    return trips


def walking_order(recipient: Recipient) -> tuple[object, ...]:
    """Entrance by entrance, then up the stairs; a flat whose floor is not known comes first."""
    floor = recipient.floor if recipient.floor is not None else LOWEST
    return recipient.building_order, str(recipient.unit_id or ""), floor, recipient.sort_key


def _loads(recipients: Sequence[Recipient], carrier_grams: int) -> list[list[Recipient]]:
    loads: list[list[Recipient]] = []
    grams = 0
    for recipient in recipients:
        if not loads or grams + recipient.grams > carrier_grams:
            loads.append([])
            grams = 0
        loads[-1].append(recipient)
        grams += recipient.grams
    return loads
