from __future__ import annotations

import json

import pytest

from baogong.common.imports import kind_named
from baogong.common.imports.files import import_path
from baogong.places.importing.estimates import estimated
from baogong.places.models import Building
from baogong.places.services import zone_of
from baogong.places.tests.conftest import NOON

LEFT = [[[0.0, 0.0], [0.0, 0.0004], [0.0002, 0.0004], [0.0002, 0.0], [0.0, 0.0]]]
RIGHT = [[[0.0002, 0.0], [0.0002, 0.0004], [0.0004, 0.0004], [0.0004, 0.0], [0.0002, 0.0]]]
BOW_TIE = [[[0.0, 0.0], [0.0004, 0.0004], [0.0004, 0.0], [0.0, 0.0004], [0.0, 0.0]]]


def polygon(rings=LEFT):
    return {"type": "Polygon", "coordinates": rings}


def point(longitude=0.0001, latitude=0.0002):
    return {"type": "Point", "coordinates": [longitude, latitude]}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def bring(clerk, tmp_path):
    """Import features from a file."""

    def bring(*features, **options):
        path = tmp_path / "places.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return import_path(kind_named("places"), path, actor=clerk, now=NOON, **options)

    return bring


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def only() -> Building:
    return Building.objects.everywhere().select_related("compound__community").get()


def test_a_feature_is_a_building_with_defaults_for_what_a_map_does_not_say(bring):
    report = bring(feature(polygon(), osm_id=7, name="西一楼", height=18, kind_detail="apartments"))

    one = only()
    assert counts(report) == (1, 0, 0, 0, 0)
    assert (one.compound.community.name, one.compound.name, one.name) == ("未分", "未分", "西一楼")
    assert (one.osm_id, zone_of(one), one.kind_detail) == (7, "open", "apartments")
    assert (one.longitude, one.latitude) == (0.0001, 0.0002)
    assert one.area_m2 == pytest.approx(991.4, abs=0.1)  # 22.3 m by 44.5 m on the equator
    assert (one.floors, one.households_expected, one.households_estimated) == (6, 62, True)


def test_features_with_the_same_osm_id_are_one_building_and_the_polygon_wins(bring):
    features = [feature(point(), osm_id=7, name="西一楼", height=18), feature(polygon(), osm_id=7, area=991)]

    assert counts(bring(*features)) == (1, 0, 0, 1, 0)
    assert counts(bring(*features)) == (0, 0, 1, 1, 0)

    one = only()
    assert (one.outline or {})["type"] == "Polygon"
    assert (one.name, one.height_m, one.area_m2) == ("西一楼", 18, 991)


def test_the_parts_of_a_building_that_a_map_tile_cut_are_joined(bring):
    report = bring(feature(polygon(LEFT), osm_id=7), feature(polygon(RIGHT), osm_id=7), feature(point(), osm_id=8))

    assert counts(report) == (2, 0, 0, 1, 0)
    whole = Building.objects.everywhere().get(osm_id=7)
    assert whole.area_m2 == pytest.approx(2 * 991.4, abs=0.2)
    assert (whole.longitude, whole.latitude) == (0.0002, 0.0002)


def test_without_an_osm_id_the_rounded_centre_is_the_identity(bring):
    here, again, there = point(114.3900049, 30.5), point(114.3900001, 30.5), point(114.3902, 30.5)

    assert counts(bring(feature(here, name="甲楼"), feature(again), feature(there))) == (2, 0, 0, 1, 0)
    assert counts(bring(feature(again, name="甲楼"))) == (0, 1, 0, 0, 0)
    assert counts(bring(feature(again, name="甲楼"))) == (0, 0, 1, 0, 0)


def test_any_column_of_places_may_be_a_property(bring):
    bring(feature(point(), code="B7", community="东里", compound="东园", building="7号楼", floors=11, lift=True,
                  households=44, zone="sealed"))  # fmt: skip

    one = only()
    assert (one.code, one.compound.community.name, one.compound.name, one.name) == ("B7", "东里", "东园", "7号楼")
    assert (one.floors, one.lift, one.households_expected, one.households_estimated) == (11, True, 44, False)
    assert zone_of(one) == "sealed"


def test_what_somebody_counted_is_not_estimated_again(bring):
    bring(feature(polygon(), osm_id=7, kind_detail="house"))
    bring(feature(polygon(), osm_id=7, households=3))

    report = bring(feature(polygon(), osm_id=7, kind_detail="house"))

    assert counts(report) == (0, 0, 1, 0, 0)
    assert (only().households_expected, only().households_estimated) == (3, False)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (polygon([[[0, 0], [0, 0.0004], [0, 0]]]), "broken_geometry"),
        (polygon([[[0, 0], [0, 0.0004], [0, 0.0002], [0, 0]]]), "broken_geometry"),
        (polygon([[[0, 0], [0, "x"], [1, 1], [0, 0]]]), "broken_geometry"),
        (polygon([]), "broken_geometry"),
        (polygon([[[0, 0], [0, 5], [5, 5], [5, 0], [0, 0]]]), "broken_geometry"),
        (point(200, 30), "broken_geometry"),
        ({"type": "Point", "coordinates": []}, "broken_geometry"),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "broken_geometry"),
        ({"type": "GeometryCollection", "geometries": []}, "broken_geometry"),
        ("here", "broken_geometry"),
        (None, "no_place"),
    ],
)
def test_broken_geometry_is_refused_with_its_feature_and_the_others_are_in(bring, geometry, code):
    report = bring(feature(point(), osm_id=1), feature(geometry))

    assert [(one.line, one.column, one.code) for one in report.refused] == [(2, "geometry", code)]
    assert report.refused[0].reason
    assert counts(report) == (1, 0, 0, 0, 1)


def test_a_border_that_crosses_itself_is_mended(bring):
    assert counts(bring(feature(polygon(BOW_TIE), osm_id=7))) == (1, 0, 0, 0, 0)
    assert only().area_m2 == pytest.approx(991.4, abs=0.1)


def test_a_building_under_another_code_is_not_made_twice(bring):
    bring(feature(point(), osm_id=7, code="B7"))

    report = bring(feature(point(), osm_id=7, code="B8"))

    assert [one.code for one in report.refused] == ["other_code"]
    assert only().code == "B7"


@pytest.mark.parametrize(
    ("kind", "name", "area", "height", "households"),
    [
        ("apartments", "", 960, 30, 100),
        ("house", "", 96, None, 2),
        ("house", "", 20, 3, 1),
        ("mall", "", 5_000, 20, 0),
        ("", "", 960, None, 60),
        ("yes", "光谷国际广场", 960, 30, 0),
        ("", "", 16_000, None, 0),
        ("", "", None, None, 0),
    ],
)
def test_households_are_estimated_for_dwellings_only(kind, name, area, height, households):
    assert estimated(kind, name, area, height, None).households == households


def test_seven_storeys_have_a_lift():
    assert [estimated("apartments", "", 500, height, None).lift for height in (18, 21)] == [False, True]
