"""Rows as JSON lines: what the child process leaves for the parent, whose first line is known beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from baogong.common.tables.table import RawRow


class LinesTable:
    def __init__(self, path: Path, header: list[str]) -> None:
        self.path, self.header = path, header

    def rows(self) -> Iterator[RawRow]:
        with self.path.open(encoding="utf-8") as file:
            for text in file:
                line, cells, formulas = json.loads(text)
                yield RawRow(line, cells, frozenset(formulas))


def write_lines(rows: Iterable[RawRow], path: Path) -> int:
    """Returns how many rows were written."""
    count = 0
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        for row in rows:
            count += 1
            file.write(json.dumps([row.line, row.cells, sorted(row.formulas)], separators=(",", ":")) + "\n")
    return count
