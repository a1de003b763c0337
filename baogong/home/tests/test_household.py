"""A resident's first page, the page of a delivery, and the household's week."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from baogong.distribution.models import Delivery, Plan
from baogong.groupbuy import services
from baogong.groupbuy.models import Order
from baogong.groupbuy.tests.rounds import CUT_OFF, draft_of, open_round_of, order
from baogong.home.tests.stage import TURN_AT, make_delivery, make_plan, make_task, make_turn, signed_in
from baogong.people.services import tell_households
from baogong.people.tests.cast import NOON, make_grant, make_household, make_resident
from baogong.supply.tests.market import make_offer

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def wang(cast):
    return signed_in(cast.wang_account)


def text_of(client, url: str = "/") -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def test_the_plate_names_building_flat_and_zone(cast, wang):
    text = text_of(wang)

    assert "松榆东里<br>2单元 502" in text
    assert "<h1>Controlled zone</h1>" in text
    assert "not leave the compound" in text


def test_the_worker_of_the_building_can_be_rung(cast, wang):
    person = cast.worker.person
    person.set_phone("+8613800004126")
    person.save()

    text = text_of(wang)

    assert "周一帆, your social worker" in text
    assert 'href="tel:+8613800004126"' in text


def test_the_deputy_stands_there_while_the_worker_is_off_duty(cast, wang):
    cast.worker.duties.update(on_duty=False)

    assert "陈静, your social worker" in text_of(wang)


def test_an_open_round_can_be_ordered_from_the_first_page(cast, wang, buy):
    text = text_of(wang)

    assert "closes today 16:00" in text
    assert "<b>4 h</b> left." in text
    assert f'action="{reverse("groupbuy:round", args=[buy.pk])}"' in text
    assert "大米" in text


def test_a_long_list_has_its_own_page(cast, wang, jkl):
    open_round_of(cast, *(make_offer(jkl, f"s{n}", f"货{n}") for n in range(41)))

    text = text_of(wang)

    assert "See the list and order" in text
    assert "货7" not in text


def test_after_ordering_the_order_stands_there_and_what_is_to_be_paid(cast, wang, buy):
    mine = order(buy, cast.wang, rice=2)

    text = text_of(wang)

    assert reverse("groupbuy:order_change", args=[mine.pk]) in text
    assert "Still to pay" in text
    assert "¥40.00" in text
    assert "Order now" not in text


def test_without_an_open_round_the_next_one_is_named(cast, wang, rice):
    actor = cast.actor(cast.buyer)
    soon = draft_of([rice], opens_at=NOON + timedelta(hours=20), closes_at=NOON + timedelta(hours=28))
    services.schedule_round(services.create_round(soon, actor=actor, now=NOON).pk, actor=actor, now=NOON)

    text = text_of(wang)

    assert "No round is open now." in text
    assert "第3轮 opens tomorrow 8:00" in text


def test_a_turn_stands_first_with_its_code(cast, wang, gate, buy):
    mine = order(buy, cast.wang, rice=2)
    plan = make_plan(cast)
    delivery = make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building), order=mine)

    text = text_of(wang)

    assert "14:20–14:30" in text
    assert "东门" in text
    assert f'aria-label="{" ".join(delivery.pickup_code)}"' in text
    assert "<svg" in text
    assert "12-2-502" in text


def test_a_bag_for_the_door_says_so(cast, wang):
    plan = make_plan(cast)
    make_delivery(plan, cast.wang, task=make_task(plan, cast.building), bags=3)

    text = text_of(wang)

    assert "Brought to your door" in text
    assert "3 bags, 8.4 kg in all." in text
    assert "today 12:00–14:00" in text


def test_whoever_missed_the_turn_is_told_that_nothing_is_lost(cast, wang, gate):
    plan = make_plan(cast)
    make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building, NOON - timedelta(hours=1)))

    text = text_of(wang)

    assert "Still here for you" in text
    assert "you get another time" in text


def test_a_draft_plan_promises_nothing(cast, wang, gate):
    plan = make_plan(cast, state=Plan.State.DRAFT)
    delivery = make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building))

    assert delivery.pickup_code not in text_of(wang)
    assert wang.get(reverse("home:delivery", args=[delivery.pk])).status_code == 404


def test_what_was_handed_over_today_is_still_there(cast, wang, gate):
    plan = make_plan(cast)
    turn = make_turn(plan, gate, cast.building, NOON - timedelta(hours=2))
    make_delivery(
        plan, cast.wang, turn=turn, state=Delivery.State.HANDED_OVER, handed_over_at=NOON - timedelta(hours=1)
    )

    text = text_of(wang)

    assert "Handed over" in text
    assert "today 11:00" in text


def test_messages_stay_and_looking_changes_nothing(cast, wang):
    tell_households({cast.wang.pk: "鸡蛋少到 4 枚"}, kind="short", actor=cast.system, now=NOON)

    assert "鸡蛋少到 4 枚" in text_of(wang)
    assert "鸡蛋少到 4 枚" in text_of(wang)


def test_another_households_news_and_goods_are_not_there(cast, wang, gate, buy):
    order(buy, cast.li, rice=4)
    plan = make_plan(cast)
    theirs = make_delivery(plan, cast.li, turn=make_turn(plan, gate, cast.building))
    tell_households({cast.li.pk: "李家的消息"}, kind="turn", actor=cast.system, now=NOON)

    text = text_of(wang)

    assert "李家的消息" not in text
    assert theirs.pickup_code not in text
    assert "¥80.00" not in text
    assert wang.get(reverse("home:delivery", args=[theirs.pk])).status_code == 404


def test_somebody_of_two_households_chooses_between_them(cast, wang, buy):
    make_grant(cast.wang_account, "resident", "household", cast.zhao.pk)

    home, other = text_of(wang), text_of(wang, f"/?household={cast.zhao.pk}")

    assert "2单元 502" in home
    assert f"/?household={cast.zhao.pk}" in home
    assert "<h1>Sealed zone</h1>" in other
    assert f'name="household" value="{cast.zhao.pk}"' in other


def test_a_household_that_is_not_ones_own_is_none(cast, wang):
    assert wang.get(f"/?household={cast.li.pk}").status_code == 404


def test_what_was_ordered_before_a_merge_is_still_there(cast, wang, buy):
    old = make_household(cast.building, "503", unit=cast.unit)
    theirs = order(buy, old, rice=1)
    old.merged_into, old.ended_at = cast.wang, NOON
    old.save()

    assert theirs.code in text_of(wang)


def test_whoever_has_no_household_yet_is_asked_for_the_letter(cast):
    lone = make_resident(make_household(cast.building, "504", unit=cast.unit), "孤人")
    lone.grants.update(until=NOON - timedelta(days=1))
    make_grant(lone, "resident", "household", cast.subdistrict_id)

    assert "Type the code of the letter" in text_of(signed_in(lone))


def test_large_type_puts_the_call_first_and_speaks_plainly(cast, wang, buy):
    wang.cookies["elder"] = "1"
    person = cast.worker.person
    person.set_phone("+8613800004126")
    person.save()

    text = text_of(wang)

    assert 'class="elder"' in text
    assert "who orders for you, at the same price" in text
    assert "20 yuan" in text
    assert "4 in the afternoon" in text


# ---------------------------------------------------------------- a delivery's page


def test_the_deliverys_page_shows_bags_and_the_turns_of_the_day(cast, wang, gate, buy):
    mine = order(buy, cast.wang, rice=2)
    plan = make_plan(cast)
    make_turn(plan, gate, cast.sealed, TURN_AT - timedelta(minutes=10))
    delivery = make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building), order=mine)

    text = text_of(wang, reverse("home:delivery", args=[delivery.pk]))

    assert "大米 × 2" in text
    assert 'class="me" aria-current="true">20<b>12号</b>' in text
    assert "10<b>3号</b>" in text
    assert "One person of the household" in text


def test_goods_that_were_brought_back_are_said_to_be_paid_back(cast, wang):
    delivery = make_delivery(make_plan(cast), cast.wang, state=Delivery.State.RETURNED)

    assert "paid back to you" in text_of(wang, reverse("home:delivery", args=[delivery.pk]))


def test_the_orders_page_shows_the_way_to_the_hand_over(cast, wang, gate, buy, noon):
    mine = order(buy, cast.wang, rice=2)
    plan = make_plan(cast)
    delivery = make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building), order=mine)
    buy.state, buy.closed_at = "handing_out", CUT_OFF
    buy.save()
    noon.move_to(CUT_OFF)

    before = text_of(wang, reverse("groupbuy:order", args=[mine.pk]))
    Delivery.objects.filter(pk=delivery.pk).update(state="handed_over", handed_over_at=CUT_OFF)
    after = text_of(wang, reverse("groupbuy:order", args=[mine.pk]))

    assert "Collect at 东门, bags: 1" in before
    assert "Hand-over" in before
    assert "Handed over" in after
    assert "today 16:00" in after


# ---------------------------------------------------------------- the week


def test_the_week_has_turns_and_last_moments_by_day(cast, wang, gate, buy):
    plan = make_plan(cast)
    make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building))

    text = text_of(wang, reverse("home:week"))

    assert text.index("14:20–14:30") < text.index("closes: last moment to order or change")
    assert "Not ordered" in text


def test_goods_without_a_turn_stand_there_with_their_window(cast, wang, buy, noon):
    order(buy, cast.wang, rice=1)
    noon.move_to(CUT_OFF + timedelta(minutes=1))

    text = text_of(wang, reverse("home:week"))

    assert "are expected" in text
    assert "12:00–15:00" in text


def test_an_empty_week_says_when_something_comes(cast, wang):
    assert "Nothing in the next seven days" in text_of(wang, reverse("home:week"))


# ---------------------------------------------------------------- weight and strangers


def test_the_number_of_queries_does_not_grow(cast, wang, jkl, gate, django_assert_max_num_queries, settings):
    settings.BAOGONG_DEMO = None  # its answer is kept for some seconds

    def look(offers: int) -> int:
        goods = [make_offer(jkl, f"s{offers}-{n}", f"货{n}") for n in range(offers)]
        buy = open_round_of(cast, *goods)
        mine = order(buy, cast.wang, **{offer.sku: 1 for offer in goods})
        plan = make_plan(cast)
        turn = make_turn(plan, gate, cast.building, TURN_AT + timedelta(minutes=10 * offers))
        make_delivery(plan, cast.wang, turn=turn, order=mine)
        tell_households({cast.wang.pk: "消息"}, kind="turn", actor=cast.system, now=NOON)
        with django_assert_max_num_queries(30) as queries:
            text_of(wang)
        return len(queries)

    look(1)
    assert look(12) == look(2)


@pytest.mark.parametrize("name", ["week", "search", "order_for", "calls", "laws", "figures"])
def test_strangers_are_led_to_sign_in(cast, name):
    assert signed_in().get(reverse(f"home:{name}")).status_code == 302


def test_an_order_that_is_closed_waits_below_the_goods(cast, wang, rice):
    buy = open_round_of(cast, rice)
    mine = order(buy, cast.wang, rice=1)
    buy.refresh_from_db()
    services.close_round(buy.pk, actor=cast.system, now=CUT_OFF)

    text = text_of(wang)

    assert mine.code in text
    assert Order.objects.get(pk=mine.pk).state == Order.State.PLACED
