"""Doors that change: a household moves, is split, or goes into another one. Orders stay with their household's row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from baogong.channels import services as channels
from baogong.common import crypto
from baogong.common.actors import Actor
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.events import record
from baogong.people.addresses import door_code, put_at_door
from baogong.people.models import Grant, Household, Person
from baogong.people.roles import Area, Role
from baogong.people.services.grants import end_grant, give_grant
from baogong.places.models import Building, Unit


class DoorTaken(RuleBroken):
    code = "door_taken"


class HouseholdEnded(RuleBroken):
    code = "household_ended"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a household lives; `unit` is None where the building has no units."""

    building: Building
    unit: Unit | None
    flat: str
    floor: int | None = None

    @property
    def code(self) -> str:
        return door_code(self.building.code, self.unit.name if self.unit else "", self.flat)


DOOR_COLUMNS = ["building", "unit", "flat", "floor", "code", "sort_key", "search"]


@transaction.atomic
def create_household(
    door: Door, *, people: int = 1, infants: int = 0, elderly: int = 0, actor: Actor, now: datetime
) -> Household:
    """A household at a free door. Raises DoorTaken, BadInput."""
    check_door(door, actor)
    check_counts(people, infants, elderly)
    household = Household(
        subdistrict_id=actor.subdistrict_id, people=people, infants=infants, elderly=elderly, created_at=now
    )
    _put(household, door)
    save_at_door(household, force_insert=True)
    record("people.household_added", household.pk, actor=actor, now=now, household_id=household.pk)
    return household


@transaction.atomic
def move_household(household: Household, door: Door, *, actor: Actor, now: datetime) -> Household:
    """To another door, with members, orders and messages. Raises DoorTaken, HouseholdEnded, BadInput."""
    household = locked(household)
    if door.code == household.code:
        return household
    check_door(door, actor)
    former = household.code
    _settle(household, door)
    record(
        "people.household_moved",
        household.pk,
        actor=actor,
        now=now,
        household_id=household.pk,
        sealed=crypto.seal_system(former),
        building=str(door.building.pk),
    )
    return household


@transaction.atomic
def split_household(
    household: Household,
    door: Door,
    *,
    members: Sequence[Person],
    people: int,
    infants: int = 0,
    elderly: int = 0,
    actor: Actor,
    now: datetime,
) -> Household:
    """Some of a household go to a door of their own; returns the new household. The orders stay with the old one.

    `people`, `infants` and `elderly` are those who go; somebody must stay. Raises DoorTaken, HouseholdEnded, BadInput.
    """
    household = locked(household)
    if any(member.household_id != household.pk for member in members):
        raise BadInput(_("Only members of this household can leave it."), field="members")
    if not max(1, len(members)) <= people < household.people:
        raise BadInput(
            _("Of %(people)s people at least one goes and one stays, and all named members are counted.")
            % {"people": household.people},
            field="people",
        )
    check_counts(people, infants, elderly)
    check_counts(household.people - people, household.infants - infants, household.elderly - elderly)
    new = create_household(door, people=people, infants=infants, elderly=elderly, actor=actor, now=now)
    household.people -= people
    household.infants -= infants
    household.elderly -= elderly
    household.save(update_fields=["people", "infants", "elderly"])
    _move_members([member.pk for member in members], household, new, actor=actor, now=now)
    record("people.household_split", household.pk, actor=actor, now=now, household_id=household.pk, into=str(new.pk))
    return new


@transaction.atomic
def merge_households(source: Household, target: Household, *, actor: Actor, now: datetime) -> Household:
    """`source` goes into `target`, which is returned: people add up, members move, messages follow.

    The source's row ends and from then on stands at the target's door, so its orders and bags still under way reach
    the people they are for. Raises HouseholdEnded, BadInput for a household and itself.
    """
    if source.pk == target.pk:
        raise BadInput(_("A household cannot be merged with itself."), field="household")
    first, second = sorted([source, target], key=lambda household: household.pk)  # one order of locking for everybody
    rows = {household.pk: household for household in (locked(first), locked(second))}
    source, target = rows[source.pk], rows[target.pk]
    former = source.code
    target.people += source.people
    target.infants += source.infants
    target.elderly += source.elderly
    target.no_phone = target.no_phone and source.no_phone
    target.save(update_fields=["people", "infants", "elderly", "no_phone"])
    _move_members(list(source.members.values_list("pk", flat=True)), source, target, actor=actor, now=now)
    source.sign_in_codes.filter(ended_at=None, used_at=None).update(ended_at=now)
    source.ended_at, source.merged_into = now, target
    source.save(update_fields=["ended_at", "merged_into"])
    source.merged_from.update(merged_into=target)
    _settle(target, door_of(target))
    channels.redirect(source.pk, target.pk, area_id=target.building_id, subdistrict_id=target.subdistrict_id)
    record(
        "people.households_merged",
        source.pk,
        actor=actor,
        now=now,
        household_id=target.pk,
        sealed=crypto.seal_system(former),
        into=str(target.pk),
    )
    return target


@transaction.atomic
def set_counts(household: Household, *, people: int, infants: int, elderly: int, actor: Actor, now: datetime) -> None:
    """How many live there. Raises HouseholdEnded, BadInput."""
    check_counts(people, infants, elderly)
    household = locked(household)
    household.people, household.infants, household.elderly = people, infants, elderly
    household.save(update_fields=["people", "infants", "elderly"])
    record("people.household_counted", household.pk, actor=actor, now=now, household_id=household.pk)


@transaction.atomic
def set_no_phone(household: Household, no_phone: bool, *, actor: Actor, now: datetime) -> None:
    """Nobody there has a phone: messages go to the worker's call list."""
    Household.objects.filter(pk=household.pk).update(no_phone=no_phone)
    record("people.no_phone_marked", household.pk, actor=actor, now=now, household_id=household.pk, no_phone=no_phone)


@transaction.atomic
def mark_contacted(household: Household, *, actor: Actor, now: datetime) -> None:
    """Somebody has spoken with them."""
    Household.objects.filter(pk=household.pk).update(contacted_at=now)
    record("people.household_contacted", household.pk, actor=actor, now=now, household_id=household.pk)


# ---------------------------------------------------------------- rules and steps


def locked(household: Household) -> Household:
    """The row as it is now, held until the transaction ends. Raises HouseholdEnded."""
    row: Household = (
        Household.objects.select_for_update(of=("self",))
        .select_related("unit", "building__compound")
        .get(pk=household.pk)
    )
    if row.ended_at is not None:
        raise HouseholdEnded(_("%(door)s was merged into another household.") % {"door": row.code}, household=row.code)
    return row


def check_door(door: Door, actor: Actor) -> None:
    """Raises DoorTaken where somebody lives, BadInput for a door that cannot be."""
    if not door.flat.strip() or "/" in door.flat:
        raise BadInput(_("A flat needs a number without “/”."), field="flat")
    if door.unit and door.unit.building_id != door.building.pk:
        raise BadInput(_("This unit belongs to another building."), field="unit")
    if Household.objects.within(actor.subdistrict_id).living().filter(code=door.code).exists():
        raise door_taken(door.code)


def door_taken(code: str) -> DoorTaken:
    return DoorTaken(_("A household lives at %(door)s already.") % {"door": code}, door=code)


def save_at_door(household: Household, **how: Any) -> None:
    """Raises DoorTaken when somebody else came to the same door in this very moment."""
    try:
        with transaction.atomic():
            household.save(**how)
    except IntegrityError as taken:
        raise door_taken(household.code) from taken


def check_counts(people: int, infants: int, elderly: int) -> None:
    if people < 1 or infants < 0 or elderly < 0 or max(infants, elderly) > people or people > 99:
        raise BadInput(_("A household has 1 to 99 people, and no more infants or elderly than that."), field="people")


def door_of(household: Household) -> Door:
    return Door(household.building, household.unit, household.flat, household.floor)


def _put(household: Household, door: Door) -> None:
    put_at_door(household, door.building, door.unit, door.flat.strip(), door.floor)


def _settle(household: Household, door: Door) -> None:
    """Write the door to the household and to those that were merged into it, and take its waiting calls along."""
    _put(household, door)
    save_at_door(household, update_fields=DOOR_COLUMNS)
    household.merged_from.update(**{column: getattr(household, column) for column in DOOR_COLUMNS})
    channels.redirect(
        household.pk, household.pk, area_id=household.building_id, subdistrict_id=household.subdistrict_id
    )


def _move_members(members: list[UUID], old: Household, new: Household, *, actor: Actor, now: datetime) -> None:
    """The people and what their accounts may do; `contact` stays where it is, unless the new household has one."""
    moving = Person.objects.filter(pk__in=members)
    if new.members.filter(contact=True).exists():
        moving.update(contact=False)
    moving.update(household=new)
    grants = Grant.objects.within(old.subdistrict_id).filter(area=Area.HOUSEHOLD, area_id=old.pk, until=None)
    for grant in grants.filter(account__person__in=members).select_related("account"):
        end_grant(grant, actor=actor, now=now)
        give_grant(grant.account, Role.RESIDENT, Area.HOUSEHOLD, new.pk, actor=actor, now=now)
