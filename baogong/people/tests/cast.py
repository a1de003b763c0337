"""The small cast of the tests: one compound with two buildings, households Wang and Li, and the people who help them.

    cast = make_cast()
    cast.actor(cast.worker)       # the social worker of building 12, where the Wangs and the Lis live
    cast.actor(cast.wang_account)

Everything is made with plain rows, without services, so that a test fails only for what it tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from uuid import UUID

from django.contrib.auth.hashers import make_password

from baogong.channels.models import Message
from baogong.common.actors import Actor, system
from baogong.common.search import search_text
from baogong.common.sorting import natural_key
from baogong.people.addresses import put_at_door
from baogong.people.models import Account, Duty, Grant, Household, Person, Volunteer, VolunteerGroup
from baogong.people.roles import Area, Role
from baogong.places.models import Building, Community, Compound, Point, Subdistrict, Unit, Zone

NOON = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 on the subdistrict's clocks
LONG_AGO = NOON - timedelta(days=30)
PASSWORD = "seven-green-onions-12"
WANG_PHONE = "+8613800000001"
LI_PHONE = "+8613800000002"

_numbers = count(1)


def make_subdistrict(name: str = "榆树街道", **values: object) -> Subdistrict:
    return Subdistrict.objects.create(name=name, **{"area_code": "110105", "hotline": "010-64370000", **values})


def make_community(subdistrict: Subdistrict, name: str = "东里") -> Community:
    return Community.objects.create(subdistrict_id=subdistrict.pk, name=name)


def make_compound(community: Community, name: str = "松榆东里", zone: str = Zone.OPEN) -> Compound:
    return Compound.objects.create(subdistrict_id=community.subdistrict_id, community=community, name=name, zone=zone)


def make_building(
    compound: Compound, code: str, *, zone: str | None = None, units: int = 0, **values: object
) -> Building:
    """A building named `<code>号楼` with units named 1, 2, ..."""
    name = f"{code}号楼"
    building = Building.objects.create(
        subdistrict_id=compound.subdistrict_id,
        compound=compound,
        code=code,
        name=name,
        zone=zone,
        sort_key=natural_key(code),
        search=search_text(code, name, compound.name),
        **{"floors": 6, **values},
    )
    for number in range(1, units + 1):
        Unit.objects.create(subdistrict_id=compound.subdistrict_id, building=building, name=str(number))
    return building


def make_point(compound: Compound, name: str = "东门", **values: object) -> Point:
    return Point.objects.create(
        subdistrict_id=compound.subdistrict_id,
        compound=compound,
        name=name,
        **{"opens_at": time(7), "closes_at": time(19), **values},
    )


def make_household(
    building: Building, flat: str, *, unit: Unit | None = None, people: int = 3, **values: object
) -> Household:
    """A household at a door; the floor is read from a flat such as `502`."""
    floor = int(flat[:-2]) if flat.isdecimal() and len(flat) > 2 else None
    household = Household(subdistrict_id=building.subdistrict_id, people=people, **values)
    put_at_door(household, building, unit, flat, floor)
    household.save()
    return household


def make_person(
    subdistrict_id: UUID, name: str, *, household: Household | None = None, phone: str = "", contact: bool = False
) -> Person:
    person = Person(
        subdistrict_id=subdistrict_id, name=name, household=household, contact=contact, search=search_text(name)
    )
    person.set_phone(phone)
    person.save()
    return person


@lru_cache
def hashed(password: str | None) -> str:
    """Hashing is meant to be slow; each password of the tests is hashed once."""
    return make_password(password)


def make_account(person: Person, username: str = "", *, password: str | None = None) -> Account:
    """A sign-in of a person; without a password only a code signs in."""
    account = Account(
        subdistrict_id=person.subdistrict_id,
        person=person,
        username=username or f"account-{next(_numbers)}",
        name=person.name,
        created_at=LONG_AGO,
    )
    account.password = hashed(password)
    account.save()
    return account


def make_grant(account: Account, role: str, area: str, area_id: UUID, **values: object) -> Grant:
    return Grant.objects.create(
        subdistrict_id=account.subdistrict_id,
        account=account,
        role=role,
        area=area,
        area_id=area_id,
        **{"since": LONG_AGO, **values},
    )


def make_resident(household: Household, name: str, *, phone: str = "", contact: bool = False) -> Account:
    """A member of a household with an account."""
    person = make_person(household.subdistrict_id, name, household=household, phone=phone, contact=contact)
    account = make_account(person)
    make_grant(account, Role.RESIDENT, Area.HOUSEHOLD, household.pk)
    return account


def make_staff(
    subdistrict_id: UUID, name: str, role: str, *, area: str = Area.SUBDISTRICT, area_id: UUID | None = None,
    username: str = "", password: str | None = None, phone: str = "",
) -> Account:  # fmt: skip
    """Somebody with a role, over the whole subdistrict unless an area is given."""
    person = make_person(subdistrict_id, name, phone=phone)
    account = make_account(person, username, password=password)
    make_grant(account, role, area, area_id or subdistrict_id)
    return account


def make_duty(building: Building, account: Account, kind: str = Duty.Kind.RESPONSIBLE) -> Duty:
    return Duty.objects.create(
        subdistrict_id=building.subdistrict_id, building=building, account=account, kind=kind, since=LONG_AGO
    )


def make_volunteer(community: Community, name: str, *, group: str = "第一组", on_duty: bool = True) -> Account:
    account = make_staff(community.subdistrict_id, name, Role.VOLUNTEER, area=Area.COMMUNITY, area_id=community.pk)
    found, _ = VolunteerGroup.objects.within(community.subdistrict_id).get_or_create(
        community=community, name=group, defaults={"subdistrict_id": community.subdistrict_id}
    )
    Volunteer.objects.create(
        subdistrict_id=community.subdistrict_id,
        account=account,
        group=found,
        on_duty=on_duty,
        on_duty_since=LONG_AGO if on_duty else None,
    )
    return account


def code_in(message: Message) -> str:
    """The sign-in code that a message brings."""
    return re.findall(r"\d{6}", message.words)[0]


def actor_for(account: Account, role: str | None = None) -> Actor:
    """The account acting in `role`, or in the role it was given first."""
    if role is None:
        role = account.grants.order_by("since", "pk").values_list("role", flat=True)[0]
    return Actor(account.subdistrict_id, account.pk, role)


@dataclass
class Cast:
    """Building 12 is controlled and has two units; building 3 of the same compound is sealed; the rest is open."""

    subdistrict: Subdistrict
    community: Community
    compound: Compound
    building: Building  # 12号楼, controlled, units 1 and 2
    sealed: Building  # 3号楼, sealed, no units
    unit: Unit  # unit 2 of building 12
    wang: Household  # 12/2/502, with an account and a phone
    li: Household  # 12/2/301, with an account and a phone
    zhao: Household  # 3/101, no phone, no account
    wang_account: Account
    li_account: Account
    worker: Account  # social worker, responsible for both buildings
    deputy: Account
    volunteer: Account
    buyer: Account
    operator: Account
    command_post: Account
    admin: Account

    @property
    def subdistrict_id(self) -> UUID:
        return self.subdistrict.pk

    @property
    def system(self) -> Actor:
        return system(self.subdistrict.pk)

    def actor(self, account: Account, role: str | None = None) -> Actor:
        return actor_for(account, role)


def make_cast() -> Cast:
    """The whole cast, in about 60 rows."""
    subdistrict = make_subdistrict()
    community = make_community(subdistrict)
    compound = make_compound(community)
    building = make_building(compound, "12", zone=Zone.CONTROLLED, units=2)
    sealed = make_building(compound, "3", zone=Zone.SEALED)
    unit = building.units.get(name="2")
    wang = make_household(building, "502", unit=unit, people=3)
    li = make_household(building, "301", unit=unit, people=2, elderly=1)
    zhao = make_household(sealed, "101", people=1, elderly=1, no_phone=True)
    worker, deputy = (
        make_staff(subdistrict.pk, name, Role.SOCIAL_WORKER, area=Area.COMMUNITY, area_id=community.pk, username=user)
        for name, user in (("周一帆", "zhou"), ("陈静", "chen"))
    )
    for place in (building, sealed):
        make_duty(place, worker)
        make_duty(place, deputy, Duty.Kind.DEPUTY)
    office = {
        role: make_staff(subdistrict.pk, name, role, username=role.value)
        for role, name in {
            Role.BUYER: "孙丽",
            Role.OPERATOR: "吴敏",
            Role.COMMAND_POST: "郑强",
            Role.ADMIN: "何平",
        }.items()
    }
    return Cast(
        subdistrict=subdistrict,
        community=community,
        compound=compound,
        building=building,
        sealed=sealed,
        unit=unit,
        wang=wang,
        li=li,
        zhao=zhao,
        wang_account=make_resident(wang, "王伟", phone=WANG_PHONE, contact=True),
        li_account=make_resident(li, "李娜", phone=LI_PHONE, contact=True),
        worker=worker,
        deputy=deputy,
        volunteer=make_volunteer(community, "刘洋"),
        buyer=office[Role.BUYER],
        operator=office[Role.OPERATOR],
        command_post=office[Role.COMMAND_POST],
        admin=office[Role.ADMIN],
    )
