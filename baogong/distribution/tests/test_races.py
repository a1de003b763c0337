"""Two at the same moment: only PostgreSQL with threads shows what row locks and conditions are worth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from baogong.common.errors import RuleBroken
from baogong.distribution import checks, services
from baogong.distribution.models import Custody, Delivery, Parcel, Plan
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_purchase, make_round, publish
from baogong.groupbuy import checks as groupbuy_checks
from baogong.groupbuy.models import Order, OrderLine, Transfer
from baogong.people.tests.cast import NOON, make_cast, make_household, make_point, make_volunteer
from baogong.supply.models import GoodsReceipt, ReserveMovement

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return make_cast()


@pytest.fixture
def gate(cast):
    return make_point(cast.compound, "东门")


@pytest.fixture
def buy(cast, gate):
    buy = make_round(cast, {"米": 5_000})
    for household in (cast.wang, cast.li, cast.zhao):
        make_order(buy, household, {"米": 1})
    return buy


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, or the refusal it met; all start together."""
    gate = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            gate.wait()
            answers[place] = acts[place]()
        except RuleBroken as refusal:
            answers[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refusals(answers: Sequence[object]) -> list[str]:
    return sorted(answer.code for answer in answers if isinstance(answer, RuleBroken))


def broken(cast) -> list[str]:
    laws = [*checks.LAWS.values(), groupbuy_checks.law_2, groupbuy_checks.law_3]
    return [breach.what for law in laws for breach in law(cast.subdistrict_id)]


def test_of_eight_who_hand_over_the_same_bag_one_is_first(cast, buy):
    plan = publish(cast, draft(cast, buy))
    delivery = delivery_to(cast.wang, plan)

    done = at_once(
        *[
            lambda: services.hand_over(delivery.pk, how="scan", actor=cast.actor(cast.worker), now=NOON)
            for _ in range(8)
        ]
    )

    assert sorted(each.again for each in done) == [False] + [True] * 7
    assert Custody.objects.filter(parcel__delivery=delivery).count() == 2
    assert broken(cast) == []


def test_the_same_receipt_from_four_phones_pays_once(cast, buy):
    plan = publish(cast, draft(cast, buy))
    delivery = delivery_to(cast.wang, plan)
    paid = services.PaidAtDoor(1_000, "0017")

    answers = at_once(
        *[
            lambda: services.hand_over(delivery.pk, how="flat", payment=paid, actor=cast.system, now=NOON)
            for _ in range(4)
        ]
    )

    assert refusals(answers) == []
    assert Transfer.objects.filter(order=cast.wang.orders.get(), debit="paid").count() == 1
    assert broken(cast) == []


def test_handing_over_and_taking_back_the_same_bag_are_one_or_the_other(cast, buy):
    plan = publish(cast, draft(cast, buy))
    delivery = delivery_to(cast.wang, plan)

    answers = at_once(
        lambda: services.hand_over(delivery.pk, how="flat", actor=cast.system, now=NOON),
        lambda: services.return_delivery(delivery.pk, "没人在", actor=cast.system, now=NOON),
    )

    assert refusals(answers) in (["already_handed_over"], ["delivery_returned"])
    assert broken(cast) == []


def test_a_plan_is_withdrawn_or_handed_over_and_never_half_of_each(cast, buy):
    plan = publish(cast, draft(cast, buy))
    everyone = list(plan.deliveries.values_list("pk", flat=True))

    at_once(
        lambda: services.withdraw_plan(plan.pk, actor=cast.system, now=NOON),
        *[
            lambda pk=pk: services.hand_over(
                pk, how="flat", payment=services.PaidAtDoor(1_000, "1"), actor=cast.system, now=NOON
            )
            for pk in everyone
        ],
    )

    plan.refresh_from_db()
    states = set(plan.deliveries.values_list("state", flat=True))
    assert states == ({"withdrawn"} if plan.state == Plan.State.WITHDRAWN else {"handed_over"})
    assert broken(cast) == []


def test_the_last_two_deliveries_of_an_order_at_the_same_moment_finish_it(cast, gate):
    buy = make_round(cast, {"米": 5_000, "奶": 500})
    order = make_order(buy, cast.wang, {"米": 1, "奶": 1})
    milk = OrderLine.objects.filter(order=order, round_offer__name="奶")
    milk.update(place="ordered")
    first = publish(cast, draft(cast, buy))
    milk.update(place="granted")
    second = publish(cast, draft(cast, buy))

    at_once(
        *[
            lambda plan=plan: services.hand_over(
                delivery_to(cast.wang, plan).pk, how="flat", actor=cast.system, now=NOON
            )
            for plan in (first, second)
        ]
    )

    order.refresh_from_db()
    assert order.state == Order.State.HANDED_OVER
    assert broken(cast) == []


def test_of_two_plans_with_the_same_goods_one_is_published(cast, buy):
    plans = [draft(cast, buy) for _ in range(4)]

    answers = at_once(*[lambda plan=plan: publish(cast, plan) for plan in plans])

    assert refusals(answers) == ["plan_breaches"] * 3
    assert Parcel.objects.within(cast.subdistrict_id).count() == 3
    assert broken(cast) == []


def test_of_two_plans_that_want_the_same_slot_one_is_published(cast, gate):
    rounds = [make_round(cast, {"米": 5_000}) for _ in range(3)]
    for buy in rounds:
        make_order(buy, cast.wang, {"米": 1})
    plans = [draft(cast, buy) for buy in rounds]

    answers = at_once(*[lambda plan=plan: publish(cast, plan) for plan in plans])

    assert refusals(answers) == ["plan_breaches"] * 2
    assert broken(cast) == []


def test_a_task_is_taken_by_one_of_six(cast, buy):
    plan = publish(cast, draft(cast, buy))
    task = plan.tasks.get(kind="doorstep")
    volunteers = [cast.actor(make_volunteer(cast.community, f"志愿者{n}")) for n in range(6)]

    answers = at_once(*[lambda who=who: services.accept_task(task.pk, actor=who, now=NOON) for who in volunteers])

    assert refusals(answers) == ["task_taken"] * 5
    task.refresh_from_db()
    assert task.volunteer_id in {who.account_id for who in volunteers}


def test_bags_are_passed_on_while_some_are_handed_over_and_no_step_is_missing(cast, gate):
    buy = make_round(cast, {"米": 5_000})
    for flat in range(201, 209):
        make_order(buy, make_household(cast.sealed, str(flat)), {"米": 1})
    plan = publish(cast, draft(cast, buy))
    task, liu = plan.tasks.get(kind="doorstep"), cast.actor(cast.volunteer)
    services.accept_task(task.pk, actor=liu, now=NOON)

    at_once(
        lambda: services.start_carrying(task.pk, actor=liu, now=NOON),
        *[
            lambda pk=pk: services.hand_over(pk, how="flat", actor=cast.system, now=NOON)
            for pk in plan.deliveries.values_list("pk", flat=True)
        ],
    )

    assert set(plan.deliveries.values_list("state", flat=True)) == {Delivery.State.HANDED_OVER}
    task.refresh_from_db()
    assert task.state == "done"
    assert broken(cast) == []


def test_the_same_receipt_shared_out_by_four_is_one_allocation(cast, gate):
    buy = make_round(cast, {"米": 5_000}, state="received")
    make_order(buy, cast.wang, {"米": 2}, place="ordered")
    OrderLine.objects.within(cast.subdistrict_id).update(granted=None)
    purchase = make_purchase(buy, allocated=False)
    purchase.closed_at = NOON
    purchase.save()
    offer = buy.offers.get().offer
    line = purchase.lines.create(
        subdistrict_id=cast.subdistrict_id,
        offer=offer,
        name="米",
        spec="1 份",
        packs=3,
        pack_size=1,
        price_fen=1_000,
        demand=2,
    )
    receipt = GoodsReceipt.objects.create(subdistrict_id=cast.subdistrict_id, purchase_order=purchase)
    receipt.lines.create(subdistrict_id=cast.subdistrict_id, order_line=line, units=3)

    answers = at_once(*[lambda: services.allocate(receipt.pk, actor=cast.system, now=NOON) for _ in range(4)])

    assert len({answer.pk for answer in answers}) == 1
    assert ReserveMovement.objects.within(cast.subdistrict_id).stock() == {offer.pk: 1}
    assert OrderLine.objects.within(cast.subdistrict_id).get().granted == 2
