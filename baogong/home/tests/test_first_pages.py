"""`/` for each role, the parts at the top of staff's pages, and the pages that belong to offices."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from baogong.channels.models import Message
from baogong.common.models import FigureSetting
from baogong.distribution.models import Delivery
from baogong.groupbuy.models import RoundOffer
from baogong.groupbuy.tests.rounds import order
from baogong.home.context import PARTS
from baogong.home.tests.stage import make_delivery, make_plan, make_task, make_turn, signed_in
from baogong.people.roles import Role
from baogong.people.services import tell_households
from baogong.people.tests.cast import NOON, make_grant, make_staff

pytestmark = pytest.mark.usefixtures("noon")


def text_of(client, url: str = "/") -> str:
    page = client.get(url)
    assert page.status_code == 200, f"{url}: {page.status_code}"
    return page.content.decode()


def account_in(cast, role: str):
    if role == Role.RESIDENT:
        return cast.wang_account
    area = {"supplier": "supplier"}.get(role, "subdistrict")
    return make_staff(cast.subdistrict_id, "某人", role, area=area)


# ---------------------------------------------------------------- one page a role


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("volunteer", "distribution:tasks"),
        ("buyer", "groupbuy:desk_rounds"),
        ("supplier", "supply:purchase_orders"),
    ],
)
def test_some_roles_go_straight_to_their_work(cast, role, page):
    answer = signed_in(account_in(cast, role)).get("/")

    assert (answer.status_code, answer["Location"]) == (303, reverse(page))


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"volunteer", "buyer", "supplier"}))
def test_every_other_role_has_a_first_page(cast, role):
    assert "<h1>" in text_of(signed_in(account_in(cast, role)))


@pytest.mark.parametrize("role", Role.values)
def test_every_part_that_a_role_is_shown_lets_it_in(cast, role):
    client = signed_in(account_in(cast, role))

    for name, _words, roles in PARTS:
        if role in roles:
            assert client.get(reverse(name)).status_code in {200, 303}, f"{role} at {name}"


def test_the_part_where_the_reader_is_stands_out(cast):
    text = text_of(signed_in(cast.worker), reverse("home:calls"))

    assert f'<a href="{reverse("home:calls")}" aria-current="page">Calls</a>' in text
    assert text.count('aria-current="page"') == 1


def test_name_and_role_lead_to_the_readers_own_sign_in(cast):
    text = text_of(signed_in(cast.worker))

    assert f'<a href="{reverse("people:account")}">周一帆, building social worker</a>' in text


def test_a_resident_sees_no_parts(cast):
    assert "Order for others" not in text_of(signed_in(cast.wang_account))


def test_an_account_whose_task_is_over_is_told_so(cast):
    client = signed_in(cast.worker)
    cast.worker.grants.update(until=NOON - timedelta(hours=1))

    page = client.get("/")

    assert page.status_code == 403
    assert "no task here any more" in page.content.decode()


def test_the_role_that_was_chosen_decides(cast):
    make_grant(cast.worker, "resident", "household", cast.wang.pk)

    assert "2单元 502" in text_of(signed_in(cast.worker, role="resident"))
    assert "My buildings" in text_of(signed_in(cast.worker, role="social_worker"))


def test_a_guard_is_told_that_there_are_no_pages_yet(cast):
    text = text_of(signed_in(account_in(cast, "guard")))

    assert "Nothing is on this page for your task yet" in text
    assert 'href="tel:120"' in text


def test_a_care_worker_can_search(cast):
    assert reverse("home:search") in text_of(signed_in(account_in(cast, "care_worker")))


# ---------------------------------------------------------------- the worker


@pytest.fixture
def worker(cast):
    return signed_in(cast.worker)


def call_for(cast, household, text: str = "您的货好了，今天送到门口。") -> Message:
    tell_households({household.pk: text}, kind="turn", actor=cast.system, now=NOON - timedelta(hours=2))
    return Message.objects.everywhere().get(recipient_id=household.pk, kind="turn")


def test_the_worker_sees_whom_to_tell_first(cast, worker):
    call_for(cast, cast.zhao)

    text = text_of(worker)

    assert "1 thing to do first" in text
    assert "3号楼 101" in text
    assert "您的货好了，今天送到门口。" in text
    assert "waiting<br>2 h" in text


def test_a_call_is_confirmed_and_can_be_taken_back(cast, worker):
    call = call_for(cast, cast.zhao)

    told = worker.post(reverse("home:call_made", args=[call.pk]), {"idempotency_key": "k1"}, follow=True)
    call.refresh_from_db()
    assert (call.state, call.sent_by) == (Message.State.SENT, cast.worker.pk)
    assert reverse("home:call_not_made", args=[call.pk]) in told.content.decode()

    back = worker.post(reverse("home:call_not_made", args=[call.pk]), follow=True)
    call.refresh_from_db()
    assert call.state == Message.State.QUEUED
    assert "It stands on the list again." in back.content.decode()


def test_calls_of_elsewhere_are_none(cast, worker):
    call = call_for(cast, cast.zhao)
    other = signed_in(
        make_staff(cast.subdistrict_id, "钱进", "social_worker", area="building", area_id=cast.building.pk)
    )

    assert "3号楼 101" not in text_of(other, reverse("home:calls"))
    assert other.post(reverse("home:call_made", args=[call.pk]), {"idempotency_key": "k"}).status_code == 404
    assert other.post(reverse("home:call_not_made", args=[call.pk])).status_code == 404
    call.refresh_from_db()
    assert call.state == Message.State.QUEUED


def test_a_resident_confirms_no_calls(cast):
    call = call_for(cast, cast.zhao)
    wang = signed_in(cast.wang_account)

    assert wang.get(reverse("home:calls")).status_code == 403
    assert wang.post(reverse("home:call_made", args=[call.pk]), {"idempotency_key": "k"}).status_code == 403


def test_households_without_a_phone_wait_to_be_ordered_for(cast, worker, buy):
    text = text_of(worker)

    assert "1 household without a phone" in text
    assert f"{reverse('groupbuy:round', args=[buy.pk])}?household={cast.zhao.pk}" in text


def test_whoever_has_been_ordered_for_is_done(cast, worker, buy):
    order(buy, cast.zhao, rice=1)

    text = text_of(worker)

    assert f"?household={cast.zhao.pk}" not in text
    assert '<li><span>1 household</span><span class="st done">Ordered</span></li>' in text


def test_the_day_of_the_workers_buildings_with_its_progress(cast, worker, gate, buy):
    plan = make_plan(cast)
    turn = make_turn(plan, gate, cast.building)
    make_delivery(plan, cast.wang, turn=turn, state=Delivery.State.HANDED_OVER, handed_over_at=NOON)
    make_delivery(plan, cast.li, turn=turn)
    make_delivery(plan, cast.zhao, task=make_task(plan, cast.sealed), bags=2)

    text = text_of(worker)

    assert "12号楼 collects at 东门, households: 2" in text
    assert "1 to go" in text
    assert "3号楼 to the doors, households: 1, bags: 2" in text
    assert "第3轮 closes" in text
    assert text.index("3号楼 to the doors") < text.index("12号楼 collects") < text.index("第3轮 closes")


def test_who_did_not_come_to_a_turn_that_is_over_is_late(cast, worker, gate):
    plan = make_plan(cast)
    make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building, NOON - timedelta(hours=2)))

    assert "1 did not come" in text_of(worker)


def test_orders_to_be_paid_are_counted_and_named(cast, worker, buy):
    order(buy, cast.wang, rice=2)
    order(buy, cast.li, rice=1)

    text = text_of(worker)

    assert "2 orders to be paid, ¥60.00" in text
    assert "12号楼 2单元 502" in text


def test_buildings_of_elsewhere_are_not_the_workers(cast, buy, gate):
    other = signed_in(
        make_staff(cast.subdistrict_id, "钱进", "social_worker", area="building", area_id=cast.building.pk)
    )
    call_for(cast, cast.zhao)
    order(buy, cast.zhao, rice=2)
    plan = make_plan(cast)
    make_delivery(plan, cast.zhao, task=make_task(plan, cast.sealed), bags=2)

    text = text_of(other)

    assert "Nothing urgent" in text
    assert "3号楼" not in text
    assert "¥40.00" not in text


def test_a_worker_without_buildings_is_told_who_says(cast):
    lone = signed_in(
        make_staff(cast.subdistrict_id, "钱进", "social_worker", area="compound", area_id=cast.subdistrict_id)
    )

    assert "No building is yours yet" in text_of(lone)


def test_the_workers_number_of_queries_does_not_grow(cast, worker, gate, buy, django_assert_max_num_queries, settings):
    settings.BAOGONG_DEMO = None  # its answer is kept for some seconds

    from baogong.people.tests.cast import make_building, make_duty, make_household

    def look(count: int) -> int:
        plan = make_plan(cast)
        for number in range(count):
            building = make_building(cast.compound, f"{count}0{number}")
            make_duty(building, cast.worker)
            household = make_household(building, "101", no_phone=True)
            order(buy, household, rice=1)
            call_for(cast, household)
            make_household(building, "102", no_phone=True)
            start = NOON + timedelta(minutes=10 * number + count)
            make_delivery(plan, household, turn=make_turn(plan, gate, building, start))
        with django_assert_max_num_queries(40) as queries:
            text_of(worker)
        return len(queries)

    look(1)
    assert look(8) == look(2)


# ---------------------------------------------------------------- offices


def test_the_command_post_sees_rounds_plans_and_messages_that_wait(cast, buy, gate):
    order(buy, cast.wang, rice=1)
    plan = make_plan(cast)
    make_delivery(plan, cast.wang, turn=make_turn(plan, gate, cast.building))
    call_for(cast, cast.zhao)

    text = text_of(signed_in(cast.command_post))

    assert buy.code in text
    assert plan.code in text
    assert "1 waiting" in text
    assert reverse("home:laws") in text


def test_the_laws_are_proved_on_demand(cast, buy):
    order(buy, cast.wang, rice=1)
    post = signed_in(cast.command_post)

    assert "st done" not in text_of(post, reverse("home:laws"))
    text = text_of(post, reverse("home:laws") + "?prove=1")

    assert '<span class="st done">holds</span>' in text
    assert "broken" not in text


def test_a_broken_law_is_named_with_what_breaks_it(cast, buy):
    order(buy, cast.wang, rice=1)
    RoundOffer.objects.filter(round=buy).update(remaining=5)

    text = text_of(signed_in(cast.admin), reverse("home:laws") + "?prove=1")

    assert "broken" in text
    assert buy.code in text


def test_figures_show_what_is_in_force_and_where_it_comes_from(cast):
    FigureSetting.objects.create(
        subdistrict_id=cast.subdistrict_id, name="turns.desks", value=3, source="指挥部 11月20日", since=NOON
    )

    text = text_of(signed_in(cast.admin), reverse("home:figures"))

    assert "指挥部 11月20日" in text
    assert "FEMA IS-26" in text


@pytest.mark.parametrize("name", ["laws", "figures"])
@pytest.mark.parametrize("role", ["resident", "social_worker", "volunteer"])
def test_offices_pages_are_for_offices(cast, name, role):
    assert signed_in(account_in(cast, role)).get(reverse(f"home:{name}")).status_code == 403
