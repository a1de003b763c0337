from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from baogong.common.clock import local
from baogong.common.errors import NotFound
from baogong.common.ids import new_id
from baogong.distribution import services
from baogong.distribution.models import Delivery, Parcel, Plan, Task
from baogong.distribution.refusals import DayIsPast, NothingToHandOut
from baogong.distribution.tests.goods import TOMORROW, delivery_to, draft, make_order, make_round, publish
from baogong.groupbuy.models import OrderLine
from baogong.people.services import merge_households
from baogong.people.tests.cast import (
    NOON,
    make_building,
    make_community,
    make_compound,
    make_household,
    make_point,
)
from baogong.places.models import Zone

Way = Delivery.Way


def ways(plan: Plan) -> dict[str, str]:
    return dict(plan.deliveries.values_list("household__code", "way"))


def clocks(plan: Plan) -> list[str]:
    return [f"{local(turn.starts_at):%H:%M}" for turn in plan.turns.order_by("starts_at")]


def test_a_sealed_building_is_served_at_the_door_and_a_controlled_one_comes_to_a_turn(cast, buy, gate):
    plan = draft(cast, buy)

    assert ways(plan) == {"12/2/301": Way.TURN, "12/2/502": Way.TURN, "3/101": Way.DOOR}
    assert [(turn.point, turn.building, turn.households) for turn in plan.turns.all()] == [(gate, cast.building, 2)]
    assert [(task.building, task.grams) for task in plan.tasks.filter(kind=Task.Kind.DOORSTEP)] == [
        (cast.sealed, 5_000)
    ]


def test_a_sealed_entrance_is_served_at_the_door_while_its_building_comes_to_a_turn(cast, buy):
    other = make_household(cast.building, "101", unit=cast.building.units.get(name="1"))
    make_order(buy, other, {"米": 1})
    cast.unit.zone = Zone.SEALED
    cast.unit.save()

    plan = draft(cast, buy)

    assert ways(plan) == {"12/2/301": Way.DOOR, "12/2/502": Way.DOOR, "3/101": Way.DOOR, "12/1/101": Way.TURN}
    assert plan.tasks.filter(unit=cast.unit).count() == 1


@pytest.mark.parametrize("zone", [Zone.PRECAUTIONARY, Zone.OPEN])
def test_who_may_walk_about_picks_up_at_the_point_too(cast, buy, zone):
    cast.building.zone = zone
    cast.building.save()

    assert ways(draft(cast, buy))["12/2/502"] == Way.TURN


def test_the_desks_are_manned_as_long_as_somebody_comes(cast, buy, gate):
    for flat in range(101, 121):
        make_order(buy, make_household(cast.building, str(flat)), {"米": 1})

    plan = draft(cast, buy)

    desks = plan.tasks.filter(kind=Task.Kind.DESK).order_by("trip")
    assert [(desk.point, desk.trip) for desk in desks] == [(gate, 1), (gate, 2)]
    assert clocks(plan) == ["07:00", "07:10"]
    assert {f"{local(desk.starts_at):%H:%M}-{local(desk.due_at):%H:%M}" for desk in desks} == {"07:00-07:20"}


def test_households_with_infants_or_elderly_people_come_in_the_first_turn(cast, buy):
    for flat in range(101, 121):
        make_order(buy, make_household(cast.building, str(flat)), {"米": 1})

    plan = draft(cast, buy)

    first, second = plan.turns.order_by("starts_at")
    assert (first.priority, second.priority) == (True, False)
    assert delivery_to(cast.li, plan).turn == first


def test_where_all_points_of_the_community_are_closed_the_goods_come_to_the_door(cast, buy):
    elsewhere = make_compound(make_community(cast.subdistrict, "西里"), "西里小区")
    make_point(elsewhere, "西门", closed=True)
    home = make_household(make_building(elsewhere, "88"), "101")
    make_order(buy, home, {"米": 1})

    plan = draft(cast, buy)

    assert ways(plan)["88/101"] == Way.DOOR
    assert plan.left_out == [{"building": "88", "households": 1, "why": "no_point"}]


def test_a_community_that_never_had_a_point_gets_one_in_the_middle_of_the_compound(cast, buy):
    elsewhere = make_compound(make_community(cast.subdistrict, "西里"), "西里小区")
    make_order(buy, make_household(make_building(elsewhere, "88", longitude=116.4, latitude=39.9), "101"), {"米": 1})

    plan = draft(cast, buy)

    point = plan.turns.get(building__code="88").point
    assert (point.compound, point.longitude, point.latitude, point.desks) == (elsewhere, 116.4, 39.9, 2)


def test_a_compound_without_a_point_goes_to_one_of_its_community(cast, buy, gate):
    neighbours = make_compound(cast.community, "松榆西里")
    make_order(buy, make_household(make_building(neighbours, "77"), "101"), {"米": 1})

    plan = draft(cast, buy)

    assert plan.turns.get(building__code="77").point == gate


@pytest.mark.parametrize("point", [{"closed": True}, {"kind": "buffer"}])
def test_a_closed_point_and_a_buffer_hand_nothing_out(cast, buy, gate, point):
    for name, value in point.items():
        setattr(gate, name, value)
    gate.save()

    assert not draft(cast, buy).turns.filter(point=gate).exists()


def test_who_finds_no_slot_is_served_at_the_door(cast, buy, gate):
    gate.closes_at = time(7, 10)
    gate.save()
    for flat in range(101, 121):
        make_order(buy, make_household(cast.building, str(flat)), {"米": 1})

    plan = draft(cast, buy)

    assert sorted(ways(plan).values()) == [Way.DOOR] * 8 + [Way.TURN] * 15
    assert plan.left_out == [{"building": "12", "households": 7, "why": "no_slot"}]
    assert delivery_to(cast.li, plan).way == Way.TURN


def test_a_point_without_desks_leaves_everybody_to_the_door(cast, buy, gate):
    gate.desks = 0
    gate.save()

    assert set(ways(draft(cast, buy)).values()) == {Way.DOOR}


def test_slots_of_a_published_plan_are_left_alone_and_those_of_a_draft_are_free(cast, buy):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})
    first = draft(cast, buy)
    assert clocks(draft(cast, later)) == ["07:00"]
    publish(cast, first)

    second = draft(cast, later)

    assert clocks(second) == ["07:10"]
    assert second.cost == second.bound == 10
    publish(cast, second)


def test_a_turn_is_never_before_the_promised_window_nor_in_the_past(cast, buy):
    buy.deliver_from = NOON + timedelta(days=1, hours=-2)
    buy.save()

    assert clocks(draft(cast, buy)) == ["10:00"]
    assert clocks(draft(cast, buy, day=TOMORROW - timedelta(days=1))) == ["12:00"]


def test_cold_goods_are_due_earlier_than_the_rest(cast, buy):
    second = make_building(cast.compound, "4", zone=Zone.SEALED)
    make_order(buy, make_household(second, "101"), {"奶": 1})

    plan = draft(cast, buy)

    doors = plan.tasks.filter(kind=Task.Kind.DOORSTEP).values_list("building__code", "due_at")
    due = {code: f"{local(due_at):%H:%M}" for code, due_at in doors}
    assert due == {"3": "19:00", "4": "09:00"}


def test_heavy_doorstep_work_is_cut_into_trolley_loads(cast, buy):
    for flat in (102, 201, 202):
        make_order(buy, make_household(cast.sealed, str(flat)), {"米": 4})

    plan = draft(cast, buy)

    trips = plan.tasks.filter(kind=Task.Kind.DOORSTEP).order_by("trip")
    assert [(task.trip, task.grams) for task in trips] == [(1, 45_000), (2, 20_000)]
    assert delivery_to(cast.zhao, plan).task == trips[0]


def test_goods_of_unknown_weight_count_with_the_figure_for_it(cast, gate):
    buy = make_round(cast, {"惊喜": 0})
    make_order(buy, cast.wang, {"惊喜": 3})

    assert delivery_to(cast.wang, draft(cast, buy)).grams == 1_500


def test_all_rounds_of_a_household_are_one_delivery(cast, buy):
    later = make_round(cast, {"油": 1_700})
    make_order(later, cast.wang, {"油": 1})

    delivery = delivery_to(cast.wang, draft(cast, buy, later))

    assert (delivery.bags, delivery.grams, delivery.cold) == (3, 12_200, True)


def test_goods_of_a_merged_household_go_where_it_went(cast, buy):
    merge_households(cast.li, cast.wang, actor=cast.system, now=NOON)

    plan = draft(cast, buy)

    assert ways(plan) == {"12/2/502": Way.TURN, "3/101": Way.DOOR}
    assert delivery_to(cast.wang, plan).grams == 15_500


def test_only_goods_that_are_here_and_lie_in_no_bag_are_planned(cast, buy):
    OrderLine.objects.filter(order__household=cast.wang).update(place=OrderLine.Place.ORDERED)
    OrderLine.objects.filter(order__household=cast.li).update(place=OrderLine.Place.HANDED_OVER)

    assert ways(draft(cast, buy)) == {"3/101": Way.DOOR}


def test_pick_up_codes_are_different_digits(cast, buy):
    for flat in range(101, 181):
        make_order(buy, make_household(cast.building, str(flat)), {"米": 1})

    codes = list(draft(cast, buy).deliveries.values_list("pickup_code", flat=True))

    assert len(set(codes)) == 83
    assert {len(code) for code in codes if code.isdecimal()} == {4}


def test_pick_up_codes_stay_sparse_in_a_large_plan():
    assert [len(services.planning.pickup_codes(count)[0]) for count in (200, 201, 2_000, 2_001)] == [4, 5, 5, 6]


def test_a_draft_promises_nothing(cast, buy):
    plan = draft(cast, buy)

    assert plan.state == Plan.State.DRAFT
    assert not plan.turns.filter(live=True).exists()
    assert set(plan.deliveries.values_list("state", flat=True)) == {Delivery.State.PLANNED}
    assert not Parcel.objects.within(cast.subdistrict_id).exists()
    assert set(OrderLine.objects.within(cast.subdistrict_id).values_list("place", flat=True)) == {"granted"}


def test_plans_are_numbered_by_their_day(cast, buy):
    assert [draft(cast, buy).code, draft(cast, buy).code] == ["D1125-01", "D1125-02"]
    assert draft(cast, buy, day=date(2022, 11, 26)).code == "D1126-01"


def test_the_same_seed_gives_the_same_plan(cast, buy):
    for code in "456789":
        building = make_building(cast.compound, code, zone=Zone.CONTROLLED)
        make_order(buy, make_household(building, "101"), {"米": 1})

    def order(plan):
        return list(plan.turns.order_by("starts_at").values_list("building__code", flat=True))

    assert order(draft(cast, buy, seed=5)) == order(draft(cast, buy, seed=5))


def test_a_near_point_is_preferred(cast, buy, gate):
    far = make_point(cast.compound, "西门", longitude=116.47, latitude=39.87)
    for place in (gate, cast.building):
        place.longitude, place.latitude = 116.46, 39.87
        place.save()

    assert {turn.point for turn in draft(cast, buy).turns.all()} == {gate}
    gate.closed = True
    gate.save()
    assert {turn.point for turn in draft(cast, buy).turns.all()} == {far}


def test_yesterday_cannot_be_planned(cast, buy):
    with pytest.raises(DayIsPast):
        draft(cast, buy, day=date(2022, 11, 23))


def test_without_goods_there_is_nothing_to_plan(cast, gate):
    with pytest.raises(NothingToHandOut):
        draft(cast, make_round(cast, {"米": 5_000}))


def test_an_unknown_round_is_not_found(cast, buy):
    with pytest.raises(NotFound):
        services.plan_day([buy.pk, new_id()], TOMORROW, actor=cast.system, now=NOON)
