"""The papers of a plan, and who may not see or do anything of the desk."""

from __future__ import annotations

from uuid import UUID

import pytest
import time_machine

from baogong.common.ids import new_id
from baogong.distribution import services
from baogong.distribution.models import Allocation, Delivery, Plan
from baogong.distribution.prints import PAPERS
from baogong.distribution.tests.goods import delivery_to, draft, make_order, make_round, publish
from baogong.distribution.tests.pages import send, signed_in, taken, text, trip, url
from baogong.groupbuy.tests.rounds import closed, open_round_of, order, purchase_orders, receive
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, make_cast, make_staff
from baogong.supply.models import GoodsReceipt
from baogong.supply.tests.market import make_offer, make_supplier

XLSX = b"PK\x03\x04"


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


# ---------------------------------------------------------------- papers


@pytest.mark.parametrize("kind", PAPERS)
def test_every_paper_and_every_spreadsheet_opens(cast, buyer, plan, kind):
    publish(cast, plan)

    paper, workbook = buyer.get(url("paper", plan.pk, kind)), buyer.get(url("workbook", plan.pk, kind))

    assert paper.status_code == workbook.status_code == 200
    assert workbook.content.startswith(XLSX)
    assert f"D1125-01-{kind}.xlsx" in workbook["Content-Disposition"]


def labels_of(client, plan: Plan, part: str = ""):
    return client.get(url("paper", plan.pk, "labels"), {"part": part})


def test_papers_of_one_building_leave_the_others_out(cast, buyer, plan):
    publish(cast, plan)

    labels = text(labels_of(buyer, plan, "building:3"))

    assert "3-101" in labels
    assert "12-2-502" not in labels


def test_papers_of_a_compound_have_all_its_buildings(cast, buyer, plan):
    publish(cast, plan)
    assert f'value="compound:{cast.compound.pk}"' in buyer.get(url("plan", plan.pk)).content.decode()

    labels = text(labels_of(buyer, plan, f"compound:{cast.compound.pk}"))

    assert "3-101" in labels
    assert "12-2-502" in labels


@pytest.mark.parametrize("part", ["building:nowhere", "compound:x", f"compound:{UUID(int=7)}", "all"])
def test_papers_of_a_part_that_there_is_not_are_not_found(cast, buyer, plan, part):
    publish(cast, plan)

    assert labels_of(buyer, plan, part).status_code == 404


def test_more_bags_than_a_page_holds_are_printed_in_parts(cast, buyer, plan):
    publish(cast, plan)
    Delivery.objects.filter(pk=delivery_to(cast.wang, plan).pk).update(bags=5_000)

    refused = labels_of(buyer, plan)

    assert refused.status_code == 422
    assert "5002 bags are too many for one page. Choose a compound or a building." in text(refused)
    assert labels_of(buyer, plan, "building:3").status_code == 200


def test_a_worker_prints_the_own_buildings_only(cast, plan):
    publish(cast, plan)
    worker = make_staff(cast.subdistrict_id, "钱进", Role.SOCIAL_WORKER, area=Area.BUILDING, area_id=cast.sealed.pk)

    labels = text(labels_of(signed_in(worker), plan))

    assert "3-101" in labels
    assert "12-2-502" not in labels
    assert labels_of(signed_in(worker), plan, "building:12").status_code == 404


def test_a_draft_prints_nothing(cast, buyer, plan):
    assert buyer.get(url("paper", plan.pk, "labels")).status_code == 422
    assert buyer.get(url("paper", plan.pk, "horoscope")).status_code == 404


# ---------------------------------------------------------------- strangers


def views_of_the_desk(plan: Plan, allocation: Allocation) -> list[tuple[str, str]]:
    return [
        ("get", url("plans")),
        ("post", url("plans")),
        ("get", url("plan", plan.pk)),
        ("get", url("progress", plan.pk)),
        ("post", url("publish", plan.pk)),
        ("post", url("withdraw", plan.pk)),
        ("get", url("paper", plan.pk, "labels")),
        ("get", url("workbook", plan.pk, "labels")),
        ("get", url("allocation", allocation.pk)),
        ("post", url("share_out", new_id())),
    ]


@pytest.fixture
def allocation(cast, receipt) -> Allocation:
    return services.allocate(receipt.pk, seed=1, actor=cast.actor(cast.buyer), now=NOON)


def test_whoever_is_not_signed_in_is_asked_to(plan, allocation):
    for method, address in views_of_the_desk(plan, allocation):
        answer = getattr(signed_in(None), method)(address)
        assert answer.status_code == 302, address
        assert "next=" in answer["Location"]


def test_a_resident_sees_nothing_of_it(cast, plan, allocation):
    wang = signed_in(cast.wang_account)

    for method, address in views_of_the_desk(plan, allocation):
        assert getattr(wang, method)(address).status_code == 403, address


@pytest.mark.parametrize("role", ["operator", "worker"])
def test_who_only_looks_changes_nothing(cast, plan, allocation, role):
    reader = signed_in(getattr(cast, role))

    assert reader.get(url("plan", plan.pk)).status_code == 200
    assert reader.get(url("plans")).status_code == 200
    for name in ("publish", "withdraw"):
        assert send(reader, url(name, plan.pk)).status_code == 403
        assert url(name, plan.pk) not in reader.get(url("plan", plan.pk)).content.decode()
    assert send(reader, url("plans")).status_code == 403
    assert send(reader, url("share_out", new_id())).status_code == 403
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT


def test_a_volunteer_does_not_see_who_else_carries(cast, plan):
    publish(cast, plan)
    taken(cast, trip(plan), cast.worker)

    assert "周一帆" not in text(signed_in(cast.volunteer).get(url("plan", plan.pk)))
    assert "周一帆" in text(signed_in(cast.buyer).get(url("plan", plan.pk)))


def test_what_does_not_exist_or_belongs_to_another_subdistrict_is_not_found(cast, buyer, plan):
    abroad = make_cast()
    foreign_buy = make_round(abroad, {"米": 5_000})
    make_order(foreign_buy, abroad.zhao, {"米": 1})
    foreign = draft(abroad, foreign_buy)

    for plan_id in (foreign.pk, new_id()):
        assert buyer.get(url("plan", plan_id)).status_code == 404
        assert buyer.get(url("progress", plan_id)).status_code == 404
        assert buyer.get(url("paper", plan_id, "labels")).status_code == 404
        assert send(buyer, url("publish", plan_id)).status_code == 404
        assert send(buyer, url("withdraw", plan_id)).status_code == 404
    assert buyer.get(url("allocation", new_id())).status_code == 404
    assert send(buyer, url("share_out", new_id())).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == Plan.State.DRAFT


@pytest.mark.parametrize("name", ["publish", "withdraw", "share_out"])
def test_changes_are_not_made_by_following_a_link(buyer, plan, name):
    assert buyer.get(url(name, plan.pk)).status_code == 405


def test_a_form_without_its_key_changes_nothing(cast, buyer, plan):
    assert buyer.post(url("publish", plan.pk), {}).status_code == 422
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT
