from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from baogong.common.errors import NotFound
from baogong.distribution import prints, services, workbooks
from baogong.distribution.refusals import PlanNotPublished, PlanWithdrawn
from baogong.distribution.tests.goods import delivery_to, draft, make_order, publish
from baogong.people.tests.cast import NOON, WANG_PHONE, make_building, make_household
from baogong.places.models import Zone


@pytest.fixture
def plan(cast, buy):
    make_order(buy, make_household(cast.sealed, "201"), {"米": 1})
    return publish(cast, draft(cast, buy))


def texts(html: str) -> str:
    """What is read of a page: tags and line breaks gone."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1]))


def sheet(kind: str, plan, **some) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbooks.workbook(kind, plan, **some)))
    return book.get_sheet_by_index(0).to_python()


# ---------------------------------------------------------------- labels


def test_a_label_says_the_door_which_bag_of_how_many_and_what_must_stay_cold(cast, plan):
    labels = prints.render("labels", plan).split('<section class="lb">')[1:]

    assert len(labels) == 6
    said = texts("<main" + labels[-1])
    assert "松榆东里 楼-单元-室 12-2-502" in said
    assert "第 3 袋，共 3 袋" in said
    assert "冷藏 7:10 前" in said
    assert "奶 × 1 · 500 g" in said
    assert f"{cast.wang.orders.get().code} · D1125-01-0004-3" in said
    assert "少了坏了 010-64370000" in said


def test_a_label_has_a_code_to_scan_and_tells_nobody_who_lives_there(cast, plan):
    html = prints.render("labels", plan)

    assert html.count('<svg class="qr"') == 6
    assert "王伟" not in html
    assert WANG_PHONE[-11:] not in html
    assert delivery_to(cast.wang, plan).pickup_code not in texts(html)
    assert delivery_to(cast.wang, plan).secret not in html


def test_a_building_without_entrances_has_a_door_of_two_parts(plan):
    assert "楼-室 3-101" in texts(prints.render("labels", plan))


def test_a_long_address_is_set_smaller(cast, buy):
    for code in ("甲区1号楼", "OSM-way-123456789"):
        home = make_household(make_building(cast.compound, code, zone=Zone.SEALED), "西单元101")
        make_order(buy, home, {"米": 1})

    html = prints.render("labels", publish(cast, draft(cast, buy)))

    assert '<b class="long">甲区1号楼-西单元101</b>' in html
    assert '<b class="longest">OSM-way-123456789-西单元101</b>' in html
    assert "<b>12-2-502</b>" in html


# ---------------------------------------------------------------- lists


def test_the_desk_compares_the_last_two_digits_and_takes_what_is_owed(cast, plan):
    services.hand_over(
        delivery_to(cast.li, plan).pk, how="flat", payment=services.PaidAtDoor(1_000, "1"), actor=cast.system, now=NOON
    )

    said = texts(prints.render("turns", plan))

    code = delivery_to(cast.wang, plan).pickup_code
    assert "2 户 · 4 袋" in said
    assert re.search(rf"2 502 3 冷藏 ··{code[-2:]} 30 元", said)
    assert re.search(r"2 301 1 ··\d\d —", said)
    assert code not in said


def test_the_round_to_the_doors_goes_up_the_stairs_and_with_a_lift_comes_down(cast, plan):
    def floors() -> list[str]:
        return re.findall(r'<th scope="row">(\d+)</th>', prints.render("doors", plan))

    assert floors() == ["101", "201"]
    cast.sealed.lift = True
    cast.sealed.save()
    assert floors() == ["201", "101"]


def test_the_round_to_the_doors_says_how_heavy_it_is_and_by_when(plan):
    said = texts(prints.render("doors", plan))

    assert "2022年11月25日 19:00 前送到" in said
    assert "2 户 · 2 袋 · 10 kg" in said


def test_pick_lists_are_a_matrix_of_doors_and_goods_with_sums(plan):
    said = texts(prints.render("picking", plan))

    assert "门牌 米 1 份 奶 1 份 袋数 12-2-301 1 1 12-2-502 2 1 3 合计 3 1" in said


def test_more_goods_than_a_sheet_is_wide_go_on_the_next_one(plan):
    from baogong.distribution.sheets import Sheets

    narrow = Sheets(plan).pick_sheets(across=1)

    assert [([name for name, _spec in sheet.goods], sheet.sums) for sheet in narrow] == [
        (["米"], [2]),  # building 3
        (["米"], [3]),
        (["奶"], [1]),
    ]


def test_the_timetable_shows_which_building_comes_when(plan):
    said = texts(prints.render("timetable", plan))

    assert "东门各楼的时刻 7 00 12号楼 10 — 20 — 30 — 40 — 50 —" in said


def test_slots_that_do_not_fit_the_hour_are_shown_as_they_are(plan):
    [table] = prints.point_tables(plan.turns.all(), 25)

    assert [(row.hour, [(cell.minute, cell.text) for cell in row.cells]) for row in table.rows] == [
        (7, [(0, "12号楼")])
    ]


def test_papers_can_be_printed_for_some_buildings_only(cast, plan):
    html = prints.render("labels", plan, buildings=[cast.sealed.pk])

    assert html.count('<section class="lb">') == 2
    assert "12-2-502" not in html


def test_papers_read_in_english_too(plan):
    with translation.override("en"):
        said = texts(prints.render("labels", plan))

    assert "building-unit-flat 12-2-502 Bag 3 of 3 Keep cold, by 7:10" in said


@pytest.mark.parametrize("kind", list(prints.PAPERS))
def test_a_paper_takes_as_many_queries_for_many_households_as_for_few(cast, buy, kind, django_assert_max_num_queries):
    for flat in range(101, 141):
        make_order(buy, make_household(cast.building, str(flat)), {"米": 1, "奶": 1})
        make_order(buy, make_household(cast.sealed, str(flat + 200)), {"米": 1, "奶": 1})
    plan = publish(cast, draft(cast, buy))

    with django_assert_max_num_queries(7):
        prints.render(kind, plan)


@pytest.mark.parametrize("kind", list(prints.PAPERS))
def test_only_a_published_plan_is_printed(cast, buy, kind):
    plan = draft(cast, buy)
    with pytest.raises(PlanNotPublished):
        prints.render(kind, plan)
    with pytest.raises(PlanNotPublished):
        workbooks.workbook(kind, plan)

    withdrawn = services.withdraw_plan(plan.pk, actor=cast.system, now=NOON)
    with pytest.raises(PlanWithdrawn):
        prints.render(kind, withdrawn)


@pytest.mark.parametrize("make", [prints.render, workbooks.workbook])
def test_another_kind_of_paper_is_not_found(plan, make):
    with pytest.raises(NotFound):
        make("posters", plan)


# ---------------------------------------------------------------- spreadsheets


def test_the_label_sheet_names_every_bag(cast, plan):
    header, *rows = sheet("labels", plan)

    assert header == ["小区", "门牌", "第几袋", "共几袋", "冷藏", "冷藏送达时限", "克", "品名", "单号", "袋号"]
    assert len(rows) == 6
    assert rows[-1][1:5] == ["12-2-502", 3.0, 3.0, "yes"]
    assert rows[-1][-3:] == ["奶 1 份 × 1", cast.wang.orders.get().code, "D1125-01-0004-3"]


def test_the_desk_sheet_has_turn_door_and_money(cast, plan):
    _header, *rows = sheet("turns", plan)

    code = delivery_to(cast.wang, plan).pickup_code
    assert rows[1][0] == "东门"
    assert datetime.fromisoformat(str(rows[1][1])).hour == 7
    assert rows[1][3:] == ["12号楼", "2", "502", 5.0, 3.0, 10_500.0, "yes", code[-2:], "30.00"]


def test_the_other_sheets_have_a_line_for_each_door_thing_and_turn(plan):
    assert [row[5:7] for row in sheet("doors", plan)[1:]] == [["", "101"], ["", "201"]]
    assert [[row[1], row[2], row[4]] for row in sheet("picking", plan)[1:]] == [
        ["3-101", "米", 1.0],
        ["3-201", "米", 1.0],
        ["12-2-301", "米", 1.0],
        ["12-2-502", "米", 2.0],
        ["12-2-502", "奶", 1.0],
    ]
    assert [row[3:] for row in sheet("timetable", plan)[1:]] == [["12号楼", 2.0, "yes"]]
