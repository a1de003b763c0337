from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baogong.common.imports import kind_named
from baogong.common.imports.files import export_path, import_path
from baogong.common.imports.testing import import_text
from baogong.common.models import Event
from baogong.places.models import Building, Unit, Zone
from baogong.places.tests.conftest import NOON

HEADER = "code,community,compound,building,unit,floors,lift,households,longitude,latitude,zone\n"

names = st.text("甲乙丙东西里园=+-@'1２ ", min_size=1, max_size=4).filter(lambda text: text.strip(" '"))
rows = st.lists(
    st.tuples(
        st.sampled_from(["", "", "B1", "B2", "=B3"]), names, names, names, st.sampled_from(["", "1", "2单元"]),
        st.integers(1, 40), st.sampled_from(["yes", "否"]), st.integers(0, 300),
        st.one_of(st.just(""), st.floats(-180, 180).map(str)), st.one_of(st.just(""), st.floats(-90, 90).map(str)),
        st.sampled_from(list(Zone.values)),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def as_csv(cells) -> str:
    return HEADER + "".join(",".join(map(str, row)) + "\n" for row in cells)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=rows)
def test_importing_an_export_changes_nothing(clerk, ending, cells):
    with TemporaryDirectory() as folder, transaction.atomic():
        import_text("places", as_csv(cells), actor=clerk, now=NOON)
        path = Path(folder) / f"places.{ending}"
        exported = export_path(kind_named("places"), path, actor=clerk, now=NOON)

        report = import_path(kind_named("places"), path, actor=clerk, now=NOON)

        assert (report.read, report.unchanged + report.merged) == (exported, exported), report.refused
        transaction.set_rollback(True)


def test_an_export_into_an_empty_installation_gives_the_same_export(clerk, tmp_path):
    import_text(
        "places",
        HEADER
        + "B1,东里,东园,1号楼,1,6,no,24,,,open\nB1,东里,东园,1号楼,2,6,no,24,,,sealed\n"
        + ",西里,西园,2号楼,,18,yes,72,116.4,39.9,controlled\n",
        actor=clerk,
        now=NOON,
    )
    for ending, turn in itertools.product(["csv", "xlsx"], ["first", "second"]):
        path = tmp_path / f"{turn}.{ending}"
        if turn == "second":
            for model in (Unit, Building):
                model.objects.within(clerk.subdistrict_id).delete()
            import_path(kind_named("places"), tmp_path / f"first.{ending}", actor=clerk, now=NOON)
        export_path(kind_named("places"), path, actor=clerk, now=NOON)

    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


def test_an_export_leaves_an_event(clerk, tmp_path):
    export_path(kind_named("places"), tmp_path / "places.csv", actor=clerk, now=NOON)

    [taken] = Event.objects.within(clerk.subdistrict_id).filter(verb="common.exported")
    assert taken.values == {"kind": "places", "rows": 0, "reason": ""}
