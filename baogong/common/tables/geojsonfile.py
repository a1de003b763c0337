"""GeoJSON: one feature is one row; the geometry is a column of its own. Runs in the child process only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from baogong.common.tables.table import Limits, RawRow, Unreadable

Event = tuple[str, str, object]
GEOMETRY, FEATURE = "geometry", "features.item"
FEATURE_EVENTS = 400_000  # numbers, names and brackets of one feature: more is no building


class GeoJsonTable:
    """The header grows while features are read, so it is complete only after `rows` has ended."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.header = [GEOMETRY]

    def rows(self) -> Iterator[RawRow]:
        count = 0
        for feature in features(self.path):
            count += 1
            if count > self.limits.rows:
                raise Unreadable("too_many_rows", most=self.limits.rows)
            yield RawRow(count, self._cells(feature))
            if len(self.header) > self.limits.columns + 1:
                raise Unreadable("too_many_columns", most=self.limits.columns, found=len(self.header))
        if not count:
            raise Unreadable("no_features")

    def _cells(self, feature: object) -> list[str]:
        known = feature if isinstance(feature, dict) else {}
        properties = known.get("properties")
        values = dict(properties) if isinstance(properties, dict) else {}
        values.pop(GEOMETRY, None)
        self.header.extend(name for name in values if name not in self.header)
        geometry = known.get(GEOMETRY)
        texts = {name: value_text(value) for name, value in values.items()}
        texts[GEOMETRY] = json.dumps(geometry, separators=(",", ":")) if geometry is not None else ""
        return [texts.get(name, "") for name in self.header]


def value_text(value: object) -> str:
    """A property as a cell's text; lists and objects are none."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}" if value % 1 else str(int(value))
    return str(value)


def features(path: Path) -> Iterator[object]:
    """The features of a FeatureCollection, one at a time. Raises Unreadable."""
    import ijson

    with path.open("rb") as file:
        skip_bom(file)
        try:
            yield from built(ijson.parse(file, use_float=True))
        except (ijson.JSONError, ValueError, OverflowError) as wrong:
            raise Unreadable("broken_json") from wrong


def skip_bom(file: BinaryIO) -> None:
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)


def built(events: Iterable[Event]) -> Iterator[object]:
    import ijson

    kinds: list[object] = []
    yield from ijson.items(watched(events, kinds), FEATURE)
    if kinds != ["FeatureCollection"]:
        raise Unreadable("no_features")


def watched(events: Iterable[Event], kinds: list[object]) -> Iterator[Event]:
    """The same events; keeps the value of the outer `type`, and stops at a feature that would not fit into memory."""
    size = 0
    for prefix, event, value in events:
        if prefix == "type":
            kinds.append(value)
        size = size + 1 if prefix.startswith(f"{FEATURE}.") else 0
        if size > FEATURE_EVENTS:
            raise Unreadable("feature_too_large")
        yield prefix, event, value
