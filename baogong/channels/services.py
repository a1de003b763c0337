"""Queueing messages and sending them: a row first, then as many tries as it needs, each by one sender only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from baogong.channels.adapters import NotSent, adapter_for
from baogong.channels.models import Message
from baogong.common import crypto
from baogong.common.actors import Actor
from baogong.common.bulk import insert_columns
from baogong.common.errors import RuleBroken
from baogong.common.events import record
from baogong.common.ids import new_id

BATCH = 200  # messages one sender takes at a time
LEASE = timedelta(minutes=5)  # after this another sender may try what the first one never finished
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30, 3600
MOST_TRIES = 8  # about two hours in all
LOOK_AGAIN = timedelta(minutes=5)  # while no service is set


class NotOnCallList(RuleBroken):
    code = "not_on_call_list"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be: `address` for the channels that send, `area_id` for a worker's list. A `secret` text is kept
    sealed and forgotten once it is sent. A `decoy` is written like any other and never sent: by the work they make, an
    unknown number must not be told from a known one."""

    channel: str
    recipient_id: UUID
    kind: str
    text: str
    address: str = ""
    area_id: UUID | None = None
    secret: bool = False
    expires_at: datetime | None = None
    decoy: bool = False


def queue_messages(outgoing: Iterable[Outgoing], *, actor: Actor, now: datetime) -> int:
    """Store messages in the caller's transaction; sending starts once that is committed. Returns how many."""
    rows = list(outgoing)
    done = [one.decoy or one.channel == Message.Channel.PAGE for one in rows]
    count = insert_columns(
        Message,
        {
            "id": [new_id() for _ in rows],
            "subdistrict_id": [actor.subdistrict_id] * len(rows),
            "channel": [one.channel for one in rows],
            "recipient_id": [one.recipient_id for one in rows],
            "area_id": [one.area_id for one in rows],
            "kind": [one.kind for one in rows],
            "text": ["" if one.secret else one.text for one in rows],
            "text_sealed": [crypto.seal_system(one.text) if one.secret else None for one in rows],
            "address_sealed": [crypto.seal_system(one.address) if one.address else None for one in rows],
            "created_at": [now] * len(rows),
            "next_try_at": [now] * len(rows),
            "expires_at": [one.expires_at for one in rows],
            "state": [Message.State.SENT if is_done else Message.State.QUEUED for is_done in done],
            "sent_at": [now if is_done else None for is_done in done],
        },
    )
    if any(one.channel not in BY_HAND for one in rows):
        send_soon()
    return count


BY_HAND = {Message.Channel.PAGE, Message.Channel.CALL_LIST}


def queue_sms(number: str, text: str, *, kind: str, recipient_id: UUID, actor: Actor, now: datetime) -> None:
    """One text to one number."""
    one = Outgoing(Message.Channel.SMS, recipient_id, kind, text, address=number)
    queue_messages([one], actor=actor, now=now)


def send_soon() -> None:
    """Wake the sender after the commit; if nobody hears it, the sender looks by itself every minute."""
    from baogong.channels.tasks import send_now

    transaction.on_commit(send_now, robust=True)


# ---------------------------------------------------------------- sending


def send_due(*, now: datetime) -> int:
    """Try everything that is due; returns how many were sent. Two senders never have the same message in hand."""
    sent = 0
    while taken := _take(now=now):
        sent += sum(_send(message, now=now) for message in taken)
    return sent


def _take(*, now: datetime) -> list[Message]:
    """Claim a batch: a conditional update, whose condition the second sender finds no longer true."""
    due = Message.objects.everywhere().due(at=now).order_by("next_try_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    claim = new_id()
    still_due = Message.objects.filter(pk__in=ids).due(at=now)
    if not ids or not still_due.update(claimed_by=claim, next_try_at=now + LEASE, tries=F("tries") + 1):
        return []
    return list(Message.objects.filter(pk__in=ids, claimed_by=claim))


def _send(message: Message, *, now: datetime) -> bool:
    if message.expires_at and message.expires_at <= now:
        return _give_up(message, _("it had expired before it could be sent"))
    adapter = adapter_for(message.channel)
    if adapter is None:
        _settle(message, tries=message.tries - 1, next_try_at=now + LOOK_AGAIN, failure=_("no SMS service is set"))
        return False
    try:
        adapter.send(message, at=now)
    except NotSent as wrong:
        return _failed(message, str(wrong), now=now)
    _settle(message, state=Message.State.SENT, sent_at=now, failure="", text_sealed=None)
    return True


def _failed(message: Message, why: str, *, now: datetime) -> bool:
    if message.tries >= MOST_TRIES:
        return _give_up(message, why)
    _settle(message, next_try_at=now + pause(message.tries), failure=why[:200])
    return False


def _give_up(message: Message, why: str) -> bool:
    _settle(message, state=Message.State.FAILED, failure=why[:200], text_sealed=None)
    return False


def _settle(message: Message, **values: object) -> None:
    """Write the outcome, unless another sender has taken the message over meanwhile."""
    Message.objects.filter(pk=message.pk, claimed_by=message.claimed_by).update(claimed_by=None, **values)


def pause(tries: int) -> timedelta:
    """How long to wait after the n-th try: 30 s, doubling, an hour at most."""
    return timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1)))


# ---------------------------------------------------------------- by hand


@transaction.atomic
def confirm_call(message: Message, *, actor: Actor, now: datetime) -> bool:
    """The worker has told the household; False when it was told already. Raises NotOnCallList."""
    if message.channel != Message.Channel.CALL_LIST:
        raise NotOnCallList(_("This message is not on a call list."))
    told = Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(
        state=Message.State.SENT, sent_at=now, sent_by=actor.account_id
    )
    if told:
        record("channels.call_made", message.pk, actor=actor, now=now, household_id=message.recipient_id)
    return bool(told)


@transaction.atomic
def withdraw_call(message: Message, *, actor: Actor, now: datetime) -> bool:
    """The opposite, for a wrong press: the message waits on the list again."""
    waits = Message.objects.filter(pk=message.pk, channel=Message.Channel.CALL_LIST, state=Message.State.SENT).update(
        state=Message.State.QUEUED, sent_at=None, sent_by=None
    )
    if waits:
        record("channels.call_withdrawn", message.pk, actor=actor, now=now, household_id=message.recipient_id)
    return bool(waits)


@transaction.atomic
def try_again(message: Message, *, actor: Actor, now: datetime) -> bool:
    """Queue a message once more that could not be sent; False when it is not in that state, or was a secret."""
    again = (
        Message.objects.filter(pk=message.pk, state=Message.State.FAILED)
        .exclude(text="")
        .update(state=Message.State.QUEUED, tries=0, next_try_at=now)
    )
    if again:
        record("channels.queued_again", message.pk, actor=actor, now=now)
        send_soon()
    return bool(again)


def redirect(recipient_id: UUID, to: UUID, *, area_id: UUID, subdistrict_id: UUID) -> int:
    """All messages for one recipient are now for another, in an area; returns how many."""
    messages = Message.objects.within(subdistrict_id).filter(recipient_id=recipient_id)
    return int(messages.update(recipient_id=to, area_id=area_id))


def forget_old(*, now: datetime) -> int:
    """Delete sign-in codes' messages a day after; returns how many."""
    old = Message.objects.everywhere().filter(kind=SIGN_IN_CODE, created_at__lt=now - timedelta(days=1))
    return int(old.delete()[0])


SIGN_IN_CODE = "sign_in_code"
