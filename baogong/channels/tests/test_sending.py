from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from baogong.channels import services
from baogong.channels.adapters import NotSent
from baogong.channels.models import Message
from baogong.channels.services import Outgoing
from baogong.common.actors import Actor, system

pytestmark = pytest.mark.django_db
NOON = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)
HERE, HOUSEHOLD, BUILDING = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
SMS, PAGE, CALL = Message.Channel.SMS, Message.Channel.PAGE, Message.Channel.CALL_LIST


@pytest.fixture
def outbox(settings, tmp_path):
    settings.BAOGONG_OUTBOX = str(tmp_path / "outbox")
    return tmp_path / "outbox"


class Faulty:
    """Refuses as often as it is told to, and remembers what it sent."""

    def __init__(self, failures=0):
        self.failures, self.sent = failures, []

    def send(self, message, *, at):
        if self.failures:
            self.failures -= 1
            raise NotSent("the service says 503")
        self.sent.append(message.pk)


@pytest.fixture
def service(monkeypatch):
    adapter = Faulty()
    monkeypatch.setattr(services, "adapter_for", lambda channel: adapter)
    return adapter


def queue(channel=SMS, text="您的菜到了", **values):
    one = Outgoing(channel, HOUSEHOLD, "arrived", text, **{"address": "+8613800000001", "area_id": BUILDING, **values})
    services.queue_messages([one], actor=system(HERE), now=NOON)
    return Message.objects.within(HERE).order_by("-pk").first()


def again(message):
    return Message.objects.get(pk=message.pk)


def test_the_outbox_folder_gets_one_file_for_each_message(outbox):
    message = queue()

    assert services.send_due(now=NOON) == 1

    (file,) = outbox.iterdir()
    assert json.loads(file.read_text("utf-8")) == {
        "channel": "sms",
        "address": "+8613800000001",
        "text": "您的菜到了",
        "kind": "arrived",
        "id": str(message.pk),
        "at": "2022-11-24T04:00:00+00:00",
    }
    assert (again(message).state, again(message).sent_at) == (Message.State.SENT, NOON)


def test_a_message_is_sent_once(outbox):
    queue()

    assert [services.send_due(now=NOON) for _ in range(2)] == [1, 0]


def test_the_address_is_not_readable_in_the_database():
    message = queue()

    assert b"13800000001" not in bytes(message.address_sealed)
    assert message.address == "+8613800000001"


def test_pages_are_done_when_written_and_call_lists_wait_for_a_worker(service):
    page, call = queue(PAGE), queue(CALL)

    assert services.send_due(now=NOON) == 0
    assert (again(page).state, again(call).state) == (Message.State.SENT, Message.State.QUEUED)
    assert list(Message.objects.within(HERE).on_call_lists()) == [call]


def test_without_a_service_a_message_waits_and_says_why(settings):
    settings.BAOGONG_OUTBOX = ""
    message = queue()

    services.send_due(now=NOON)

    waiting = again(message)
    assert (waiting.state, waiting.tries) == (Message.State.QUEUED, 0)
    assert waiting.failure


def test_a_refused_message_is_tried_again_after_growing_pauses(service):
    service.failures = 3
    message = queue()

    pauses = []
    at = NOON
    while again(message).state == Message.State.QUEUED:
        services.send_due(now=at)
        pauses.append((again(message).next_try_at - at).total_seconds())
        at = again(message).next_try_at

    assert pauses[:3] == [30, 60, 120]
    assert service.sent == [message.pk]
    assert again(message).failure == ""


def test_after_eight_tries_a_message_is_given_up_with_the_reason(service):
    service.failures = 99
    message = queue()

    for hour in range(10):
        services.send_due(now=NOON + timedelta(hours=hour))

    dead = again(message)
    assert (dead.state, dead.tries, dead.failure) == (Message.State.FAILED, 8, "the service says 503")


def test_a_message_that_was_given_up_can_be_sent_again(service):
    service.failures = 8
    message = queue()
    for hour in range(8):
        services.send_due(now=NOON + timedelta(hours=hour))

    assert services.try_again(again(message), actor=system(HERE), now=NOON + timedelta(hours=9))
    services.send_due(now=NOON + timedelta(hours=9))

    assert service.sent == [message.pk]


def test_pauses_never_exceed_an_hour():
    assert services.pause(30) == timedelta(hours=1)


def test_what_another_sender_has_in_hand_is_left_alone(service):
    message = queue()
    assert services._take(now=NOON) == [message]

    assert services.send_due(now=NOON) == 0
    assert service.sent == []


def test_what_a_sender_left_lying_is_taken_up_after_its_lease(service):
    message = queue()
    services._take(now=NOON)

    assert services.send_due(now=NOON + services.LEASE) == 1
    assert service.sent == [message.pk]


def test_a_sender_that_comes_back_late_does_not_undo_the_other_ones_work(service):
    (late,) = [queue()] and services._take(now=NOON)
    services.send_due(now=NOON + services.LEASE)

    services._failed(late, "timed out", now=NOON + services.LEASE)

    assert again(late).state == Message.State.SENT


def test_a_secret_is_sealed_until_it_is_sent_and_then_forgotten(outbox):
    message = queue(text="123456 是您的验证码", secret=True)
    assert message.text == ""
    assert message.words == "123456 是您的验证码"

    services.send_due(now=NOON)

    assert "123456" in next(outbox.iterdir()).read_text("utf-8")
    assert again(message).text_sealed is None


def test_what_has_expired_is_not_sent(service):
    message = queue(expires_at=NOON + timedelta(minutes=5))

    services.send_due(now=NOON + timedelta(minutes=5))

    assert (again(message).state, service.sent) == (Message.State.FAILED, [])


def test_a_decoy_is_never_sent(service):
    queue(decoy=True)

    services.send_due(now=NOON)

    assert service.sent == []


def test_a_folder_that_cannot_be_written_is_a_failure_like_any_other(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.BAOGONG_OUTBOX = str(tmp_path / "file")
    message = queue()

    services.send_due(now=NOON)

    assert again(message).state == Message.State.QUEUED
    assert "outbox folder" in again(message).failure


def test_a_call_is_confirmed_once_and_can_be_taken_back():
    message = queue(CALL)
    worker = Actor(HERE, uuid.uuid4(), "social_worker")

    assert [services.confirm_call(message, actor=worker, now=NOON) for _ in range(2)] == [True, False]
    assert again(message).sent_by == worker.account_id

    assert services.withdraw_call(message, actor=worker, now=NOON)
    assert list(Message.objects.within(HERE).on_call_lists()) == [message]


def test_only_what_is_on_a_call_list_is_confirmed():
    with pytest.raises(services.NotOnCallList):
        services.confirm_call(queue(SMS), actor=system(HERE), now=NOON)


def test_messages_follow_a_recipient():
    message, to, area = queue(CALL), uuid.uuid4(), uuid.uuid4()

    assert services.redirect(HOUSEHOLD, to, area_id=area, subdistrict_id=HERE) == 1

    assert (again(message).recipient_id, again(message).area_id) == (to, area)


def test_many_messages_take_few_statements(django_assert_max_num_queries):
    many = [Outgoing(PAGE, uuid.uuid4(), "turn", f"第{n}批") for n in range(5_000)]

    with django_assert_max_num_queries(1):
        assert services.queue_messages(many, actor=system(HERE), now=NOON) == 5_000
    assert Message.objects.within(HERE).count() == 5_000


def test_nothing_to_tell_is_no_trouble():
    assert services.queue_messages([], actor=system(HERE), now=NOON) == 0


def test_codes_are_forgotten_after_a_day():
    services.queue_messages(
        [Outgoing(SMS, HOUSEHOLD, services.SIGN_IN_CODE, "123456", secret=True)], actor=system(HERE), now=NOON
    )
    queue()

    assert services.forget_old(now=NOON + timedelta(hours=25)) == 1
    assert [message.kind for message in Message.objects.within(HERE)] == ["arrived"]
