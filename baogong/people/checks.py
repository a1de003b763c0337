"""Law 5, as far as people go: each household in one building, and who answers for the buildings that take part."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from baogong.common.laws import Breach, Check
from baogong.people.models import Duty, Household
from baogong.places.models import Building, BuildingQuerySet, Unit, Zone


def households_and_duties(subdistrict_id: UUID) -> Iterator[Breach]:
    yield from _lost_households(subdistrict_id)
    yield from _same_person(subdistrict_id)
    yield from _left_alone(subdistrict_id)


def _lost_households(subdistrict_id: UUID) -> Iterator[Breach]:
    """The column allows one building only; what can be wrong is a unit of another one, or another subdistrict."""
    households = Household.objects.within(subdistrict_id)
    for household in households.exclude(unit=None).exclude(unit__building=F("building")):
        yield Breach(5, f"{household.code}: its unit is in another building", household.pk)
    for household in households.exclude(building__subdistrict_id=F("subdistrict_id")):
        yield Breach(5, f"{household.code}: its building is in another subdistrict", household.pk)


def _taking_part(subdistrict_id: UUID) -> BuildingQuerySet:
    """Buildings whose zone, or that of one of whose units, is not open."""
    closed_units = Unit.objects.within(subdistrict_id).exclude(zone=None).exclude(zone=Zone.OPEN)
    buildings: BuildingQuerySet = Building.objects.within(subdistrict_id)
    return buildings.with_zone().filter(~Q(zone_sql=Zone.OPEN) | Q(pk__in=closed_units.values("building"))).in_order()


def _duties(kind: str, *, held: bool) -> Exists:
    """Whether somebody has such a duty for the building of the outer query now, or had it once."""
    duties = Duty.objects.filter(building=OuterRef("pk"), kind=kind).everywhere()
    return Exists(duties.filter(ended_at=None) if held else duties.exclude(ended_at=None))


def _left_alone(subdistrict_id: UUID) -> Iterator[Breach]:
    """A place that was filled once is never empty again while the building takes part."""
    for kind in Duty.Kind.values:
        left = _taking_part(subdistrict_id).filter(_duties(kind, held=False)).exclude(_duties(kind, held=True))
        for building in left:
            yield Breach(5, f"{building.code}: the {kind} left and nobody took over", building.pk)


def _same_person(subdistrict_id: UUID) -> Iterator[Breach]:
    live = Duty.objects.within(subdistrict_id).filter(ended_at=None)
    twice = live.filter(
        kind=Duty.Kind.RESPONSIBLE,
        building__duties__kind=Duty.Kind.DEPUTY,
        building__duties__ended_at=None,
        building__duties__account__person=F("account__person"),
    )
    for duty in twice.select_related("building"):
        yield Breach(5, f"{duty.building.code}: responsible and deputy are one person", duty.building_id)


def unassigned(subdistrict_id: UUID) -> Iterator[Breach]:
    """Buildings that take part and wait for their first responsible worker or deputy."""
    for building in _taking_part(subdistrict_id).prefetch_related("duties"):
        kinds = {duty.kind for duty in building.duties.all()}
        if missing := sorted(set(Duty.Kind.values) - kinds, reverse=True):
            yield Breach("unassigned", f"{building.code}: no {' and no '.join(missing)} yet", building.pk)


LAWS: dict[int, Check] = {5: households_and_duties}
WARNINGS: dict[str, Check] = {"unassigned": unassigned}
