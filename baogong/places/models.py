"""Where people live and where goods are handed out: subdistrict, community, compound, building, unit, point.

A zone stands on a unit, else on its building, else on the compound (domain 1.1); `with_zone()` reads it in SQL and
`zone_now` in Python.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from baogong.common.clock import now
from baogong.common.ids import new_id, secret_code
from baogong.common.rows import Row, ScopedQuerySet


class Zone(models.TextChoices):
    SEALED = "sealed", _("sealed")
    CONTROLLED = "controlled", _("controlled")
    PRECAUTIONARY = "precautionary", _("precautionary")
    OPEN = "open", _("open")


class Subdistrict(models.Model):
    """The owner of everything else; its id stands on every row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    area_code = models.CharField(max_length=6, default="000000")  # national division code, first half of a pass number
    hotline = models.CharField(max_length=30, blank=True)
    demonstration = models.BooleanField(default=False)  # made by `demo`: invented people, a banner on every page
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name


class Community(Row):
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "name"], name="community_name_once")]

    def __str__(self) -> str:
        return self.name


class Compound(Row):
    community = models.ForeignKey(Community, models.PROTECT, related_name="compounds")
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=13, choices=Zone, default=Zone.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "community", "name"], name="compound_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BuildingQuerySet(ScopedQuerySet["Building"]):
    def with_zone(self) -> BuildingQuerySet:
        """Adds `zone_sql`: the building's own zone, else its compound's."""
        return self.annotate(zone_sql=Coalesce("zone", "compound__zone"))

    def in_order(self) -> BuildingQuerySet:
        """Compound by compound, building numbers as numbers."""
        return self.order_by("compound__name", "sort_key", "code")


def poster_secret() -> str:
    return secret_code(13)  # 65 bits: the 64-bit mark of a poster link


class Building(Row):
    """One building. Its `code` is unique in the subdistrict; people say its name within the compound."""

    compound = models.ForeignKey(Compound, models.PROTECT, related_name="buildings")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=13, choices=Zone, null=True, blank=True)  # None: as the compound
    floors = models.PositiveSmallIntegerField(default=1)
    lift = models.BooleanField(default=False)
    households_expected = models.PositiveIntegerField(default=0)
    households_estimated = models.BooleanField(default=False)  # from floor area and height, not counted
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    outline = models.JSONField(null=True, blank=True)  # GeoJSON geometry, WGS 84
    height_m = models.FloatField(null=True, blank=True)
    area_m2 = models.FloatField(null=True, blank=True)
    kind_detail = models.CharField(max_length=40, blank=True)  # OpenStreetMap's: apartments, mall, school
    osm_id = models.BigIntegerField(null=True, blank=True)
    poster_secret = models.CharField(max_length=20, default=poster_secret, editable=False)
    sort_key = models.CharField(max_length=120, editable=False, default="")
    search = models.CharField(max_length=400, editable=False, default="")

    objects = BuildingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "code"], name="building_code_once"),
            models.UniqueConstraint(fields=["subdistrict_id", "poster_secret"], name="poster_secret_once"),
            models.UniqueConstraint(
                fields=["subdistrict_id", "osm_id"], condition=Q(osm_id__isnull=False), name="building_osm_id_once"
            ),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "compound", "sort_key"])]

    def __str__(self) -> str:
        return self.name

    @property
    def zone_now(self) -> Zone:
        return Zone(self.zone or self.compound.zone)


class Unit(Row):
    """An entrance of a building; it may be sealed on its own."""

    building = models.ForeignKey(Building, models.PROTECT, related_name="units")
    name = models.CharField(max_length=20)
    zone = models.CharField(max_length=13, choices=Zone, null=True, blank=True)  # None: as the building
    households_expected = models.PositiveIntegerField(default=0)  # 0: not told apart from the rest of the building

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "building", "name"], name="unit_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Point(Row):
    """Where goods are handed out (distribution point) or wait outside a sealed gate (temporary delivery point)."""

    class Kind(models.TextChoices):
        DISTRIBUTION = "distribution", _("distribution point")
        BUFFER = "buffer", _("temporary delivery point")

    compound = models.ForeignKey(Compound, models.PROTECT, related_name="points")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DISTRIBUTION)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    desks = models.PositiveSmallIntegerField(default=2)  # figures.py: turns.desks
    present_cap = models.PositiveSmallIntegerField(default=20)  # figures.py: turns.present_cap
    opens_at = models.TimeField()
    closes_at = models.TimeField()
    closed = models.BooleanField(default=False)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "compound", "name"], name="point_name_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opens_at")), name="point_closes_after_opening"),
        ]

    def __str__(self) -> str:
        return self.name
