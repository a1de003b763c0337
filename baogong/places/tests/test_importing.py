from __future__ import annotations

import pytest

from baogong.common.imports.testing import import_text
from baogong.common.models import Event
from baogong.places.models import Building, Unit
from baogong.places.services import zone_of
from baogong.places.tests.conftest import NOON

HEADER = "code,community,compound,building,unit,floors,lift,households,longitude,latitude,zone\n"
TWO = HEADER + (
    "B1,东里,松榆东里,1号楼,,6,否,48,116.45,39.88,封控区\n"
    "B2,东里,松榆东里,2号楼,,18,是,72,,,open\n"
)  # fmt: skip


@pytest.fixture
def bring(clerk):
    """Import places from text."""
    return lambda text, **options: import_text("places", text, actor=clerk, now=NOON, **options)


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def building(code) -> Building:
    return Building.objects.everywhere().select_related("compound__community").get(code=code)


def refusals(report):
    return [(one.line, one.column, one.code) for one in report.refused]


def test_buildings_come_in_with_community_compound_and_zone(bring):
    assert counts(bring(TWO)) == (2, 0, 0, 0, 0)

    first, second = building("B1"), building("B2")
    assert (first.compound.community.name, first.compound.name, first.name) == ("东里", "松榆东里", "1号楼")
    assert (first.floors, first.lift, first.households_expected, zone_of(first)) == (6, False, 48, "sealed")
    assert (first.longitude, first.latitude) == (116.45, 39.88)
    assert (second.lift, second.zone, zone_of(second)) == (True, None, "open")
    assert not first.households_estimated


def test_importing_again_changes_nothing_and_writes_no_event(bring, clerk):
    bring(TWO)
    before = Event.objects.within(clerk.subdistrict_id).count()

    assert counts(bring(TWO)) == (0, 0, 2, 0, 0)
    assert Event.objects.within(clerk.subdistrict_id).count() == before


def test_chinese_headers_and_words_mean_the_same(bring):
    bring(TWO)

    again = bring(
        "楼栋编码,社区,小区,楼栋,单元,层数,电梯,户数,经度,纬度,防控区\nＢ１,东里,松榆东里,１号楼,,6层,无,48,116.45,39.88,封控\n"
        "B2,东里,松榆东里,2号楼,,18.0,有,72,,,开放\n"
    )

    assert counts(again) == (0, 0, 1, 0, 1)
    assert refusals(again) == [(2, "floors", "not_a_number")]


def test_a_zone_that_differs_is_a_zone_change_with_its_event(bring, clerk):
    bring(TWO)

    report = bring(TWO.replace("open", "controlled"))

    assert counts(report) == (0, 1, 1, 0, 0)
    assert zone_of(building("B2")) == "controlled"
    [change] = Event.objects.within(clerk.subdistrict_id).filter(verb="places.zone_changed")
    assert change.values["after"] == "controlled"


def test_a_code_is_made_where_there_is_none_and_found_again(bring):
    text = HEADER + ",东里,松榆东里,12号楼,,6,no,48,,,open\n,东里,松榆西里,12号楼,,6,no,48,,,open\n"

    assert counts(bring(text)) == (2, 0, 0, 0, 0)
    assert counts(bring(text)) == (0, 0, 2, 0, 0)

    codes = sorted(Building.objects.everywhere().values_list("code", flat=True))
    assert codes == ["SYDL-12", "SYXL-12"]


def test_buildings_whose_short_code_is_taken_get_another_one_that_stays(bring, clerk):
    text = HEADER + ",东里,松榆东里,12号楼,,6,no,48,,,open\n,西里,双鱼大楼,12栋,,6,no,48,,,open\n"
    text = text.replace("双鱼大楼", "双英东里")

    bring(text)
    codes = {one.compound.name: one.code for one in Building.objects.everywhere().select_related("compound")}

    assert codes["松榆东里"] == "SYDL-12"
    assert codes["双英东里"].startswith("SYDL-12-")
    assert counts(bring(text)) == (0, 0, 2, 0, 0)


def test_units_are_rows_of_their_own_and_add_up(bring):
    text = HEADER + (
        "B1,东里,松榆东里,1号楼,1,6,no,24,,,controlled\n"
        "B1,东里,松榆东里,1号楼,2,6,no,36,,,sealed\n"
        "B1,东里,松榆东里,1号楼,2,6,no,36,,,sealed\n"
    )  # fmt: skip

    report = bring(text)

    assert counts(report) == (2, 0, 0, 0, 1)
    assert refusals(report) == [(4, "", "duplicate")]
    units = Unit.objects.everywhere().select_related("building__compound").order_by("name")
    assert [(unit.name, unit.households_expected, zone_of(unit)) for unit in units] == [
        ("1", 24, "controlled"),
        ("2", 36, "sealed"),
    ]
    assert building("B1").households_expected == 60
    assert counts(bring(text)) == (0, 0, 2, 0, 1)


def test_a_unit_that_is_new_or_sealed_says_so(bring):
    bring(HEADER + "B1,东里,松榆东里,1号楼,1,6,no,24,,,open\n")

    report = bring(HEADER + "B1,东里,松榆东里,1号楼,1,6,no,24,,,sealed\nB1,东里,松榆东里,1号楼,2,6,no,24,,,open\n")

    assert counts(report) == (1, 1, 0, 0, 0)
    assert building("B1").households_expected == 48


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("B1,东里,松榆东里,1号楼,,0,no,48,,,open", "floors", "out_of_range"),
        ("B1,东里,松榆东里,1号楼,,6,no,-1,,,open", "households", "out_of_range"),
        ("B1,东里,松榆东里,1号楼,,6,no,99999,,,open", "households", "out_of_range"),
        ("B1,东里,松榆东里,1号楼,,6,maybe,48,,,open", "lift", "not_yes_or_no"),
        ("B1,东里,松榆东里,1号楼,,6,no,48,200,39,open", "longitude", "out_of_range"),
        ("B1,东里,松榆东里,1号楼,,6,no,48,116,abc,open", "latitude", "not_a_number"),
        ("B1,东里,松榆东里,1号楼,,6,no,48,,,locked", "zone", "not_a_choice"),
        ("B/1,东里,松榆东里,1号楼,,6,no,48,,,open", "code", "bad_character"),
        ("B1,东里,,1号楼,,6,no,48,,,open", "compound", "missing"),
        ("B1,东里,松榆东里,1号楼,,6,no,48,,,", "zone", "missing"),
        ("B1,东里,松榆东里,1号楼,,6,no,48,,,open,extra", "", "too_many_cells"),
    ],
)
def test_rows_that_cannot_be_are_refused_and_leave_nothing_behind(bring, row, column, code):
    report = bring(HEADER + row + "\n")

    assert refusals(report) == [(2, column, code)]
    assert not Building.objects.everywhere().exists()


def test_a_name_that_is_several_buildings_needs_the_code(bring):
    bring(HEADER + "B1,东里,松榆东里,1号楼,,6,no,48,,,open\nB2,东里,松榆东里,1号楼,,6,no,48,,,open\n")

    report = bring(HEADER + ",东里,松榆东里,1号楼,,6,no,48,,,sealed\n")

    assert [one.code for one in report.refused] == ["ambiguous_building"]


def test_a_building_found_by_its_code_may_be_renamed_and_moved(bring):
    bring(TWO)

    report = bring(HEADER + "B1,西里,西园,甲1号楼,,6,no,48,116.45,39.88,sealed\n")

    assert counts(report) == (0, 1, 0, 0, 0)
    moved = building("B1")
    assert (moved.compound.community.name, moved.compound.name, moved.name) == ("西里", "西园", "甲1号楼")
    assert "西园" in moved.search
