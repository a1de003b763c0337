from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from baogong.common.imports import BadCell, cells


@pytest.mark.parametrize(
    ("cell", "number"), [("3", 3), ("3.0", 3), ("３", 3), ("1,200", 1200), ("007", 7), ("+4", 4), ("12.", 12)]
)
def test_whole_numbers_are_read_as_spreadsheets_write_them(cell, number):
    assert cells.whole(0, 5_000)(cell) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-3", "out_of_range"),
        ("5001", "out_of_range"),
        ("99999999999999999999", "not_a_number"),
        ("3.5", "not_a_number"),
        ("三", "not_a_number"),
        ("1e3", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("NaN", "not_a_number"),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_what_is_wrong(cell, code):
    with pytest.raises(BadCell) as refusal:
        cells.whole(0, 5_000)(cell)

    assert refusal.value.code == code


@pytest.mark.parametrize("cell", ["nan", "inf", "-181", "181", "x", "1e999"])
def test_a_longitude_lies_on_this_earth(cell):
    with pytest.raises(BadCell):
        cells.decimal(-180, 180)(cell)


@pytest.mark.parametrize(("cell", "fen"), [("12.5", 1250), ("¥12.50", 1250), ("１２元", 1200), ("1,045.00", 104500)])
def test_amounts_in_yuan_become_fen(cell, fen):
    assert cells.money()(cell) == fen


@pytest.mark.parametrize("cell", ["-1", "12.345", "12,50 yuan", "99999999999", "1e2"])
def test_amounts_that_cannot_be_are_refused(cell):
    with pytest.raises(BadCell) as refusal:
        cells.money()(cell)

    assert refusal.value.code == "not_an_amount"


def test_a_price_of_nothing_is_refused():
    with pytest.raises(BadCell):
        cells.money(1)("0.00")


@pytest.mark.parametrize(
    ("cell", "answer"), [("yes", True), ("是", True), ("TRUE", True), ("1.0", True), ("no", False), ("否", False)]
)
def test_yes_and_no_in_both_languages(cell, answer):
    assert cells.yes_no(cell) is answer


def test_what_is_neither_yes_nor_no_is_refused():
    with pytest.raises(BadCell):
        cells.yes_no("maybe")


@pytest.mark.parametrize(
    "cell", ["2022-04-18", "2022/4/18", "2022年4月18日", "44669", "44669.0", "2022-04-18T00:00:00"]
)
def test_days_are_read_however_a_spreadsheet_writes_them(cell):
    assert cells.day(cell) == date(2022, 4, 18)


@pytest.mark.parametrize("cell", ["2022-02-30", "18.04.2022", "2022", "1822-04-18", "tomorrow", "7"])
def test_days_that_cannot_be_are_refused(cell):
    with pytest.raises(BadCell):
        cells.day(cell)


@pytest.mark.parametrize(
    "cell",
    ["2022-04-18T16:00", "2022-04-18 16:00:00", "2022/4/18 16:00", "2022-04-18T08:00:00Z", "2022-04-18T16:00+08:00",
     "44669.6666666667"],
)  # fmt: skip
def test_times_without_an_offset_are_those_of_the_subdistrict(cell):
    assert cells.moment(cell) == datetime(2022, 4, 18, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["16:00", "2022-04-18T25:00", "2022-13-01T10:00", "x"])
def test_times_that_cannot_be_are_refused(cell):
    with pytest.raises(BadCell):
        cells.moment(cell)


@pytest.mark.parametrize(("cell", "label"), [("101.0", "101"), ("１０１", "101"), ("A座", "A座"), ("0502", "0502")])
def test_labels_are_found_again_whoever_typed_them(cell, label):
    assert cells.label(20)(cell) == label


@pytest.mark.parametrize("cell", ["a/b", "x" * 21, "a\nb"])
def test_labels_that_would_break_a_code_are_refused(cell):
    with pytest.raises(BadCell):
        cells.label(20)(cell)


def test_a_choice_is_found_in_either_language_and_any_case():
    parse = cells.choice({"sealed": 1, "封控区": 1, "open": 2})

    assert [parse("Sealed"), parse("封控区"), parse("ＯＰＥＮ")] == [1, 1, 2]
    with pytest.raises(BadCell) as refusal:
        parse("closed")
    assert refusal.value.code == "not_a_choice"
