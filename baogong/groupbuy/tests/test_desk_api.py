"""The buyer's desk through the JSON door: rounds and their money, roles, strangers, and one effect for one key."""

from __future__ import annotations

import pytest
import time_machine

from baogong.common.ids import new_id
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, Transfer
from baogong.groupbuy.tests.desk import state_of
from baogong.groupbuy.tests.rounds import (
    NEXT_DAY,
    closed,
    draft_of,
    hand_over,
    money,
    open_round_of,
    order,
    purchase_orders,
    receive,
    share_out,
)
from baogong.people.tests.cast import NOON, make_building, make_community, make_compound, make_household
from baogong.people.tests.door import Door

BODIES = {
    "scheduling": {},
    "cancellation": {},
    "purchase-orders": {},
    "refunds": {"way": "cash"},
    "supplier-payments": {"way": "cash"},
    "write-off": {"reason": "搬走了"},
    "settlement": {},
}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buyer(cast) -> Door:
    return Door(cast.buyer)


@pytest.fixture
def buy(cast, rice) -> Round:
    return open_round_of(cast, rice)


@pytest.fixture
def draft(cast, rice) -> Round:
    return services.create_round(draft_of([rice]), actor=cast.actor(cast.buyer), now=NOON)


@pytest.fixture
def came(cast, buy) -> Round:
    """Wang paid for two bags of rice and got one; Li owes for hers. Everything is handed over."""
    wang, li = order(buy, cast.wang, rice=2), order(buy, cast.li, rice=1)
    services.record_payment(wang.pk, 4_000, "transfer", reference="T1", actor=cast.system, now=NOON)
    closed(buy)
    [purchase] = purchase_orders(buy)
    share_out(buy, receive(purchase, rice=2))
    hand_over(wang, li)
    services.move_round(buy.pk, Round.State.HANDING_OUT, actor=cast.system, now=NEXT_DAY)
    return buy


# ---------------------------------------------------------------- rounds


def test_a_draft_is_scheduled(buyer, draft):
    answer = buyer.send(f"/rounds/{draft.pk}/scheduling")

    assert (answer.status_code, answer.json()["state"], state_of(draft)) == (200, "approved", "approved")


def test_a_round_is_called_off(cast, buyer, buy):
    mine = order(buy, cast.wang, rice=1)

    answer = buyer.send(f"/rounds/{buy.pk}/cancellation")

    mine.refresh_from_db()
    assert (answer.status_code, answer.json()["state"], mine.state) == (200, "cancelled", Order.State.CANCELLED)


def test_purchase_orders_are_raised_once(cast, buyer, buy):
    order(buy, cast.wang, rice=1)
    services.close_round(buy.pk, actor=cast.system, now=NOON)

    first, again = (buyer.send(f"/rounds/{buy.pk}/purchase-orders") for _time in range(2))

    assert (first.status_code, first.json()["state"]) == (200, "ordered")
    assert first.json() == again.json()
    assert [each["supplier"] for each in first.json()["items"]] == ["JKL"]


def test_a_step_that_does_not_fit_is_a_problem_with_its_code(buyer, buy):
    answer = buyer.send(f"/rounds/{buy.pk}/purchase-orders")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer["Content-Type"] == "application/problem+json"


# ---------------------------------------------------------------- money


def test_money_moves_to_the_end_and_the_round_settles(cast, buyer, came, jkl):
    refunds = buyer.send(f"/rounds/{came.pk}/refunds", {"way": "transfer", "reference": "B-7"})
    suppliers = buyer.send(f"/rounds/{came.pk}/supplier-payments", {"way": "transfer", "supplier": str(jkl.pk)})
    early = buyer.send(f"/rounds/{came.pk}/settlement")
    carried = buyer.send(f"/rounds/{came.pk}/write-off", {"reason": "搬走了"})
    settled = buyer.send(f"/rounds/{came.pk}/settlement")

    assert (refunds.json()["total_fen"], suppliers.json()["total_fen"], carried.json()["total_fen"]) == (
        2_000, 4_000, 2_000,
    )  # fmt: skip
    assert [item["household"] for item in refunds.json()["items"]] == [str(cast.wang.pk)]
    assert (early.status_code, early.json()["code"], early.json()["facts"]) == (409, "money_open", {"owed": 2_000})
    assert (settled.status_code, settled.json()["state"]) == (200, "settled")


def test_one_household_can_be_refunded_alone(cast, buyer, came):
    nobody = buyer.send(f"/rounds/{came.pk}/refunds", {"way": "cash", "household": str(cast.li.pk)})
    wang = buyer.send(
        f"/rounds/{came.pk}/refunds", {"way": "cash", "household": str(cast.wang.pk), "receipt_number": "88"}
    )

    assert (nobody.json()["total_fen"], wang.json()["total_fen"]) == (0, 2_000)
    assert wang.json()["items"][0]["receipt_number"] == "88"


@pytest.mark.parametrize("name", ["refunds", "supplier-payments"])
def test_the_same_key_pays_once_and_gives_the_first_answer_again(buyer, came, name):
    first, again = (buyer.send(f"/rounds/{came.pk}/{name}", {"way": "cash"}, key="the same") for _time in range(2))

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(first.json()["items"]) == 1


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("refunds", {"way": "gold"}, 422),
        ("refunds", {}, 422),
        ("refunds", {"way": "cash", "household": str(new_id())}, 404),
        ("supplier-payments", {"way": "cash", "supplier": str(new_id())}, 404),
        ("write-off", {"reason": ""}, 422),
        ("write-off", {"reason": "  "}, 422),
        ("write-off", {"reason": "搬走了", "order": str(new_id())}, 404),
    ],
)
def test_nonsense_moves_no_money(buyer, came, name, body, status):
    before = money(came)

    answer = buyer.send(f"/rounds/{came.pk}/{name}", body)

    assert (answer.status_code, money(came)) == (status, before)


# ---------------------------------------------------------------- payments


@pytest.fixture
def mine(cast, buy) -> Order:
    """Two bags of rice for the Wangs, 40 yuan."""
    return order(buy, cast.wang, rice=2)


def test_a_payment_is_taken_down_by_buyer_or_worker(cast, buyer, mine):
    transfer = buyer.send(f"/orders/{mine.pk}/payments", {"amount_fen": 1_500, "way": "wechat", "reference": "WX-1"})
    cash = Door(cast.worker).send(
        f"/orders/{mine.pk}/payments", {"amount_fen": 2_500, "way": "cash", "receipt_number": "0007"}
    )

    assert (transfer.status_code, cash.status_code) == (201, 201)
    assert (cash.json()["order"], cash.json()["receipt_number"]) == (str(mine.pk), "0007")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount_fen": 4_001, "way": "wechat", "reference": "W"}, 409, "overpayment"),
        ({"amount_fen": 0, "way": "wechat", "reference": "W"}, 422, "bad_input"),
        ({"amount_fen": 100, "way": "cash"}, 422, "receipt_missing"),
        ({"amount_fen": 100, "way": "wechat"}, 422, "reference_missing"),
        ({"amount_fen": "a lot", "way": "cash"}, 422, "bad_input"),
    ],
)
def test_a_payment_that_cannot_be_is_a_problem_with_its_code(cast, buyer, mine, body, status, code):
    answer = buyer.send(f"/orders/{mine.pk}/payments", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Transfer.objects.within(cast.subdistrict_id).filter(debit="paid").exists()


def test_payments_of_foreign_orders_look_like_none(cast, buy, mine):
    far = make_building(make_compound(make_community(cast.subdistrict, "西里"), "西里小区"), "W1")
    foreign = order(buy, make_household(far, "101"), rice=1)
    body = {"amount_fen": 100, "way": "cash", "receipt_number": "1"}

    answers = [Door(cast.worker).send(f"/orders/{pk}/payments", body) for pk in (foreign.pk, new_id())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


@pytest.mark.parametrize("name", ["wang_account", "volunteer", "operator", "command_post", "admin"])
def test_nobody_else_takes_payments_down(cast, mine, name):
    body = {"amount_fen": 100, "way": "cash", "receipt_number": "1"}

    assert Door(getattr(cast, name)).send(f"/orders/{mine.pk}/payments", body).status_code == 403
    assert Door().send(f"/orders/{mine.pk}/payments", body).status_code == 401


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("step", BODIES)
def test_rounds_are_moved_by_the_task_force_alone(cast, buy, step):
    for name in ("wang_account", "worker", "volunteer", "operator", "command_post", "admin"):
        answer = Door(getattr(cast, name)).send(f"/rounds/{buy.pk}/{step}", BODIES[step])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), name

    assert Door().send(f"/rounds/{buy.pk}/{step}", BODIES[step]).status_code == 401
    assert state_of(buy) == Round.State.OPEN


@pytest.mark.parametrize("step", BODIES)
def test_a_round_that_is_not_there_is_not_found(buyer, step):
    assert buyer.send(f"/rounds/{new_id()}/{step}", BODIES[step]).status_code == 404
