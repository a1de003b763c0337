"""Rows that every context shares: events (the audit), idempotency keys, figures, import runs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from baogong.common.clock import now
from baogong.common.rows import Row, ScopedQuerySet


class EventQuerySet(ScopedQuerySet["Event"]):
    def unsealed(self) -> EventQuerySet:
        return self.filter(number=None)

    def about(self, subject_id: object) -> EventQuerySet:
        return self.filter(subject_id=subject_id)


class Event(Row):
    """Something that changed: who, when, what, for whom. Written in the change's own transaction, never changed.

    `values` holds what is public; personal values lie in `sealed`, encrypted with the person's key. The sealing task
    gives each row its `number` and the hash that chains it to the row before.
    """

    at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20, default="system")
    verb = models.CharField(max_length=60)  # context.past_participle: groupbuy.order_placed
    subject_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    values = models.JSONField(default=dict)
    sealed = models.BinaryField(null=True)
    number = models.BigIntegerField(null=True)
    hash = models.BinaryField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "number"], name="event_number_once"),
        ]
        indexes = [
            models.Index(fields=["subdistrict_id", "subject_id"]),
            models.Index(
                fields=["subdistrict_id", "household_id"],
                condition=Q(household_id__isnull=False),
                name="event_by_household",
            ),
            models.Index(fields=["id"], condition=Q(number=None), name="event_unsealed"),
        ]


class IdempotencyKey(Row):
    """The first answer to a request that may be sent again: same key and body, same answer."""

    account_id = models.UUIDField()
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    body_sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=now)
    status = models.PositiveSmallIntegerField(null=True)  # None while the first request is still running
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict_id", "account_id", "route", "key"], name="idempotency_once"),
        ]
        indexes = [models.Index(fields=["created_at"])]


class FigureSetting(Row):
    """A number of the domain as an administrator set it; the defaults with their sources stand in `figures.py`."""

    name = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=14, decimal_places=4)
    source = models.CharField(max_length=200)
    since = models.DateTimeField(default=now)
    set_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict_id", "name", "since"], name="figure_once_a_moment")]


class ImportRun(Row):
    """One spreadsheet as it was read: what it changed and which lines were refused, for whoever asks later."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("previewed")
        DONE = "done", _("done")

    kind = models.CharField(max_length=30)
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State)
    at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)
    mapping = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    upload = models.CharField(max_length=100, blank=True)  # random name under the data folder, until it is applied
