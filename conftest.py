"""For every test, those beside the code too: the database, the browser, and which tests run where."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests import chromium as browsers
from tests.chromium import accessibility_faults, chromium, open_page, snap
from tests.environment import POSTGRES, WORKER
from tools import messages

__all__ = ["accessibility_faults", "chromium", "open_page", "snap"]

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", default="", help="browser tests keep pictures of pages there")


def pytest_sessionstart() -> None:
    if not WORKER:
        messages.main(["--compile"])  # pages are tested with the catalogues as they are now


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """SQLite: all but the tests that need PostgreSQL. PostgreSQL: those, and every other that touches the database."""
    chosen = [item for item in items if (wants_postgres(item) if POSTGRES else not item.get_closest_marker("postgres"))]
    left_out = [item for item in items if item not in set(chosen)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


def wants_postgres(item: pytest.Item) -> bool:
    if item.get_closest_marker("postgres"):
        return True
    return touches_database(item) and not item.get_closest_marker("browser")


def touches_database(item: pytest.Item) -> bool:
    from django.test import TransactionTestCase

    if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    kind = getattr(item, "cls", None)
    return isinstance(kind, type) and issubclass(kind, TransactionTestCase)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On a server whose databases would not know Chinese letters, the test database is copied from one that does."""
    if POSTGRES:
        from django.conf import settings

        database: dict[str, Any] = settings.DATABASES["default"]
        database.setdefault("TEST", {})["TEMPLATE"] = chinese_template()


def chinese_template() -> str:
    """Name of a database with a UTF-8 LC_CTYPE to copy: template1 where it has one, else one made here."""
    import psycopg

    name = "baogong_template"
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as link:
        kinds: dict[str, str] = dict(link.execute("SELECT datname, datctype FROM pg_database").fetchall())
        if "utf" in kinds["template1"].lower():
            return "template1"
        # Two workers may get here at once; the lock is given back when the connection closes.
        link.execute("SELECT pg_advisory_lock(20221114)")
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            link.execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            )
    return name


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    count = browsers.skipped_for_want_of_chromium(terminalreporter.stats.get("skipped", []))
    if count:
        line = f"{count} browser tests were skipped: {browsers.MISSING}. Install it: {browsers.INSTALL}"
        terminalreporter.write_line(line, yellow=True, bold=True)
