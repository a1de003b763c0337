"""What every reader gives: a first line and rows of texts, and one way to say that a file is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple, Protocol

CELL_CHARACTERS = 4_096  # threat model: a longer cell is an attack or a mistake
MEGABYTE = 1024 * 1024


class Unreadable(Exception):
    """The file cannot be read as a table; `code` and `facts` say why, `common.imports.words` puts it into words."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts


class RawRow(NamedTuple):
    """The texts of a row; `line` counts from 1 at the file's first line; `formulas` are places of formula cells."""

    line: int
    cells: list[str]
    formulas: frozenset[int] = frozenset()


class Table(Protocol):
    """A readable file. `rows` may be called again; blank rows are left out. Raises Unreadable where it breaks off."""

    header: list[str]

    def rows(self) -> Iterator[RawRow]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; the sizes are bytes, `ratio` is unpacked to packed."""

    size: int
    rows: int
    columns: int
    unpacked: int = 200 * MEGABYTE
    entries: int = 200
    ratio: int = 100
    memory: int = 512 * MEGABYTE
    cpu_s: int = 20

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


BROWSER = Limits(size=20 * MEGABYTE, rows=250_000, columns=50)
COMMAND = Limits(size=200 * MEGABYTE, rows=10_000_000, columns=500)


def counted(rows: Iterator[RawRow], limits: Limits) -> Iterator[RawRow]:
    """The rows that hold anything, up to the limit. Raises Unreadable beyond it."""
    count = 0
    for row in rows:
        if not any(cell and not cell.isspace() for cell in row.cells) and not row.formulas:
            continue
        count += 1
        if count > limits.rows:
            raise Unreadable("too_many_rows", most=limits.rows)
        yield row


def narrow(header: list[str], limits: Limits) -> list[str]:
    """The header, if it is not too wide, without empty titles at its end. Raises Unreadable."""
    titles = [title.strip(" \t\r\n\u3000\ufeff") for title in header]
    while titles and not titles[-1]:
        titles.pop()
    if not titles:
        raise Unreadable("empty")
    if len(titles) > limits.columns:
        raise Unreadable("too_many_columns", most=limits.columns, found=len(titles))
    return titles
