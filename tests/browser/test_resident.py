"""A resident on a phone: order, change, cancel, the turn and its code; with a script and without one."""

from __future__ import annotations

import pytest
from django.urls import reverse

from baogong.groupbuy.models import Order, Round
from baogong.groupbuy.tests.rounds import open_round_of, order
from baogong.home.tests.stage import make_delivery, make_plan, make_turn, signed_in
from baogong.people.tests.cast import make_cast, make_point
from baogong.supply.tests.market import make_offer, make_supplier
from tests.browser.times import soon

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOODS = {"rice": ("大米", "粮油", 3280), "veg": ("七样蔬菜包", "蔬菜", 4500), "eggs": ("鸡蛋", "肉蛋奶", 2750)}


@pytest.fixture
def cast(transactional_db):
    return make_cast()


@pytest.fixture
def buy(cast) -> Round:
    """Rice, vegetables and eggs, open for four more hours."""
    supplier = make_supplier(cast.subdistrict_id)
    offers = [
        make_offer(supplier, sku, name, category=category, price_fen=price, cap_per_household=2, stock=50)
        for sku, (name, category, price) in GOODS.items()
    ]
    return open_round_of(cast, *offers, **soon())


@pytest.fixture
def visit(open_page, live_server):
    """`visit(account, "/", javascript=False)` gives the page as that account sees it."""

    def one(account, url: str = "/", size: str = "phone", elder: bool = False, **options):
        page = open_page(size, **options)
        cookies = {"elder": "1"} if elder else {}
        if account:
            cookies["session"] = signed_in(account).cookies["session"].value
        page.context.add_cookies(
            [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
        )
        page.goto(url)
        return page

    return one


def plus(page, name: str, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name=f"{name}：加一份").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_order_change_and_cancel_on_a_phone(cast, buy, visit, snap, javascript):
    page = visit(cast.wang_account, javascript=javascript)

    plus(page, "大米", 2)
    plus(page, "鸡蛋")
    page.locator(".sum").get_by_text("¥93.10").wait_for()
    snap(page, "chosen")
    page.locator(".sum .btn").click()
    page.get_by_text("订好了").wait_for()

    [made] = Order.objects.filter(round=buy)
    assert made.total_fen == 9310

    page.get_by_role("link", name="改", exact=True).click()
    page.get_by_role("button", name="大米：减一份").click()
    page.locator(".sum").get_by_text("¥60.30").wait_for()
    page.get_by_role("button", name="改好了").last.click()
    page.get_by_text("改成").wait_for()
    made.refresh_from_db()
    assert (made.total_fen, made.state) == (6030, Order.State.CHANGED)

    page.locator("summary", has_text="取消订单").click()
    page.get_by_role("button", name="取消订单").click()
    page.get_by_text("这单已取消").wait_for()
    made.refresh_from_db()
    assert made.state == Order.State.CANCELLED


def test_an_impatient_finger_orders_once(cast, buy, visit):
    page = visit(cast.wang_account)
    plus(page, "大米")

    page.locator(".sum .btn").dblclick()
    page.get_by_text("订好了").wait_for()

    assert Order.objects.filter(round=buy).count() == 1


def test_a_number_over_the_cap_stays_typed_and_the_page_says_how_many(cast, buy, visit, snap):
    page = visit(cast.wang_account, reverse("groupbuy:round", args=[buy.pk]))

    page.get_by_role("spinbutton", name="大米：份数").fill("7")
    page.locator(".sum .btn").click()

    page.get_by_role("alert").wait_for()
    assert page.get_by_role("spinbutton", name="大米：份数").input_value() == "7"
    page.get_by_role("alert").get_by_role("link", name="大米").click()
    assert page.locator(".offer", has_text="大米").first.is_visible()
    snap(page, "over-cap")


def test_the_turn_and_its_code_stand_on_the_first_page(cast, buy, visit, snap):
    mine = order(buy, cast.wang, now=soon()["opens_at"], rice=1)
    plan = make_plan(cast, at=soon()["opens_at"])
    turn = make_turn(plan, make_point(cast.compound), cast.building, soon()["closes_at"])
    delivery = make_delivery(plan, cast.wang, turn=turn, order=mine)

    page = visit(cast.wang_account, javascript=False)

    assert page.get_by_role("img", name=" ".join(delivery.pickup_code)).is_visible()
    assert page.get_by_role("img", name="取货二维码").is_visible()
    snap(page, "turn")


def test_from_the_entry_to_the_building(cast, buy, visit, snap):
    page = visit(None, javascript=False)

    page.get_by_label("楼栋的码").fill(" 12 ")
    page.get_by_role("button", name="看我的楼").click()

    assert page.url.endswith("/b/12")
    assert page.get_by_text("七样蔬菜包").is_visible()
    snap(page, "poster")


def test_a_worker_orders_for_a_household_without_a_phone(cast, buy, visit, snap):
    page = visit(cast.worker)
    snap(page, "worker")

    page.get_by_role("link", name="代下单", exact=True).last.click()
    plus(page, "七样蔬菜包")
    page.get_by_role("radio").nth(1).check()
    page.get_by_label("现金收据号").fill("A-0031")
    page.locator(".sum .btn").click()
    page.get_by_text("付清了").wait_for()

    [made] = Order.objects.filter(round=buy)
    assert (made.household_id, made.source) == (cast.zhao.pk, "door")


def test_typing_in_the_search_box_finds_without_a_reload(cast, visit):
    page = visit(cast.operator, size="desk")

    page.get_by_label("门牌、姓名、手机号或订单号").press_sequentially("王伟")

    page.locator("#found").get_by_role("link", name="王伟").wait_for()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    "where", ["/", "round", "order", "order_change", "week", "delivery", "entry", "poster", "worker", "search"]
)
def test_nothing_stands_in_anybodys_way(cast, buy, visit, accessibility_faults, where, language):
    mine = order(buy, cast.wang, now=soon()["opens_at"], rice=1)
    other = open_round_of(cast, *(offer.offer for offer in buy.offers.select_related("offer")), name="第4轮", **soon())
    plan = make_plan(cast, at=soon()["opens_at"])
    turn = make_turn(plan, make_point(cast.compound), cast.building, soon()["closes_at"])
    delivery = make_delivery(plan, cast.wang, turn=turn, order=mine)
    account, url = {
        "/": (cast.wang_account, "/"),
        "round": (cast.wang_account, reverse("groupbuy:round", args=[other.pk])),
        "order": (cast.wang_account, reverse("groupbuy:order", args=[mine.pk])),
        "order_change": (cast.wang_account, reverse("groupbuy:order_change", args=[mine.pk])),
        "week": (cast.wang_account, reverse("home:week")),
        "delivery": (cast.wang_account, reverse("home:delivery", args=[delivery.pk])),
        "entry": (None, "/b/?code=99x"),
        "poster": (None, "/b/12"),
        "worker": (cast.worker, "/"),
        "search": (cast.worker, reverse("home:search") + "?q=12"),
    }[where]

    page = visit(account, url, language=language)

    assert accessibility_faults(page) == []


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("elder", [False, True])
def test_no_page_is_wider_than_the_screen(cast, buy, visit, width, elder):
    mine = order(buy, cast.wang, now=soon()["opens_at"], rice=1)
    open_round_of(cast, *(offer.offer for offer in buy.offers.select_related("offer")), name="第4轮", **soon())
    plan = make_plan(cast, at=soon()["opens_at"])
    turn = make_turn(plan, make_point(cast.compound), cast.building, soon()["closes_at"])
    delivery = make_delivery(plan, cast.wang, turn=turn, order=mine)
    page = visit(cast.wang_account, elder=elder)
    page.set_viewport_size({"width": width, "height": 740})

    for url in ("/", reverse("groupbuy:order", args=[mine.pk]), reverse("home:delivery", args=[delivery.pk]), "/b/12"):
        page.goto(url)
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width, f"{url} is {widest} px wide"
