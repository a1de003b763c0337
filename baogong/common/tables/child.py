"""The process that reads a file nobody vouches for: little memory, little time, no network, and it only writes lines.

Called as `python -m baogong.common.tables.child SOURCE TARGET LIMITS`; answers with one JSON object on stdout.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from baogong.common.tables.csvfile import CsvTable
from baogong.common.tables.geojsonfile import GeoJsonTable
from baogong.common.tables.lines import write_lines
from baogong.common.tables.sniffing import format_of
from baogong.common.tables.table import Limits, Table, Unreadable
from baogong.common.tables.xlsxfile import XlsxTable

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
READERS: dict[str, Any] = {"csv": CsvTable, "xlsx": XlsxTable, "geojson": GeoJsonTable}


def confine(limits: Limits) -> None:
    """Give up memory, time, core files, and where the kernel lets us the network."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)


def convert(source: Path, target: Path, limits: Limits) -> dict[str, object]:
    """Write the rows of `source` to `target`; returns what the parent must know, or why it cannot be read."""
    try:
        found = format_of(source, limits)
        table: Table = READERS[found](source, limits)
        rows = write_lines(table.rows(), target)
    except Unreadable as wrong:
        return {"unreadable": wrong.code, "facts": wrong.facts}
    except (MemoryError, RecursionError):
        return {"unreadable": "too_heavy", "facts": {}}
    return {"format": found, "header": table.header, "rows": rows, "other_sheets": getattr(table, "other_sheets", [])}


def main(source: str, target: str, limits: str) -> None:
    confined = Limits(**json.loads(limits))
    confine(confined)
    os.umask(0o077)
    json.dump(convert(Path(source), Path(target), confined), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
