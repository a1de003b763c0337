import uuid
from datetime import UTC, datetime

import pytest

from baogong.common.actors import system
from baogong.common.audit import seal_all, verify_chain
from baogong.common.events import event, record, record_all
from baogong.common.models import Event

pytestmark = pytest.mark.django_db
NOON = datetime(2022, 4, 27, 4, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def town():
    return uuid.uuid4()


@pytest.fixture
def history(town):
    actor = system(town)
    record_all(
        event("places.zone_changed", uuid.uuid4(), actor=actor, now=NOON, values={"zone": "封控", "n": n})
        for n in range(5)
    )
    record(
        "groupbuy.order_placed",
        uuid.uuid4(),
        actor=actor,
        now=NOON,
        household_id=uuid.uuid4(),
        sealed=b"\1\2",
        fen=4500,
    )
    seal_all(town)
    return list(Event.objects.within(town).order_by("number"))


def test_every_event_gets_one_number_and_the_chain_holds(town, history):
    report = verify_chain(town)

    assert [e.number for e in history] == [1, 2, 3, 4, 5, 6]
    assert (report.rows, report.broken_at, report.unsealed) == (6, None, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.update(verb="places.zone_kept"),
        lambda e: e.update(values={"zone": "open"}),
        lambda e: e.update(at=NOON.replace(microsecond=123457)),
        lambda e: e.update(actor_id=uuid.uuid4()),
        lambda e: e.update(subject_id=uuid.uuid4()),
        lambda e: e.delete(),
    ],
)
def test_a_changed_or_removed_row_is_named(town, history, change):
    change(Event.objects.filter(pk=history[2].pk))

    assert verify_chain(town).broken_at == 3


def test_rows_cut_off_at_the_end_show_against_a_head_written_down_outside(town, history):
    head = (6, verify_chain(town).head)
    Event.objects.filter(pk=history[5].pk).delete()

    assert verify_chain(town).broken_at is None
    assert verify_chain(town, known_head=head).broken_at == 6


def test_two_rows_that_changed_places_are_noticed(town, history):
    a, b = history[1], history[3]
    Event.objects.filter(pk=a.pk).update(number=99)
    Event.objects.filter(pk=b.pk).update(number=a.number)
    Event.objects.filter(pk=a.pk).update(number=b.number)

    assert verify_chain(town).broken_at == 2
