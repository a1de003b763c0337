from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date, datetime

import pytest
import xlsxwriter

from baogong.common.tables import COMMAND, Limits, Unreadable, opened


def workbook(fill) -> bytes:
    """The bytes of an XLSX file that `fill` wrote into."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    fill(book)
    book.close()
    return target.getvalue()


def sheet_of(*rows) -> bytes:
    def fill(book):
        sheet = book.add_worksheet()
        dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(line, place, value, *([dated] if isinstance(value, date) else []))

    return workbook(fill)


def read(tmp_path, content: bytes, limits: Limits = COMMAND):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    with opened(path, limits=limits, scratch=tmp_path / "scratch") as (table, found):
        assert found == "xlsx"
        return table.header, [(row.line, row.cells, row.formulas) for row in table.rows()]


def why(tmp_path, content: bytes, limits: Limits = COMMAND) -> str:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, content, limits)
    return refusal.value.code


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return target.getvalue()


SMALL = sheet_of(["name", "n"], ["一里", 1])


def test_cells_come_as_a_csv_of_the_sheet_would_have_them(tmp_path):
    half_past_four = datetime(2022, 11, 24, 16, 30)  # noqa: DTZ001 - a sheet knows no zones
    rows = [12.0, 0.1 + 0.2, "007", True, date(2022, 11, 24), half_past_four, 13800000001, ""]

    _header, [(line, cells, formulas)] = read(tmp_path, sheet_of(list("abcdefgh"), rows))

    assert cells == ["12", "0.3", "007", "yes", "2022-11-24", "2022-11-24T16:30:00", "13800000001", ""]
    assert (line, formulas) == (2, frozenset())


def test_a_table_that_starts_further_down_keeps_its_lines(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(3, 2, ["name", "n"])
        sheet.write_row(4, 2, ["一里", 1])
        sheet.write_row(6, 2, ["二里", 2])
        sheet.write_formula(7, 3, "=1+1")

    header, rows = read(tmp_path, workbook(fill))

    assert header == ["name", "n"]
    assert [(line, cells) for line, cells, _formulas in rows[:2]] == [(5, ["一里", "1"]), (7, ["二里", "2"])]
    assert (rows[2][0], rows[2][2]) == (8, {1})


def test_formula_cells_are_marked_wherever_their_value_comes_from(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "n"])
        sheet.write_formula(1, 1, "=6*7", None, 42)
        sheet.write_formula(2, 0, '=HYPERLINK("http://example.org","x")')
        sheet.write_row(3, 0, ["text", 3])

    _header, rows = read(tmp_path, workbook(fill))

    assert [formulas for _line, _cells, formulas in rows] == [{1}, {0}, frozenset()]


def test_the_first_visible_sheet_that_holds_anything_is_read(tmp_path):
    def fill(book):
        hidden = book.add_worksheet("hidden")
        hidden.write_row(0, 0, ["secret"])
        empty = book.add_worksheet("empty")
        good = book.add_worksheet("good")
        good.write_row(0, 0, ["name"])
        empty.activate()
        hidden.hide()

    assert read(tmp_path, workbook(fill))[0] == ["name"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("xl/vbaProject.bin", b"macro", "macros"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "external_links"),
        ("xl/extra.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "dtd"),
        ("../../escape.xml", b"<x/>", "broken_xlsx"),
        ("xl/media/zeros.bin", bytes(150 << 20), "packed_too_tightly"),
    ],
)
def test_hostile_parts_are_refused(tmp_path, name, data, code):
    assert why(tmp_path, with_entry(SMALL, name, data)) == code


def test_what_unpacks_too_large_is_refused_whatever_its_header_says(tmp_path):
    content = bytearray(with_entry(SMALL, "xl/media/big.bin", zlib.compress(bytes(range(256)) * 40_000, 0)))
    start = content.rindex(b"PK\x01\x02")
    assert content[start + 46 : start + 62] == b"xl/media/big.bin"
    content[start + 24 : start + 28] = (5).to_bytes(4, "little")  # it claims to hold five bytes

    assert (
        why(tmp_path, bytes(content), Limits(size=1 << 30, rows=9, columns=9, unpacked=1 << 20)) == "unpacks_too_large"
    )


def test_too_many_parts_are_refused(tmp_path):
    target = io.BytesIO(SMALL)
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(200):
            archive.writestr(f"xl/part{number}.xml", b"<x/>")

    assert why(tmp_path, target.getvalue()) == "too_many_entries"


def test_a_cell_in_the_far_corner_costs_the_child_its_memory_and_us_nothing(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "name")
        sheet.write(1_048_575, 16_383, "x")

    assert why(tmp_path, workbook(fill)) in {"too_heavy", "too_many_columns"}


@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"PK\x03\x04" + b"\0" * 99])
def test_damaged_files_are_refused(tmp_path, damage):
    assert why(tmp_path, damage(SMALL)) == "broken_xlsx"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("hello.txt", "hello")

    assert why(tmp_path, target.getvalue()) == "broken_xlsx"
