"""Telling households: each text becomes one message row, on the way that reaches that household."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from baogong.channels import services as channels
from baogong.channels.models import Message
from baogong.common import crypto
from baogong.common.actors import Actor
from baogong.people.models import Grant, Household, Person
from baogong.people.roles import Area, Role

FEW = 5_000  # ids that are named in a statement; of more, reading the whole subdistrict is quicker


def tell_households(told: Mapping[UUID, str], *, kind: str, actor: Actor, now: datetime) -> int:
    """One message for each household id in `told`; returns how many.

    On the household's page where somebody of it has an account, else by SMS to its contact, else on the call list of
    its building's worker. `kind` says what it is about (`order_taken`, `short`, `turn`); what was told to a household
    that has been merged reaches the one it went into. Ids that are no household's are left out.
    """
    doors = _doors(told, actor.subdistrict_id)
    homes = {current for _household, current, _building in doors}
    on_page = _with_accounts(homes, actor.subdistrict_id, now=now)
    phones = _phones(homes - on_page, actor.subdistrict_id)
    messages = [
        _message(told[household], kind, current, building, current in on_page, phones.get(current, ""))
        for household, current, building in doors
    ]
    return channels.queue_messages(messages, actor=actor, now=now)


def _message(text: str, kind: str, household: UUID, building: UUID, on_page: bool, phone: str) -> channels.Outgoing:
    channel = Message.Channel.CALL_LIST
    if on_page:
        channel = Message.Channel.PAGE
    elif phone:
        channel = Message.Channel.SMS
    return channels.Outgoing(
        channel=channel,
        recipient_id=household,
        area_id=building,
        kind=kind,
        text=text,
        address="" if on_page else phone,
    )


def _only(rows: QuerySet[Any], column: str, ids: set[UUID]) -> QuerySet[Any]:
    return rows.filter(**{f"{column}__in": ids}) if len(ids) <= FEW else rows


def _doors(told: Mapping[UUID, str], subdistrict_id: UUID) -> list[tuple[UUID, UUID, UUID]]:
    """(household as named, the one to tell, its building); a merged row stands at the door of the one it went into."""
    rows = _only(Household.objects.within(subdistrict_id), "pk", set(told))
    found = rows.order_by("pk").values_list("pk", "merged_into_id", "building_id")
    return [(pk, merged or pk, building) for pk, merged, building in found if pk in told]


def _with_accounts(homes: set[UUID], subdistrict_id: UUID, *, now: datetime) -> set[UUID]:
    grants = Grant.objects.within(subdistrict_id).live(at=now).filter(role=Role.RESIDENT, area=Area.HOUSEHOLD)
    rows = _only(grants.filter(account__is_active=True), "area_id", homes)
    return homes & set(rows.values_list("area_id", flat=True))


def _phones(homes: set[UUID], subdistrict_id: UUID) -> dict[UUID, str]:
    """Of each household the number of its contact, else of anybody in it; none where it is marked as without phone."""
    people = Person.objects.within(subdistrict_id).filter(household__isnull=False, household__no_phone=False)
    rows = _only(people.exclude(phone_sealed=None), "household", homes).order_by("contact", "-created_at")
    last = {home: (key, sealed) for home, key, sealed in rows.values_list("household_id", "key", "phone_sealed")}
    return {home: crypto.unseal(bytes(key), bytes(sealed)) for home, (key, sealed) in last.items() if home in homes}
