"""A subdistrict's day, clicked through as its people do: from empty tables to settled books."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from baogong.common.models import Event
from baogong.distribution.models import Turn
from baogong.groupbuy.models import Order, Round
from baogong.people.commands import add_administrator
from baogong.places.models import Subdistrict
from baogong.places.services import ensure_subdistrict
from baogong.people.tests.entering import code_sent
from tests.browser import town
from tests.browser.town import Person
from tests.flow.laws import breaches

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MORNING = datetime(2022, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE, DESK = 390, 1280
OWN_PASSWORD = "four quiet lanterns in the rain"


@pytest.fixture
def clock(transactional_db):
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
def subdistrict(clock, settings, tmp_path) -> Subdistrict:
    settings.BAOGONG_DATA = tmp_path  # uploads lie there
    made = ensure_subdistrict("榆树街道")
    made.hotline = "010-64370000"
    made.save()
    return made


@pytest.fixture
def look(snap) -> Callable:
    """Keeps pictures at both widths, and fails where a page is wider than the screen; paper is as wide as paper."""

    def at_both(page, name: str, *, paper: bool = False) -> None:
        own = page.viewport_size
        for size, width in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size({"width": width, "height": 844})
            snap(page, f"{name} {size}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert paper or wide <= width, f"{name}: {wide} px on a screen of {width} px"
        page.set_viewport_size(own)

    return at_both


@pytest.fixture
def meet(open_page, look) -> Callable[..., Person]:
    """`meet(390)` gives one more person with a phone, `meet(1280)` one at a desk."""

    def person(width: int, **options) -> Person:
        page = open_page("phone" if width == PHONE else "desk", **options)
        page.set_viewport_size({"width": width, "height": 844})
        return Person(page, look)

    return person


# ---------------------------------------------------------------- the first morning


def begin(subdistrict: Subdistrict, admin: Person, capsys) -> None:
    """The installation's first administrator, as `baogong administrator` makes one."""
    add_administrator(argparse.Namespace(name="何平", subdistrict=None))
    admin.username, admin.password = capsys.readouterr().out.split()
    admin.sign_in_first(OWN_PASSWORD)
    admin.see("administrator")


def import_the_town(admin: Person) -> None:
    file = admin.import_file
    file("places", "地点.csv", town.as_csv(town.PLACES), rows=4, refused=["0 不在 1 到 200 之间"])
    file("households", "住户.csv", town.as_csv(town.HOUSEHOLDS, "gb18030"), rows=7, refused=["没有“99”这栋楼"])
    file("staff", "工作人员.xlsx", town.as_xlsx(town.STAFF), rows=3)
    file("volunteers", "志愿者.csv", town.as_csv(town.VOLUNTEERS), rows=1)
    file("suppliers", "供应商.xlsx", town.as_xlsx(town.SUPPLIERS), rows=2)
    file("offers", "货品.csv", town.as_csv(town.OFFERS), rows=3)


def add_a_point(admin: Person) -> None:
    admin.page.goto("/distribution/points/new/")
    admin.page.locator("[name=name]").fill("东门")
    admin.see("new point")
    admin.page.locator("main form button.btn").last.click()
    admin.page.wait_for_url("**/points/")
    admin.see("points")


def give_a_password(admin: Person, buyer: Person) -> None:
    admin.follow("工作人员")
    admin.see("staff")
    admin.follow("孙丽")
    admin.press("生成新密码")
    buyer.username = admin.page.locator("main .plate p").last.inner_text()
    buyer.password = admin.page.locator(".note .xl").inner_text()
    admin.see("password")


# ---------------------------------------------------------------- paper to the doors


def print_letters(worker: Person) -> dict[str, str]:
    """The letters of the controlled building; returns the code by door."""
    worker.sign_in_by_phone("13900000001")
    worker.see("worker first page")
    worker.follow("松榆东里 12号楼")
    worker.see("building")
    worker.follow("贴在楼门口的海报")
    worker.see("poster", paper=True)
    worker.page.go_back()
    worker.follow("每户一封信，上面有号码")
    worker.press("生成这些信")
    worker.page.locator("article.letter").first.wait_for()
    worker.see("letters", paper=True)
    letters = worker.page.locator("article.letter")
    return {
        letter.locator("strong").inner_text(): letter.locator("b.xl").inner_text().replace(" ", "")
        for letter in letters.all()
    }


def publish_the_list(buyer: Person) -> None:
    buyer.sign_in_first(OWN_PASSWORD)
    buyer.see("buyer first page")
    buyer.follow("供应商")
    buyer.fill("给大家的话", "蔬菜包今早从顺义装车。")
    buyer.see("suppliers")
    buyer.press("发布")
    buyer.read("号发布了")
    buyer.see("supply list")
    buyer.page.goto("/")


def open_a_round(buyer: Person) -> None:
    buyer.follow("轮次")
    buyer.follow("新开一轮")
    buyer.fill("名称", "第1轮")
    buyer.fill("起订户数", 3)
    buyer.see("new round")
    buyer.press("存成草稿")
    buyer.press("现在开团")
    buyer.read("开团了")
    buyer.see("open round")


# ---------------------------------------------------------------- orders, four ways


def claim(resident: Person, code: str, name: str) -> None:
    resident.page.goto("/b/12")
    resident.see(f"{name} poster page")
    resident.follow("我有信上的码")
    resident.fill("信上的号码，或邀请的号码", code)
    resident.fill("您的姓名", name)
    resident.see(f"{name} claims")
    resident.press("下一步")
    resident.read("您可以为")


def order_and_change(wang: Person) -> None:
    """With a script, and with a phone number of her own from now on."""
    wang.fill("手机号", "13800000001")
    wang.press("发验证码")
    wang.fill("验证码", code_sent())
    wang.press("下一步")
    wang.page.locator(".sum").wait_for()
    wang.see("Wang first page")
    wang.plus("七样蔬菜包", 2)
    wang.plus("东北大米")
    wang.page.locator(".sum").get_by_text("¥122.80").wait_for()
    wang.see("Wang chosen")
    wang.page.locator(".sum .btn").click()
    wang.read("订好了")
    wang.see("Wang ordered")

    wang.follow("改")
    wang.plus("鲜鸡蛋")
    wang.page.locator(".sum").get_by_text("¥150.30").wait_for()
    wang.press("改好了")
    wang.read("改成")
    wang.see("Wang changed")


def order_without_script(li: Person) -> None:
    li.press("以后再说") if li.page.get_by_role("button", name="以后再说").count() else li.follow("以后再说")
    li.plus("七样蔬菜包")
    li.plus("鲜鸡蛋")
    li.page.locator(".sum").get_by_text("¥72.50").wait_for()
    li.see("Li chosen")
    li.page.locator(".sum .btn").click()
    li.read("订好了")
    li.see("Li ordered")


def order_for_zhao(worker: Person) -> None:
    """Who has no phone, and pays in cash."""
    worker.page.goto("/")
    worker.see("worker orders open")
    worker.page.get_by_role("link", name="代下单", exact=True).last.click()
    worker.plus("七样蔬菜包")
    worker.plus("东北大米")
    worker.page.get_by_role("radio").nth(1).check()
    worker.fill("现金收据号", "A-0031")
    worker.see("worker orders")
    worker.page.locator(".sum .btn").click()
    worker.read("付清了")
    worker.see("worker ordered")


def import_orders(buyer: Person) -> None:
    code = Round.objects.everywhere().get().code
    lines = [
        ("P-1", "12/1/402", "veg", 2),
        ("P-1", "12/1/402", "rice", 2),
        ("P-2", "5/201", "veg", 1),
        ("P-2", "5/201", "eggs", 1),
        ("P-3", "3/1602", "rice", 1),
        ("P-3", "3/1602", "eggs", 2),
        ("P-4", "12/1/999", "veg", 1),
    ]
    rows = [(ref, code, household, sku, count, "纸质", "周一帆") for ref, household, sku, count in lines]
    sheet = town.as_xlsx([("单号", "轮次", "住户", "货号", "数量", "来源", "登记人"), *rows])
    buyer.import_file("orders", "纸质订单.xlsx", sheet, rows=6, refused=["12/1/999"])


def note_a_transfer(buyer: Person, door: str, yuan: str) -> None:
    buyer.follow("轮次")
    buyer.see("rounds")
    buyer.follow("记一笔收款")
    buyer.fill("订单号", Order.objects.everywhere().get(household__code=door).code)
    buyer.fill("金额（元）", yuan)
    buyer.page.get_by_label("付款方式").select_option("transfer")
    buyer.fill("流水号", "ICBC-1124-1")
    buyer.see("payment")
    buyer.press("记下")
    buyer.read(f"记下收款 ¥{yuan}")


# ---------------------------------------------------------------- from the cut-off to a plan


def to_the_round(buyer: Person) -> None:
    buyer.page.goto("/")
    buyer.follow("轮次")
    buyer.follow(Round.objects.everywhere().get().code)


def close(buyer: Person) -> None:
    buyer.sign_in()
    to_the_round(buyer)
    buyer.see("round past its cut-off")
    buyer.open_and_press("现在截止并下采购单")
    buyer.read("下了 2 张采购单")
    buyer.see("ordered round")


def to_the_purchase(buyer: Person, supplier: str) -> None:
    buyer.follow("采购单")
    buyer.page.locator("tr", has_text=supplier).get_by_role("link").first.click()
    buyer.read("给供应商的表格")


def download_purchase(buyer: Person, supplier: str) -> list[list[object]]:
    """The supplier's spreadsheet as another program reads it."""
    to_the_purchase(buyer, supplier)
    with buyer.page.expect_download() as coming:
        buyer.follow("给供应商的表格")
    return town.rows_in(coming.value.path().read_bytes())


def take_in(buyer: Person, supplier: str, **cells: object) -> None:
    """Fewer than ordered: `cells` says what to write into which field."""
    to_the_purchase(buyer, supplier)
    for label, value in cells.items():
        buyer.fill(label.replace("__", "，"), value)
    buyer.see(f"{supplier} takes in")
    buyer.press("记下到货")
    buyer.read("到货记下了")
    buyer.see(f"{supplier} taken in")


def share_out(buyer: Person) -> None:
    for number in (1, 2):
        buyer.follow("分发计划")
        buyer.see(f"plans before sharing {number}")
        buyer.press("分货")
        buyer.read("按什么规矩")
        buyer.see(f"shared out {number}")


def plan_the_day(buyer: Person) -> None:
    buyer.follow("去安排送货")
    buyer.see("plan a day")
    buyer.press("排一份草稿")
    buyer.page.get_by_text("草稿", exact=True).wait_for()
    buyer.see("draft plan")
    buyer.open_and_press("发布")
    buyer.read("计划已发布")
    buyer.see("published plan")


def print_papers(buyer: Person) -> None:
    """Every paper of the plan, and one of them as a spreadsheet."""
    buttons = buyer.page.get_by_role("button", name=re.compile("：打印$"))
    assert buttons.count() == 5
    for button in buttons.all():
        with buyer.page.context.expect_page() as opened:
            button.click()
        sheet = opened.value
        sheet.locator(".a4, .lb").first.wait_for()
        Person(sheet, buyer.look).see(f"paper {sheet.url.split('/')[-2]}", paper=True)
        sheet.close()
    with buyer.page.expect_download() as coming:
        buyer.page.get_by_role("button", name=re.compile("^袋签.*表格")).click()
    assert len(town.rows_in(coming.value.path().read_bytes())) > 6
    buyer.page.goto("/")


# ---------------------------------------------------------------- into people's hands


def code_shown_to(resident: Person) -> str:
    resident.page.goto("/")
    resident.page.locator(".code").wait_for()
    resident.see("Wang before the turn")
    return "".join(resident.page.locator(".code span").all_inner_texts())


def go_on_duty(volunteer: Person) -> None:
    volunteer.sign_in_by_phone("13700000001")
    volunteer.see("volunteer off duty")
    volunteer.press("上岗接任务")
    volunteer.read("已上岗")
    volunteer.see("volunteer on duty")


def take(volunteer: Person, place: str) -> None:
    volunteer.follow("任务")
    volunteer.page.locator(".rows > li", has_text=place).first.get_by_role("button", name="我来").click()
    volunteer.read("先领袋子")
    volunteer.see(f"task taken {place}")
    volunteer.page.get_by_role("button", name=re.compile("袋都领到了")).click()
    volunteer.read("袋子在您手里了")


def give_at_the_desk(volunteer: Person, code: str) -> None:
    """The Wangs by their code, once and once more; the Lis by their door, for cash; then whoever is on the list."""
    take(volunteer, "东门")
    volunteer.see("desk")
    look_up(volunteer, code)
    volunteer.read("12-2-502")
    volunteer.see("found by code")
    hand_over(volunteer)
    volunteer.page.get_by_text(re.compile("12-2-502 .*已交到")).wait_for()

    look_up(volunteer, code)
    volunteer.read("刘洋已经交过这些袋子。这次不再计。")
    volunteer.see("a second time")
    assert not volunteer.page.get_by_role("button", name=re.compile("交到了$")).count()
    volunteer.follow("回到任务")

    volunteer.page.locator("main .rows a", has_text="2单元 301").click()
    volunteer.fill("收现金（元）", "72.50")
    volunteer.fill("收据号", "B-0007")
    volunteer.see("cash at the desk")
    hand_over(volunteer)
    volunteer.read("已记下现金 ¥72.50")
    volunteer.see("desk under way")
    for flat in ("402", "201"):
        volunteer.page.locator("main .rows a", has_text=flat).first.click()
        hand_over(volunteer)
        volunteer.page.get_by_text(re.compile(f"{flat} .*已交到")).wait_for()
    volunteer.read("做完了。")  # by itself, with the last door


def look_up(volunteer: Person, code: str) -> None:
    volunteer.fill("取货码", code)
    volunteer.press("查袋子")


def hand_over(volunteer: Person) -> None:
    volunteer.page.get_by_role("button", name=re.compile("交到了$")).click()


def carry_to_the_doors(volunteer: Person) -> None:
    take(volunteer, "3号楼")
    for flat in ("1602", "101"):  # there is a lift: from the top down
        volunteer.read(f"3-{flat}")
        volunteer.see(f"at the door of {flat}")
        hand_over(volunteer)
        volunteer.page.get_by_text(re.compile(f"3-{flat} .*已交到")).wait_for()
    volunteer.read("做完了。")  # by itself, with the last door
    volunteer.see("volunteer done")


def tell_zhao(worker: Person) -> None:
    """What others read on their phones, the worker tells her at the door."""
    worker.sign_in_by_phone("13900000001")
    worker.see("worker second day")
    while worker.page.get_by_role("button", name="已告知").count():
        worker.press("已告知")
        worker.read("已记下：告知了")
    worker.follow("松榆东里 12号楼")
    worker.see("building second day")


# ---------------------------------------------------------------- the books


def note_payments(buyer: Person) -> None:
    """Of everybody who still owes something, as the bank's list has it."""
    buyer.sign_in()
    to_the_round(buyer)
    buyer.see("round handed out")
    owed = buyer.page.get_by_role("region", name="没结的钱").locator("tbody tr")
    cells = [row.locator("td").all_inner_texts() for row in owed.all()]
    due = [(code, sum_owed) for code, _door, sum_owed, *_ in cells if sum_owed != "—"]
    assert len(due) == 3
    head = ("流水号", "订单号", "金额", "支付方式", "支付时间")
    rows = [(f"WX-{number}", code, money, "微信", "2022-11-25 10:30") for number, (code, money) in enumerate(due)]
    buyer.import_file("payments", "收款.csv", town.as_csv([head, *rows]), rows=3)


def settle(buyer: Person) -> None:
    to_the_round(buyer)
    for deed in ("记下已退款", "记下已付供应商"):
        buyer.page.locator("summary", has_text=deed).click()
        buyer.page.locator("details[open]").get_by_label("流水号").fill(f"ICBC-{deed}")
        buyer.see(deed)
        buyer.press(deed)
        buyer.read("记下了：")
    buyer.press("结清这一轮")
    buyer.read("这一轮结清了")
    buyer.see("settled round")


def prove_the_laws(admin: Person) -> None:
    admin.sign_in()
    admin.follow("铁律")
    admin.press("现在全部验证一遍")
    admin.page.get_by_text("成立", exact=True).first.wait_for()
    admin.see("laws")
    assert admin.page.locator(".st.danger").count() == 0


# ---------------------------------------------------------------- the day


def test_a_town_lives_through_its_day(subdistrict, clock, meet, capsys):
    admin = meet(DESK)
    begin(subdistrict, admin, capsys)
    import_the_town(admin)
    add_a_point(admin)
    buyer = meet(DESK)
    give_a_password(admin, buyer)
    worker = meet(PHONE)
    codes = print_letters(worker)
    publish_the_list(buyer)
    open_a_round(buyer)

    wang, li = meet(PHONE), meet(PHONE, javascript=False)
    claim(wang, codes["12号楼 2单元 502"], "王伟")
    order_and_change(wang)
    claim(li, codes["12号楼 2单元 301"], "李娜")
    order_without_script(li)
    order_for_zhao(worker)
    import_orders(buyer)
    note_a_transfer(buyer, "12/2/502", "150.30")
    assert breaches(subdistrict.pk) == []

    clock.move_to(MORNING.replace(hour=16, minute=5))
    close(buyer)
    print(download_purchase(buyer, "顺鑫源"))
    print(download_purchase(buyer, "京客隆"))

    clock.move_to(MORNING + timedelta(hours=23))
    buyer.sign_in()
    buyer.see("buyer second morning")
    take_in(buyer, "京客隆", 东北大米__收下几份=0)
    take_in(buyer, "顺鑫源", 七样蔬菜包__收下几份=6, 七样蔬菜包__退回几份=2, 七样蔬菜包__为什么退回="压坏了")
    share_out(buyer)
    plan_the_day(buyer)
    print_papers(buyer)
    assert breaches(subdistrict.pk) == []

    code = code_shown_to(wang)
    clock.move_to(Turn.objects.everywhere().earliest("starts_at").starts_at + timedelta(minutes=2))
    volunteer = meet(PHONE)
    go_on_duty(volunteer)
    give_at_the_desk(volunteer, code)
    carry_to_the_doors(volunteer)
    tell_zhao(worker)
    assert breaches(subdistrict.pk) == []

    clock.move_to(MORNING + timedelta(hours=26))
    note_payments(buyer)
    settle(buyer)
    wang.page.goto("/")
    wang.see("Wang afterwards")
    wang.follow("第1轮")
    wang.see("Wang order afterwards")
    prove_the_laws(admin)

    handed_over = Event.objects.everywhere().filter(verb="distribution.handed_over")
    assert handed_over.count() == 6
    assert Round.objects.everywhere().get().state == Round.State.SETTLED
    assert breaches(subdistrict.pk) == []
