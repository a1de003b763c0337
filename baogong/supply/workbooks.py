"""The purchase order as a spreadsheet that a supplier can print, pack by, and send back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from baogong.places.models import Subdistrict
from baogong.supply.models import PurchaseOrder, PurchaseOrderLine
from baogong.web.words import when_span

# Column widths in characters: number, sku, name, specification, packs, units in a pack, units, price, amount.
WIDTHS = (5, 16, 24, 18, 8, 10, 8, 11, 13)
# Texts stay texts: a name that begins with `=` is no formula, and one with `http` no link.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def purchase_order_workbook(order: PurchaseOrder, *, receiver: str = "") -> bytes:
    """An XLSX of one sheet: code, supplier, delivery window, receiver, a line per offer with packs and units, sums.

    `receiver` says whom the driver rings; without it the subdistrict and its hotline stand there. Money is in yuan.
    """
    lines = list(order.lines.select_related("offer").order_by("name", "offer__sku"))
    buffer = io.BytesIO()
    with translation.override(settings.LANGUAGE_CODE), xlsxwriter.Workbook(buffer, OPTIONS) as book:
        sheet = _Sheet(book, order.code)
        sheet.head(_title(order), _facts(order, receiver))
        sheet.table(_headings(), [_row(number, line) for number, line in enumerate(lines, 1)])
        sheet.sums(_sums(order, lines))
    return buffer.getvalue()


def _title(order: PurchaseOrder) -> str:
    return _("Purchase order %(code)s") % {"code": order.code}


def _facts(order: PurchaseOrder, receiver: str) -> list[tuple[str, str]]:
    return [
        (pgettext("purchase order", "Supplier"), order.supplier.name),
        (
            pgettext("purchase order", "Deliver"),
            when_span(order.deliver_from, order.deliver_until) or pgettext("purchase order", "as agreed"),
        ),
        (pgettext("purchase order", "Receiver"), receiver or _receiver(order)),
        (
            pgettext("purchase order", "Please"),
            _("Whole packs only; ring the receiver before you are there; sign for each pallet."),
        ),
    ]


def _receiver(order: PurchaseOrder) -> str:
    subdistrict = Subdistrict.objects.get(pk=order.subdistrict_id)
    return " ".join(filter(None, [subdistrict.name, subdistrict.hotline]))


def _headings() -> list[str]:
    return [
        pgettext("purchase order", "No."),
        pgettext("purchase order", "Article"),
        pgettext("purchase order", "Name"),
        pgettext("purchase order", "Specification"),
        pgettext("purchase order", "Packs"),
        pgettext("purchase order", "Units per pack"),
        pgettext("purchase order", "Units"),
        pgettext("purchase order", "Price per unit (yuan)"),
        pgettext("purchase order", "Amount (yuan)"),
    ]


def _row(number: int, line: PurchaseOrderLine) -> list[object]:
    price, amount = _yuan(line.price_fen), _yuan(line.units * line.price_fen)
    return [number, line.offer.sku, line.name, line.spec, line.packs, line.pack_size, line.units, price, amount]


def _sums(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[tuple[str, int | None, Decimal]]:
    """(label, packs where they are counted, yuan)."""
    goods = sum(line.units * line.price_fen for line in lines)
    return [
        (pgettext("purchase order", "Goods"), sum(line.packs for line in lines), _yuan(goods)),
        (pgettext("purchase order", "Delivery fee"), None, _yuan(order.delivery_fee_fen)),
        (pgettext("purchase order", "In all"), None, _yuan(goods + order.delivery_fee_fen)),
    ]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


class _Sheet:
    """One sheet, written from the top down, made to be printed on A4 across."""

    def __init__(self, book: Any, code: str) -> None:
        self.sheet = book.add_worksheet(pgettext("purchase order", "Purchase order"))
        self.row = 0
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.bold = book.add_format({"bold": True})
        self.heading = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
        self.text = book.add_format({"bottom": 4, "text_wrap": True})
        self.money = book.add_format({"num_format": "#,##0.00", "bottom": 4})
        self.sum = book.add_format({"num_format": "#,##0.00", "bold": True})
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f"&L{code.replace('&', '&&')}&R&P / &N")
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)

    def head(self, title: str, facts: Iterable[tuple[str, str]]) -> None:
        self.sheet.write_string(0, 0, title, self.title)
        for label, value in facts:
            self.row += 1
            self.sheet.write_string(self.row, 0, label, self.bold)
            self.sheet.write_string(self.row, 2, value)
        self.row += 2

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        for column, heading in enumerate(headings):
            self.sheet.write_string(self.row, column, heading, self.heading)
        self.sheet.repeat_rows(self.row)
        for cells in rows:
            self.row += 1
            for column, value in enumerate(cells):
                self._write(self.row, column, value)

    def _write(self, row: int, column: int, value: object) -> None:
        if isinstance(value, str):
            self.sheet.write_string(row, column, value, self.text)
        else:
            self.sheet.write_number(row, column, value, self.money if isinstance(value, Decimal) else self.text)

    def sums(self, sums: Iterable[tuple[str, int | None, Decimal]]) -> None:
        for label, packs, amount in sums:
            self.row += 1
            self.sheet.write_string(self.row, 2, label, self.bold)
            if packs is not None:
                self.sheet.write_number(self.row, 4, packs, self.bold)
            self.sheet.write_number(self.row, 8, amount, self.sum)
