from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.channels.models import Message
from baogong.common.errors import BadInput, NotFound
from baogong.common.ids import new_id
from baogong.common.models import Event
from baogong.distribution import checks, services
from baogong.distribution.models import Delivery, Holder, Task
from baogong.distribution.refusals import AlreadyHandedOver, DeliveryReturned, PlanNotPublished, PlanWithdrawn
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_round, publish
from baogong.groupbuy import checks as groupbuy_checks
from baogong.groupbuy.models import LedgerAccount, Order, OrderLine, Transfer
from baogong.groupbuy.refusals import PaymentRefused
from baogong.people.tests.cast import NOON
from baogong.supply.models import ReserveMovement

LATER = NOON + timedelta(hours=20)


@pytest.fixture
def plan(cast, buy):
    return publish(cast, draft(cast, buy))


def hand_over(cast, delivery: Delivery, *, how: str = "flat", payment: services.PaidAtDoor | None = None):
    return services.hand_over(delivery.pk, how=how, payment=payment, actor=cast.actor(cast.worker), now=NOON)


def give_back(cast, delivery: Delivery, reason: str = "没人在家"):
    return services.return_delivery(delivery.pk, reason, actor=cast.actor(cast.worker), now=LATER)


def breaches(cast) -> list[str]:
    laws = [*checks.LAWS.values(), groupbuy_checks.law_2, groupbuy_checks.law_3]
    return [breach.what for law in laws for breach in law(cast.subdistrict_id)]


def paid(order: Order) -> list[tuple[int, str]]:
    transfers = Transfer.objects.filter(order=order, debit=LedgerAccount.PAID).order_by("pk")
    return list(transfers.values_list("amount_fen", "receipt_number"))


# ---------------------------------------------------------------- the hand-over


def test_the_household_has_its_bags_and_its_order_is_done(cast, plan):
    delivery = delivery_to(cast.wang, plan)

    done = hand_over(cast, delivery, how="scan")

    assert not done.again
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handed_over_at, delivery.handed_over_how) == ("handed_over", NOON, "scan")
    assert delivery.handed_over_by == cast.worker.pk
    assert {(bag.holder, bag.holder_id) for bag in delivery.parcels.all()} == {(Holder.HOUSEHOLD, cast.wang.pk)}
    order = cast.wang.orders.get()
    assert order.state == Order.State.HANDED_OVER
    assert set(order.lines.values_list("place", flat=True)) == {"handed_over"}
    assert breaches(cast) == []


def test_twice_is_told_and_not_counted(cast, plan):
    delivery = delivery_to(cast.wang, plan)
    hand_over(cast, delivery)

    done = services.hand_over(delivery.pk, how="code", actor=cast.actor(cast.volunteer), now=LATER)

    assert done.again
    assert (done.delivery.handed_over_at, done.delivery.handed_over_by) == (NOON, cast.worker.pk)
    assert Event.objects.within(cast.subdistrict_id).filter(verb="distribution.handed_over").count() == 1
    assert [bag.custody.count() for bag in delivery.parcels.all()] == [2, 2, 2]


def test_an_order_is_done_only_with_its_last_delivery(cast, buy, plan):
    order = cast.wang.orders.get()
    OrderLine.objects.create(
        subdistrict_id=buy.subdistrict_id,
        order=order,
        round_offer=_another_offer(buy),
        quantity=1,
        price_fen=1_000,
        granted=1,
        place="granted",
    )
    second = publish(cast, draft(cast, buy))
    hand_over(cast, delivery_to(cast.wang, plan))
    order.refresh_from_db()
    assert order.state == Order.State.CONFIRMED

    hand_over(cast, delivery_to(cast.wang, second))

    order.refresh_from_db()
    assert order.state == Order.State.HANDED_OVER


def _another_offer(buy):
    offer = buy.offers.get(name="奶")
    offer.pk, offer.id, offer._state.adding = None, new_id(), True
    source = offer.offer
    source.pk, source.id, source.sku, source._state.adding = None, new_id(), "盐", True
    source.save()
    offer.offer, offer.sku, offer.name = source, "盐", "盐"
    offer.save()
    return offer


def test_the_task_is_done_with_its_last_household(cast, plan):
    door, desk = Task.objects.filter(plan=plan, kind="doorstep"), Task.objects.filter(plan=plan, kind="desk")
    hand_over(cast, delivery_to(cast.zhao, plan))
    hand_over(cast, delivery_to(cast.wang, plan))
    assert [task.state for task in door] == ["done"]
    assert [task.state for task in desk] == ["waiting", "waiting"]

    give_back(cast, delivery_to(cast.li, plan))

    assert [task.state for task in desk.all()] == ["done", "done"]


@pytest.mark.parametrize("how", ["", "phone"])
def test_another_way_of_handing_over_is_refused(cast, plan, how):
    with pytest.raises(BadInput):
        hand_over(cast, delivery_to(cast.wang, plan), how=how)


def test_goods_of_a_draft_or_of_a_withdrawn_plan_cannot_be_handed_over(cast, buy):
    plan = draft(cast, buy)
    with pytest.raises(PlanNotPublished):
        hand_over(cast, delivery_to(cast.wang, plan))
    publish(cast, plan)
    services.withdraw_plan(plan.pk, actor=cast.system, now=NOON)

    with pytest.raises(PlanWithdrawn):
        hand_over(cast, delivery_to(cast.wang, plan))


def test_an_unknown_delivery_is_not_found(cast, plan):
    with pytest.raises(NotFound):
        services.hand_over(new_id(), how="flat", actor=cast.system, now=NOON)


# ---------------------------------------------------------------- cash at the door


def cash(fen: int, receipt: str = "0017") -> services.PaidAtDoor:
    return services.PaidAtDoor(fen, receipt)


def test_cash_is_taken_down_with_its_receipt(cast, plan):
    hand_over(cast, delivery_to(cast.wang, plan), payment=cash(3_000))

    assert paid(cast.wang.orders.get()) == [(3_000, "0017")]
    assert breaches(cast) == []


def test_the_same_receipt_pays_once(cast, plan):
    for _ in range(2):
        hand_over(cast, delivery_to(cast.wang, plan), payment=cash(3_000))

    assert paid(cast.wang.orders.get()) == [(3_000, "0017")]


def test_cash_that_is_reported_after_the_goods_is_not_lost(cast, plan):
    hand_over(cast, delivery_to(cast.wang, plan))

    done = hand_over(cast, delivery_to(cast.wang, plan), payment=cash(3_000))

    assert done.again
    assert paid(cast.wang.orders.get()) == [(3_000, "0017")]


def test_more_cash_than_is_owed_is_refused_and_nothing_is_half_done(cast, plan):
    with pytest.raises(PaymentRefused) as refusal:
        hand_over(cast, delivery_to(cast.wang, plan), payment=cash(3_001))

    assert (refusal.value.code, refusal.value.facts["owed_fen"]) == ("overpayment", 3_000)
    assert delivery_to(cast.wang, plan).state == Delivery.State.WAITING


def test_cash_for_several_orders_pays_the_older_one_first(cast, buy):
    later = make_round(cast, {"油": 1_700})
    second = make_order(later, cast.wang, {"油": 2})
    plan = publish(cast, draft(cast, buy, later))

    hand_over(cast, delivery_to(cast.wang, plan), payment=cash(4_000))

    assert paid(cast.wang.orders.get(round=buy)) == [(3_000, "0017")]
    assert paid(second) == [(1_000, "0017")]
    assert breaches(cast) == []


# ---------------------------------------------------------------- nobody was there


def test_goods_that_nobody_took_go_into_the_reserve_and_are_not_owed(cast, plan):
    give_back(cast, delivery_to(cast.wang, plan))

    delivery, order = delivery_to(cast.wang, plan), cast.wang.orders.get()
    assert (delivery.state, delivery.returned_at) == (Delivery.State.RETURNED, LATER)
    assert {bag.holder for bag in delivery.parcels.all()} == {Holder.RETURNED}
    assert set(order.lines.values_list("place", flat=True)) == {"returned"}
    assert (order.state, order.total_fen) == (Order.State.REFUNDED, 0)
    kept = ReserveMovement.objects.within(cast.subdistrict_id).order_by("units")
    assert list(kept.values_list("offer__sku", "units", "reason")) == [("奶", 1, "returned"), ("米", 2, "returned")]
    assert Message.objects.within(cast.subdistrict_id).for_recipient(cast.wang.pk).filter(kind="returned").count() == 1
    assert breaches(cast) == []


def test_returned_goods_cannot_be_handed_over_and_handed_over_ones_not_returned(cast, plan):
    give_back(cast, delivery_to(cast.wang, plan))
    hand_over(cast, delivery_to(cast.li, plan))

    with pytest.raises(DeliveryReturned):
        hand_over(cast, delivery_to(cast.wang, plan))
    with pytest.raises(AlreadyHandedOver):
        give_back(cast, delivery_to(cast.li, plan))


def test_returning_twice_is_once(cast, plan):
    for _ in range(2):
        give_back(cast, delivery_to(cast.wang, plan))

    assert ReserveMovement.objects.within(cast.subdistrict_id).count() == 2


def test_goods_come_back_for_a_reason(cast, plan):
    with pytest.raises(BadInput):
        give_back(cast, delivery_to(cast.wang, plan), " ")
