"""A small town for the browser: the spreadsheets that it comes from, and the persons who click through its day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyotp
import python_calamine
import xlsxwriter

from baogong.people.tests.entering import code_sent

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Rows = Sequence[Sequence[object]]

PLACES: Rows = [
    ["社区", "小区", "楼栋", "楼栋编码", "单元", "层数", "电梯", "户数", "经度", "纬度", "防控区"],
    ["东里", "松榆东里", "12号楼", "12", "1", 6, "无", 12, 116.4612, 39.8791, "管控区"],
    ["东里", "松榆东里", "12号楼", "12", "2", 6, "无", 12, 116.4612, 39.8791, "管控区"],
    ["东里", "松榆东里", "5号楼", "5", "", 6, "无", 24, 116.4618, 39.8795, "管控区"],
    ["东里", "松榆东里", "3号楼", "3", "", 18, "有", 36, 116.4606, 39.8788, "封控区"],
    ["东里", "松榆东里", "8号楼", "8", "", 0, "无", 36, 116.4606, 39.8788, "封控区"],
]  # the last one has no floors and is refused
HOUSEHOLDS: Rows = [
    ["楼栋", "单元", "房号", "人数", "婴幼儿", "老人", "电话", "无电话"],
    ["12", "1", "101", 2, 0, 2, "13800000011", "否"],
    ["12", "1", "402", 4, 0, 0, "13800000012", "否"],
    ["12", "2", "301", 2, 0, 1, "", "否"],
    ["12", "2", "502", 3, 1, 0, "", "否"],
    ["5", "", "201", 3, 0, 0, "13800000013", "否"],
    ["3", "", "101", 1, 0, 1, "", "是"],
    ["3", "", "1602", 3, 0, 0, "13800000014", "否"],
    ["99", "", "101", 2, 0, 0, "13800000015", "否"],
]  # there is no building 99
STAFF: Rows = [
    ["姓名", "电话", "角色", "负责范围", "包楼职责", "在岗"],
    ["周一帆", "13900000001", "包楼社工", "社区:东里", "责任人", "是"],
    ["陈静", "13900000002", "包楼社工", "社区:东里", "副责任人", "是"],
    ["孙丽", "13900000003", "采购专班", "全街道", "无", ""],
]
VOLUNTEERS: Rows = [
    ["姓名", "电话", "社区", "小组", "技能", "在岗"],
    ["刘洋", "13700000001", "东里", "第一组", "会开电动三轮", "否"],
]
SUPPLIERS: Rows = [
    ["编码", "名称", "统一社会信用代码", "电话", "起订金额", "配送费"],
    ["JKL", "京客隆", "91110105101780000D", "010-65550001", "100", "20"],
    ["SXY", "顺鑫源", "911101131025486718", "010-69440001", "0", "0"],
]
OFFERS: Rows = [
    ["供应商", "货号", "品名", "规格", "单位", "单价", "每件数量", "库存", "每户限购", "类别", "产地", "内含"],
    ["JKL", "rice", "东北大米", "5kg/袋", "袋", "32.8", 1, 60, 2, "粮油", "黑龙江", ""],
    ["JKL", "eggs", "鲜鸡蛋", "30枚/盒", "盒", "27.5", 1, 80, 2, "肉蛋奶", "河北", ""],
    ["SXY", "veg", "七样蔬菜包", "5kg/份", "份", "45", 4, 100, 2, "蔬菜", "北京顺义",
     "大白菜、土豆、胡萝卜、西红柿、黄瓜、油麦菜、洋葱"],
]  # fmt: skip


def as_csv(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Rows) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def rows_in(workbook: bytes) -> list[list[Any]]:
    """The rows of the first sheet, as another program reads them."""
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()


# ---------------------------------------------------------------- persons


@dataclass
class Person:
    """Somebody at a screen; `look` keeps pictures of it at both widths."""

    page: Page
    look: Callable[..., None]
    username: str = ""
    password: str = ""
    secret: str = ""  # of the authenticator app

    def see(self, name: str, *, paper: bool = False) -> None:
        self.look(self.page, name, paper=paper)

    def read(self, text: str) -> Locator:
        """Waits until the text is there."""
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def open_and_press(self, name: str) -> None:
        """What asks once more before it is done."""
        self.page.locator("summary", has_text=name).first.click()
        self.press(name)

    def fill(self, label: str, value: object) -> None:
        self.page.get_by_label(label, exact=True).first.fill(str(value))

    def plus(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.get_by_role("button", name=f"{name}：加一份").click()

    # ------------------------------------------------------------ signing in

    def sign_in(self) -> None:
        """With user name, password and the app's code; the first time the app is set up and the password changed."""
        self.page.goto("/people/sign-in/staff/")
        self.fill("用户名", self.username)
        self.fill("密码", self.password)
        self.press("登录")
        if self.secret:
            self.fill("验证器里的 6 位数", pyotp.TOTP(self.secret).now())
            self.press("登录")
        self.page.wait_for_url(lambda address: "staff" not in address and "second" not in address)

    def sign_in_first(self, new_password: str) -> None:
        self.sign_in()
        self.secret = self.page.locator("code").inner_text().replace(" ", "")
        self.see("second factor")
        self.fill("验证器里的 6 位数", pyotp.TOTP(self.secret).now())
        self.press("出的是这个数，下一步")
        self.fill("新密码", new_password)
        self.fill("再填一遍", new_password)
        self.press("存好，下一步")
        self.password = new_password
        self.page.wait_for_url("**/")

    def sign_in_by_phone(self, number: str) -> None:
        """With the code that comes by SMS."""
        self.page.goto("/people/sign-in/")
        self.fill("手机号", number)
        self.press("发验证码")
        self.fill("验证码", code_sent(f"+86{number}"))
        self.press("登录")
        self.page.wait_for_url("**/")

    # ------------------------------------------------------------ spreadsheets

    def import_file(self, kind: str, name: str, content: bytes, *, rows: int, refused: Sequence[str] = ()) -> None:
        """Tried out, looked at, applied: `rows` good ones come in; of the refused ones the reasons are read."""
        self.page.goto("/imports/")
        self.page.get_by_label("表格里是什么").select_option(kind)
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.get_by_label("文件", exact=True).set_input_files(file)  # type: ignore[arg-type]
        self.press("先试一遍")
        self.read("还什么都没有改")
        for reason in refused:
            self.read(reason)
        self.see(f"import {kind} tried")
        self.press(f"导入 {rows} 行")
        self.read(f"{name} 已导入")
        self.see(f"import {kind} done")
