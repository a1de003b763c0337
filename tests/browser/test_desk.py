"""The buyer's desk in a real browser: from a new round to the purchase order, goods taken in, and all its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from baogong.common.clock import now
from baogong.groupbuy import services
from baogong.groupbuy.models import Round
from baogong.groupbuy.tests.browsing import signed_in
from baogong.groupbuy.tests.rounds import open_round_of, order
from baogong.people.models import Account
from baogong.people.tests.cast import Cast, make_cast, make_point
from baogong.supply.models import GoodsReceipt, Offer, PurchaseOrder
from baogong.supply.services import Received, publish_list, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier
from tests.browser.times import soon

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = {"phone": 390, "desk": 1280}
XLSX = b"PK\x03\x04"


@pytest.fixture
def cast(transactional_db) -> Cast:
    cast = make_cast()
    make_point(cast.compound, "东门集散点")
    make_point(cast.compound, "西门集散点", closed=True, closed_reason="11 月 24 日消杀，明天再开")
    return cast


@pytest.fixture
def offers(cast) -> list[Offer]:
    """Of two suppliers; one of them cannot be published yet."""
    jkl = make_supplier(cast.subdistrict_id, phone="010-6437 1234", delivery_fee_fen=1_500, minimum_order_fen=20_000)
    green = make_supplier(cast.subdistrict_id, "LT", "绿田农业", phone="010-8888 6666")
    return [
        make_offer(jkl, "rice-5", "东北大米", price_fen=3_280, spec="5 kg"),
        make_offer(jkl, "egg-30", "鸡蛋", price_fen=2_750, spec="30 枚", unit="盘", category="蛋奶", pack_size=6),
        make_offer(green, "greens", "小青菜", price_fen=450, spec="500 g", unit="把", category="蔬菜", pack_size=20),
        make_offer(green, "tomato", "番茄", price_fen=1_960, spec="2 kg", category="蔬菜", origin=""),
    ]


@pytest.fixture
def visit(open_page, live_server) -> Callable:
    """`visit(account, address, "phone", language="en-US")` gives the page as that account sees it."""

    def one(account: Account, address: str, size: str = "desk", **options):
        page = open_page(size, **options)
        page.set_viewport_size({"width": WIDTHS[size], "height": 844})
        cookie = signed_in(account).cookies["session"].value
        page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        page.goto(address)
        return page

    return one


def desk(name: str, *args: object) -> str:
    return reverse(f"groupbuy:{name}", args=args)


# ---------------------------------------------------------------- the buyer's way


def test_the_buyer_goes_from_a_new_round_to_the_purchase_order(cast, offers, visit, snap, tmp_path):
    page = visit(cast.buyer, desk("desk_rounds"))
    page.get_by_role("link", name="新开一轮").click()
    page.get_by_label("名称").fill("明日保供")
    page.get_by_label("番茄 2 kg").uncheck()
    page.get_by_label("小青菜，供应份数").fill("2000")
    page.get_by_role("button", name="存成草稿").click()

    page.get_by_text("供应商有 1000").first.wait_for()
    snap(page, "refused")
    assert page.get_by_label("名称").input_value() == "明日保供"
    page.get_by_label("小青菜，供应份数").fill("200")
    page.get_by_role("button", name="存成草稿").click()

    page.get_by_role("button", name="现在开团").click()
    page.get_by_text("开团了").wait_for()
    buy = Round.objects.within(cast.subdistrict_id).get()
    order(buy, cast.wang, now=now(), **{"rice-5": 2, "greens": 3, "egg-30": 5})
    order(buy, cast.li, now=now(), **{"rice-5": 5})

    page.reload()
    page.locator("summary", has_text="现在截止并下采购单").click()
    page.get_by_role("button", name="现在截止并下采购单").click()
    page.get_by_text("已截止，下了 2 张采购单").wait_for()
    snap(page, "closed")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="表格 P").first.click()
    saved = tmp_path / "purchase.xlsx"
    downloading.value.save_as(saved)

    assert saved.read_bytes().startswith(XLSX)
    assert Path(downloading.value.suggested_filename).suffix == ".xlsx"
    assert PurchaseOrder.objects.within(cast.subdistrict_id).count() == 2


def test_fewer_goods_are_taken_in_without_a_script(cast, closed_round, visit, snap):
    purchase = PurchaseOrder.objects.within(cast.subdistrict_id).get(supplier__code="JKL")
    page = visit(cast.buyer, reverse("supply:purchase_order", args=[purchase.pk]), "phone", javascript=False)
    page.get_by_label("东北大米，收下几份").fill("3")
    page.get_by_label("东北大米，退回几份").fill("1")
    page.get_by_role("button", name="记下到货").click()
    page.get_by_text("请写明为什么退回").or_(page.locator("#errors")).first.wait_for()
    snap(page, "reason missing")

    page.get_by_label("东北大米，为什么退回").fill("袋子破了")
    page.get_by_role("button", name="记下到货").click()

    page.get_by_text("到货记下了").wait_for()
    snap(page, "taken in")
    line = GoodsReceipt.objects.within(cast.subdistrict_id).get().lines.get(order_line__name="东北大米")
    assert (line.units, line.rejected, line.reason) == (3, 1, "袋子破了")


# ---------------------------------------------------------------- every page


@pytest.fixture
def closed_round(cast, offers) -> Round:
    """Three households ordered, one has paid, the suppliers have their orders."""
    buy = open_round_of(cast, *offers[:3], **{**soon(), "name": "昨日保供"})
    wang = order(buy, cast.wang, now=now(), **{"rice-5": 2, "greens": 3, "egg-30": 5})
    for household in (cast.li, cast.zhao):
        order(buy, household, now=now(), **{"rice-5": 3, "greens": 2})
    services.record_payment(wang.pk, 5_000, "wechat", reference="WX-20221124-1", actor=cast.system, now=now())
    services.close_round(buy.pk, actor=cast.system, now=now())
    services.raise_purchase_orders(buy.pk, actor=cast.system, now=now())
    return buy


@pytest.fixture
def busy(cast, offers, closed_round) -> list[tuple[str, str]]:
    """A desk on an ordinary day: names and addresses of all its pages."""
    actor = cast.actor(cast.buyer)
    publish_list([offer.pk for offer in offers[:3]], "今天青菜少，请互相让一让。", actor=actor, now=now())
    today = open_round_of(cast, *offers[:3], **{**soon(), "name": "今日保供", "minimum_households": 3})
    order(today, cast.wang, now=now(), **{"rice-5": 1})
    first, second = PurchaseOrder.objects.within(cast.subdistrict_id).order_by("code")
    came = [Received(line.pk, line.units // 2, 1, "袋子破了", "B7") for line in first.lines.all()]
    receive_goods(first.pk, came, note="冷链车", actor=actor, now=now())
    point = cast.compound.points.get(name="东门集散点")
    return [
        ("rounds", desk("desk_rounds")),
        ("new round", desk("desk_new_round")),
        ("open round", desk("desk_round", today.pk)),
        ("closed round", desk("desk_round", closed_round.pk)),
        ("money", desk("desk_money", closed_round.pk)),
        ("payments", desk("desk_payments") + f"?order={closed_round.code}-0002"),
        ("suppliers", reverse("supply:suppliers")),
        ("purchase orders", reverse("supply:purchase_orders")),
        ("purchase order came", reverse("supply:purchase_order", args=[first.pk])),
        ("purchase order open", reverse("supply:purchase_order", args=[second.pk])),
        ("list", reverse("supply:list")),
        ("print list", reverse("supply:print_list")),
        ("points", reverse("distribution:points")),
        ("point", reverse("distribution:point", args=[point.pk])),
        ("new point", reverse("distribution:new_point")),
        ("figures", reverse("home:figures")),
    ]


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_every_page_fits_its_width_and_can_be_read_by_everybody(
    cast, busy, visit, snap, accessibility_faults, size, language
):
    page = visit(cast.buyer, busy[0][1], size, language=language)
    faults = []
    for name, address in busy:
        page.goto(address)
        snap(page, name)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{name}: {wide} px too wide"] if wide > 0 and name != "print list" else []
        faults += [f"{name}: {fault}" for fault in accessibility_faults(page)]

    assert faults == []
