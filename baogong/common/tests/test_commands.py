from __future__ import annotations

import json

import pytest

from baogong.common.commands import export_file, import_file
from baogong.common.models import Event, ImportRun
from baogong.places.models import Building
from baogong.places.services import ensure_subdistrict

PLACES = (
    "code,community,compound,building,floors,lift,households,zone\n"
    "B1,东里,东园,1号楼,6,no,48,open\n"
    "B2,东里,东园,2号楼,6,no,-1,open\n"
)


@pytest.fixture
def here(db):
    """Id of an empty subdistrict."""
    return ensure_subdistrict().pk


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(PLACES, encoding="gb18030")
    return path


def test_json_has_the_counts_and_each_refused_row(here, places, capsys):
    status = import_file("places", str(places), subdistrict_id=here, as_json=True)

    report = json.loads(capsys.readouterr().out)
    assert status == 1
    assert {name: report[name] for name in ("kind", "read", "created", "changed", "unchanged", "merged")} == {
        "kind": "places", "read": 2, "created": 1, "changed": 0, "unchanged": 0, "merged": 0,
    }  # fmt: skip
    [refused] = report["refused"]
    assert (refused["line"], refused["column"], refused["code"]) == (3, "households", "out_of_range")
    assert "-1" in refused["reason"]


def test_importing_again_changes_nothing_and_the_run_is_kept(here, places):
    import_file("places", str(places), subdistrict_id=here)
    import_file("places", str(places), subdistrict_id=here)

    first, second = ImportRun.objects.within(here).order_by("at", "pk")
    assert (first.report["created"], second.report["created"], second.report["unchanged"]) == (1, 0, 1)
    assert Event.objects.within(here).filter(verb="common.imported").count() == 2


def test_a_dry_run_prints_and_stores_nothing(here, places, capsys):
    status = import_file("places", str(places), subdistrict_id=here, dry_run=True)

    assert status == 1
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert not Building.objects.within(here).exists()
    assert not ImportRun.objects.within(here).exists()


def test_nothing_refused_is_zero(here, places):
    places.write_text("".join(PLACES.splitlines(keepends=True)[:2]))

    assert import_file("places", str(places), subdistrict_id=here) == 0


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("place", "places.csv", PLACES.encode()),
        ("places", "missing.csv", b""),
        ("places", "empty.csv", b""),
        ("places", "columns.csv", b"code,community\nB1,x\n"),
        ("places", "encoding.csv", "code\n1\n".encode("utf-16")),
        ("places", "broken.json", b'{"type":"FeatureCollection","features":[{'),
        ("households", "map.json", b'{"type":"FeatureCollection","features":[{"properties":{}}]}'),
        ("places", "broken.xlsx", b"PK\x03\x04nothing"),
    ],
)
def test_what_cannot_be_read_is_two_with_one_line_and_nothing_is_in(here, tmp_path, capsys, kind, name, content):
    path = tmp_path / name
    if name != "missing.csv":
        path.write_bytes(content)

    status = import_file(kind, str(path), subdistrict_id=here, as_json=True)

    said = capsys.readouterr()
    assert status == 2
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
    assert not Building.objects.within(here).exists()


def test_a_file_that_breaks_off_leaves_nothing_behind(here, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(PLACES + 'B3,东里,"东园,3号楼')

    assert import_file("places", str(path), subdistrict_id=here) == 2
    assert not Building.objects.within(here).exists()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_an_export_can_be_imported_again(here, places, tmp_path, ending):
    import_file("places", str(places), subdistrict_id=here)
    path = tmp_path / f"out.{ending}"

    assert export_file("places", str(path), subdistrict_id=here) == 0
    assert import_file("places", str(path), subdistrict_id=here) == 0
    assert ImportRun.objects.within(here).latest("at").report["unchanged"] == 1


@pytest.mark.parametrize(
    ("kind", "name"),
    [("places", "out.pdf"), ("households", "out.geojson"), ("nothing", "out.csv"), ("places", "no/out.csv")],
)
def test_an_export_that_cannot_be_is_two_with_one_line(here, tmp_path, capsys, kind, name):
    assert export_file(kind, str(tmp_path / name), subdistrict_id=here) == 2

    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
