"""A fresh database for measurements, in a folder of its own that goes away."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Table:
    """What was measured, printed as it comes: a name, a figure with its unit, and the goal where there is one."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, goal: str = "") -> None:
        self.rows.append((what, figure, goal))
        print(f"{what:<58} {figure:>36}   {goal}", flush=True)

    @contextmanager
    def timed(self, what: str, *, goal_s: float | None = None, count: int = 0) -> Iterator[None]:
        """Wall time of a block and its processor time (other work on the machine lengthens only the first), with the
        rate where it did `count` things."""
        started, worked = time.perf_counter(), time.process_time()
        yield
        took, cpu = time.perf_counter() - started, time.process_time() - worked
        rate = f" ({count / took:,.0f}/s)" if count else ""
        self.add(what, f"{took:.2f} s, cpu {cpu:.2f} s{rate}", f"goal ≤ {goal_s:g} s" if goal_s else "")


@contextmanager
def fresh_installation() -> Iterator[object]:
    """Django on an empty SQLite database with the settings that production has; yields the subdistrict."""
    with tempfile.TemporaryDirectory(prefix="baogong-bench-") as folder:
        for name in [name for name in os.environ if name.startswith("BAOGONG_")] + ["DATABASE_URL"]:
            os.environ.pop(name, None)
        os.environ |= {
            "BAOGONG_DATA": folder,
            "BAOGONG_TASKS": "inline",
            "DJANGO_SETTINGS_MODULE": "baogong.config.settings",
        }
        import django

        django.setup()
        from baogong.cli.preparing import prepare

        yield prepare()


def machine() -> str:
    load = os.getloadavg()[0]
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {load:.1f}"
