"""The staff's search box, as far as people and doors go: scoped by role and area, two characters are enough.

Names are found by characters, pinyin or initials, doors by code or flat, a phone only as the whole number (by its blind
index). Sensitive fields are in none of the columns that are searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.search import matching
from baogong.people import access
from baogong.people.addresses import spoken_door
from baogong.people.models import Household, Person
from baogong.people.phones import normal_phone

OPERATION = "people.search"
MOST = 20  # results of each kind
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: `kind` household, person or building; `household_id` where it belongs to one."""

    kind: str
    id: UUID
    title: str
    sub: str = ""
    household_id: UUID | None = None


def search(actor: Actor, query: str, *, most: int = MOST) -> list[Hit]:
    """What `query` finds in the actor's area, doors first; at most `most` of each kind.

    A query of fewer than two characters finds nothing. Raises NotAllowed for roles without the search box.
    """
    access.require(actor, OPERATION)
    query = " ".join(query.split())[:LONGEST]
    if len(query) < 2:
        return []
    return [*_households(actor, query, most), *_people(actor, query, most), *_buildings(actor, query, most)]


def _households(actor: Actor, query: str, most: int) -> Iterator[Hit]:
    """By the door as it is written (`12/2/502`, `12-2-502`, `2-502`), or by words of building, compound and flat."""
    code = query.replace("-", "/").replace(" ", "/")
    written = Q(code=code) | Q(code__endswith=f"/{code}")
    living = access.households_for(actor, OPERATION).living().select_related("unit", "building__compound")
    exact = list(living.filter(written).in_order()[:most])
    found = exact or list(living.filter(matching(query)).in_order()[:most])
    for household in found:
        yield Hit("household", household.pk, spoken_door(household), _where(household), household.pk)


def _where(household: Household) -> str:
    return f"{household.building.compound.name} · {household.code}"


def _people(actor: Actor, query: str, most: int) -> Iterator[Hit]:
    reach = access.households_for(actor, OPERATION).living()
    people = Person.objects.within(actor.subdistrict_id).filter(household__in=reach)
    found = people.filter(_who(query)).select_related("household__unit", "household__building__compound")
    for person in found.order_by("search", "pk")[:most]:
        home = person.household
        assert home is not None
        yield Hit("person", person.pk, person.name, f"{spoken_door(home)} · {home.building.compound.name}", home.pk)


def _who(query: str) -> Q:
    """By the whole number where the query is one, else by name."""
    if sum(map(str.isdigit, query)) >= 7:
        try:
            return Q(pk__in=Person.objects.everywhere().with_phone(normal_phone(query)).values("pk"))
        except BadInput:
            pass
    return matching(query)


def _buildings(actor: Actor, query: str, most: int) -> Iterator[Hit]:
    buildings = access.buildings_for(actor, OPERATION).select_related("compound__community").defer("outline")
    for building in buildings.filter(Q(code=query) | matching(query)).in_order()[:most]:
        where = f"{building.compound.community.name} · {building.compound.name}"
        yield Hit("building", building.pk, building.name, where)
