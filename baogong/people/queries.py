"""Reads across people, accounts and places, for this room's pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from baogong.people.models import Account, Duty, Grant, Household, HouseholdQuerySet
from baogong.people.roles import Area, Role
from baogong.places.models import Building, BuildingQuerySet, Community, Compound


def members_of(household: Household, *, at: datetime) -> list[Account]:
    """The accounts that may act for a household now, the first one first."""
    grants = Grant.objects.within(household.subdistrict_id).live(at=at)
    mine = grants.filter(role=Role.RESIDENT, area=Area.HOUSEHOLD, area_id=household.pk, account__is_active=True)
    return [grant.account for grant in mine.select_related("account__person").order_by("since", "pk")]


def with_member_mark(households: HouseholdQuerySet, *, at: datetime) -> HouseholdQuerySet:
    """Adds `has_account` and `has_phone`: whether somebody there can order, and can be rung."""
    from baogong.people.models import Person

    grants = Grant.objects.filter(subdistrict_id=OuterRef("subdistrict_id")).live(at=at)
    mine = grants.filter(role=Role.RESIDENT, area=Area.HOUSEHOLD, area_id=OuterRef("pk"), account__is_active=True)
    phones = Person.objects.filter(household=OuterRef("pk"), phone_sealed__isnull=False).everywhere()
    return households.annotate(has_account=Exists(mine), has_phone=Exists(phones))


def with_counts(buildings: BuildingQuerySet) -> BuildingQuerySet:
    """Adds `doors`, `people_there` and `phoneless`: living households, and those of them without a phone."""
    living = Q(households__ended_at=None)
    return buildings.annotate(
        doors=Count("households", filter=living),
        phoneless=Count("households", filter=living & Q(households__no_phone=True)),
    )


def duties_of(buildings: Iterable[Building]) -> dict[UUID, dict[str, Duty]]:
    """Who answers for each building: building id -> kind -> duty, with account and person loaded. One query."""
    ids = [building.pk for building in buildings]
    found: dict[UUID, dict[str, Duty]] = {pk: {} for pk in ids}
    duties = Duty.objects.filter(building__pk__in=ids, ended_at=None).everywhere()
    for duty in duties.select_related("account__person"):
        found[duty.building_id][duty.kind] = duty
    return found


def workers(subdistrict_id: UUID, *, at: datetime) -> QuerySet[Account]:
    """Accounts that can answer for a building: social workers and grid workers."""
    roles = [Role.SOCIAL_WORKER, Role.GRID_WORKER]
    grants = Grant.objects.within(subdistrict_id).live(at=at).filter(role__in=roles)
    accounts: QuerySet[Account] = Account.objects.within(subdistrict_id).filter(is_active=True)
    return accounts.filter(pk__in=grants.values("account")).order_by("name", "username")


def area_names(grants: Iterable[Grant]) -> dict[UUID, str]:
    """What to call the area of each grant: area id -> name. A constant number of queries."""
    by_kind: dict[str, set[UUID]] = {}
    for grant in grants:
        by_kind.setdefault(grant.area, set()).add(grant.area_id)
    names = {pk: _("the whole subdistrict") for pk in by_kind.get(Area.SUBDISTRICT, ())}
    names |= {pk: _("one supplier") for pk in by_kind.get(Area.SUPPLIER, ())}
    for kind, model in ((Area.COMMUNITY, Community), (Area.COMPOUND, Compound), (Area.BUILDING, Building)):
        if ids := by_kind.get(kind):
            names |= {row.pk: str(row) for row in model.objects.filter(pk__in=ids)}
    if ids := by_kind.get(Area.HOUSEHOLD):
        names |= dict(Household.objects.filter(pk__in=ids).values_list("pk", "code"))
    return names


def area_choices(subdistrict_id: UUID) -> list[tuple[str, str]]:
    """Areas to choose from for a role: the subdistrict, its communities and compounds. Values are `kind:id`."""
    choices = [(f"{Area.SUBDISTRICT}:{subdistrict_id}", _("the whole subdistrict"))]
    for community in Community.objects.within(subdistrict_id).order_by("name").prefetch_related("compounds"):
        choices.append((f"{Area.COMMUNITY}:{community.pk}", community.name))
        compounds = sorted(community.compounds.all(), key=lambda compound: compound.name)
        choices.extend(
            (f"{Area.COMPOUND}:{compound.pk}", f"{community.name} / {compound.name}") for compound in compounds
        )
    return choices
