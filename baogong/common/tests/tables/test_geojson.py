from __future__ import annotations

import json

import pytest

from baogong.common.tables import COMMAND, Limits, Unreadable, opened


def read(tmp_path, content: bytes | str, limits: Limits = COMMAND):
    path = tmp_path / "file.geojson"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with opened(path, limits=limits, scratch=tmp_path / "scratch") as (table, found):
        assert found == "geojson"
        return [dict(zip(table.header, row.cells, strict=False)) for row in table.rows()]


def collection(*features) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(properties, geometry=None):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def why(tmp_path, content: bytes | str, limits: Limits = COMMAND) -> str:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, content, limits)
    return refusal.value.code


def test_properties_become_cells_and_the_geometry_a_column(tmp_path):
    point = {"type": "Point", "coordinates": [114.39, 30.5]}

    rows = read(tmp_path, collection(feature({"osm_id": 7, "lift": True, "x": None}, point), feature({"height": 23.5})))

    assert rows[0] == {
        "geometry": '{"type":"Point","coordinates":[114.39,30.5]}',
        "osm_id": "7",
        "lift": "yes",
        "x": "",
    }
    assert rows[1] == {"geometry": "", "osm_id": "", "lift": "", "x": "", "height": "23.5"}


def test_a_bom_and_features_without_sense_are_read_as_rows(tmp_path):
    rows = read(tmp_path, b"\xef\xbb\xbf" + collection(feature({"name": "甲"}), 7, None, {"type": "Feature"}).encode())

    assert [row.get("name", "") for row in rows] == ["甲", "", "", ""]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"type":"FeatureCollection","features":[{"type":"Feature"', "broken_json"),
        ('{"type":"FeatureCollection","features":[{"a":1}]}x', "broken_json"),
        ('{"type":"FeatureCollection","features":[]}', "no_features"),
        ('{"type":"Topology","features":[{"properties":{}}]}', "no_features"),
        ("[1, 2]", "no_features"),
        ('{"type":"FeatureCollection","features":[{"properties":{"name":"\xff"}}]}'.encode("latin-1"), "broken_json"),
        ("[" * 100_000, "too_heavy"),
    ],
)
def test_what_is_no_collection_is_refused(tmp_path, content, code):
    assert why(tmp_path, content) == code


def test_an_endless_feature_is_refused_before_it_fills_the_memory(tmp_path):
    rings = {"type": "Polygon", "coordinates": [[[0.5, 0.5]] * 150_000]}

    assert why(tmp_path, collection(feature({}, rings))) == "feature_too_large"


def test_limits_are_kept(tmp_path):
    three = collection(*[feature({"a": 1, "b": 2})] * 3)

    assert why(tmp_path, three, Limits(size=10_000, rows=2, columns=9)) == "too_many_rows"
    assert why(tmp_path, three, Limits(size=10_000, rows=9, columns=1)) == "too_many_columns"
