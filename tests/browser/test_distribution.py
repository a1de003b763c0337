"""From the goods to the doors in a real browser: the desk plans, volunteers carry; with a script and without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from baogong.common.clock import local, now
from baogong.distribution import services
from baogong.distribution.models import Allocation, Delivery, Plan, Task
from baogong.distribution.tests.goods import make_order, make_round
from baogong.distribution.tests.pages import signed_in, url
from baogong.groupbuy.models import Round
from baogong.groupbuy.services import close_round, raise_purchase_orders
from baogong.groupbuy.tests.rounds import open_round_of, order
from baogong.people.models import Account, Household
from baogong.people.tests.cast import (
    Cast,
    make_building,
    make_cast,
    make_community,
    make_compound,
    make_household,
    make_point,
)
from baogong.places.models import Unit, Zone
from baogong.supply.models import GoodsReceipt
from baogong.supply.services import Received, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier
from tests.browser.times import soon

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = {"phone": 390, "desk": 1280}
GOODS = {"东北大米 2.5 kg": 2_500, "鸡蛋 30 枚": 2_000, "鲜牛奶 1 L": 1_050}


@pytest.fixture
def cast(transactional_db) -> Cast:
    cast = make_cast()
    make_point(cast.compound, "东门集散点")
    return cast


@pytest.fixture
def visit(open_page, live_server) -> Callable:
    """`visit(account, "/distribution/tasks/", javascript=False)` gives the page as that account sees it."""

    def one(account: Account, address: str, size: str = "phone", **options):
        page = open_page(size, **options)
        page.set_viewport_size({"width": WIDTHS[size], "height": 844})
        cookie = signed_in(account).cookies["session"].value
        page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        page.goto(address)
        return page

    return one


@dataclass
class Street:
    """Four controlled buildings that come to the gate, a sealed one with two entrances, and one farther off."""

    cast: Cast
    buy: Round
    doors: list[Household]  # of the sealed building's unit 2, from the ground up


def flats(building, unit: Unit | None, *names: str) -> list[Household]:
    return [make_household(building, name, unit=unit) for name in names]


@pytest.fixture
def street(cast) -> Street:
    buy = make_round(cast, GOODS, cold={"鲜牛奶 1 L"})
    homes = [cast.wang, cast.li]
    for number in ("5", "6", "7"):
        homes += flats(make_building(cast.compound, number, zone=Zone.CONTROLLED), None, "101", "102", "201", "302")
    sealed = make_building(cast.compound, "8", zone=Zone.SEALED, units=2)
    one, two = sealed.units.order_by("name")
    homes += flats(sealed, one, "101", "402")
    doors = flats(sealed, two, "101", "302", "402", "501")
    far = make_compound(make_community(cast.subdistrict, "西里"), "西里小区", zone=Zone.CONTROLLED)
    homes += flats(make_building(far, "W1"), None, "101", "201")
    kinds = list(GOODS)
    for place, home in enumerate([*homes, *doors]):
        make_order(buy, home, {kinds[0]: 1 + place % 2, kinds[1 + place % 2]: 1})
    return Street(cast, buy, doors)


@pytest.fixture
def drafted(street) -> Plan:
    tomorrow = local(now()).date() + timedelta(days=1)
    return services.plan_day([street.buy.pk], tomorrow, actor=street.cast.actor(street.cast.buyer), now=now())


@pytest.fixture
def plan(street, drafted) -> Plan:
    return services.publish_plan(drafted.pk, actor=street.cast.actor(street.cast.buyer), now=now())


def taken(street: Street, task: Task, account: Account | None = None) -> Task:
    actor = street.cast.actor(account or street.cast.volunteer)
    services.accept_task(task.pk, actor=actor, now=now())
    services.start_carrying(task.pk, actor=actor, now=now())
    return task


def desk(plan: Plan, number: int = 1) -> Task:
    return plan.tasks.get(kind=Task.Kind.DESK, trip=number, point__name="东门集散点")


def trip_to(street: Street, plan: Plan) -> Task:
    return plan.tasks.get(unit=street.doors[0].unit)


# ---------------------------------------------------------------- the desk


@pytest.fixture
def delivered(cast) -> Round:
    """Rice and milk were ordered, all of the rice and a part of the milk came."""
    supplier = make_supplier(cast.subdistrict_id)
    rice = make_offer(supplier, "rice", "大米", price_fen=3_000, grams=5_000)
    milk = make_offer(supplier, "milk", "鲜牛奶", price_fen=1_200, grams=1_050, cold=True)
    buy = open_round_of(cast, rice, milk, **soon())
    for household in (cast.wang, cast.li, cast.zhao):
        order(buy, household, rice=1, milk=2, now=now())
    actor = cast.actor(cast.buyer)
    close_round(buy.pk, actor=actor, now=now())
    [purchase] = raise_purchase_orders(buy.pk, actor=actor, now=now())
    came = {"rice": 3, "milk": 4}
    lines = [Received(line.pk, came[line.offer.sku]) for line in purchase.lines.select_related("offer")]
    receive_goods(purchase.pk, lines, final=True, actor=actor, now=now())
    return buy


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_desk_goes_from_the_delivery_to_a_published_plan(cast, delivered, visit, snap, javascript):
    page = visit(cast.buyer, url("plans"), "desk", javascript=javascript)
    snap(page, "delivered")

    page.get_by_role("button", name="分货").click()
    page.get_by_text("按什么规矩").wait_for()
    snap(page, "shared out")
    assert Allocation.objects.get(round=delivered).granted == 7

    page.get_by_role("link", name="去安排送货").click()
    page.get_by_label("日期").wait_for()
    page.get_by_role("button", name="排一份草稿").click()
    page.get_by_text("草稿", exact=True).wait_for()
    snap(page, "draft")

    page.locator("summary", has_text="发布").click()
    page.get_by_role("button", name="发布").click()
    page.get_by_text("计划已发布").wait_for()
    snap(page, "published")
    assert Plan.objects.within(cast.subdistrict_id).get().state == Plan.State.PUBLISHED
    assert Delivery.objects.within(cast.subdistrict_id).filter(state="waiting").count() == 3

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="袋签：打印").click()
    assert opened.value.locator(".lb").count() == 6


def test_progress_renews_itself(street, plan, visit):
    page = visit(street.cast.buyer, url("plan", plan.pk), "desk")
    page.clock.install()
    page.reload()
    figure = "#progress .st.done + b"
    assert page.locator(figure).inner_text() == "0"

    services.hand_over(plan.deliveries.first().pk, how="flat", actor=street.cast.system, now=now())
    page.clock.fast_forward(31_000)

    page.locator(figure, has_text="1").wait_for()


def test_faults_of_a_draft_stand_on_its_page(street, drafted, visit, snap):
    street.cast.compound.points.update(closed=True)
    page = visit(street.cast.buyer, url("plan", drafted.pk), "desk")

    page.locator("summary", has_text="发布").click()
    page.get_by_role("button", name="发布").click()

    page.get_by_text("东门集散点 关着").wait_for()  # said once, however many turns it has
    snap(page, "faults")
    drafted.refresh_from_db()
    assert drafted.state == Plan.State.DRAFT


# ---------------------------------------------------------------- to the doors


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_volunteer_goes_from_door_to_door(street, plan, visit, snap, javascript):
    page = visit(street.cast.volunteer, url("tasks"), javascript=javascript)
    snap(page, "list")

    row = page.locator(".rows > li", has_text="8号楼 2 单元")
    row.get_by_role("button", name="我来").click()
    page.get_by_text("先领袋子").wait_for()
    snap(page, "taken")
    page.get_by_role("button", name=re.compile("袋都领到了")).click()
    page.get_by_text("现在这一家").wait_for()
    snap(page, "first door")

    page.get_by_role("button", name="没人应").click()
    page.get_by_text("8-2-101").first.wait_for()
    snap(page, "nobody there")
    for flat in ("302", "402", "501"):
        page.get_by_text(f"8-2-{flat}", exact=True).wait_for()
        page.get_by_role("button", name=re.compile("交到了")).click()
        page.get_by_text(re.compile(f"8-2-{flat}.*已交到")).wait_for()

    page.get_by_text("再试一次").first.wait_for()
    snap(page, "once more")
    page.get_by_role("link", name="把袋子带回").click()
    page.get_by_text("没有人在").wait_for()
    snap(page, "take back")
    page.get_by_role("button", name="把袋子带回").click()
    page.get_by_text("谢谢").first.wait_for()
    snap(page, "done")

    states = dict(plan.deliveries.filter(task=trip_to(street, plan)).values_list("household__flat", "state"))
    assert states == {"101": "returned", "302": "handed_over", "402": "handed_over", "501": "handed_over"}


# ---------------------------------------------------------------- at the desk


def ready_desk(street: Street, plan: Plan, visit, **options):
    task = taken(street, desk(plan))
    return task, visit(street.cast.volunteer, url("task", task.pk), **options)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_code_is_typed_and_the_bags_are_handed_over_with_cash(street, plan, visit, snap, javascript):
    _task, page = ready_desk(street, plan, visit, javascript=javascript)
    delivery = plan.deliveries.get(household=street.cast.wang)
    snap(page, "desk")

    page.get_by_label("取货码").fill("000000")
    page.get_by_role("button", name="查袋子").click()
    page.get_by_text("没有取货码是 000000 的袋子").first.wait_for()
    snap(page, "wrong code")
    assert page.get_by_label("取货码").input_value() == "000000"

    page.get_by_label("取货码").fill(delivery.pickup_code)
    page.get_by_label("取货码").press("Enter")
    page.get_by_text("12-2-502").first.wait_for()
    snap(page, "found")
    page.get_by_label("收现金").fill("20")
    page.get_by_role("button", name=re.compile("交到了")).click()
    page.get_by_text("收现金要开收据").first.wait_for()
    assert page.get_by_label("收现金").input_value() == "20"
    snap(page, "no receipt")
    page.get_by_label("收据号").fill("A-17")
    page.get_by_role("button", name=re.compile("交到了")).click()
    page.get_by_text("已记下现金 ¥20.00").wait_for()
    snap(page, "given")

    page.get_by_label("取货码").fill(delivery.pickup_code)
    page.get_by_role("button", name="查袋子").click()
    page.get_by_text(re.compile("刘洋.*已经交过")).wait_for()
    snap(page, "again")
    assert page.get_by_role("button", name=re.compile("交到了")).count() == 0


def test_keys_for_gloves_type_the_code(street, plan, visit):
    _task, page = ready_desk(street, plan, visit)
    delivery = plan.deliveries.get(household=street.cast.li)
    keys = page.locator("[data-keys]")

    for key in ["7", *delivery.pickup_code]:
        keys.get_by_role("button", name=key, exact=True).click()
    assert page.get_by_label("取货码").input_value() == "7" + delivery.pickup_code
    keys.get_by_role("button", name="清空").click()
    for key in [*delivery.pickup_code, "7"]:
        keys.get_by_role("button", name=key, exact=True).click()
    keys.get_by_role("button", name="去掉最后一位").click()

    assert page.get_by_label("取货码").input_value() == delivery.pickup_code
    assert min(box["height"] for box in (key.bounding_box() for key in keys.locator("button").all())) >= 64
    page.get_by_role("button", name="查袋子").click()
    page.get_by_text("12-2-301").first.wait_for()


CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats () { return ['qr_code', 'ean_13'] }
  constructor ({ formats }) { window.formats = formats }
  async detect () { window.looked = (window.looked || 0) + 1; return window.looked < 3 ? [] : [{ rawValue: '%s' }] }
}
navigator.mediaDevices.getUserMedia = async () => { %s }
"""
PICTURE = "return window.stream = document.createElement('canvas').captureStream()"


def test_the_camera_reads_the_households_code(street, plan, visit, snap):
    task, page = ready_desk(street, plan, visit)
    delivery = plan.deliveries.get(household=street.cast.wang)
    page.add_init_script(CAMERA % (delivery.secret, PICTURE))
    page.reload()

    page.get_by_role("button", name="用相机扫").click()

    page.wait_for_url(f"**{url('door', task.pk, delivery.pk)}?how=scan")
    assert page.locator("input[name=how]").get_attribute("value") == "scan"


def test_the_camera_stops_when_it_is_told_to(street, plan, visit):
    _task, page = ready_desk(street, plan, visit)
    page.add_init_script((CAMERA % ("never", PICTURE)).replace("window.looked < 3", "true"))
    page.reload()

    page.get_by_role("button", name="用相机扫").click()
    page.get_by_role("button", name="关掉相机").click()

    assert page.locator("[data-view]").is_hidden()
    assert page.evaluate("stream.getTracks().every(track => track.readyState == 'ended')")


def test_without_a_camera_there_is_no_button_and_without_leave_it_is_said(street, plan, visit, snap):
    _task, page = ready_desk(street, plan, visit)
    page.add_init_script("delete window.BarcodeDetector")
    page.reload()
    page.locator("[data-keys]").wait_for()
    assert page.get_by_role("button", name="用相机扫").count() == 0

    page.add_init_script(CAMERA % ("", "throw new DOMException('', 'NotAllowedError')"))
    page.reload()
    page.get_by_role("button", name="用相机扫").click()

    page.get_by_text("用不了相机").wait_for()
    snap(page, "refused")


# ---------------------------------------------------------------- for every eye


OVERFLOWING = """() => [...document.querySelectorAll('main *')].filter(e => {
  for (let p = e.parentElement; p; p = p.parentElement)
    if (p !== document.documentElement && getComputedStyle(p).overflowX !== 'visible') return false
  return e.getBoundingClientRect().right > innerWidth + 1
}).map(e => e.outerHTML.slice(0, 80))"""


def pages_of(street: Street, plan: Plan, draft: Plan) -> list[tuple[str, Account, str]]:
    cast = street.cast
    at_door, at_desk = taken(street, trip_to(street, plan)), taken(street, desk(plan))
    first = plan.deliveries.get(household=street.doors[0])
    services.hand_over(first.pk, how="flat", actor=cast.actor(cast.worker), now=now())
    waiting = plan.deliveries.get(household=cast.wang)
    allocation = Allocation.objects.within(cast.subdistrict_id).get()
    return [
        ("plans", cast.buyer, url("plans")),
        ("allocation", cast.buyer, url("allocation", allocation.pk)),
        ("draft", cast.buyer, url("plan", draft.pk)),
        ("published", cast.buyer, url("plan", plan.pk)),
        ("tasks", cast.volunteer, url("tasks")),
        ("free", cast.volunteer, url("task", desk(plan, 2).pk)),
        ("trip", cast.volunteer, url("task", at_door.pk)),
        ("desk", cast.volunteer, url("task", at_desk.pk)),
        ("door", cast.volunteer, url("door", at_desk.pk, waiting.pk)),
        ("handed over", cast.volunteer, url("door", at_door.pk, first.pk)),
        ("watched", cast.worker, url("task", at_door.pk)),
    ]


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("size", WIDTHS)
def test_every_page_fits_and_reads_well(street, plan, delivered, visit, snap, accessibility_faults, size, language):
    actor = street.cast.actor(street.cast.buyer)
    services.allocate(delivered_receipt(delivered), seed=7, actor=actor, now=now())
    draft = services.plan_day([delivered.pk], local(now()).date() + timedelta(days=1), actor=actor, now=now())

    for name, account, address in pages_of(street, plan, draft):
        page = visit(account, address, size, language=language)
        snap(page, name)

        assert page.evaluate(OVERFLOWING) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size], name
        assert accessibility_faults(page) == [], name


def delivered_receipt(buy: Round) -> UUID:
    return GoodsReceipt.objects.within(buy.subdistrict_id).unallocated().get().pk
