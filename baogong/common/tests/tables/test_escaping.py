from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baogong.common.tables import COMMAND, escaped, opened, unescaped, write_csv, write_xlsx

DANGEROUS = ["=1+1", "+8613800000001", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_calculate_gets_a_quote_sign(text):
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", ["", "12号楼", "a=b", "'quoted'", "1-2-502", "'", "''x"])
def test_other_texts_stay_as_they_are(text):
    assert escaped(text) == text
    assert unescaped(text) == text


@given(st.text("'=+-@\t\r\n\0＝＋－＠ab", max_size=6))
def test_every_text_comes_back_from_an_export(text):
    assert unescaped(escaped(text)) == text


@given(st.text(max_size=12))
def test_no_cell_of_a_csv_starts_with_a_formula_sign(text):
    file = io.StringIO(newline="")

    write_csv(file, ["name"], [[text]])

    _header, *rows = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert not (rows and rows[0][0].startswith(tuple("=+-@\t\r\n\0＝＋－＠")))


def test_xlsx_cells_are_typed_texts_and_never_formulas(tmp_path):
    target = tmp_path / "out.xlsx"

    write_xlsx(target, ["name", "n"], [[text, 3] for text in [*DANGEROUS, "http://example.org", "007"]])

    with zipfile.ZipFile(target) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet
    assert "hyperlink" not in sheet
    with opened(target, limits=COMMAND, scratch=tmp_path / "scratch") as (table, _found):
        cells = [row.cells for row in table.rows()]
    assert cells[0] == ["'=1+1", "3"]
    assert cells[-1] == ["007", "3"]
