from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baogong.common.imports import kind_named
from baogong.common.imports.files import export_path, import_path
from baogong.common.imports.testing import import_text
from baogong.common.models import Event
from baogong.people.models import Household, Person
from baogong.people.tests.cast import LI_PHONE, NOON, WANG_PHONE, make_building, make_compound
from baogong.places.models import Building, Unit

HEADER = "building,unit,flat,people,infants,elderly,phone,no_phone\n"
PHONE = "13900000009"


@pytest.fixture
def bring(cast):
    """Import households from text, after the header."""
    return lambda rows, header=HEADER, **options: import_text(
        "households", header + rows, actor=cast.system, now=NOON, **options
    )


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def at(code) -> Household:
    return Household.objects.everywhere().living().get(code=code)


def refusals(report):
    return [(one.line, one.column, one.code) for one in report.refused]


def test_households_come_in_with_counts_floor_and_a_phone_that_is_sealed(bring):
    report = bring(f"12,1,1203,4,1,2,{PHONE},\n3,,102,1,,,,yes\n")

    assert counts(report) == (2, 0, 0, 0, 0)
    new, poor = at("12/1/1203"), at("3/102")
    assert (new.people, new.infants, new.elderly, new.floor, new.no_phone) == (4, 1, 2, 12, False)
    assert (poor.people, poor.unit, poor.no_phone) == (1, None, True)
    [contact] = new.members.all()
    assert (contact.phone, contact.contact) == ("+8613900000009", True)
    assert PHONE.encode() not in bytes(contact.phone_sealed or b"")
    assert "松榆东里" in new.search


def test_importing_again_changes_nothing_and_writes_no_event(bring, cast):
    rows = f"12,1,1203,4,1,2,{PHONE},no\n3,,102,1,,,,yes\n"
    bring(rows)
    before = Event.objects.within(cast.subdistrict_id).count()

    assert counts(bring(rows)) == (0, 0, 2, 0, 0)
    assert Event.objects.within(cast.subdistrict_id).count() == before


def test_the_report_and_the_events_of_an_import_hold_nothing_personal(bring, cast):
    report = bring(f"12,1,1203,4,1,2,{PHONE},\n12,1,1204,4,1,2,139000000091234,\n")

    assert refusals(report) == [(3, "phone", "not_a_phone")]
    assert "139000000091234" not in report.refused[0].reason
    events = Event.objects.within(cast.subdistrict_id).values_list("values", flat=True)
    assert not any(PHONE in str(values) for values in events)


def test_a_building_may_be_named_where_its_compound_makes_it_clear(bring, cast):
    other = make_building(make_compound(cast.community, "西园"), "90")
    Building.objects.filter(pk=other.pk).update(name="12号楼")

    report = bring(
        "12号楼,松榆东里,101,2\n12号楼,西园,102,2\n12号楼,,103,2\n12,,104,2\n13号楼,,105,2\n12,西园,106,2\n",
        header="楼栋,小区,房号,人数\n",
    )

    assert refusals(report) == [
        (4, "building", "ambiguous_building"),
        (6, "building", "unknown_building"),
        (7, "building", "unknown_building"),
    ]
    assert {at("12/101").building.code, at("90/102").building.code, at("12/104").building.code} == {"12", "90"}


def test_a_door_that_comes_twice_counts_once_however_the_building_is_called(bring):
    report = bring("12,1,101,2,,,,\n12号楼,1单元,101,3,,,,\n12,1,101,2,,,,\n")

    assert refusals(report) == [(3, "", "duplicate"), (4, "", "duplicate")]
    assert at("12/1/101").people == 2


def test_a_unit_that_is_new_is_made(bring, cast):
    bring("12,3,101,2,,,,\n12,3单元,102,2,,,,\n")

    assert [unit.name for unit in Unit.objects.filter(building=cast.building).order_by("name")] == ["1", "2", "3"]
    assert str(at("12/3/102").unit) == "3"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("99,,101,2,,,,", "building", "unknown_building"),
        ("12,1,,2,,,,", "flat", "missing"),
        ("12,1,101,,,,,", "people", "missing"),
        ("12,1,101,0,,,,", "people", "out_of_range"),
        ("12,1,101,-2,,,,", "people", "out_of_range"),
        ("12,1,101,100,,,,", "people", "out_of_range"),
        ("12,1,101,2,3,,,", "people", "counts_do_not_fit"),
        ("12,1,101,2,,3,,", "people", "counts_do_not_fit"),
        ("12,1,101,2,,,12,", "phone", "not_a_phone"),
        (f"12,1,101,2,,,{PHONE},yes", "no_phone", "phone_and_no_phone"),
        ("12,1,1/01,2,,,,", "flat", "bad_character"),
        ("12,1,101,=2,,,,", "people", "not_a_number"),
    ],
)
def test_rows_that_cannot_be_are_refused(bring, cast, row, column, code):
    before = Household.objects.within(cast.subdistrict_id).count()

    assert refusals(bring(row + "\n")) == [(2, column, code)]
    assert Household.objects.within(cast.subdistrict_id).count() == before


def test_what_a_row_leaves_empty_stays_as_it_is(bring, cast):
    report = bring("12,2,301,3,,,,\n")

    assert counts(report) == (0, 1, 0, 0, 0)
    li = at("12/2/301")
    assert (li.pk, li.people, li.elderly) == (cast.li.pk, 3, 1)
    assert li.members.get().phone == LI_PHONE


def test_a_changed_count_that_does_not_fit_what_is_stored_is_refused(bring):
    report = bring("12,2,301,1,,,,\n3,,101,2,,,,\n12,2,502,1,2,,,\n")

    assert counts(report) == (0, 2, 0, 0, 1)


def test_a_number_that_nobody_signs_in_with_changes_at_once(bring):
    bring(f"3,,102,1,,,{PHONE},\n")

    report = bring("3,,102,1,,,13900000010,\n")

    assert counts(report) == (0, 1, 0, 0, 0)
    assert at("3/102").members.get().phone == "+8613900000010"


def test_a_number_that_somebody_signs_in_with_waits_a_day(bring, cast):
    row = f"12,2,502,3,,,{PHONE},\n"

    assert counts(bring(row)) == (0, 1, 0, 0, 0)
    assert counts(bring(row)) == (0, 0, 1, 0, 0)
    assert Person.objects.get(accounts=cast.wang_account).phone == WANG_PHONE


def test_a_phone_for_a_household_that_had_none_ends_the_mark(bring, cast):
    bring(f"3,,101,1,,,{PHONE},\n")

    assert not at("3/101").no_phone


def test_a_household_that_moved_away_leaves_its_door_free(bring, cast):
    Household.objects.filter(pk=cast.zhao.pk).update(ended_at=NOON, merged_into=cast.wang, code="12/2/502")

    assert counts(bring("3,,101,2,,,,\n12,2,502,3,,,,\n")) == (1, 0, 1, 0, 0)


def test_the_statements_do_not_grow_with_the_rows(bring):
    def statements(first, count):
        rows = "".join(f"12,1,{number},2,,,139{number:08d},\n" for number in range(first, first + count))
        with CaptureQueriesContext(connection) as queries:
            assert bring(rows).created == count
        return len(queries)

    assert statements(1000, 5) == statements(2000, 60)


doors = st.lists(
    st.tuples(
        st.sampled_from(["12", "3号楼", "3"]), st.sampled_from(["", "1", "2单元"]),
        st.text("甲A0１=-'", min_size=1, max_size=3).filter(lambda text: text.strip("'")), st.integers(2, 9),
        st.sampled_from(["", "0", "1"]), st.sampled_from(["", "2"]),
        st.sampled_from(["", "13900000001", "010-64370000"]),
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=doors)
def test_importing_an_export_changes_nothing(cast, bring, ending, cells):
    with TemporaryDirectory() as folder, transaction.atomic():
        bring("".join(",".join(map(str, row)) + ",\n" for row in cells))
        path = Path(folder) / f"households.{ending}"
        exported = export_path(kind_named("households"), path, actor=cast.system, now=NOON)

        report = import_path(kind_named("households"), path, actor=cast.system, now=NOON)

        assert (report.read, report.unchanged) == (exported, exported), report.refused
        transaction.set_rollback(True)
