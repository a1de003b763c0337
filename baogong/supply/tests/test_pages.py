"""Supply's pages: the list for everybody, publishing, purchase orders and taking goods in; and strangers to each."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from baogong.common.ids import new_id
from baogong.common.models import Event
from baogong.groupbuy.tests.browsing import signed_in
from baogong.people.roles import Area, Role
from baogong.people.tests.cast import NOON, Cast, make_staff
from baogong.supply import services
from baogong.supply.models import GoodsReceipt, GoodsReceiptLine, Offer, PurchaseOrder, Supplier, SupplyList
from baogong.supply.tests.market import make_offer, make_supplier

XLSX = b"PK\x03\x04"
LIST, SUPPLIERS, ORDERS = (reverse(f"supply:{name}") for name in ("list", "suppliers", "purchase_orders"))

_keys = count(1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def jkl(cast) -> Supplier:
    return make_supplier(cast.subdistrict_id)


@pytest.fixture
def rice(jkl) -> Offer:
    return make_offer(jkl, "rice", "大米", price_fen=3_200)


@pytest.fixture
def greens(jkl) -> Offer:
    return make_offer(jkl, "greens", "小青菜", category="蔬菜", pack_size=4, price_fen=450)


@pytest.fixture
def buyer(cast) -> Client:
    return signed_in(cast.buyer)


def of_supplier(cast: Cast, supplier: Supplier) -> Client:
    return signed_in(make_staff(cast.subdistrict_id, "马平", Role.SUPPLIER, area=Area.SUPPLIER, area_id=supplier.pk))


def raised(cast: Cast, *offers: Offer, code: str = "P1124-01-JKL", packs: int = 3) -> PurchaseOrder:
    lines = [services.PurchaseLine(offer, packs, packs * offer.pack_size, offer.price_fen) for offer in offers]
    return services.raise_purchase_order(
        offers[0].supplier, lines, code=code, deliver_from=NOON + timedelta(hours=21),
        deliver_until=NOON + timedelta(hours=24), actor=cast.actor(cast.buyer), now=NOON,
    )  # fmt: skip


def url(order: PurchaseOrder | UUID, name: str = "purchase_order") -> str:
    return reverse(f"supply:{name}", args=[order.pk if isinstance(order, PurchaseOrder) else order])


def send(client: Client, address: str, *, key: str = "", **fields: object):
    return client.post(address, {"idempotency_key": key or f"test-{next(_keys)}", **fields})


def row(order: PurchaseOrder, **columns: Any) -> dict[str, Any]:
    """The inputs of a purchase order's only line: `row(order, units=3, reason="烂")`."""
    key = order.lines.get().pk.hex
    return {f"{column}_{key}": value for column, value in columns.items()}


def publish(cast: Cast, note: str = "") -> SupplyList:
    return services.publish_list(None, note, actor=cast.actor(cast.buyer), now=NOON)


# ---------------------------------------------------------------- the list


def test_anybody_reads_the_list_in_force_with_limits_and_prices(cast, rice, greens):
    publish(cast, "今天青菜少")

    text = signed_in().get(LIST).content.decode()

    for part in ("Supply list no. 1", "今天青菜少", "大米", "¥32.00", "up to 5 袋 for each household", "京客隆"):
        assert part in text


def test_the_list_is_also_a_text_with_a_line_for_each_thing(cast, rice, greens):
    publish(cast)

    text = signed_in(language="zh-hans").get(LIST).content.decode().partition("<textarea")[2]

    assert (
        "物资清单第 1 号，今天 12:00\n\n【粮油】\n大米 5 kg 32 元/袋\n\n【蔬菜】\n小青菜 5 kg 4.5 元/袋</textarea>"
        in text
    )


@pytest.mark.parametrize("name", ["list", "print_list"])
def test_before_the_first_list_the_page_says_so(cast, name):
    page = signed_in().get(reverse(f"supply:{name}"))

    assert page.status_code == 200
    assert "No list has been published yet" in page.content.decode()


def test_the_list_prints_on_paper(cast, rice):
    publish(cast)

    text = signed_in().get(reverse("supply:print_list")).content.decode()

    assert "32 yuan/袋" in text
    assert "京客隆, 黑龙江" in text


# ---------------------------------------------------------------- publishing


def test_the_buyer_publishes_what_stands_there_and_the_form_sent_twice_publishes_once(cast, buyer, rice):
    assert "1 offer" in buyer.get(SUPPLIERS).content.decode()

    answers = [send(buyer, SUPPLIERS, key="the same", note="早上好") for _time in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, LIST)] * 2
    published = SupplyList.objects.within(cast.subdistrict_id).get()
    assert (published.note, published.items.get().name) == ("早上好", "大米")
    assert "Supply list no. 1 is published." in buyer.get(LIST).content.decode()


def test_an_incomplete_offer_is_named_and_what_was_typed_stays(cast, buyer, rice, jkl):
    make_offer(jkl, "eggs", "鸡蛋", origin="")
    page = buyer.get(SUPPLIERS).content.decode()
    assert "1 offer is incomplete and stands first in the table." in page
    assert page.index("鸡蛋") < page.index("大米")

    answer = send(buyer, SUPPLIERS, note="早上好")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "鸡蛋 cannot be published yet: missing origin or date of production" in text
    assert 'value="早上好"' in text
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


def test_incomplete_offers_can_be_left_out(cast, buyer, rice, jkl):
    make_offer(jkl, "eggs", "鸡蛋", origin="")

    send(buyer, SUPPLIERS, note="", complete_only="on")

    assert [item.name for item in SupplyList.objects.within(cast.subdistrict_id).get().items.all()] == ["大米"]


def test_a_word_that_is_too_long_is_said_at_its_field(cast, buyer, rice):
    answer = send(buyer, SUPPLIERS, note="长" * 301)

    assert answer.status_code == 422
    assert 'href="#id_note"' in answer.content.decode()
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


def test_a_form_without_its_key_does_nothing(cast, buyer, rice):
    answer = buyer.post(SUPPLIERS, {"note": ""})

    assert answer.status_code == 422
    assert "Load the page again" in answer.content.decode()
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


def test_the_administrator_sees_the_suppliers_and_publishes_nothing(cast, rice):
    admin = signed_in(cast.admin)
    assert "Publish" not in admin.get(SUPPLIERS).content.decode().split("<main")[1]

    assert send(admin, SUPPLIERS, note="").status_code == 403
    assert not SupplyList.objects.within(cast.subdistrict_id).exists()


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator", "command_post"])
def test_suppliers_are_not_for_other_roles(cast, rice, name):
    stranger = signed_in(getattr(cast, name))

    assert stranger.get(SUPPLIERS).status_code == 403
    assert send(stranger, SUPPLIERS, note="").status_code == 403


def test_a_supplier_does_not_see_its_competitors(cast, jkl, rice):
    assert of_supplier(cast, jkl).get(SUPPLIERS).status_code == 403


NOWHERE = UUID(int=7)  # a test's name must be the same in every worker


@pytest.mark.parametrize("address", [SUPPLIERS, ORDERS, url(NOWHERE), url(NOWHERE, "workbook")])
def test_whoever_is_signed_out_is_asked_to_sign_in(cast, address):
    answer = signed_in().get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("people:sign_in"))


# ---------------------------------------------------------------- purchase orders


def test_purchase_orders_are_listed_with_their_sums_and_spreadsheets(cast, buyer, rice):
    order = raised(cast, rice)

    text = buyer.get(ORDERS).content.decode()

    assert order.code in text
    assert "96.00" in text
    assert url(order, "workbook") in text


def test_a_supplier_sees_its_own_purchase_orders_only(cast, rice, jkl):
    mine = raised(cast, rice)
    foreign = raised(cast, make_offer(make_supplier(cast.subdistrict_id, "LT", "绿田")), code="P1124-01-LT")
    supplier = of_supplier(cast, jkl)

    text = supplier.get(ORDERS).content.decode()

    assert mine.code in text
    assert foreign.code not in text
    assert supplier.get(url(mine)).status_code == 200
    assert "Write down what came" not in supplier.get(url(mine)).content.decode()
    assert supplier.get(url(mine, "workbook")).content.startswith(XLSX)
    for name in ("purchase_order", "workbook"):
        assert supplier.get(url(foreign, name)).status_code == 404
        assert supplier.get(url(new_id(), name)).status_code == 404
    assert send(supplier, url(mine), final="on").status_code == 403
    assert not GoodsReceipt.objects.within(cast.subdistrict_id).exists()


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator", "admin"])
def test_purchase_orders_are_not_for_other_roles(cast, rice, name):
    order, stranger = raised(cast, rice), signed_in(getattr(cast, name))

    assert [stranger.get(address).status_code for address in (ORDERS, url(order), url(order, "workbook"))] == [403] * 3
    assert send(stranger, url(order), final="on").status_code == 403


def test_the_command_post_reads_and_takes_nothing_in(cast, rice):
    order, command_post = raised(cast, rice), signed_in(cast.command_post)

    assert "Write down what came" not in command_post.get(url(order)).content.decode()
    assert send(command_post, url(order), final="on").status_code == 403


def test_the_workbook_is_named_after_the_order_and_the_day(cast, buyer, rice):
    answer = buyer.get(url(raised(cast, rice, code="P1124-01-京"), "workbook"))

    assert answer.content.startswith(XLSX)
    assert "P1124-01-%E4%BA%AC-1124.xlsx" in answer["Content-Disposition"]


# ---------------------------------------------------------------- taking goods in


def test_fewer_units_come_in_and_some_are_sent_back_with_the_reason(cast, buyer, greens):
    order = raised(cast, greens)
    assert 'value="12"' in buyer.get(url(order)).content.decode()

    answer = send(
        buyer, url(order), note="冷链车", final="on", **row(order, units=8, rejected=4, reason="烂叶", lot="B7")
    )

    line = GoodsReceiptLine.objects.within(cast.subdistrict_id).get()
    assert (line.units, line.rejected, line.reason, line.lot) == (8, 4, "烂叶", "B7")
    order.refresh_from_db()
    assert order.closed_at == NOON
    text = buyer.get(answer["Location"]).content.decode()
    for part in ("The delivery is written down.", "4 sent back, 烂叶", "lot B7", "冷链车", "Share out"):
        assert part in text


def test_a_delivery_that_is_not_the_last_leaves_the_rest_expected(cast, buyer, greens):
    order = raised(cast, greens)

    send(buyer, url(order), **row(order, units=8))

    order.refresh_from_db()
    assert order.closed_at is None
    text = buyer.get(url(order)).content.decode()
    assert "more is expected" in text
    assert f'name="units_{order.lines.get().pk.hex}" value="4"' in text


def test_a_supplier_that_ships_nothing_is_closed_with_an_empty_receipt(cast, buyer, greens):
    order = raised(cast, greens)

    answer = send(buyer, url(order), final="on", **row(order, units=0))

    assert "Nothing came." in buyer.get(answer["Location"]).content.decode()
    assert not GoodsReceiptLine.objects.within(cast.subdistrict_id).exists()


@pytest.mark.parametrize(
    ("typed", "column", "said"),
    [
        ({"units": 13}, "units", "12 were ordered, 0 have come, and now 13"),
        ({"units": 8, "rejected": 4}, "reason", "say why units were sent back"),
        ({"units": -1}, "units", "greater than or equal to 0"),
        ({"units": "many"}, "units", "Enter a whole number"),
        ({"units": 1, "lot": "x" * 61}, "lot", "at most 60 characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_input_and_the_rest_stays(cast, buyer, greens, typed, column, said):
    order = raised(cast, greens)
    key = order.lines.get().pk.hex

    answer = send(buyer, url(order), final="on", note="司机老李", **row(order, **typed))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{column}_{key}"' in text
    assert said in text.replace("&gt;", ">")
    assert 'value="司机老李"' in text
    assert f'value="{typed["units"]}"' in text
    assert not GoodsReceipt.objects.within(cast.subdistrict_id).exists()


def test_nothing_that_is_not_the_last_is_refused(cast, buyer, greens):
    order = raised(cast, greens)

    answer = send(buyer, url(order), **row(order, units=""))

    assert answer.status_code == 422
    assert "then it is the last receipt" in answer.content.decode()


def test_the_same_delivery_sent_twice_is_one(cast, buyer, greens):
    order = raised(cast, greens)

    answers = [send(buyer, url(order), key="the same", final="on", **row(order, units=12)) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert GoodsReceipt.objects.within(cast.subdistrict_id).count() == 1
    assert Event.objects.within(cast.subdistrict_id).filter(verb="supply.goods_received").count() == 1


def test_a_delivery_after_the_last_one_is_refused_in_words(cast, buyer, greens):
    order = raised(cast, greens)
    send(buyer, url(order), final="on", **row(order, units=12))

    answer = send(buyer, url(order), final="on", **row(order, units=1))

    assert answer.status_code == 422
    assert f"The last receipt for purchase order {order.code} has been written" in answer.content.decode()


# ---------------------------------------------------------------- size


def test_pages_ask_as_few_questions_about_many_as_about_one(cast, buyer, jkl, rice, django_assert_max_num_queries):
    publish(cast)
    order = raised(cast, rice)
    some_came(cast, order)
    addresses = [LIST, reverse("supply:print_list"), SUPPLIERS, ORDERS, url(order), url(order, "workbook")]
    small = [queries_of(buyer, address, django_assert_max_num_queries) for address in addresses]

    others = [make_offer(jkl, f"sku-{number}", f"货{number}") for number in range(20)]
    many = raised(cast, rice, *others, code="P1124-02-JKL")
    for number in range(3, 13):
        raised(cast, rice, code=f"P1124-{number:02d}-JKL", packs=1)
    for _time in range(3):
        some_came(cast, many)
    publish(cast)

    for address, most in zip([*addresses[:4], url(many), url(many, "workbook")], small, strict=True):
        with django_assert_max_num_queries(most):
            buyer.get(address)


def some_came(cast: Cast, order: PurchaseOrder) -> None:
    came = [services.Received(line.pk, 1) for line in order.lines.all()]
    services.receive_goods(order.pk, came, final=False, actor=cast.actor(cast.buyer), now=NOON)


def queries_of(client: Client, address: str, counting) -> int:
    with counting(60) as context:
        assert client.get(address).status_code == 200
    return len(context)
