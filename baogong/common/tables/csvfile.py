"""CSV with commas, in UTF-8 (with or without BOM) or GB18030."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from baogong.common.tables.table import Limits, RawRow, Unreadable, counted, narrow

BLOCK = 1 << 20
FOREIGN = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1252", "utf_8"]  # what charset-normalizer chooses among
# Both standards put everyday signs first: by the first byte of a sign one sees how usual it is.
EVERYDAY_GB, EVERYDAY_BIG5, ANY = range(0xA1, 0xD8), range(0xA1, 0xC9), range(0xA1, 0x100)
LEAST_KNOWN, MARGIN = 0.4, 0.1  # Chinese lists have nine everyday signs in ten; read wrongly, six


class CsvTable:
    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.encoding = encoding_of(path)
        first = next(self._all(), None)
        if first is None:
            raise Unreadable("empty")
        self.header_line = first.line
        refuse_other_separators(first.cells)
        self.header = narrow(first.cells, limits)

    def rows(self) -> Iterator[RawRow]:
        return counted((row for row in self._all() if row.line != self.header_line), self.limits)

    def _all(self) -> Iterator[RawRow]:
        """Every row from the first that is not blank; `line` is where it starts, also if a text runs over lines."""
        started = False
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, strict=True)
            line = 1
            try:
                for cells in reader:
                    started = started or any(cell.strip() for cell in cells)
                    if started:
                        yield RawRow(line, cells)
                    line = reader.line_num + 1
            except csv.Error as wrong:
                raise Unreadable("broken_quotes", line=line) from wrong


def refuse_other_separators(header: list[str]) -> None:
    if any("\0" in title for title in header):
        raise Unreadable("binary")
    if len(header) == 1 and ";" in header[0]:
        raise Unreadable("semicolons")
    if len(header) == 1 and "\t" in header[0]:
        raise Unreadable("tabs")


def encoding_of(path: Path) -> str:
    """`utf-8-sig` or `gb18030`, proved on the whole file. Raises Unreadable for anything else."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("encoding", guess="UTF-16")
    if decodes(path, "utf-8"):
        return "utf-8-sig"
    guess = second_look(path) if decodes(path, "gb18030") else guess_of(path)
    if guess != "gb18030":
        raise Unreadable("encoding", guess=guess)
    return guess


def decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def second_look(path: Path) -> str:
    """GB18030 decodes almost any bytes; other encodings read as it come out as signs that hardly anybody writes."""
    with path.open("rb") as file:
        sample = file.read(BLOCK)
    as_gb, as_big5 = share(sample, "gb18030", "gb2312", EVERYDAY_GB), share(sample, "big5", "big5", EVERYDAY_BIG5)
    if as_big5 > as_gb + MARGIN:
        return "big5"
    return "gb18030" if share(sample, "gb18030", "gb2312", ANY) >= LEAST_KNOWN else guess_of(path)


def share(sample: bytes, encoding: str, charset: str, first_bytes: range) -> float:
    """The share of a character set's signs among those outside ASCII, when the sample is read in an encoding."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    foreign = [sign for sign in text if not sign.isascii()]
    known = sum(sign.encode(charset, "replace")[0] in first_bytes for sign in foreign)
    return known / len(foreign) if foreign else 1.0


def guess_of(path: Path) -> str:
    from charset_normalizer import from_bytes  # 60 ms to import: only for files that need it

    with path.open("rb") as file:
        best = from_bytes(file.read(BLOCK), cp_isolation=FOREIGN).best()
    return best.encoding if best else "?"
