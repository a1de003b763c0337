"""Each law finds what somebody has bent in the database; on an honest history both are silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.distribution import checks, services
from baogong.distribution.models import Custody, Delivery, Holder, Parcel, ParcelLine, Turn
from baogong.distribution.tests.goods import delivery_to, draft, publish
from baogong.groupbuy.models import Order, OrderLine
from baogong.people.tests.cast import NOON


@pytest.fixture
def plan(cast, buy):
    return publish(cast, draft(cast, buy))


@pytest.fixture
def wang(cast, plan):
    return delivery_to(cast.wang, plan)


def found(cast, law: int) -> str:
    return "\n".join(breach.what for breach in checks.LAWS[law](cast.subdistrict_id))


def milk(wang: Delivery) -> ParcelLine:
    lines = ParcelLine.objects.filter(parcel__delivery=wang)
    return lines.get(order_line__round_offer__name="奶")


def custody(delivery: Delivery):
    return Custody.objects.filter(parcel__delivery=delivery)


def handed_over(cast, delivery: Delivery) -> None:
    services.hand_over(delivery.pk, how="flat", actor=cast.system, now=NOON)


def test_an_honest_history_breaks_no_law(cast, plan):
    handed_over(cast, delivery_to(cast.wang, plan))
    services.return_delivery(delivery_to(cast.li, plan).pk, "没人在", actor=cast.system, now=NOON)

    assert (found(cast, 3), found(cast, 6)) == ("", "")


def test_a_bagged_line_whose_units_are_not_in_bags(cast, wang):
    ParcelLine.objects.filter(pk=milk(wang).pk).update(quantity=2)

    assert "a line is bagged with 1 units, 2 lie in such bags" in found(cast, 3)


def test_a_line_that_left_its_bag_by_itself(cast, wang):
    OrderLine.objects.filter(pk=milk(wang).order_line_id).update(place="granted")

    assert "holds a line that is granted" in found(cast, 3)


def test_a_line_in_two_deliveries(cast, plan, wang):
    line, other = milk(wang), delivery_to(cast.li, plan).parcels.get()
    ParcelLine.objects.create(
        subdistrict_id=cast.subdistrict_id, parcel=other, order_line_id=line.order_line_id, quantity=1
    )

    assert "a line lies in 2 deliveries" in found(cast, 3)


def test_a_line_that_is_handed_over_while_its_delivery_waits(cast, wang):
    OrderLine.objects.filter(pk=milk(wang).order_line_id).update(place="handed_over")

    assert "a line is handed_over with 1 units, 0 lie in such bags" in found(cast, 3)


def test_an_order_that_does_not_know_that_all_of_it_was_handed_over(cast, wang):
    handed_over(cast, wang)
    Order.objects.filter(household=cast.wang).update(state="confirmed")

    assert "everything was handed over, and it does not say so" in found(cast, 3)


def test_an_order_that_is_said_to_be_done_too_early(cast, wang):
    Order.objects.filter(household=cast.wang).update(state="handed_over")

    assert "is handed over, and some of it is still on its way" in found(cast, 3)


def test_a_bag_that_nobody_gave_to_its_holder(cast, wang):
    wang.parcels.update(holder=Holder.CARRIER, holder_id=cast.volunteer.pk)

    assert "is with carrier, it was last given to sorting" in found(cast, 3)


def test_a_bag_in_another_households_hands(cast, wang):
    handed_over(cast, wang)
    wang.parcels.update(holder_id=cast.li.pk)
    custody(wang).filter(receiver="household").update(receiver_id=cast.li.pk)

    assert "is with another household" in found(cast, 3)


def test_a_bag_in_a_hand_that_does_not_fit_its_delivery(cast, wang):
    Delivery.objects.filter(pk=wang.pk).update(state="handed_over")

    assert "cannot be with sorting" in found(cast, 3)


def test_a_missing_change_of_hands(cast, plan):
    task = plan.tasks.get(kind="doorstep")
    liu = cast.actor(cast.volunteer)
    services.accept_task(task.pk, actor=liu, now=NOON)
    services.start_carrying(task.pk, actor=liu, now=NOON)
    handed_over(cast, delivery_to(cast.zhao, plan))

    custody(delivery_to(cast.zhao, plan)).filter(step=2).delete()

    assert "a bag's step 3 begins with carrier, where it was not" in found(cast, 3)


def test_a_bag_without_any_custody(cast, wang):
    custody(wang).delete()

    assert "is with sorting, it was last given to None" in found(cast, 3)


def test_a_lost_bag(cast, plan):
    bag = delivery_to(cast.zhao, plan).parcels.get()
    Custody.objects.filter(parcel=bag).delete()
    ParcelLine.objects.filter(parcel=bag).delete()
    Parcel.objects.filter(pk=bag.pk).delete()

    assert "a delivery has 0 bags, it says 1" in found(cast, 3)


def test_a_delivery_that_does_not_follow_its_plan(cast, plan, wang):
    type(plan).objects.filter(pk=plan.pk).update(state="withdrawn")

    assert "a delivery is waiting" in found(cast, 3)
    assert "a turn does not hold as its plan does" in found(cast, 6)


def test_two_turns_at_one_point_at_the_same_time(cast, plan):
    turn = plan.turns.get()
    Turn.objects.create(
        subdistrict_id=cast.subdistrict_id,
        plan=plan,
        point=turn.point,
        building=cast.sealed,
        starts_at=turn.starts_at + timedelta(minutes=5),
        ends_at=turn.ends_at + timedelta(minutes=5),
        households=0,
        live=True,
    )

    assert "3号楼 comes into another turn" in found(cast, 6)


def test_more_people_than_may_be_present(cast, plan, gate):
    gate.present_cap = 1
    gate.save()

    assert "2 households come at once, 1 may be present" in found(cast, 6)


def test_more_people_told_to_come_than_the_turn_is_for(cast, plan):
    plan.turns.update(households=1)

    assert "a turn is for 1 households, 2 are told to come" in found(cast, 6)
