"""From raw rows to rows with values: which header is which column, what each cell says, which rows belong together."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _

from baogong.common.imports.cells import BadCell
from baogong.common.imports.chunks import InputRow
from baogong.common.imports.kinds import Column, Kind, header_key
from baogong.common.imports.report import Refusal
from baogong.common.tables import CELL_CHARACTERS, RawRow, Table, Unreadable, unescaped

BLANK = " \t\r\n\v\f\u00a0\u3000\ufeff"
Group = list["ReadRow"]


@dataclass(slots=True)
class ReadRow:
    """A row as it was read: with a fault it goes no further, and takes its group along unless it is a mere repeat."""

    row: InputRow
    fault: Refusal | None = None
    repeat: bool = False
    group: Hashable = None


@dataclass(slots=True)
class Headers:
    """Where each column stands in the file, and which headers mean nothing here."""

    places: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    width: int = 0


def header_columns(kind: Kind, header: list[str]) -> dict[str, str]:
    """The column that each header of a file means by its name; headers that mean none are left out.

    Where two mean the same column, the one that bears its very name goes before a mere way of writing it.
    """
    named = {header_key(name): column.name for column in kind.columns for name in (column.name, column.chinese)}
    known = {key: column.name for column in kind.columns for key in column.headers}
    proper = {named[header_key(title)] for title in header if header_key(title) in named}
    meant = {title: known[header_key(title)] for title in header if header_key(title) in known}
    return {title: name for title, name in meant.items() if header_key(title) in named or name not in proper}


def match_headers(kind: Kind, header: list[str], mapping: Mapping[str, str] | None = None) -> Headers:
    """Find the kind's columns in a file's first line; `mapping` (header: column, or "" for none) goes before names.

    Raises Unreadable where a required column is missing or a column is there twice.
    """
    meant = header_columns(kind, header) | dict(mapping or {})
    found = Headers(width=len(header))
    for place, title in enumerate(header):
        name = meant.get(title, "")
        if name and name in found.places:
            raise Unreadable("column_twice", column=name, header=title)
        if name:
            found.places[name] = place
        elif title:
            found.left_out.append(title)
    missing = [column for column in kind.columns if column.required and column.name not in found.places]
    if missing:
        names = ", ".join(f"{column.name} ({column.chinese})" for column in missing)
        raise Unreadable("column_missing", columns=names, found=", ".join(filter(None, header)) or "-")
    return found


class Reader:
    """Reads the rows of a table as one kind of spreadsheet. Give it the table once; `survey` before `groups`."""

    def __init__(self, kind: Kind, table: Table, mapping: Mapping[str, str] | None = None) -> None:
        self.kind, self.table = kind, table
        self.headers = match_headers(kind, table.header, mapping)
        found = self.headers.places
        self.columns = [ColumnReader(column, found[column.name]) for column in kind.columns if column.name in found]
        self.sizes: Counter[Hashable] = Counter()
        self.seen = Seen()

    def survey(self) -> int:
        """Read the whole file once: it is readable to its end, and each group's size is known. Returns the rows."""
        count = 0
        for raw in self.table.rows():
            count += 1
            if self.kind.group:
                self.sizes[self.read(raw).group] += 1
        return count

    def groups(self) -> Iterator[Group]:
        """The rows that must be taken or refused together; a group comes when its last row is read."""
        waiting: dict[Hashable, Group] = {}
        for raw in self.table.rows():
            read = self.once(self.read(raw))
            if read.group is None:
                yield [read]
                continue
            group = waiting.setdefault(read.group, [])
            group.append(read)
            if len(group) == self.sizes[read.group]:
                yield waiting.pop(read.group)
        yield from waiting.values()

    def read(self, raw: RawRow) -> ReadRow:
        """The row's values, with its first fault if it has one."""
        row = InputRow(raw.line, {})
        fault = self.shape_fault(raw)
        for reader in self.columns:
            try:
                row.values[reader.column.name] = reader.value(raw)
            except BadCell as wrong:
                fault = fault or Refusal(raw.line, reader.column.name, wrong.code, str(wrong))
        return ReadRow(row, fault, group=self.group_of(row.values))

    def shape_fault(self, raw: RawRow) -> Refusal | None:
        if len(raw.cells) > self.headers.width and any(map(bare, raw.cells[self.headers.width :])):
            facts = {"cells": len(raw.cells), "columns": self.headers.width}
            reason = _("%(cells)d cells where the first line has %(columns)d; a comma inside a text needs quotes")
            return Refusal(raw.line, "", "too_many_cells", reason % facts)
        return None

    def group_of(self, values: Mapping[str, Any]) -> Hashable:
        if not self.kind.group:
            return None
        try:
            return self.kind.group(values)
        except (KeyError, TypeError):
            return None

    def once(self, read: ReadRow) -> ReadRow:
        """Marks a row that is about what an earlier row was about."""
        if read.fault or not self.kind.identity:
            return read
        identity = self.kind.identity(read.row.values)
        if identity is None:
            return read
        first = self.seen.first_line(identity, read.row.line)
        if first != read.row.line:
            reason = _("the same as line %(line)d; only the first counts") % {"line": first}
            read.fault, read.repeat = Refusal(read.row.line, "", "duplicate", reason), True
        return read


class Seen:
    """What rows were about so far, and the line of each: on disk beyond a few megabytes, so that millions may come."""

    def __init__(self) -> None:
        self.link = sqlite3.connect("", isolation_level=None)  # a nameless database is a temporary file
        self.link.execute("CREATE TABLE seen (identity BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self.link.execute("BEGIN")

    def first_line(self, identity: Hashable, line: int) -> int:
        """The line at which this identity came first: `line` itself when it is new."""
        digest = blake2b(repr(identity).encode(), digest_size=16).digest()
        try:
            self.link.execute("INSERT INTO seen VALUES (?, ?)", [digest, line])
        except sqlite3.IntegrityError:
            return int(self.link.execute("SELECT line FROM seen WHERE identity = ?", [digest]).fetchone()[0])
        return line


def bare(cell: str) -> str:
    """A cell's text without blanks around it and without the mark that an export puts before a formula sign."""
    return unescaped(cell.strip(BLANK))


class ColumnReader:
    """Reads the cells of one column. Most columns repeat few texts, so what a text meant is remembered."""

    REMEMBERED = 5_000
    PLAIN = (str, int, float, type(None))  # never a list, which somebody might change

    def __init__(self, column: Column, place: int) -> None:
        self.column, self.place = column, place
        self.known: dict[str, Any] = {}

    def value(self, raw: RawRow) -> Any:
        """The column's value in a row, None for an empty optional cell. Raises BadCell."""
        if self.place in raw.formulas:
            raise BadCell("formula", _("a formula; paste it as a value"))
        cell = raw.cells[self.place] if self.place < len(raw.cells) else ""
        if cell in self.known:
            return self.known[cell]
        value = self._read(bare(cell))
        if isinstance(value, self.PLAIN) and len(self.known) < self.REMEMBERED:
            self.known[cell] = value
        return value

    def _read(self, cell: str) -> Any:
        if not cell:
            if self.column.required:
                raise BadCell("missing", _("is empty"))
            return None
        if len(cell) > CELL_CHARACTERS:
            raise BadCell("too_long", _("longer than %(most)d characters") % {"most": CELL_CHARACTERS})
        if not cell.isprintable() and any(sign < " " and sign not in "\t\r\n" for sign in cell):
            raise BadCell("bad_character", _("holds a sign that no text has"))
        return self.column.parse(cell)
