from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from baogong.common.actors import Actor
from baogong.common.ids import new_id
from baogong.common.imports import Column, Kind, applying_each, cells, changed_names, import_table, run
from baogong.common.imports.testing import TextTable
from baogong.common.imports.words import UnreadableFile, explained, texts
from baogong.common.models import FigureSetting
from baogong.common.tables import Unreadable

pytestmark = pytest.mark.django_db

AT = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)
CLERK = Actor(new_id())


def put_figure(row, chunk):
    """A kind small enough to see through: a figure by its name, with a value and a source."""
    figure = FigureSetting.objects.within(chunk.subdistrict_id).filter(name=row["name"]).first()
    if figure is None:
        FigureSetting.objects.create(
            subdistrict_id=chunk.subdistrict_id,
            name=row["name"],
            value=row["value"],
            source=row["source"] or "-",
            since=AT,
        )
        return "created"
    names = changed_names(figure, {"value": Decimal(row["value"]), **row.given("source")})
    figure.save()
    return "changed" if names else "unchanged"


FIGURES = Kind(
    name="figures",
    label="figures",
    operation="common.see_imports",
    columns=(
        Column("name", "名称", cells.label(60), also=("指标",)),
        Column("value", "数值", cells.whole(0, 100)),
        Column("source", "来源", cells.text(20), required=False),
    ),
    apply=applying_each(put_figure),
    export=lambda subdistrict_id: iter(()),
    identity=lambda row: row["name"],
)


def import_figures(text, kind=FIGURES, **options):
    return import_table(kind, TextTable(text), actor=CLERK, now=AT, **options)


def stored():
    return dict(FigureSetting.objects.within(CLERK.subdistrict_id).order_by("name").values_list("name", "value"))


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def test_importing_again_changes_nothing():
    text = "name,value,source\na,1,x\nb,2,\n"

    first, second = import_figures(text), import_figures(text)

    assert counts(first) == (2, 0, 0, 0, 0)
    assert counts(second) == (0, 0, 2, 0, 0)


def test_an_empty_optional_cell_says_nothing():
    import_figures("name,value,source\na,1,census\n")

    import_figures("name,value,source\na,2,\n")
    import_figures("name,value\na,3\n")

    figure = FigureSetting.objects.within(CLERK.subdistrict_id).get()
    assert (figure.value, figure.source) == (3, "census")


@pytest.mark.parametrize(
    "header", ["名称,数值", "指标,数值", "Name*, VALUE ", "ｎａｍｅ,数 值", "名称（中文）,数值 (个)"]
)
def test_headers_are_known_in_both_languages_however_they_are_typed(header):
    assert counts(import_figures(f"{header}\na,1\n")) == (1, 0, 0, 0, 0)


def test_other_columns_are_left_out_with_a_word_about_it():
    report = import_figures("name,colour,value,\na,red,1,\n")

    assert report.left_out == ["colour"]
    assert counts(report) == (1, 0, 0, 0, 0)


def test_a_column_under_its_very_name_goes_before_another_way_of_writing_it():
    report = import_figures("指标,name,value\nb,a,1\n")

    assert report.left_out == ["指标"]
    assert stored() == {"a": 1}


def test_a_mapping_goes_before_names():
    report = import_figures("name,value,Wert\na,1,2\n", mapping={"name": "name", "value": "", "Wert": "value"})

    assert report.left_out == ["value"]
    assert stored() == {"a": 2}


@pytest.mark.parametrize(
    ("header", "code"),
    [("name,source", "column_missing"), ("name,value,数值", "column_twice"), ("a,b", "column_missing")],
)
def test_a_header_that_cannot_serve_refuses_the_whole_file(header, code):
    with pytest.raises(Unreadable) as refusal:
        import_figures(f"{header}\na,1,2\n")

    assert refusal.value.code == code
    assert stored() == {}


def test_each_refused_row_is_told_with_line_column_and_reason_and_the_good_ones_are_in():
    report = import_figures("name,value\na,1\n,2\nc,-3\nd,x\ne,5,6\nf,4\ng\n")

    assert [(one.line, one.column, one.code) for one in report.refused] == [
        (3, "name", "missing"),
        (4, "value", "out_of_range"),
        (5, "value", "not_a_number"),
        (6, "", "too_many_cells"),
        (8, "value", "missing"),
    ]
    assert all(one.reason for one in report.refused)
    assert stored() == {"a": 1, "f": 4}
    assert report.read == 7


def test_a_second_row_about_the_same_thing_is_refused_and_names_the_first():
    report = import_figures("name,value\na,1\nb,2\na,3\na,1\n")

    assert [(one.line, one.code) for one in report.refused] == [(4, "duplicate"), (5, "duplicate")]
    assert "2" in report.refused[0].reason
    assert stored() == {"a": 1, "b": 2}


@pytest.mark.parametrize("cell", ["a\0b", "a\x07", "x" * 4_097])
def test_cells_that_no_spreadsheet_has_are_refused(cell):
    report = import_figures(f"name,value,source\na,1,{cell}\nb,2,ok\n")

    assert [(one.line, one.column) for one in report.refused] == [(2, "source")]
    assert stored() == {"b": 2}


@pytest.mark.parametrize("together", [True, False])
def test_a_dry_run_says_the_same_and_stores_nothing(together):
    kind = replace(FIGURES, together=together)
    text = "name,value\na,1\nb,-1\nc,3\n"

    tried = import_figures(text, kind, dry_run=True)
    nothing = stored()
    done = import_figures(text, kind)

    assert tried.as_dict() == done.as_dict()
    assert nothing == {}
    assert stored() == {"a": 1, "c": 3}


def grouped(**more):
    """A group is everything before the first dot of a name."""
    return replace(FIGURES, group=lambda row: row["name"].split(".")[0], **more)


def test_rows_of_a_group_come_together_however_far_apart_they_stand(monkeypatch):
    monkeypatch.setattr(run, "CHUNK_ROWS", 2)
    seen = []

    def look(chunk):
        seen.append([row["name"] for row in chunk.rows])
        chunk.say("created", *chunk.rows)

    kind = grouped(apply=look)

    import_figures("name,value\na.1,1\nb.1,1\nc.1,1\na.2,1\nc.2,1\nb.2,1\n", kind)

    assert seen == [["a.1", "a.2"], ["c.1", "c.2"], ["b.1", "b.2"]]


def test_a_row_that_cannot_be_read_takes_its_group_along_but_a_repeated_one_does_not():
    report = import_figures("name,value\na.1,1\na.2,x\nb.1,1\nb.1,2\nb.2,2\n", grouped())

    assert [(one.line, one.code) for one in report.refused] == [
        (2, "same_group_refused"),
        (3, "not_a_number"),
        (5, "duplicate"),
    ]
    assert stored() == {"b.1": 1, "b.2": 2}


def test_groups_may_be_split_where_the_kind_says_so():
    import_figures("name,value\na.1,1\na.2,x\n", grouped(split_groups=True))

    assert stored() == {"a.1": 1}


def test_when_the_database_refuses_only_the_culprit_is_left_out():
    """As when somebody else stores the same thing between our reading and our writing."""

    def blind(chunk):
        for row in chunk.rows:
            FigureSetting.objects.create(
                subdistrict_id=chunk.subdistrict_id, name=row["name"], value=row["value"], source="-", since=AT
            )
        chunk.say("created", *chunk.rows)

    import_figures("name,value\nc,1\n")

    report = import_figures("name,value\na,1\nb,2\nc,3\nd,4\n", replace(FIGURES, apply=blind))

    assert [(one.line, one.code) for one in report.refused] == [(4, "conflict")]
    assert counts(report) == (3, 0, 0, 0, 1)
    assert stored() == {"a": 1, "b": 2, "c": 1, "d": 4}


def test_a_row_without_an_outcome_is_a_mistake_of_the_program():
    with pytest.raises(RuntimeError):
        import_figures("name,value\na,1\n", replace(FIGURES, apply=lambda chunk: None))


def test_every_reason_for_an_unreadable_file_has_words():
    for code in texts():
        facts = dict.fromkeys(
            ["line", "columns", "found", "column", "header", "guess", "path", "ratio", "mb", "most_mb", "most"], 7
        )
        with pytest.raises(UnreadableFile) as refusal, explained():
            raise Unreadable(code, **facts)
        assert "%" not in str(refusal.value)
