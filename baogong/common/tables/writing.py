"""Tables out: CSV for any spreadsheet program, XLSX with nothing but typed texts and numbers, GeoJSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, TextIO

from baogong.common.tables.escaping import escaped

Cell = str | int | float | bool | date | datetime | None


def cell_out(value: object) -> str:
    """A value as the text that an import reads back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds" if not value.microsecond else "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return escaped(str(value))


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Comma-separated, RFC 4180 quoting; open the file as `utf-8-sig` with newline="". Returns the rows."""
    writer = csv.writer(file)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([cell_out(value) for value in row])
        count += 1
    return count


def write_xlsx(target: Path | BinaryIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """One sheet, written row by row; every text is a string cell, never a formula, link or guessed number."""
    import xlsxwriter

    plain = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {"constant_memory": True, **plain})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, title in enumerate(header):
        sheet.write_string(0, place, title, book.add_format({"bold": True}))
    count = 0
    for row in rows:
        count += 1
        for place, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(count, place, value)
            elif text := cell_out(value):
                sheet.write_string(count, place, text)
    book.close()
    return count


def write_geojson(file: TextIO, features: Iterable[Mapping[str, object]]) -> int:
    """A FeatureCollection, a feature a line; `geometry` is the feature's geometry, the rest its properties."""
    file.write('{"type":"FeatureCollection","features":[')
    count = 0
    for feature in features:
        properties = {name: value for name, value in feature.items() if name != "geometry" and value is not None}
        text = json.dumps(
            {"type": "Feature", "properties": properties, "geometry": feature.get("geometry")}, ensure_ascii=False
        )
        file.write((",\n" if count else "\n") + text)
        count += 1
    file.write("\n]}\n")
    return count
