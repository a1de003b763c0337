"""A subdistrict's day through the JSON door, from the supplier's offer to settled books."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from baogong.common.clock import local, now
from baogong.groupbuy import services as groupbuy
from baogong.people.access import issue_token
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, make_cast, make_household, make_point, make_staff
from baogong.supply import services as supply
from baogong.supply.models import Offer, Supplier
from tests.flow.laws import breaches

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Door:
    """The API as a program of one account sees it."""

    def __init__(self, client: Any, account: Any) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {issue_token(account, 'test', now())}"} if account else {}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def send(self, path: str, body: Any = None, *, key: str = "", method: str = "post") -> Any:
        headers = {**self.headers, "Idempotency-Key": key or str(uuid.uuid4())}
        return getattr(self.client, method)(
            f"/api/v1{path}", body or {}, content_type="application/json", headers=headers
        )


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock):
    cast = make_cast()
    make_point(cast.compound)
    return cast


@pytest.fixture
def shop(cast):
    """One supplier with greens in packs of 4 and plenty of rice."""
    supplier = Supplier.objects.create(
        subdistrict_id=cast.subdistrict_id,
        code="JKL",
        name="京客隆",
        licence="91110105MA0000000Y",
        delivery_fee_fen=500,
    )
    make = lambda **values: Offer.objects.create(  # noqa: E731
        subdistrict_id=cast.subdistrict_id, supplier=supplier, origin="河北", category="蔬菜", **values
    )
    return {
        "supplier": supplier,
        "greens": make(
            sku="greens",
            name="小青菜",
            spec="500 g",
            unit="把",
            price_fen=450,
            pack_size=4,
            stock=40,
            cap_per_household=2,
        ),
        "rice": make(
            sku="rice-5kg",
            name="大米",
            spec="5 kg",
            unit="袋",
            price_fen=3280,
            pack_size=1,
            stock=3,
            cap_per_household=5,
        ),
    }


@pytest.fixture
def doors(client, cast):
    return {
        name: Door(client, account)
        for name, account in {
            "stranger": None,
            "wang": cast.wang_account,
            "li": cast.li_account,
            "worker": cast.worker,
            "buyer": cast.buyer,
            "operator": cast.operator,
            "volunteer": cast.volunteer,
        }.items()
    }


def new_round(doors, shop) -> dict[str, Any]:
    body = {
        "name": "保供第一轮",
        "offers": [{"offer": str(shop["greens"].pk)}, {"offer": str(shop["rice"].pk)}],
        "closes_at": (NOON + timedelta(hours=4)).isoformat(),
        "deliver_from": (NOON + DAY).isoformat(),
        "deliver_until": (NOON + DAY + timedelta(hours=6)).isoformat(),
    }
    made = doors["buyer"].send("/rounds", body)
    assert made.status_code == 201, made.content
    opened = doors["buyer"].send(f"/rounds/{made.json()['id']}/opening")
    assert opened.status_code == 200, opened.content
    return opened.json()


@pytest.fixture
def open_round(doors, shop):
    return new_round(doors, shop)


def lines(round: dict[str, Any], **quantities: int) -> list[dict[str, Any]]:
    ids = {offer["sku"].split("-")[0]: offer["id"] for offer in round["offers"]}
    return [{"offer": ids[sku], "quantity": quantity} for sku, quantity in quantities.items()]


def test_the_whole_day_from_order_to_settled_books(doors, cast, shop, open_round, clock):
    orders = f"/rounds/{open_round['id']}/orders"
    wang = doors["wang"].send(orders, {"lines": lines(open_round, greens=2, rice=1)})
    li = doors["li"].send(orders, {"lines": lines(open_round, greens=2, rice=1)})
    zhao = doors["worker"].send(orders, {"lines": lines(open_round, greens=1, rice=1), "household": "3/101"})
    assert [answer.status_code for answer in (wang, li, zhao)] == [201, 201, 201]
    assert zhao.json()["source"] == "phone"
    assert breaches(cast.subdistrict_id) == []

    clock.move_to(NOON + timedelta(hours=4))
    closed = doors["buyer"].send(f"/rounds/{open_round['id']}/closing").json()
    assert (closed["state"], len(closed["purchase_orders"])) == ("ordered", 1)
    [purchase] = doors["buyer"].get("/purchase-orders").json()["items"]
    assert {line["sku"]: (line["packs"], line["units"]) for line in purchase["lines"]} == {
        "greens": (2, 8),
        "rice-5kg": (3, 3),
    }

    clock.move_to(NOON + DAY - timedelta(hours=4))
    came = {"greens": 8, "rice-5kg": 2}
    receipt = doors["buyer"].send(
        f"/purchase-orders/{purchase['id']}/receipts",
        {"lines": [{"line": line["id"], "units": came[line["sku"]]} for line in purchase["lines"]]},
    )
    assert receipt.status_code == 201, receipt.content
    shared = doors["buyer"].send(f"/receipts/{receipt.json()['id']}/allocation").json()
    assert {line["sku"]: (line["demand"], line["granted"], line["reserve"]) for line in shared["offers"]} == {
        "greens": (5, 5, 3),
        "rice-5kg": (3, 2, 0),
    }
    assert breaches(cast.subdistrict_id) == []

    day = local(now()).date().isoformat()
    plan = doors["buyer"].send("/plans", {"rounds": [open_round["id"]], "day": day}).json()
    published = doors["buyer"].send(f"/plans/{plan['id']}/publication")
    assert published.status_code == 200, published.content
    assert published.json()["deliveries"] == 3
    [turn] = doors["wang"].get("/turns").json()["items"]
    assert (turn["building"], turn["households"]) == ("12", 2)
    assert breaches(cast.subdistrict_id) == []

    offered = doors["volunteer"].get("/tasks").json()["items"]
    assert [task["deliveries"] for task in offered] == [[]] * len(offered), "the doors of a task are for whoever has it"
    tasks = [doors["volunteer"].send(f"/tasks/{task['id']}/acceptance").json() for task in offered]
    deliveries = {delivery["id"] for task in tasks for delivery in task["deliveries"]}
    for delivery in deliveries:
        first = doors["volunteer"].send(f"/deliveries/{delivery}/hand-over")
        again = doors["worker"].send(f"/deliveries/{delivery}/hand-over")
        assert (first.status_code, first.json()["again"], again.json()["again"]) == (200, False, True), first.content
    assert len(deliveries) == 3
    assert doors["wang"].get(f"/orders/{wang.json()['id']}").json()["state"] == "handed_over"

    actor = cast.actor(cast.buyer)
    for answer in (wang, li, zhao):
        order = doors["buyer"].get(f"/orders/{answer.json()['id']}").json()
        if order["total_fen"]:
            groupbuy.record_payment(
                uuid.UUID(order["id"]), order["total_fen"], "cash", f"N{order['code']}", actor=actor, now=now()
            )
    groupbuy.pay_suppliers(uuid.UUID(open_round["id"]), "transfer", "bank-1", actor=actor, now=now())
    settled = groupbuy.settle_round(uuid.UUID(open_round["id"]), actor=actor, now=now())
    assert settled.state == "settled"
    assert breaches(cast.subdistrict_id) == []


def test_the_same_key_places_one_order_and_gives_the_first_answer_again(doors, open_round):
    path, body = f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1)}
    first = doors["wang"].send(path, body, key="k-1")
    second = doors["wang"].send(path, body, key="k-1")
    other = doors["wang"].send(path, {"lines": lines(open_round, greens=2)}, key="k-1")

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert second.content == first.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(doors["wang"].get("/orders").json()["items"]) == 1


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"greens": 3}, 409, "over_household_cap"),
        ({"rice": 4}, 409, "sold_out"),
        ({"greens": 0}, 422, "bad_input"),
        ({"greens": -1}, 422, "bad_input"),
        ({"greens": 1000}, 422, "bad_input"),
    ],
)
def test_a_refused_order_says_why_in_a_problem_body_and_changes_nothing(doors, open_round, wanted, status, code):
    answer = doors["wang"].send(f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, **wanted)})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert {"type", "title", "status", "detail", "facts"} <= answer.json().keys()
    assert [offer["remaining"] for offer in doors["stranger"].get(f"/rounds/{open_round['id']}").json()["offers"]] == [
        40,
        3,
    ]


def test_an_order_after_the_cut_off_is_refused(doors, open_round, clock):
    clock.move_to(NOON + timedelta(hours=4))
    answer = doors["wang"].send(f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1)})

    assert (answer.status_code, answer.json()["code"]) == (409, "round_not_open")


def test_a_change_needs_a_key_and_a_sign_in_comes_before_everything(client, doors, open_round):
    path = f"/api/v1/rounds/{open_round['id']}/orders"
    no_key = client.post(path, {}, content_type="application/json", headers=doors["wang"].headers)
    stranger = client.post(path, "not json", content_type="application/json")
    forged = client.get("/api/v1/orders", headers={"Authorization": "Bearer bg_nonsense"})

    assert (no_key.status_code, no_key.json()["code"]) == (400, "idempotency_key_missing")
    assert (stranger.status_code, forged.status_code) == (401, 401)
    assert client.get("/api/v1/rounds").status_code == 200
    assert client.get("/api/v1/supply-list").status_code == 200


def test_another_households_order_looks_like_none_at_all(doors, open_round):
    order = doors["wang"].send(f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1)}).json()
    foreign = doors["li"].get(f"/orders/{order['id']}")
    unknown = doors["li"].get(f"/orders/{uuid.uuid4()}")
    cancelled = doors["li"].send(f"/orders/{order['id']}/cancellation")
    on_behalf = doors["li"].send(
        f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1), "household": "12/2/502"}
    )

    assert (foreign.status_code, cancelled.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert on_behalf.status_code in {403, 404}
    assert doors["wang"].get(f"/orders/{order['id']}").json()["state"] == "placed"


def test_a_worker_orders_only_for_the_own_area(doors, cast, open_round):
    elsewhere = make_staff(cast.subdistrict_id, "钱进", Role.SOCIAL_WORKER, area=Area.BUILDING, area_id=cast.sealed.pk)
    stranger = Door(doors["wang"].client, elsewhere)
    foreign = stranger.send(
        f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1), "household": "12/2/502"}
    )
    own = stranger.send(
        f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, greens=1), "household": "3/101"}
    )

    assert (foreign.status_code, own.status_code) == (404, 201)


def test_a_change_keeps_the_order_and_a_cancelled_one_frees_its_goods(doors, open_round):
    order = doors["wang"].send(f"/rounds/{open_round['id']}/orders", {"lines": lines(open_round, rice=2)}).json()
    changed = doors["wang"].send(f"/orders/{order['id']}", {"lines": lines(open_round, rice=3)}, method="put").json()
    refused = doors["wang"].send(f"/orders/{order['id']}", {"lines": lines(open_round, rice=4)}, method="put")

    assert (changed["id"], changed["state"], changed["total_fen"]) == (order["id"], "changed", 3 * 3280)
    assert (refused.status_code, refused.json()["code"]) == (409, "sold_out")
    assert doors["wang"].send(f"/orders/{order['id']}/cancellation").json()["state"] == "cancelled"
    assert doors["stranger"].get(f"/rounds/{open_round['id']}").json()["offers"][1]["remaining"] == 3


def test_lists_come_in_pages_that_neither_skip_nor_repeat(doors, cast, open_round):
    for number in range(7):
        make_household(cast.building, f"60{number}", unit=cast.unit)
        body = {"lines": lines(open_round, greens=1), "household": f"12/2/60{number}"}
        assert doors["worker"].send(f"/rounds/{open_round['id']}/orders", body).status_code == 201
    seen: list[str] = []
    query = "/orders?limit=3"
    while query:
        page = doors["worker"].get(query).json()
        seen += [order["code"] for order in page["items"]]
        query = f"/orders?limit=3&cursor={page['next']}" if page["next"] else ""

    assert len(seen) == len(set(seen)) == 7
    assert doors["worker"].get("/orders?cursor=nonsense!").status_code == 422


def test_a_body_that_no_honest_program_sends_is_refused_without_a_server_error(client, doors, open_round):
    path = f"/api/v1/rounds/{open_round['id']}/orders"
    for body in (
        "{",
        '{"lines": NaN}',
        '{"lines": [], "lines": []}',
        "[" * 5000 + "]" * 5000,
        "[" * 40 + "]" * 40,
        "\x00",
        "null",
        '"x"',
    ):
        headers = {**doors["wang"].headers, "Idempotency-Key": str(uuid.uuid4())}
        answer = client.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code in {400, 422}, (body[:40], answer.status_code)
    headers = {**doors["wang"].headers, "Idempotency-Key": "big"}
    assert client.post(path, "x" * (2 << 20), content_type="application/json", headers=headers).status_code == 413


def test_the_published_list_is_there_for_everybody(doors, cast, shop):
    supply.publish_list(None, "", actor=cast.actor(cast.buyer), now=now())
    items = doors["stranger"].get("/supply-list").json()["items"]

    assert [(item["name"], item["price_fen"], item["supplier"]) for item in items] == [
        ("大米", 3280, "京客隆"),
        ("小青菜", 450, "京客隆"),
    ]


def test_the_openapi_document_names_every_operation_with_one_path_parameter_called_id(client):
    document = client.get("/api/v1/openapi.json").json()
    operations = {o["operationId"]: (path, o) for path, item in document["paths"].items() for o in item.values()}

    assert {
        "listRounds", "getRound", "createRound", "openRound", "closeRound", "placeOrder", "getOrder", "listMyOrders",
        "cancelOrder", "changeOrder", "listSupplyList", "listPurchaseOrders", "receiveGoods", "allocateReceipt",
        "planDistribution", "publishPlan", "listTurns", "listMyTasks", "handOver",
    } <= operations.keys()  # fmt: skip
    for path, _operation in operations.values():
        assert path.count("{") <= 1
        assert "{" not in path or "{id}" in path
