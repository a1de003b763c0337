"""Opens a file as a table. What is packed or nested is read by a confined child process; plain CSV may be read here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from baogong.common.tables.csvfile import CsvTable
from baogong.common.tables.lines import LinesTable
from baogong.common.tables.sniffing import format_of
from baogong.common.tables.table import Limits, Table, Unreadable

PACKAGE_FOLDER = Path(__file__).resolve().parents[3]
WALL_S = 120  # the child's CPU limit ends it sooner, unless the machine is very busy


@contextmanager
def opened(path: Path, *, limits: Limits, scratch: Path, child: bool = False) -> Iterator[tuple[Table, str]]:
    """The table in a file, and its format (`csv`, `xlsx`, `geojson`).

    `scratch` is a private folder for the rows while they are used; `child` reads also CSV in the confined process.
    Raises Unreadable.
    """
    found = format_of(path, limits)
    if found == "csv" and not child:
        yield CsvTable(path, limits), found
        return
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        target = Path(folder) / "rows"
        yield LinesTable(target, read_in_child(path, target, limits)["header"]), found


def read_in_child(source: Path, target: Path, limits: Limits) -> dict[str, Any]:
    """Has the rows written to `target`; returns `format`, `header`, `rows` (how many) and `other_sheets`.

    Raises Unreadable, also when the child had to be stopped.
    """
    arguments = [str(source.resolve()), str(target), json.dumps(limits.as_dict())]
    command = [sys.executable, "-m", "baogong.common.tables.child", *arguments]
    environment = {"PYTHONPATH": str(PACKAGE_FOLDER), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=WALL_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise Unreadable("too_heavy") from late
    if done.returncode:
        raise Unreadable("too_heavy" if done.returncode < 0 else "broken")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"], **answer["facts"])
    return answer
