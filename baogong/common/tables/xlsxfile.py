"""XLSX: the first sheet that is not empty. Proved harmless before it is parsed; runs in the child process only."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from baogong.common.tables.table import Limits, RawRow, Unreadable, counted, narrow

Places = set[tuple[int, int]]  # (row, column) of cells

BLOCK = 1 << 18
LOCAL_HEADER = 30  # bytes of a local file header before its name
SMALL = 1 << 20  # an entry below this size may be packed as tightly as it likes
STORED, DEFLATED = 0, 8
FORBIDDEN = {"xl/vbaproject.bin": "macros", "xl/externallinks/": "external_links"}

# A cell whose first child is a formula: <c r="B7" ...><f>...</f>
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f\b')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
OVERLAP = 4_096


def unpack_guarded(path: Path, limits: Limits) -> dict[str, Places]:
    """Inflate every entry and count what comes out, since headers lie; returns the formula cells of each sheet.

    Raises Unreadable for what is too large, packed too tightly, encrypted, or holds macros, links or a DTD.
    """
    formulas: dict[str, Places] = {}
    total = 0
    try:
        with ZipFile(path) as archive, path.open("rb") as file:
            entries = archive.infolist()
            if len(entries) > limits.entries:
                raise Unreadable("too_many_entries", most=limits.entries)
            for entry in entries:
                refuse_entry(entry)
                found = formulas.setdefault(entry.filename, set()) if _SHEET.fullmatch(entry.filename) else None
                total += entry_size(file, entry, limits, total, found)
    except (BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as wrong:
        raise Unreadable("broken_xlsx") from wrong
    return formulas


def refuse_entry(entry: ZipInfo) -> None:
    name = entry.filename.lower().replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise Unreadable("broken_xlsx")
    if entry.flag_bits & 1:
        raise Unreadable("encrypted")
    if entry.compress_type not in {STORED, DEFLATED}:
        raise Unreadable("broken_xlsx")
    for start, code in FORBIDDEN.items():
        if name.startswith(start):
            raise Unreadable(code)


def entry_size(file: BinaryIO, entry: ZipInfo, limits: Limits, before: int, formulas: Places | None) -> int:
    """Bytes of an entry, unpacked; looks for a DTD, and for formulas where a set is given."""
    size, tail = 0, b""
    for block in inflated(file, entry):
        size += len(block)
        if before + size > limits.unpacked:
            raise Unreadable("unpacks_too_large", most_mb=limits.unpacked >> 20)
        if size > SMALL and size > limits.ratio * max(1, entry.compress_size):
            raise Unreadable("packed_too_tightly", ratio=limits.ratio)
        window = tail + block
        if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
            raise Unreadable("dtd")
        if formulas is not None:
            formulas.update(map(cell_place, _FORMULA.findall(window)))
        tail = window[-OVERLAP:]
    return size


def inflated(file: BinaryIO, entry: ZipInfo) -> Iterator[bytes]:
    """An entry's bytes, as its stream has them and not as its header claims."""
    file.seek(entry.header_offset)
    head = file.read(LOCAL_HEADER)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left = entry.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == DEFLATED else None
    while left > 0 and (packed := file.read(min(BLOCK, left))):
        left -= len(packed)
        while packed and not (inflater and inflater.eof):
            yield inflater.decompress(packed, BLOCK) if inflater else packed
            packed = inflater.unconsumed_tail if inflater else b""


def cell_place(match: tuple[bytes, bytes]) -> tuple[int, int]:
    """(row, column) counted from 1 and 0 of a reference such as B7."""
    column = 0
    for letter in match[0]:
        column = column * 26 + letter - 64
    return int(match[1]), column - 1


class XlsxTable:
    def __init__(self, path: Path, limits: Limits) -> None:
        self.limits = limits
        self.formulas = unpack_guarded(path, limits)
        self.sheet, self.other_sheets = open_sheet(path)
        rows = self._all()
        first = next((row for row in rows if any(cell.strip() for cell in row.cells)), None)
        if first is None:
            raise Unreadable("empty")
        self.header_line = first.line
        self.header = narrow(first.cells, limits)

    def rows(self) -> Iterator[RawRow]:
        return counted((row for row in self._all() if row.line > self.header_line), self.limits)

    def _all(self) -> Iterator[RawRow]:
        _top, left = self.sheet.start or (0, 0)  # calamine gives empty rows above the first, but no empty columns
        formulas = self._formulas_by_row()
        for line, cells in enumerate(self.sheet.iter_rows(), start=1):
            found: Iterable[int] = formulas.get(line, ())
            yield RawRow(line, [cell_text(cell) for cell in cells], frozenset(place - left for place in found))

    def _formulas_by_row(self) -> dict[int, set[int]]:
        """Formula cells of any sheet: with several sheets we do not know which part is which, and refusing is safe."""
        found: dict[int, set[int]] = {}
        for cells in self.formulas.values():
            for line, place in cells:
                found.setdefault(line, set()).add(place)
        return found


def open_sheet(path: Path) -> tuple[Any, list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        sheets = [sheet for sheet in map(book.get_sheet_by_name, names) if sheet.height]
    except CalamineError as wrong:
        raise Unreadable("broken_xlsx") from wrong
    if not sheets:
        raise Unreadable("empty")
    return sheets[0], [sheet.name for sheet in sheets[1:]]


def cell_text(value: object) -> str:
    """A cell as the text that a CSV of the same sheet would hold."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}" if value % 1 or abs(value) >= 1e15 else str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)
