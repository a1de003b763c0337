"""Files that somebody broke on purpose: each is a table or is refused, and nothing else ever happens."""

from __future__ import annotations

import io
import json
import random
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from baogong.common.tables import BROWSER, COMMAND, Unreadable, opened
from baogong.common.tables.child import convert

CSV = 'code,小区,n\nB1,东园,1\n"B,2",西园,2\n'.encode()
GEOJSON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"osm_id": 7, "name": "楼"},
                "geometry": {"type": "Point", "coordinates": [1, 2]},
            }
        ],
    }
).encode()
SPLINTERS = [b"", b"\0", b'"', b"\n", b",", b"[[[[", b"}", b"1e999", b"\xff\xfe", b"\xed\xa0\x80", b"NaN", b"=cmd|x!A0"]

places = st.integers(0, 200)
mutations = st.lists(
    st.tuples(places, st.integers(0, 9), st.one_of(st.sampled_from(SPLINTERS), st.binary(max_size=6))), max_size=5
)


def mutated(content: bytes, changes) -> bytes:
    """At each place some bytes are cut out and others put in."""
    for place, cut, splinter in changes:
        place %= len(content) + 1
        content = content[:place] + splinter + content[place + cut :]
    return content


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([CSV, CSV.decode().encode("gb18030")]), mutations)
def test_csv(content, changes):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(mutated(content, changes))
        with suppress(Unreadable), opened(path, limits=COMMAND, scratch=Path(folder)) as (table, _found):
            rows = list(table.rows())
            assert table.header
            assert all(row.line > 0 for row in rows)


@settings(deadline=None, max_examples=300)
@given(mutations)
def test_geojson(changes):
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "file", Path(folder) / "rows"
        source.write_bytes(mutated(GEOJSON, changes))

        answer = convert(source, target, BROWSER)

        assert answer.get("unreadable") or answer["rows"] == len(target.read_text().splitlines())


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for line in range(20):
            sheet.write_row(line, 0, ["东园", line, f"text {line}"])
    return target.getvalue()


def with_broken_sheet(content: bytes, chance: random.Random) -> bytes:
    """The same file, packed soundly, with a sheet that is not sound."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                changes = [
                    (chance.randrange(len(data)), chance.randrange(20), chance.choice(SPLINTERS)) for _ in range(2)
                ]
                data = mutated(data, changes)
            new.writestr(name, data)
    return result.getvalue()


@pytest.mark.parametrize("seed", range(8))
def test_xlsx(seed, tmp_path):
    chance = random.Random(seed)
    content = workbook()
    broken = with_broken_sheet(content, chance) if seed % 2 else mutated(
        content, [(chance.randrange(len(content)), 3, chance.choice(SPLINTERS))]
    )  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(broken)

    with suppress(Unreadable), opened(path, limits=COMMAND, scratch=tmp_path / "scratch") as (table, _found):
        lines = [row.line for row in table.rows()]
        assert lines == sorted(lines)
