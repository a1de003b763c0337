"""One sign-in and one token for each role, in a demonstration database only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from baogong.common.actors import Actor
from baogong.common.errors import NotFound
from baogong.people import access, services
from baogong.people.models import Account, Duty, Household, Person
from baogong.people.roles import Area
from baogong.places.models import Building, Zone
from baogong.supply.models import Supplier

PASSWORD = "baogong-demonstration"  # printed at the start; `serve` refuses it on other than loopback


ROLES = (
    "resident", "neighbour", "social_worker", "buyer", "supplier", "carrier", "guard", "volunteer", "care_worker",
    "operator", "command_post", "admin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which role: user name by role, in the order that they are shown."""

    accounts: dict[str, Account]


def make_cast(*, actor: Actor, now: datetime) -> Cast:
    """An account for each role of the house, on rows that the imports made."""
    wang, li = _two_neighbours(actor.subdistrict_id)
    supplier = Supplier.objects.within(actor.subdistrict_id).order_by("code").first()
    if supplier is None:
        raise NotFound("the demonstration has no supplier")
    whole = (Area.SUBDISTRICT, actor.subdistrict_id)
    areas: dict[str, tuple[str, str, UUID]] = {
        "resident": ("resident", Area.HOUSEHOLD, wang.pk),
        "neighbour": ("resident", Area.HOUSEHOLD, li.pk),
        "buyer": ("buyer", *whole),
        "supplier": ("supplier", Area.SUPPLIER, supplier.pk),
        "carrier": ("carrier", *whole),
        "guard": ("guard", *whole),
        "care_worker": ("care_worker", *whole),
        "operator": ("operator", *whole),
        "command_post": ("command_post", *whole),
        "admin": ("admin", *whole),
    }
    accounts = {name: _account(name, *where, actor=actor, now=now) for name, where in areas.items()}
    for household, name in ((wang, "resident"), (li, "neighbour")):
        Person.objects.filter(accounts=accounts[name]).update(household=household)
    accounts["social_worker"] = _worker_of(wang.building, now=now)
    accounts["volunteer"] = _volunteer_of(wang.building, now=now)
    for name in ("social_worker", "volunteer"):
        _open_door(accounts[name], name)
    return Cast({name: accounts[name] for name in ROLES})


def _two_neighbours(subdistrict_id: UUID) -> tuple[Household, Household]:
    """Two doors of one controlled building, with phones."""
    doors = Household.objects.within(subdistrict_id).living().with_zone().filter(no_phone=False)
    controlled = doors.filter(zone_sql=Zone.CONTROLLED).select_related("building__compound", "unit").in_order()
    first = controlled.first()
    if first is None:
        raise NotFound("the demonstration has no controlled building")
    second = controlled.filter(building=first.building).exclude(pk=first.pk).first()
    if second is None:
        raise NotFound("the demonstration needs two households in a building")
    return first, second


def _account(name: str, role: str, area: str, area_id: UUID, *, actor: Actor, now: datetime) -> Account:
    person = services.create_person(SHOWN_NAMES[name], actor=actor, now=now)
    account = services.create_account(person, username=name, password=PASSWORD, actor=actor, now=now)
    services.give_grant(account, role, area, area_id, actor=actor, now=now)
    return account


SHOWN_NAMES = {
    "resident": "王一帆",
    "neighbour": "李春梅",
    "buyer": "陈建国",
    "supplier": "京康生鲜 值班",
    "carrier": "快送货运 调度",
    "guard": "东门 值守",
    "care_worker": "沈玉兰",
    "operator": "热线 一号台",
    "command_post": "指挥部 值班",
    "admin": "系统管理员",
}


def _worker_of(building: Building, *, now: datetime) -> Account:
    duty = Duty.objects.filter(building=building, kind=Duty.Kind.RESPONSIBLE, ended_at=None).select_related("account")
    return duty.get().account


def _volunteer_of(building: Building, *, now: datetime) -> Account:
    """A volunteer on duty in the building's community, of the first group: delivery."""
    community_id = building.compound.community_id
    accounts = Account.objects.within(building.subdistrict_id)
    found = accounts.filter(volunteer__group__community=community_id, volunteer__on_duty=True).order_by(
        "created_at", "pk"
    )
    account = found.first()
    if account is None:
        raise NotFound("the demonstration has no volunteer on duty")
    return account


def _open_door(account: Account, username: str) -> None:
    """An imported worker gets the role's plain user name and the demonstration's password."""
    account.username = username
    account.set_password(PASSWORD)
    account.save(update_fields=["username", "password"])


def tokens_of(cast: Cast, *, now: datetime) -> dict[str, dict[str, str]]:
    """`{"role": {"user": ..., "token": ...}}`, for programs that try the API."""
    return {
        name: {"user": account.username, "token": access.issue_token(account, "demonstration", now)}
        for name, account in cast.accounts.items()
    }
