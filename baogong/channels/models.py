"""The outbox. A message is a row first; a task sends it. Channels know an address and a text, nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from baogong.common import crypto
from baogong.common.clock import now
from baogong.common.rows import Row, ScopedQuerySet


class MessageQuerySet(ScopedQuerySet["Message"]):
    def due(self, *, at: datetime) -> MessageQuerySet:
        """What a sender should try now: neither pages nor call lists."""
        return self.filter(state=Message.State.QUEUED, next_try_at__lte=at, channel__in=SENT_BY_ADAPTERS)

    def on_call_lists(self) -> MessageQuerySet:
        """What a worker still has to tell somebody."""
        return self.filter(channel=Message.Channel.CALL_LIST, state=Message.State.QUEUED)

    def for_recipient(self, recipient_id: object) -> MessageQuerySet:
        return self.filter(recipient_id=recipient_id).order_by("-created_at")


class Message(Row):
    """One text for one recipient on one channel.

    `page` messages are shown on the recipient's own page and are done when written; `call_list` ones wait until the
    building's worker has told the household; the others are sent by an adapter. A text that is a secret (a sign-in
    code) is sealed and forgotten once it is sent.
    """

    PERSONAL: ClassVar[set[str]] = {"address_sealed", "text", "text_sealed"}

    class Channel(models.TextChoices):
        PAGE = "page", _("page")
        SMS = "sms", _("SMS")
        CALL_LIST = "call_list", _("the worker's call list")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")

    channel = models.CharField(max_length=10, choices=Channel)
    recipient_id = models.UUIDField()  # a household; a bare id, since channels know nobody's name
    area_id = models.UUIDField(null=True)  # its building, so that a worker's list is one query
    kind = models.CharField(max_length=40)  # what it is about: order_taken, short, turn, arrived, refunded
    text = models.TextField(blank=True)
    text_sealed = models.BinaryField(null=True)  # instead of `text`, where that is a secret
    address_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)  # not sent after this
    claimed_by = models.UUIDField(null=True)  # the sender that has it in hand, until next_try_at
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.UUIDField(null=True)  # the worker who rang or knocked
    failure = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["subdistrict_id", "recipient_id", "created_at"]),
            models.Index(fields=["subdistrict_id", "area_id", "channel", "state"]),
        ]

    @property
    def address(self) -> str:
        return crypto.unseal_system(bytes(self.address_sealed)) if self.address_sealed else ""

    @property
    def words(self) -> str:
        """What is to be said, a sealed text in clear."""
        return crypto.unseal_system(bytes(self.text_sealed)) if self.text_sealed else self.text


SENT_BY_ADAPTERS = [Message.Channel.SMS]
