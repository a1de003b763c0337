"""The first half of the whole day: a town is imported, letters go out, orders come in four ways."""

from __future__ import annotations

import argparse

import pytest

from baogong.groupbuy.models import Order, Round
from baogong.people.commands import add_administrator
from baogong.people.tests.entering import code_sent
from tests.browser import town
from tests.browser.town import Person

OWN_PASSWORD = "four quiet lanterns in the rain"


def begin(admin: Person, capsys: pytest.CaptureFixture[str]) -> None:
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
    admin.page.goto("/")
    admin.follow("集散点")
    admin.follow("加一个集散点")
    admin.fill("名称", "东门")
    admin.see("new point")
    admin.press("加上")
    admin.read("加了集散点 东门")
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


def invite(wang: Person, member: Person) -> None:
    """Who lives with her sees and changes the same order."""
    wang.page.goto("/")
    wang.follow("谁能替这家订")
    wang.press("邀请同住的人")
    wang.read("邀请好了")
    wang.see("Wang invites")
    code = wang.page.locator("main p.xl b").inner_text()
    claim(member, code, "张敏")
    member.page.goto("/")
    member.read("¥150.30")
    member.see("member first page")


def order_without_script(li: Person) -> None:
    """Each plus is a form of its own."""
    li.follow("以后再说")
    li.plus("七样蔬菜包")
    li.page.locator(".sum").get_by_text("¥45.00").wait_for()
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
