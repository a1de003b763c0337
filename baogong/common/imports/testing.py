"""For tests: a spreadsheet written down as text, imported by the same way as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from baogong.common.actors import Actor
from baogong.common.imports.kinds import kind_named
from baogong.common.imports.report import Report
from baogong.common.imports.run import import_table
from baogong.common.tables import RawRow


class TextTable:
    """A CSV in a string; its first line is the header."""

    def __init__(self, text: str) -> None:
        self.header, *self.lines = csv.reader(io.StringIO(text.strip() + "\n"))

    def rows(self) -> Iterator[RawRow]:
        for line, cells in enumerate(self.lines, start=2):
            yield RawRow(line, cells)


def import_text(kind: str, text: str, *, actor: Actor, now: datetime, dry_run: bool = False) -> Report:
    """Import CSV text as a kind of spreadsheet."""
    return import_table(kind_named(kind), TextTable(text), actor=actor, now=now, dry_run=dry_run)
