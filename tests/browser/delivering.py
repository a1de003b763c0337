"""The second half of the whole day: from the cut-off over a plan into people's hands, and to settled books."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from baogong.groupbuy.models import Round
from tests.browser import town
from tests.browser.town import Person


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


def download_purchase(buyer: Person, supplier: str) -> dict[str, list[int]]:
    """Packs, units in a pack and units of each sku, as another program reads them in the supplier's spreadsheet."""
    to_the_purchase(buyer, supplier)
    with buyer.page.expect_download() as coming:
        buyer.follow("给供应商的表格")
    rows = town.rows_in(coming.value.path().read_bytes())
    return {row[1]: row[4:7] for row in rows if isinstance(row[0], float)}


def take_in(buyer: Person, supplier: str, cells: dict[str, object]) -> None:
    """Fewer than ordered: `cells` says what is written into which field."""
    to_the_purchase(buyer, supplier)
    for label, value in cells.items():
        buyer.fill(label, value)
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
    buyer.page.goto("/")  # away from the progress, which is asked for anew while the session lasts


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
    volunteer.follow("任务")
    volunteer.read("现在没有要接的任务")


def tell_zhao(worker: Person) -> None:
    """What others read on their phones, the worker tells her at the door."""
    worker.sign_in_by_phone("13900000001")
    worker.see("worker second day")
    left = worker.page.get_by_role("button", name="已告知")
    for others in reversed(range(left.count())):
        left.first.click()
        expect(left).to_have_count(others)
    worker.read("已记下：告知了")
    worker.page.goto("/")
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
