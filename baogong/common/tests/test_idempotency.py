import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from baogong.common.actors import Actor
from baogong.common.idempotency import Answer, KeyMissing, KeyReused, StillRunning, forget_old_keys, once, once_apart
from baogong.common.models import IdempotencyKey
from baogong.places.models import Community

pytestmark = pytest.mark.django_db
NOON = datetime(2022, 4, 27, 4, tzinfo=UTC)


@pytest.fixture
def wang():
    return Actor(uuid.uuid4(), uuid.uuid4(), "resident")


def adding(actor, status=201):
    def act():
        Community.objects.create(subdistrict_id=actor.subdistrict_id, name=str(uuid.uuid4()))
        return Answer(status, b'{"made": true}', {"Content-Type": "application/json"})

    return act


def made(actor):
    return Community.objects.within(actor.subdistrict_id).count()


def test_the_same_key_and_body_give_the_first_answer_and_one_effect(wang):
    first = once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON)
    second = once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON)

    assert (second.status, second.body, second.headers) == (first.status, first.body, first.headers)
    assert (first.replayed, second.replayed, made(wang)) == (False, True, 1)


def test_the_same_key_with_another_body_is_refused(wang):
    once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON)

    with pytest.raises(KeyReused):
        once(wang, "POST /orders", "k1", b"other", adding(wang), now=NOON)
    assert made(wang) == 1


def test_a_key_belongs_to_its_account_and_its_route(wang):
    li = Actor(wang.subdistrict_id, uuid.uuid4(), "resident")
    for actor, route in [(wang, "POST /orders"), (wang, "POST /rounds"), (li, "POST /orders")]:
        assert not once(actor, route, "k1", b"body", adding(wang), now=NOON).replayed

    assert made(wang) == 3


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_an_answer_that_decided_nothing_is_not_kept_and_leaves_nothing_behind(wang, status):
    once(wang, "POST /orders", "k1", b"body", adding(wang, status), now=NOON)

    assert made(wang) == 0
    assert not once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON).replayed


def test_a_crash_leaves_the_key_free(wang):
    def crash():
        adding(wang)()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(wang, "POST /orders", "k1", b"body", crash, now=NOON)
    assert once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON).status == 201
    assert made(wang) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "\0"])
def test_a_missing_or_unprintable_key_is_refused(wang, key):
    with pytest.raises(KeyMissing):
        once(wang, "POST /orders", key, b"body", adding(wang), now=NOON)


def test_keys_are_kept_for_seven_days(wang):
    once(wang, "POST /orders", "k1", b"body", adding(wang), now=NOON)

    assert forget_old_keys(wang.subdistrict_id, now=NOON + timedelta(days=7)) == 0
    assert forget_old_keys(wang.subdistrict_id, now=NOON + timedelta(days=7, seconds=1)) == 1
    assert IdempotencyKey.objects.within(wang.subdistrict_id).count() == 0


def test_apart_from_the_transaction_a_key_still_has_one_effect(wang):
    first = once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=NOON)
    second = once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=NOON + timedelta(seconds=1))

    assert (first.replayed, second.replayed, second.body, made(wang)) == (False, True, first.body, 1)


def test_a_second_request_while_the_first_still_works_is_told_so(wang):
    def meanwhile():
        with pytest.raises(StillRunning):
            once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=NOON + timedelta(seconds=1))
        return adding(wang)()

    once_apart(wang, "POST /plans", "k1", b"body", meanwhile, now=NOON)
    assert made(wang) == 1


def test_a_key_left_behind_by_a_dead_process_is_taken_over_by_one_after_five_minutes(wang):
    IdempotencyKey.objects.create(
        subdistrict_id=wang.subdistrict_id, account_id=wang.account_id, route="POST /plans", key="k1",
        body_sha256=hashlib.sha256(b"body").digest(), created_at=NOON,
    )  # fmt: skip
    with pytest.raises(StillRunning):
        once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=NOON + timedelta(minutes=5))

    later = NOON + timedelta(minutes=5, seconds=1)
    assert once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=later).status == 201
    assert made(wang) == 1


@pytest.mark.parametrize("status", [500, 429])
def test_apart_too_an_answer_that_decided_nothing_leaves_the_key_free(wang, status):
    once_apart(wang, "POST /plans", "k1", b"body", lambda: Answer(status, b""), now=NOON)

    assert not once_apart(wang, "POST /plans", "k1", b"body", adding(wang), now=NOON).replayed
