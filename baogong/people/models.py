"""Households and the people in them; accounts, what they may do and where; volunteers; codes for signing in.

`PERSONAL` names the fields of a model that tell who somebody is or where they live, `SENSITIVE` those about health,
needs or whereabouts; every other field is public within the installation. A test holds each model to it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from baogong.common import crypto
from baogong.common.clock import now
from baogong.common.rows import Row, ScopedQuerySet
from baogong.people.roles import Area, Role
from baogong.places.models import Building, Community, Unit, Zone


class HouseholdQuerySet(ScopedQuerySet["Household"]):
    def living(self) -> HouseholdQuerySet:
        """Households that are there now: not merged into another one."""
        return self.filter(ended_at=None)

    def with_zone(self) -> HouseholdQuerySet:
        """Adds `zone_sql`: the unit's zone, else the building's, else the compound's."""
        return self.annotate(zone_sql=Coalesce("unit__zone", "building__zone", "building__compound__zone"))

    def in_order(self) -> HouseholdQuerySet:
        return self.order_by("building__compound__name", "building__sort_key", "sort_key")


class Household(Row):
    """One door. `code` is `building/unit/flat`, or `building/flat` where there is no unit.

    A household that moves keeps its row and so its orders. One that is merged ends, names the one it went into
    (always a living one) and from then on stands at that one's door, so that what is still under way gets there.
    """

    PERSONAL: ClassVar[set[str]] = {"flat", "people", "infants", "elderly", "search", "code"}

    building = models.ForeignKey(Building, models.PROTECT, related_name="households")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="households")
    flat = models.CharField(max_length=20)
    code = models.CharField(max_length=90)
    floor = models.SmallIntegerField(null=True, blank=True)
    people = models.PositiveSmallIntegerField(default=1)
    infants = models.PositiveSmallIntegerField(default=0)
    elderly = models.PositiveSmallIntegerField(default=0)
    no_phone = models.BooleanField(default=False)
    contacted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    sort_key = models.CharField(max_length=120, editable=False, default="")
    search = models.CharField(max_length=400, editable=False, default="")

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict_id", "code"], condition=Q(ended_at=None), name="household_door_once"
            ),
            models.CheckConstraint(
                condition=Q(infants__lte=F("people"), elderly__lte=F("people")), name="household_counts_fit"
            ),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "building", "sort_key"])]

    def __str__(self) -> str:
        return self.code

    @property
    def zone_now(self) -> Zone:
        return Zone((self.unit and self.unit.zone) or self.building.zone_now)

    @property
    def current(self) -> Household:
        """This household, or the one it was merged into."""
        return self.merged_into or self

    @property
    def priority(self) -> bool:
        """Goes first or is served at the door: infants, or elderly people."""
        return self.infants > 0 or self.elderly > 0


class PersonQuerySet(ScopedQuerySet["Person"]):
    def with_phone(self, number: str) -> PersonQuerySet:
        return self.filter(phone_index=crypto.blind_index("phone", number))


class Person(Row):
    """Somebody: a member of a household, a worker, a volunteer, a driver. The phone is sealed with the own key."""

    PERSONAL: ClassVar[set[str]] = {
        "name", "phone_sealed", "phone_index", "phone_next_sealed", "phone_next_index", "search",
    }  # fmt: skip

    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="members")
    name = models.CharField(max_length=60, blank=True)
    key = models.BinaryField(default=crypto.new_wrapped_key)  # destroyed by `erase`
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True, max_length=16)
    phone_next_sealed = models.BinaryField(null=True)  # a changed number waits a day, the old one has been told
    phone_next_index = models.BinaryField(null=True, max_length=16)
    phone_next_at = models.DateTimeField(null=True)
    contact = models.BooleanField(default=False)  # the one to ring for this household
    created_at = models.DateTimeField(default=now)
    search = models.CharField(max_length=300, editable=False, default="")

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subdistrict_id", "phone_index"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_phone(self) -> bool:
        return self.phone_sealed is not None

    @property
    def phone(self) -> str:
        """The number in clear, or an empty text. Raises crypto.Unreadable after `erase`."""
        return crypto.unseal(bytes(self.key), bytes(self.phone_sealed)) if self.phone_sealed else ""

    def set_phone(self, number: str) -> None:
        """Keep a normalised number (`people.phones.normal_phone`), or none for an empty text."""
        self.phone_sealed = crypto.seal(bytes(self.key), number) if number else None
        self.phone_index = crypto.blind_index("phone", number) if number else None


class Account(AbstractBaseUser, Row):
    """A sign-in of one person. What it may do stands in its grants."""

    PERSONAL: ClassVar[set[str]] = {"username", "name"}

    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="accounts")
    username = models.CharField(max_length=60)
    name = models.CharField(max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)
    password_temporary = models.BooleanField(default=False)  # given by somebody else: to be changed at sign-in
    totp_sealed = models.BinaryField(null=True)
    totp_last_step = models.BigIntegerField(default=0)  # a step is good once
    signed_out_before = models.DateTimeField(null=True)  # sessions older than this are over
    created_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "username"], name="account_username_once")]

    def __str__(self) -> str:
        return self.name or self.username


class GrantQuerySet(ScopedQuerySet["Grant"]):
    def live(self, *, at: object) -> GrantQuerySet:
        return self.filter(since__lte=at).filter(Q(until=None) | Q(until__gt=at))


class Grant(Row):
    """An account has a role in an area, from then until then."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    area = models.CharField(max_length=12, choices=Area)
    area_id = models.UUIDField()  # of the household, building, compound, community, supplier or subdistrict
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.UUIDField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict_id", "account", "role", "area", "area_id"],
                condition=Q(until=None),
                name="grant_once",
            ),
        ]
        indexes = [models.Index(fields=["subdistrict_id", "area", "area_id"])]


class Duty(Row):
    """Who answers for a building (law 5): one responsible worker and one deputy, two different people."""

    class Kind(models.TextChoices):
        RESPONSIBLE = "responsible", _("responsible")
        DEPUTY = "deputy", _("deputy")

    building = models.ForeignKey(Building, models.PROTECT, related_name="duties")
    account = models.ForeignKey(Account, models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=12, choices=Kind)
    on_duty = models.BooleanField(default=True)
    since = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict_id", "building", "kind"], condition=Q(ended_at=None), name="duty_once_a_building"
            ),
            models.UniqueConstraint(
                fields=["subdistrict_id", "building", "account"], condition=Q(ended_at=None), name="duty_two_people"
            ),
        ]


class VolunteerGroup(Row):
    """One of the 5 to 10 groups of a community."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="volunteer_groups")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "community", "name"], name="volunteer_group_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Volunteer(Row):
    """An account that takes tasks in its community."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="volunteer")
    group = models.ForeignKey(VolunteerGroup, models.PROTECT, related_name="volunteers")
    skills = models.JSONField(default=list)
    on_duty = models.BooleanField(default=False)
    on_duty_since = models.DateTimeField(null=True, blank=True)


class Token(Row):
    """A bearer token of a program; only its SHA-256 is kept."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="tokens")
    digest = models.BinaryField(max_length=32)
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "digest"], name="token_digest_once")]


class SignInCode(Row):
    """A one-time secret: a code sent to a phone, printed in a letter, or given to another member of a household.

    Only a salted slow hash is kept. Five wrong tries kill a phone code; failures count per phone, over all its codes.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("code by SMS")
        LETTER = "letter", _("code from a letter")
        INVITATION = "invitation", _("invitation to a household")

    PERSONAL: ClassVar[set[str]] = {"phone_index"}

    kind = models.CharField(max_length=10, choices=Kind)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="sign_in_codes")
    phone_index = models.BinaryField(null=True, max_length=16)
    session = models.CharField(max_length=64, blank=True)  # the browser that asked, hashed
    hint = models.CharField(max_length=4, blank=True)  # of the code's blind index, to find its row without trying all
    code_hash = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # replaced by a newer letter, or killed by wrong tries

    class Meta:
        indexes = [
            models.Index(fields=["subdistrict_id", "phone_index", "created_at"]),
            models.Index(fields=["subdistrict_id", "hint"]),
        ]


class SignInFailures(Row):
    """How often in a row a phone or an account was tried and missed; only success resets it."""

    subject = models.BinaryField(max_length=16)  # blind index of the phone, user name or network address
    consecutive = models.PositiveIntegerField(default=0)
    recent = models.JSONField(default=list)  # epoch seconds of the failures of the last 24 h
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "subject"], name="failures_once")]
