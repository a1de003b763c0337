"""The desk's pages: sharing out, planning, publishing, watching."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from baogong.distribution import services
from baogong.distribution.models import Allocation, Delivery, Plan
from baogong.distribution.prints import PAPERS
from baogong.distribution.tests.goods import TOMORROW, delivery_to, draft, make_order, make_round, publish
from baogong.distribution.tests.pages import desk, handed_over, send, signed_in, taken, text, trip, url
from baogong.distribution.views import plans as views
from baogong.groupbuy.models import Round
from baogong.groupbuy.tests.rounds import closed, open_round_of, order, purchase_orders, receive
from baogong.people.tests.cast import NOON, Cast, make_building, make_household
from baogong.places.models import Zone
from baogong.supply.models import GoodsReceipt
from baogong.supply.services import PurchaseLine, Received, raise_purchase_order, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def buyer(cast):
    return signed_in(cast.buyer)


@pytest.fixture
def plan(cast, buy) -> Plan:
    return draft(cast, buy)


@pytest.fixture
def receipt(cast) -> GoodsReceipt:
    """Five bags of rice were ordered, three came, and nothing more is expected."""
    rice = make_offer(make_supplier(cast.subdistrict_id), "rice", "大米", price_fen=2_000, grams=5_000)
    buy = open_round_of(cast, rice)
    for household, bags in ((cast.wang, 2), (cast.li, 2), (cast.zhao, 1)):
        order(buy, household, rice=bags)
    closed(buy)
    [purchase] = purchase_orders(buy)
    return receive(purchase, rice=3)


# ---------------------------------------------------------------- sharing out


def test_goods_that_came_are_shared_out_with_one_button_and_the_page_says_how(cast, buyer, receipt):
    listed = buyer.get(url("plans"))
    assert "3 of 5 packs came" in text(listed)

    answer = send(buyer, url("share_out", receipt.pk))

    allocation = Allocation.objects.get(purchase_order=receipt.purchase_order)
    assert answer.status_code == 303
    assert answer["Location"] == url("allocation", allocation.pk)
    page = text(buyer.get(answer["Location"]))
    assert "大米" in page
    assert "60%" in page
    assert f"Number of the draw: {allocation.seed}" in page
    assert "each household with infants first gets one pack" in page


def test_sharing_out_again_leads_to_the_same_allocation(cast, buyer, receipt):
    first = send(buyer, url("share_out", receipt.pk))

    again = send(buyer, url("share_out", receipt.pk))

    assert again["Location"] == first["Location"]
    assert Allocation.objects.within(cast.subdistrict_id).count() == 1


def test_while_more_is_expected_there_is_no_button_and_the_refusal_is_said(cast, buyer, receipt):
    purchase = receipt.purchase_order
    purchase.closed_at = None
    purchase.save(update_fields=["closed_at"])

    assert "Share out</button>" not in buyer.get(url("plans")).content.decode()
    answer = buyer.get(send(buyer, url("share_out", receipt.pk))["Location"])

    assert f"More is expected for {purchase.code}" in text(answer)
    assert not Allocation.objects.within(cast.subdistrict_id).exists()


def test_goods_without_a_round_do_not_wait_here(cast, buyer):
    offer = make_offer(make_supplier(cast.subdistrict_id), "rice", "大米")
    purchase = raise_purchase_order(
        offer.supplier, [PurchaseLine(offer, 1, 0, 2_000)], code="P-1", actor=cast.actor(cast.buyer), now=NOON
    )
    receive_goods(purchase.pk, [Received(purchase.lines.get().pk, 1)], actor=cast.actor(cast.buyer), now=NOON)

    assert "Nothing waits to be shared out" in text(buyer.get(url("plans")))


# ---------------------------------------------------------------- planning


def test_a_round_with_goods_is_planned_for_the_day_that_was_promised(cast, buyer, buy):
    Round.objects.filter(pk=buy.pk).update(
        deliver_from=NOON + timedelta(days=1), deliver_until=NOON + timedelta(days=2)
    )
    page = buyer.get(url("plans"))
    assert 'value="2022-11-25"' in page.content.decode()
    assert "蔬菜, 3 households" in text(page)

    answer = send(buyer, url("plans"), rounds=buy.pk, day="2022-11-25", seed="")

    plan = Plan.objects.within(cast.subdistrict_id).get()
    assert (answer.status_code, answer["Location"]) == (303, url("plan", plan.pk))
    assert (plan.day, plan.state, plan.seed) == (TOMORROW, Plan.State.DRAFT, 0)


def test_the_same_form_sent_twice_makes_one_draft(cast, buyer, buy):
    form = {"rounds": buy.pk, "day": "2022-11-25", "seed": "0"}

    first, again = (send(buyer, url("plans"), key="twice", **form) for _ in range(2))

    assert first["Location"] == again["Location"]
    assert Plan.objects.within(cast.subdistrict_id).count() == 1


def test_the_same_form_with_another_day_is_refused(cast, buyer, buy):
    send(buyer, url("plans"), key="twice", rounds=buy.pk, day="2022-11-25")

    answer = send(buyer, url("plans"), key="twice", rounds=buy.pk, day="2022-11-26")

    assert answer.status_code == 422
    assert "sent before with other content" in text(answer)
    assert Plan.objects.within(cast.subdistrict_id).count() == 1


def test_of_two_that_send_the_form_at_the_same_moment_one_draft_stays(cast, buyer, buy, monkeypatch):
    form = {"rounds": buy.pk, "day": "2022-11-25"}
    first = send(buyer, url("plans"), key="race", **form)
    monkeypatch.setattr(views, "_sent_before", lambda request, actor: False)  # the other had not finished yet

    late = send(buyer, url("plans"), key="race", **form)

    assert late["Location"] == first["Location"]
    assert [plan.state for plan in Plan.objects.within(cast.subdistrict_id).order_by("code")] == ["draft", "withdrawn"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day": "2022-11-25"}, "Nothing is chosen for “What goes out” yet"),
        ({"rounds": "all", "day": ""}, "“Day” is still empty"),
        ({"rounds": "all", "day": "2022-11-23"}, "This day is over"),
        ({"rounds": "all", "day": "someday"}, "valid date"),
        ({"rounds": "all", "day": "2022-11-25", "seed": "-1"}, "greater than or equal to 0"),
        ({"rounds": "0" * 8, "day": "2022-11-25"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_planned_is_said_beside_its_field(cast, buyer, buy, fields, words):
    fields = fields | ({"rounds": buy.pk} if fields.get("rounds") == "all" else {})

    answer = send(buyer, url("plans"), **fields)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not Plan.objects.within(cast.subdistrict_id).exists()


def test_nothing_is_planned_where_nothing_was_shared_out(cast, buyer):
    page = text(buyer.get(url("plans")))

    assert "No round waits for a plan" in page
    assert "No plan yet" in page


# ---------------------------------------------------------------- a plan


def test_a_draft_shows_turns_trips_and_whom_nobody_could_place(cast, buyer, buy, plan):
    lonely = make_building(cast.compound, "77", zone=Zone.OPEN)
    Plan.objects.filter(pk=plan.pk).update(left_out=[{"building": lonely.code, "households": 2, "why": "no_slot"}])

    page = buyer.get(url("plan", plan.pk))

    words = text(page)
    assert "Plan D1125-01" in words
    assert "东门" in words
    assert "12号" in words
    assert "3号楼" in words
    assert "77号楼 no free slot at its point 2 households" in words
    assert "Labels and lists can be printed when the plan is published" in words
    assert "Publish</button>" in page.content.decode()


@pytest.mark.parametrize(
    ("cost", "bound", "words"),
    [
        (120, 120, "No other plan makes people walk and wait less: that is proven."),
        (1_000, 800, "at most 25% more than in the best plan"),
        (1_001, 1_000, "at most 0.1% more than in the best plan"),
        (3_000_000, 1_000_000, "At most 2 more households could have got a turn"),
    ],
)
def test_how_good_the_turns_are_is_said_in_plain_words(buyer, plan, cost, bound, words):
    Plan.objects.filter(pk=plan.pk).update(cost=cost, bound=bound)

    assert words in text(buyer.get(url("plan", plan.pk)))


def test_publishing_tells_everybody_and_opens_the_papers(cast, buyer, plan):
    answer = send(buyer, url("publish", plan.pk))

    plan.refresh_from_db()
    assert (answer.status_code, plan.state) == (303, Plan.State.PUBLISHED)
    page = buyer.get(url("plan", plan.pk))
    assert "The plan is published, and everybody in it is told." in text(page)
    for kind in PAPERS:
        assert url("paper", plan.pk, kind) in page.content.decode()
        assert url("workbook", plan.pk, kind) in page.content.decode()


def test_a_plan_with_faults_is_not_published_and_every_fault_is_listed(cast, buyer, buy, gate, plan):
    gate.closed = True
    gate.save(update_fields=["closed"])

    answer = send(buyer, url("publish", plan.pk))

    assert answer.status_code == 422
    assert "东门 is closed" in text(answer)
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT


def test_a_draft_can_be_checked_without_publishing_it(cast, buyer, gate, plan):
    assert "The independent check found nothing wrong." in text(buyer.get(url("plan", plan.pk) + "?check=1"))
    gate.closed = True
    gate.save(update_fields=["closed"])

    assert "东门 is closed" in text(buyer.get(url("plan", plan.pk) + "?check=1"))


def test_a_published_plan_is_withdrawn_as_long_as_nobody_has_goods(cast, buyer, plan):
    publish(cast, plan)

    send(buyer, url("withdraw", plan.pk))

    plan.refresh_from_db()
    assert plan.state == Plan.State.WITHDRAWN
    assert "Its goods wait for the next plan." in text(buyer.get(url("plan", plan.pk)))


def test_after_the_first_hand_over_it_cannot_be_withdrawn(cast, buyer, plan):
    publish(cast, plan)
    handed_over(cast, delivery_to(cast.wang, plan))

    assert url("withdraw", plan.pk) not in buyer.get(url("plan", plan.pk)).content.decode()
    answer = send(buyer, url("withdraw", plan.pk))

    assert answer.status_code == 422
    assert "1 household has its goods already" in text(answer)
    plan.refresh_from_db()
    assert plan.state == Plan.State.PUBLISHED


def test_a_withdrawn_plan_is_not_published_again(cast, buyer, plan):
    services.withdraw_plan(plan.pk, actor=cast.actor(cast.buyer), now=NOON)

    answer = send(buyer, url("publish", plan.pk))

    assert answer.status_code == 422
    assert "was withdrawn; make a new one" in text(answer)


def test_progress_is_told_building_by_building(cast, buyer, plan):
    publish(cast, plan)
    handed_over(cast, delivery_to(cast.wang, plan))
    taken(cast, trip(plan))

    part = buyer.get(url("progress", plan.pk))

    assert "handed over 1" in text(part)
    assert "waiting 2" in text(part)
    assert "as of 12:00" in text(part)
    page = text(buyer.get(url("plan", plan.pk)))
    assert "12号楼 松榆东里 2 1 1 —" in page
    assert "刘洋" in page


def test_the_list_of_plans_shows_how_far_each_is(cast, buyer, buy, plan):
    publish(cast, plan)
    for household in (cast.wang, cast.li, cast.zhao):
        handed_over(cast, delivery_to(household, plan))

    page = text(buyer.get(url("plans")))

    assert "D1125-01 tomorrow all done 蔬菜 3 3 —" in page


# ---------------------------------------------------------------- queries


def crowd(cast: Cast, buildings: int) -> Plan:
    """A published plan with so many controlled and so many sealed buildings, two households each."""
    buy = make_round(cast, {"米": 5_000})
    for number in range(buildings):
        for zone in (Zone.CONTROLLED, Zone.SEALED):
            building = make_building(cast.compound, f"{zone[0]}{100 + number}", zone=zone)
            for flat in ("101", "202"):
                make_order(buy, make_household(building, flat), {"米": 1})
    return publish(cast, draft(cast, buy))


@pytest.mark.parametrize("size", [1, 6])
def test_the_desks_pages_ask_the_database_as_often_whatever_their_size(
    cast, gate, buyer, size, django_assert_max_num_queries
):
    plan = crowd(cast, size)
    handed_over(cast, Delivery.objects.filter(plan=plan, way="door")[0])
    for number in range(size):
        crowd_of_one = make_round(cast, {"米": 5_000})
        make_order(crowd_of_one, make_household(cast.sealed, f"{number + 5}01"), {"米": 1})
        draft(cast, crowd_of_one)
    buyer.get(url("plans"))

    for address, most in [(url("plans"), 20), (url("plan", plan.pk), 22), (url("progress", plan.pk), 12)]:
        with django_assert_max_num_queries(most):
            assert buyer.get(address).status_code == 200


def test_desks_of_a_point_are_listed_with_who_stands_there(cast, buyer, plan):
    publish(cast, plan)
    taken(cast, desk(plan, 2))

    page = text(buyer.get(url("plan", plan.pk)))

    assert "东门, desk 1" in page
    assert "刘洋" in page
