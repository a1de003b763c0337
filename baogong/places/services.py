"""What changes places: the subdistrict itself, zones, points. Buildings come in by `importing`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time
from math import cos, radians
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Avg
from django.utils.translation import gettext as _

from baogong.common.actors import Actor, system
from baogong.common.clock import now as clock_now
from baogong.common.errors import BadInput, NotFound
from baogong.common.events import event, record, record_all
from baogong.common.figures import whole
from baogong.common.models import Event
from baogong.places.models import Building, Compound, Point, Subdistrict, Unit, Zone

UnitsByDoor = dict[tuple[UUID, str], Unit]

FIRST_SUBDISTRICT = 0x42414F  # key of an advisory lock: two processes that start together make one subdistrict


@transaction.atomic
def ensure_subdistrict(
    name: str = "未命名街道", *, demonstration: bool = False, now: datetime | None = None
) -> Subdistrict:
    """The oldest subdistrict; in an empty database it is made."""
    if connection.vendor == "postgresql":  # SQLite's BEGIN IMMEDIATE lets only one in anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_SUBDISTRICT])
    found = Subdistrict.objects.order_by("created_at").first()
    if found is None:
        at = now or clock_now()
        found = Subdistrict.objects.create(name=name, demonstration=demonstration, created_at=at)
        record("places.subdistrict_made", found.pk, actor=system(found.pk), now=at, name=name)
    return found


@transaction.atomic
def set_zone(place: Compound | Building | Unit, zone: Zone, *, actor: Actor, now: datetime) -> bool:
    """Put a compound, building or unit into a zone; returns whether that changed anything.

    A building or unit that lies in its compound's or building's zone keeps none of its own, and follows it.
    """
    change = put_in_zone(place, zone, actor=actor, now=now)
    if change is None:
        return False
    place.save(update_fields=["zone"])
    change.save(force_insert=True)
    return True


def put_in_zone(place: Compound | Building | Unit, zone: Zone, *, actor: Actor, now: datetime) -> Event | None:
    """Set the zone on the object and return the event, both still to be stored; None where it lies there already."""
    before = zone_of(place)
    if before == zone:
        return None
    around = zone_around(place)
    place.zone = None if around == zone else zone
    values = {"place": type(place).__name__.lower(), "before": before.value, "after": Zone(zone).value}
    return event("places.zone_changed", place.pk, actor=actor, now=now, values=values)


def zone_of(place: Compound | Building | Unit) -> Zone:
    """The zone in force: the place's own, else that of what it lies in."""
    return Zone(place.zone) if place.zone else zone_around(place) or Zone.OPEN


def zone_around(place: Compound | Building | Unit) -> Zone | None:
    """The zone of what a place lies in; None for a compound."""
    if isinstance(place, Unit):
        return zone_of(place.building)
    return Zone(place.compound.zone) if isinstance(place, Building) else None


@transaction.atomic
def ensure_units(doors: Iterable[tuple[Building, str]], *, actor: Actor, now: datetime) -> UnitsByDoor:
    """The units of these names in these buildings, by (building id, `unit_key`); those that there are not are made."""
    wanted: dict[tuple[UUID, str], tuple[Building, str]] = {}
    for building, name in doors:
        if name:
            wanted.setdefault((building.pk, unit_key(name)), (building, name))
    stored = Unit.objects.within(actor.subdistrict_id).filter(building__in={pk for pk, _key in wanted})
    found = {(unit.building_id, unit_key(unit.name)): unit for unit in stored}
    made = {
        key: Unit(subdistrict_id=actor.subdistrict_id, building=building, name=name)
        for key, (building, name) in wanted.items()
        if key not in found
    }
    Unit.objects.bulk_create(made.values(), batch_size=1_000)
    record_all(unit_added(unit, actor=actor, now=now) for unit in made.values())
    return found | made


def unit_key(name: str) -> str:
    """`1单元` and `1` are the same entrance."""
    return name.removesuffix("单元") or name


def unit_added(unit: Unit, *, actor: Actor, now: datetime) -> Event:
    values = {"building": str(unit.building_id), "name": unit.name}
    return event("places.unit_added", unit.pk, actor=actor, now=now, values=values)


@transaction.atomic
def ensure_point(
    compound: Compound, name: str, *, kind: str = Point.Kind.DISTRIBUTION, actor: Actor, now: datetime
) -> Point:
    """A compound's point of that name; made with the figures of the subdistrict where there is none yet."""
    found = Point.objects.filter(compound=compound, name=name).first()
    if found is not None:
        return found
    mine = compound.subdistrict_id
    point = Point.objects.create(
        subdistrict_id=mine,
        compound=compound,
        name=name,
        kind=kind,
        desks=whole("turns.desks", mine),
        present_cap=whole("turns.present_cap", mine),
        opens_at=time(whole("turns.opens_hour", mine)),
        closes_at=time(whole("turns.closes_hour", mine)),
    )
    record("places.point_added", point.pk, actor=actor, now=now, compound=str(compound.pk), name=name)
    return point


class BadPoint(BadInput):
    """A point cannot be like this; `facts["field"]` names the field."""

    code = "bad_point"


@dataclass(frozen=True, slots=True)
class PointFacts:
    """What a point shall be; what is None stays as it is. A point that is closed says why in `closed_reason`."""

    name: str | None = None
    kind: str | None = None
    desks: int | None = None
    present_cap: int | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    longitude: float | None = None
    latitude: float | None = None
    closed: bool | None = None
    closed_reason: str | None = None


MOST_DESKS, MOST_PRESENT = 50, 500  # more at one point is a typing error
FARTHEST_DEGREES = 0.2  # about 20 km from the compound's buildings: a typing error too


@transaction.atomic
def add_point(compound: Compound, facts: PointFacts, *, actor: Actor, now: datetime) -> Point:
    """One more point of a compound; what `facts` leave open comes from the figures. Raises BadPoint."""
    if not (facts.name or "").strip():
        raise BadPoint(_("Give the point a name"), field="name")
    name = (facts.name or "").strip()
    Compound.objects.select_for_update(no_key=True).get(pk=compound.pk)
    if Point.objects.filter(compound=compound, name=name).exists():
        raise _name_taken(name, compound)
    return set_point(ensure_point(compound, name, actor=actor, now=now), facts, actor=actor, now=now)


@transaction.atomic
def set_point(point: Point, facts: PointFacts, *, actor: Actor, now: datetime) -> Point:
    """Change a point; the event keeps what changed, from what to what. Nothing new changes nothing.

    Raises NotFound; BadPoint, which names the field.
    """
    found = Point.objects.select_for_update(of=("self",)).select_related("compound").filter(pk=point.pk).first()
    if found is None:
        raise NotFound(_("There is no such point"))
    changed = _apply(found, facts)
    _refuse_bad_point(found)
    if changed:
        found.save(update_fields=list(changed))
        record("places.point_changed", found.pk, actor=actor, now=now, changed=changed)
    return found


def _apply(point: Point, facts: PointFacts) -> dict[str, list[str]]:
    """Put the facts on the object; gives what changed by field, as (before, after)."""
    changed = {}
    for field in fields(facts):
        after = getattr(facts, field.name)
        after = after.strip() if isinstance(after, str) else after
        before = getattr(point, field.name)
        if after is not None and after != before:
            setattr(point, field.name, after)
            changed[field.name] = [str(before), str(after)]
    if not point.closed and point.closed_reason:
        changed["closed_reason"] = [point.closed_reason, ""]
        point.closed_reason = ""
    return changed


def _refuse_bad_point(point: Point) -> None:
    if not 1 <= len(point.name) <= 60:
        raise BadPoint(_("A name has 1 to 60 signs"), field="name")
    if Point.objects.filter(compound=point.compound, name=point.name).exclude(pk=point.pk).exists():
        raise _name_taken(point.name, point.compound)
    if point.kind not in Point.Kind.values:
        raise BadPoint(_("A point hands out goods, or keeps them outside a gate"), field="kind")
    if not 1 <= point.desks <= MOST_DESKS:
        raise BadPoint(_("A point has 1 to %(most)s desks") % {"most": MOST_DESKS}, field="desks")
    if not point.desks <= point.present_cap <= MOST_PRESENT:
        facts = {"least": point.desks, "most": MOST_PRESENT}
        raise BadPoint(_("%(least)s to %(most)s people may be there, one at each desk at least") % facts,
                       field="present_cap")  # fmt: skip
    if point.closes_at <= point.opens_at:
        raise BadPoint(_("A point closes after it opens, on the same day"), field="closes_at")
    if point.closed and not point.closed_reason:
        raise BadPoint(_("Say why the point is closed"), field="closed_reason")
    _refuse_far_place(point)


def _refuse_far_place(point: Point) -> None:
    if (point.longitude is None) != (point.latitude is None):
        missing = "longitude" if point.longitude is None else "latitude"
        raise BadPoint(_("A place has a longitude and a latitude"), field=missing)
    if point.longitude is None or point.latitude is None:
        return
    if not (-180 <= point.longitude <= 180 and -90 <= point.latitude <= 90):
        raise BadPoint(_("Longitudes go from −180 to 180, latitudes from −90 to 90"), field="longitude")
    middle = Building.objects.filter(compound=point.compound).aggregate(x=Avg("longitude"), y=Avg("latitude"))
    if middle["x"] is None or middle["y"] is None:
        return
    east = (point.longitude - middle["x"]) * cos(radians(point.latitude))
    if max(abs(east), abs(point.latitude - middle["y"])) > FARTHEST_DEGREES:
        text = _("This place is over 20 km from %(compound)s. Look at the numbers again")
        raise BadPoint(text % {"compound": point.compound.name}, field="longitude")


def _name_taken(name: str, compound: Compound) -> BadPoint:
    text = _("%(compound)s has a point “%(name)s” already") % {"compound": compound.name, "name": name}
    return BadPoint(text, field="name")


DEFAULT_POINT = "集散点"


def ensure_points_of(compound_ids: Collection[UUID], *, actor: Actor, now: datetime) -> list[Point]:
    """A distribution point in the middle of each of these compounds whose community has none yet, open or closed.

    Nobody need draw points before the first day: the figures of the subdistrict serve until somebody sets others.
    """
    served = (
        Point.objects.within(actor.subdistrict_id).filter(kind=Point.Kind.DISTRIBUTION).values("compound__community")
    )
    compounds = Compound.objects.within(actor.subdistrict_id).filter(pk__in=compound_ids).exclude(community__in=served)
    return [_point_in_the_middle(compound, actor=actor, now=now) for compound in compounds.order_by("name")]


def _point_in_the_middle(compound: Compound, *, actor: Actor, now: datetime) -> Point:
    point = ensure_point(compound, DEFAULT_POINT, actor=actor, now=now)
    middle = Building.objects.filter(compound=compound).aggregate(x=Avg("longitude"), y=Avg("latitude"))
    point.longitude, point.latitude = middle["x"], middle["y"]
    point.save(update_fields=["longitude", "latitude"])
    return point
