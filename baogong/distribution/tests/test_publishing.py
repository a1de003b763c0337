from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from baogong.channels.models import Message
from baogong.common.models import Event
from baogong.distribution import checks, services
from baogong.distribution.models import Custody, Delivery, Holder, Parcel, Plan, Task, Turn
from baogong.distribution.refusals import AlreadyHandedOver, PlanBreaches, PlanWithdrawn
from baogong.distribution.tests.goods import (
    delivery_to,
    draft,
    make_order,
    make_purchase,
    make_round,
    publish,
)
from baogong.groupbuy.models import OrderLine, Round
from baogong.people.models import Household
from baogong.people.tests.cast import NOON, make_building, make_household, make_point
from baogong.places.models import Zone


def breaches(cast) -> list[str]:
    return [breach.what for law in checks.LAWS.values() for breach in law(cast.subdistrict_id)]


def withdraw(cast, plan: Plan) -> Plan:
    return services.withdraw_plan(plan.pk, actor=cast.actor(cast.buyer), now=NOON)


def refused(cast, plan: Plan) -> str:
    """The texts of the refusal; nothing has changed by it."""
    with pytest.raises(PlanBreaches) as refusal:
        publish(cast, plan)
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT
    assert not Parcel.objects.filter(delivery__plan=plan).exists()
    facts: dict[str, Any] = refusal.value.facts
    assert facts["count"] == len(facts["breaches"])
    return "\n".join(facts["breaches"])


# ---------------------------------------------------------------- what publishing does


def test_every_granted_line_lies_in_a_bag_and_every_bag_at_the_sorting_place(cast, buy):
    plan = publish(cast, draft(cast, buy))

    bags = Parcel.objects.filter(delivery__plan=plan).order_by("code")
    assert [(bag.code, bag.cold, bag.grams) for bag in bags] == [
        ("D1125-01-0001-1", False, 5_000),  # Zhao, building 3
        ("D1125-01-0002-1", False, 5_000),  # Li
        ("D1125-01-0003-1", False, 5_000),  # Wang: two sacks of rice do not fit one hand
        ("D1125-01-0003-2", False, 5_000),
        ("D1125-01-0003-3", True, 500),
    ]
    assert {(bag.holder, bag.custody.count()) for bag in bags} == {(Holder.SORTING, 1)}
    assert set(OrderLine.objects.within(cast.subdistrict_id).values_list("place", flat=True)) == {"bagged"}
    assert breaches(cast) == []


def test_households_are_told_their_turn_or_that_the_goods_come(cast, buy):
    plan = publish(cast, draft(cast, buy))

    told = dict(Message.objects.within(cast.subdistrict_id).values_list("recipient_id", "text"))
    code = delivery_to(cast.wang, plan).pickup_code
    assert told[cast.wang.pk] == (
        f"您的东西到了。请在 11月25日（星期五） 7:00—7:10 到东门来取，取货码 {code}，共 3 袋。"
        "每户来一个人，戴口罩，带取货码或门牌。"
    )
    assert told[cast.zhao.pk].startswith("您的东西到了，11月25日（星期五） 送到您家门口，共 1 袋。")
    assert dict(Message.objects.within(cast.subdistrict_id).values_list("recipient_id", "channel")) == {
        cast.wang.pk: "page",
        cast.li.pk: "page",
        cast.zhao.pk: "call_list",
    }


def test_the_round_is_being_handed_out_and_each_household_has_an_event(cast, buy):
    plan = publish(cast, draft(cast, buy))

    buy.refresh_from_db()
    assert buy.state == Round.State.HANDING_OUT
    events = Event.objects.within(cast.subdistrict_id).filter(verb="distribution.delivery_planned")
    assert set(events.values_list("household_id", flat=True)) == {cast.wang.pk, cast.li.pk, cast.zhao.pk}
    assert Event.objects.within(cast.subdistrict_id).about(plan.pk).filter(verb="distribution.plan_published").exists()


def test_a_round_that_still_waits_for_a_supplier_is_not_yet_handing_out(cast, buy):
    make_purchase(buy, allocated=True)
    make_purchase(buy, allocated=False)

    publish(cast, draft(cast, buy))

    buy.refresh_from_db()
    assert buy.state == Round.State.SORTING


def test_publishing_twice_is_once(cast, buy):
    plan = draft(cast, buy)
    publish(cast, plan)
    before = (Parcel.objects.within(cast.subdistrict_id).count(), Message.objects.within(cast.subdistrict_id).count())

    again = publish(cast, plan)

    assert again.state == Plan.State.PUBLISHED
    after = (Parcel.objects.within(cast.subdistrict_id).count(), Message.objects.within(cast.subdistrict_id).count())
    assert after == before


# ---------------------------------------------------------------- what must not be published


def test_goods_that_came_since_the_draft_make_it_out_of_date(cast, buy):
    plan = draft(cast, buy)
    make_order(buy, cast.li, {"奶": 1})
    make_order(buy, make_household(cast.building, "101"), {"米": 1})

    said = refused(cast, plan)

    assert "有 1 户的东西到了，却不在这份计划里" in said
    assert "有 1 户要发的东西和计划里写的不同" in said


def test_two_drafts_of_the_same_goods_cannot_both_be_published(cast, buy):
    first, second = draft(cast, buy), draft(cast, buy)
    publish(cast, first)

    assert "计划里有 3 户已经没有东西要发" in refused(cast, second)


def test_two_drafts_that_want_the_same_slot_cannot_both_be_published(cast, buy):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})
    first, second = draft(cast, buy), draft(cast, later)
    publish(cast, first)

    assert "12号楼 要来的时候，东门 已排给别的计划" in refused(cast, second)


def test_a_building_that_was_sealed_since_cannot_come_to_its_turn(cast, buy):
    plan = draft(cast, buy)
    cast.building.zone = Zone.SEALED
    cast.building.save()

    assert "12/2/502 在封控中，不能出来取货" in refused(cast, plan)


def test_a_household_that_moved_since_is_not_looked_for_at_its_old_door(cast, buy):
    plan = draft(cast, buy)
    elsewhere = make_building(cast.compound, "9", zone=Zone.CONTROLLED)
    Household.objects.filter(pk__in=[cast.li.pk, cast.zhao.pk]).update(building=elsewhere)

    said = refused(cast, plan)

    assert "12/2/301 排在了别的楼的时段里" in said
    assert "没有人送到 3/101 门口" in said


def test_a_point_that_closed_since_hands_nothing_out(cast, buy, gate):
    plan = draft(cast, buy)
    gate.closed = True
    gate.save()

    assert "东门 关着" in refused(cast, plan)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"households": 3}, "实际安排了 2 户"),
        ({"starts_at": NOON + timedelta(hours=18), "ends_at": NOON + timedelta(hours=18, minutes=10)}, "is closed"),
        ({"ends_at": NOON + timedelta(hours=19, minutes=20)}, "not one slot"),
        ({"priority": False}, "priority households"),
    ],
)
def test_a_hand_edit_that_breaks_the_rules_of_turns_is_refused(cast, buy, edit, says):
    plan = draft(cast, buy)
    Turn.objects.filter(plan=plan).update(**edit)

    assert says in refused(cast, plan)


def test_a_hand_edit_to_a_point_out_of_reach_is_refused_by_its_name(cast, buy, gate):
    plan = draft(cast, buy)
    other = make_point(cast.compound, "西门", kind="buffer")
    Turn.objects.filter(plan=plan).update(point=other)

    assert "西门" in refused(cast, plan)


def test_a_hand_edit_to_a_free_slot_is_fine(cast, buy):
    plan = draft(cast, buy)
    start = NOON + timedelta(hours=20)
    Turn.objects.filter(plan=plan).update(starts_at=start, ends_at=start + timedelta(minutes=10))

    assert publish(cast, plan).state == Plan.State.PUBLISHED
    assert breaches(cast) == []


def test_a_trip_that_was_loaded_too_heavily_by_hand_is_refused(cast, buy):
    make_order(buy, make_household(cast.sealed, "102"), {"米": 10})
    plan = draft(cast, buy)
    Delivery.objects.filter(plan=plan, way=Delivery.Way.DOOR).update(task=plan.tasks.filter(building=cast.sealed)[0])

    assert "有一趟要搬 55000 克，超过 50000 克" in refused(cast, plan)


def test_a_household_that_was_left_out_by_hand_is_missed(cast, buy):
    plan = draft(cast, buy)
    Delivery.objects.filter(plan=plan, household=cast.zhao).delete()

    assert "有 1 户的东西到了，却不在这份计划里" in refused(cast, plan)


# ---------------------------------------------------------------- taking it back


def test_a_withdrawn_plan_gives_goods_slots_and_bags_back_and_tells_everybody(cast, buy):
    plan = publish(cast, draft(cast, buy))

    withdraw(cast, plan)

    assert set(OrderLine.objects.within(cast.subdistrict_id).values_list("place", flat=True)) == {"granted"}
    assert set(Parcel.objects.filter(delivery__plan=plan).values_list("holder", flat=True)) == {Holder.UNPACKED}
    assert not Turn.objects.filter(plan=plan, live=True).exists()
    assert not Task.objects.filter(plan=plan, withdrawn_at=None).exists()
    buy.refresh_from_db()
    assert buy.state == Round.State.SORTING
    told = Message.objects.within(cast.subdistrict_id).filter(kind="plan_withdrawn")
    assert set(told.values_list("text", flat=True)) == {
        "原先通知您 11月25日（星期五） 的安排作废。您的东西都在，新的时间会再通知您。"
    }
    assert told.count() == 3
    assert breaches(cast) == []


def test_after_withdrawing_the_same_goods_can_be_planned_again(cast, buy):
    withdraw(cast, publish(cast, draft(cast, buy)))

    plan = publish(cast, draft(cast, buy))

    assert plan.code == "D1125-02"
    assert Parcel.objects.filter(delivery__plan=plan).count() == 5
    assert Custody.objects.within(cast.subdistrict_id).count() == 15
    assert breaches(cast) == []


def test_once_somebody_has_their_goods_a_plan_stays(cast, buy):
    plan = publish(cast, draft(cast, buy))
    services.hand_over(delivery_to(cast.wang, plan).pk, how="flat", actor=cast.system, now=NOON)

    with pytest.raises(AlreadyHandedOver) as refusal:
        withdraw(cast, plan)

    assert refusal.value.facts == {"plan": plan.code, "count": 1}
    assert set(plan.deliveries.values_list("state", flat=True)) == {"waiting", "handed_over"}
    assert breaches(cast) == []


def test_a_draft_is_put_aside_without_telling_anybody(cast, buy):
    plan = withdraw(cast, draft(cast, buy))

    assert plan.state == Plan.State.WITHDRAWN
    assert not Message.objects.within(cast.subdistrict_id).exists()
    with pytest.raises(PlanWithdrawn):
        publish(cast, plan)
    assert breaches(cast) == []


def test_withdrawing_twice_is_once(cast, buy):
    plan = publish(cast, draft(cast, buy))
    withdraw(cast, plan)

    withdraw(cast, plan)

    assert Message.objects.within(cast.subdistrict_id).filter(kind="plan_withdrawn").count() == 3


def test_a_round_of_which_another_plan_is_out_goes_on_being_handed_out(cast, buy):
    first = publish(cast, draft(cast, buy))
    make_order(buy, make_household(cast.building, "101"), {"米": 1})
    publish(cast, draft(cast, buy))

    withdraw(cast, first)

    buy.refresh_from_db()
    assert buy.state == Round.State.HANDING_OUT
