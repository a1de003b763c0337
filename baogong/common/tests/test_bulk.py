from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from baogong.common.bulk import insert_all, insert_columns
from baogong.common.ids import new_id
from baogong.common.models import Event, IdempotencyKey

AT = datetime(2022, 11, 24, 4, 0, 0, 123456, tzinfo=UTC)
HERE = new_id()

pytestmark = pytest.mark.django_db


def test_rows_come_out_as_they_went_in():
    wanted = Event(
        subdistrict_id=HERE, at=AT, actor_id=new_id(), verb="places.seen", subject_id=new_id(),
        values={"name": "一里", "n": [1, None, True]}, sealed=b"\0\xff",
    )  # fmt: skip
    plain = Event(subdistrict_id=HERE, at=AT, verb="places.seen", subject_id=new_id())

    assert insert_all([wanted, plain]) == 2

    stored = Event.objects.get(pk=wanted.pk)
    for field in Event._meta.concrete_fields:
        left, right = getattr(stored, field.attname), getattr(wanted, field.attname)
        assert (bytes(left) if field.name == "sealed" else left) == right
    assert Event.objects.get(pk=plain.pk).sealed is None
    assert not wanted._state.adding


def test_a_row_that_breaks_a_constraint_is_refused_with_all_that_came_with_it():
    key = {"subdistrict_id": HERE, "account_id": HERE, "route": "x", "key": "k", "body_sha256": b"1"}

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([IdempotencyKey(**key), IdempotencyKey(**key)])

    assert not IdempotencyKey.objects.within(HERE).exists()


def test_nothing_to_insert_is_nothing():
    assert insert_all([]) == 0


def test_columns_come_out_as_they_went_in_and_those_not_given_get_their_default():
    subjects = [new_id(), new_id()]

    assert (
        insert_columns(
            Event,
            {
                "subdistrict_id": [HERE, HERE],
                "at": [AT, AT],
                "verb": ["places.seen", "places.left"],
                "subject_id": subjects,
                "household_id": [None, HERE],
            },
        )
        == 2
    )

    first, second = Event.objects.within(HERE).order_by("household_id", "pk")
    assert {(row.verb, row.subject_id) for row in (first, second)} == {
        ("places.seen", subjects[0]),
        ("places.left", subjects[1]),
    }
    assert (first.at, first.role, first.values, first.number) == (AT, "system", {}, None)
    assert first.pk != second.pk


def test_columns_without_rows_are_nothing():
    assert insert_columns(Event, {"subdistrict_id": [], "verb": []}) == 0
