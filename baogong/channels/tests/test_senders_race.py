"""Two senders at once: only PostgreSQL with threads shows whether a message can be sent twice."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection

from baogong.channels import services
from baogong.channels.models import Message
from baogong.channels.services import Outgoing
from baogong.common.actors import system

NOON = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_four_senders_send_each_of_500_messages_once(monkeypatch):
    here, lock = uuid.uuid4(), threading.Lock()
    sent: Counter[uuid.UUID] = Counter()

    class Slow:
        def send(self, message, *, at):
            with lock:
                sent[message.pk] += 1

    monkeypatch.setattr(services, "adapter_for", lambda channel: Slow())
    monkeypatch.setattr(services, "BATCH", 20)
    monkeypatch.setattr(services, "send_soon", lambda: None)
    many = [Outgoing(Message.Channel.SMS, uuid.uuid4(), "turn", "x", address="+8613800000001") for _ in range(500)]
    services.queue_messages(many, actor=system(here), now=NOON)

    def work():
        for _ in range(40):  # a sender that lost a race stops; the next minute it looks again
            services.send_due(now=NOON)
        connection.close()

    senders = [threading.Thread(target=work) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(sent) == 500
    assert set(sent.values()) == {1}
