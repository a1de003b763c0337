"""Handing over at a desk: codes, turns, what was handed over before, cash."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from baogong.distribution import services
from baogong.distribution.models import Delivery, Plan, Task
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_round, publish
from baogong.distribution.tests.pages import (
    desk,
    door_url,
    find,
    handed_over,
    handed_over_events,
    send,
    signed_in,
    taken,
    text,
    url,
)
from baogong.groupbuy.models import LedgerAccount, Transfer
from baogong.people.tests.cast import (
    NOON,
    Cast,
    make_point,
)

NAMES = ("王伟", "李娜", "13800000001", "138 0000 0001", "138****0001")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def plan(cast, buy) -> Plan:
    return publish(cast, draft(cast, buy))


@pytest.fixture
def liu(cast):
    """The volunteer's phone."""
    return signed_in(cast.volunteer)


@pytest.fixture
def at_desk(cast, plan) -> Task:
    """The first desk, where Wang and Li come, in the volunteer's hands."""
    return taken(cast, desk(plan))


# ---------------------------------------------------------------- at the desk


def test_the_desk_shows_the_turn_and_the_next_with_bags_but_no_names(cast, liu, at_desk):
    page = text(liu.get(url("task", at_desk.pk)))

    assert "12号楼" in page
    assert "2单元 502 3 bags" in page
    assert "cold" in page
    assert "to pay ¥30.00" in page
    assert "2单元 301 1 bag" in page
    assert not [name for name in NAMES if name in page]


def test_a_code_leads_to_its_bags_and_one_more_tap_hands_them_over(cast, liu, at_desk, plan):
    delivery = delivery_to(cast.wang, plan)

    found = find(liu, at_desk, delivery.pickup_code)

    assert found["Location"] == f"{door_url(at_desk, delivery)}?how=code"
    page = liu.get(found["Location"])
    words = text(page)
    assert "12-2-502" in words
    assert "Bag 1 of 3 D1125-01-" in words
    assert "To pay: ¥30.00" in words
    assert not [name for name in NAMES if name in words]
    assert 'name="how" value="code"' in page.content.decode()

    answer = send(liu, found["Location"], how="code")

    assert answer["Location"] == url("task", at_desk.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handed_over_how) == ("handed_over", "code")


@pytest.mark.parametrize("typed", ["secret", "label", "spaced", "wide"])
def test_secret_label_and_a_code_with_gaps_or_wide_digits_find_the_same_bags(cast, liu, at_desk, plan, typed):
    delivery = delivery_to(cast.wang, plan)
    code = {
        "secret": delivery.secret.lower(),
        "label": delivery.parcels.get(number=2).code.lower(),
        "spaced": " ".join(delivery.pickup_code),
        "wide": "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in delivery.pickup_code),
    }[typed]

    answer = find(liu, at_desk, code, how="scan")

    assert answer["Location"] == f"{door_url(at_desk, delivery)}?how=scan"


def unused_code(plan: Plan) -> str:
    taken_codes = set(plan.deliveries.values_list("pickup_code", flat=True))
    return next(code for code in map("{:04d}".format, range(10_000)) if code not in taken_codes)


def test_a_wrong_code_is_said_with_the_code_and_the_way_on(cast, liu, at_desk, plan):
    code = unused_code(plan)

    answer = find(liu, at_desk, code)

    assert answer.status_code == 422
    assert f"No bags here have the code {code}." in text(answer)
    assert f'value="{code}"' in answer.content.decode()
    assert "2单元 502" in text(answer)


@pytest.mark.parametrize(
    "code", ["", "   ", "x" * 61, "'; DROP TABLE--", "D1125-01-9999-9", "\N{FULLWIDTH DIGIT ONE}234567"]
)
def test_nonsense_instead_of_a_code_changes_nothing(cast, liu, at_desk, code):
    assert find(liu, at_desk, code).status_code == 422
    assert handed_over_events(cast) == 0


def test_a_code_of_another_plan_is_not_taken_for_this_one(cast, liu, at_desk, gate):
    other_buy = make_round(cast, {"面": 1_000})
    make_order(other_buy, cast.li, {"面": 1})
    other = publish(cast, draft(cast, other_buy))
    taken(cast, desk(other))
    delivery = delivery_to(cast.li, other)
    Delivery.objects.filter(pk=delivery.pk).update(pickup_code=unused_code(at_desk.plan))
    delivery.refresh_from_db()

    by_code, by_label = find(liu, at_desk, delivery.pickup_code), find(liu, at_desk, delivery.secret)

    assert by_code.status_code == by_label.status_code == 422
    assert "No bags here have the code" in text(by_code)
    assert "These bags belong to plan D1125-02 of 2022-11-25" in text(by_label)
    assert liu.get(door_url(at_desk, delivery)).status_code == 404


def test_who_belongs_to_another_point_is_told_where(cast, plan):
    worker = signed_in(cast.worker)
    services.accept_task(desk(plan).pk, actor=cast.actor(cast.worker), now=NOON)
    zhao = delivery_to(cast.zhao, plan)
    west = make_point(cast.compound, "西门")
    wang = delivery_to(cast.wang, plan)

    assert "These bags are carried to the door of 3-101" in text(find(worker, desk(plan), zhao.pickup_code))
    plan.turns.update(point=west)
    assert "This household comes to 西门" in text(find(worker, desk(plan), wang.pickup_code))


def test_who_had_the_bags_before_is_told_when_and_by_whom_and_not_counted(cast, liu, at_desk, plan, noon):
    delivery = delivery_to(cast.wang, plan)
    handed_over(cast, delivery)
    noon.shift(timedelta(minutes=20))

    page = text(liu.get(find(liu, at_desk, delivery.pickup_code)["Location"]))
    answer = send(liu, door_url(at_desk, delivery), how="code")

    assert "These bags were handed over already, today 12:00, by 周一帆. It is not counted again." in page
    assert "handed over</button>" not in page
    assert answer["Location"] == door_url(at_desk, delivery)
    assert "These bags were handed over already" in text(liu.get(answer["Location"]))
    assert handed_over_events(cast) == 1


def test_the_same_hand_over_sent_twice_counts_once(cast, liu, at_desk, plan):
    delivery = delivery_to(cast.wang, plan)

    answers = [send(liu, door_url(at_desk, delivery), key="tapped-twice", how="code") for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {url("task", at_desk.pk)}
    assert handed_over_events(cast) == 1


def test_the_next_turn_follows_the_clock_and_any_turn_can_be_looked_at(cast, liu, at_desk, plan, noon):
    [turn] = plan.turns.all()
    noon.move_to(turn.starts_at)
    assert "Now: 12号楼" in text(liu.get(url("task", at_desk.pk)))

    noon.move_to(turn.ends_at)

    page = text(liu.get(url("task", at_desk.pk) + f"?turn={turn.pk}"))
    assert "12号楼 0 of 2 came" in page
    assert text(liu.get(url("task", at_desk.pk) + "?turn=nonsense")) != ""


# ---------------------------------------------------------------- cash


def cash_of(cast: Cast) -> list[tuple[int, str]]:
    paid = Transfer.objects.within(cast.subdistrict_id).filter(debit=LedgerAccount.PAID)
    return list(paid.values_list("amount_fen", "receipt_number"))


def test_cash_is_taken_with_its_receipt(cast, liu, at_desk, plan):
    delivery = delivery_to(cast.wang, plan)

    answer = send(liu, door_url(at_desk, delivery), how="code", amount="30", receipt_number="A-17")

    assert answer.status_code == 303
    assert "¥30.00 in cash noted." in text(liu.get(answer["Location"]))
    assert cash_of(cast) == [(3_000, "A-17")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "30"}, "Cash needs a receipt"),
        ({"receipt_number": "A-17"}, "There is a receipt, but no amount"),
        ({"amount": "thirty", "receipt_number": "A-17"}, "is not an amount in yuan"),
        ({"amount": "-5", "receipt_number": "A-17"}, "is not an amount in yuan"),
        ({"amount": "0", "receipt_number": "A-17"}, "There is a receipt, but no amount"),
        ({"amount": "31", "receipt_number": "A-17"}, "This household owes ¥30.00 for these goods; ¥31.00 is more"),
        ({"how": "telepathy"}, "not one of the available choices"),
    ],
)
def test_cash_that_cannot_be_right_is_refused_and_nothing_is_handed_over(cast, liu, at_desk, plan, fields, words):
    delivery = delivery_to(cast.wang, plan)

    answer = send(liu, door_url(at_desk, delivery), **({"how": "code"} | fields))

    assert answer.status_code == 422
    assert words in text(answer)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING
    assert cash_of(cast) == []


def test_cash_can_be_noted_after_the_bags_were_given(cast, liu, at_desk, plan):
    delivery = handed_over(cast, delivery_to(cast.wang, plan), cast.volunteer)
    assert "Note the cash" in text(liu.get(door_url(at_desk, delivery)))

    answer = send(liu, door_url(at_desk, delivery), amount="30", receipt_number="A-17")

    assert "¥30.00 in cash noted." in text(liu.get(answer["Location"]))
    assert cash_of(cast) == [(3_000, "A-17")]
    assert "Note the cash" not in text(liu.get(door_url(at_desk, delivery)))
