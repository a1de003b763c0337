"""Households: tens of thousands of rows, so everything is read and written for a chunk at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from baogong.common import crypto
from baogong.common.bulk import insert_all
from baogong.common.errors import RuleBroken
from baogong.common.events import event, record_all
from baogong.common.imports import Chunk, InputRow, changed_names
from baogong.common.models import Event
from baogong.people.addresses import door_code, put_at_door
from baogong.people.importing.words import phone_out
from baogong.people.models import Account, Household, Person
from baogong.people.services import change_phone
from baogong.places.finding import Buildings
from baogong.places.models import Building, Unit
from baogong.places.services import ensure_units, unit_key

MOST_FLOORS = 200
COUNTS = ("people", "infants", "elderly", "no_phone")


@dataclass(slots=True)
class Door:
    row: InputRow
    building: Building
    unit: Unit | None = None

    @property
    def code(self) -> str:
        return door_code(self.building.code, self.unit.name if self.unit else "", self.row["flat"])


def apply_households(chunk: Chunk) -> None:
    doors = doors_of(chunk)
    stored = households_at(chunk.subdistrict_id, list(doors))
    contacts = contacts_of(chunk.subdistrict_id, stored)
    work = Work(chunk)
    for code, door in doors.items():
        household = stored.get(code)
        if household is None:
            work.add(door)
        else:
            work.bring_up_to(household, contacts.get(household.pk), door.row)
    work.store()


def doors_of(chunk: Chunk) -> dict[str, Door]:
    """The door of each row by its code; rows without one are refused, as is the second row for a door."""
    buildings = Buildings(chunk.subdistrict_id)
    doors = [door for row in chunk.rows if (door := door_of(row, buildings, chunk))]
    pairs = ((door.building, door.row["unit"] or "") for door in doors)
    units = ensure_units(pairs, actor=chunk.actor, now=chunk.now)
    found: dict[str, Door] = {}
    for door in doors:
        if door.row["unit"]:
            door.unit = units[door.building.pk, unit_key(door.row["unit"])]
        first = found.setdefault(door.code, door)
        if first is not door:
            reason = _("the same as line %(line)d; only the first counts") % {"line": first.row.line}
            chunk.refuse(door.row, "duplicate", reason)
    return found


def door_of(row: InputRow, buildings: Buildings, chunk: Chunk) -> Door | None:
    try:
        door = Door(row, buildings.find(row["building"], row["compound"] or ""))
    except RuleBroken as refusal:
        chunk.refuse_for(row, refusal, column="building")
        return None
    if row["phone"] and row["no_phone"]:
        chunk.refuse(row, "phone_and_no_phone", _("has a phone and says that there is none"), column="no_phone")
        return None
    if max(row["infants"] or 0, row["elderly"] or 0) > row["people"]:
        reason = _("more infants or elderly people than people")
        chunk.refuse(row, "counts_do_not_fit", reason, column="people")
        return None
    return door


def households_at(subdistrict_id: UUID, codes: list[str]) -> dict[str, Household]:
    living = Household.objects.within(subdistrict_id).living().filter(code__in=codes)
    return {household.code: household for household in living.iterator()}


def contacts_of(subdistrict_id: UUID, stored: dict[str, Household]) -> dict[UUID, Person]:
    """By household the person to ring."""
    ids = [household.pk for household in stored.values()]
    people = Person.objects.within(subdistrict_id).filter(household__in=ids, contact=True).order_by("-created_at")
    return {person.household_id: person for person in people.annotate(signs_in=Exists(accounts_of_person()))}


def accounts_of_person() -> QuerySet[Account]:
    accounts: QuerySet[Account] = Account.objects.everywhere().filter(person=OuterRef("pk"))
    return accounts


class Work:
    """What a chunk of households changes, stored with a constant number of statements."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.new: list[Household] = []
        self.changed: list[Household] = []
        self.new_contacts: list[Person] = []
        self.changed_contacts: list[Person] = []
        self.events: list[Event] = []

    def add(self, door: Door) -> None:
        given = door.row.given(*COUNTS)
        household = Household(subdistrict_id=self.chunk.subdistrict_id, created_at=self.chunk.now, **given)
        put_at_door(household, door.building, door.unit, door.row["flat"], floor_of(door.row["flat"]))
        self.new.append(household)
        self.note("people.household_added", household)
        if door.row["phone"]:
            self.add_contact(household, door.row["phone"])
        self.chunk.say("created", door.row)

    def add_contact(self, household: Household, number: str) -> None:
        person = Person(subdistrict_id=self.chunk.subdistrict_id, household=household, contact=True)
        person.created_at = self.chunk.now
        person.set_phone(number)
        self.new_contacts.append(person)

    def bring_up_to(self, household: Household, contact: Person | None, row: InputRow) -> None:
        """Change what the row says otherwise; what it leaves empty stays. A phone says that there is one."""
        given = row.given(*COUNTS)
        if row["phone"]:
            given.setdefault("no_phone", False)
        if not counts_fit(household, given):
            reason = _("more infants or elderly people than people")
            self.chunk.refuse(row, "counts_do_not_fit", reason, column="people")
            return
        names = changed_names(household, given)
        phoned = bool(row["phone"]) and self.phone(household, contact, row["phone"])
        if names:
            self.changed.append(household)
            self.note("people.household_changed", household, fields=names)
        self.chunk.say("changed" if names or phoned else "unchanged", row)

    def phone(self, household: Household, contact: Person | None, number: str) -> bool:
        """Whether the number of the household's contact is another one now; one who signs in with it is asked first."""
        if contact is None:
            self.add_contact(household, number)
            self.note("people.household_changed", household, fields=["phone"])
            return True
        index = crypto.blind_index("phone", number)
        if index in {as_bytes(contact.phone_index), as_bytes(contact.phone_next_index)}:
            return False
        if contact.signs_in:  # type: ignore[attr-defined]
            change_phone(contact, number, actor=self.chunk.actor, now=self.chunk.now)
            return True
        contact.set_phone(number)
        self.changed_contacts.append(contact)
        self.note("people.household_changed", household, fields=["phone"])
        return True

    def note(self, verb: str, household: Household, **values: object) -> None:
        subject = household.pk
        self.events.append(
            event(verb, subject, actor=self.chunk.actor, now=self.chunk.now, household_id=subject, values=values)
        )

    def store(self) -> None:
        insert_all(self.new)
        insert_all(self.new_contacts)
        mine = Household.objects.within(self.chunk.subdistrict_id)
        mine.bulk_update(self.changed, COUNTS, batch_size=500)
        people = Person.objects.within(self.chunk.subdistrict_id)
        people.bulk_update(self.changed_contacts, ["phone_sealed", "phone_index"], batch_size=500)
        record_all(self.events)


def counts_fit(household: Household, given: dict[str, Any]) -> bool:
    people, infants, elderly = (given.get(name, getattr(household, name)) for name in COUNTS[:3])
    return max(infants, elderly) <= people


def as_bytes(value: object) -> bytes | None:
    return bytes(value) if value is not None else None  # type: ignore[call-overload]


def floor_of(flat: str) -> int | None:
    """The floor that a flat's number names: 502 is on the 5th, 1203 on the 12th."""
    match = re.match(r"(\d{1,3})\d{2}(?!\d)", flat)
    return int(match[1]) if match and 0 < int(match[1]) <= MOST_FLOORS else None


def export_households(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """Every living household, building by building, with the number of its contact."""
    living = Household.objects.within(subdistrict_id).living().select_related("building", "unit")
    households = living.defer("building__outline").in_order().iterator(chunk_size=2_000)
    people = Person.objects.within(subdistrict_id).filter(contact=True, household__ended_at=None)
    contacts = {person.household_id: person for person in people.order_by("-created_at").iterator()}
    for household in households:
        yield {
            "building": household.building.code,
            "unit": household.unit.name if household.unit else None,
            "flat": household.flat,
            "people": household.people,
            "infants": household.infants,
            "elderly": household.elderly,
            "phone": None if household.no_phone else phone_out(contacts.get(household.pk)),
            "no_phone": household.no_phone,
        }
