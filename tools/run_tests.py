"""`make test`: all tests on SQLite, the browser too; then on PostgreSQL what touches the database. One closing line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.chromium import INSTALL, MISSING, needed  # noqa: E402

PASSES = {"SQLite": "sqlite", "PostgreSQL": "postgres"}


@dataclass
class Tally:
    """What one or more runs of pytest counted; `broken` names runs that ended without a report or ran nothing."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    without_browser: int = 0
    broken: tuple[str, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.without_browser + other.without_browser,
            self.broken + other.broken,
        )


def count(report: Path, status: int, name: str) -> Tally:
    """Reads pytest's JUnit report. Exit status 0 and 1 have counted all tests; any other is a broken run."""
    broken = () if status in {0, 1} else (f"pytest on {name} ended with status {status}",)
    if not report.exists():
        return Tally(broken=broken or (f"pytest on {name} left no report",))
    cases = list(ET.parse(report).getroot().iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skips = [case.find("skipped") for case in cases]
    skipped = [skip for skip in skips if skip is not None]
    without = sum(MISSING in (skip.get("message") or "") for skip in skipped)
    return Tally(len(cases) - failed - len(skipped), failed, len(skipped), without, broken)


def run(name: str, database: str, folder: Path, arguments: list[str]) -> Tally:
    report = folder / f"{database}.xml"
    print(f"== tests on {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", os.environ.get("JOBS", "2"), "--dist", "worksteal"]
    done = subprocess.run(
        [*command, f"--junit-xml={report}", *arguments],
        cwd=ROOT,
        env={**os.environ, "BAOGONG_TEST_DB": database},
        check=False,
    )
    return count(report, done.returncode, name)


def complaints(total: Tally) -> list[str]:
    lines = list(total.broken)
    if total.without_browser:
        lines.append(f"{total.without_browser} browser tests were skipped: {MISSING}. Install it: {INSTALL}")
    return lines


def main(arguments: list[str]) -> int:
    begun = time.monotonic()
    total = Tally()
    with tempfile.TemporaryDirectory(prefix="baogong-reports-") as folder:
        for name, database in PASSES.items():
            total += run(name, database, Path(folder), arguments)
    print(f"== both databases, {time.monotonic() - begun:.0f} s")
    for line in complaints(total):
        print(line)
    print(f"tests: {total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed or total.broken or (total.without_browser and needed()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
