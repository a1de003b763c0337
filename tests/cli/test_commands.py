"""The command line as a person types it: exit status, one line on stderr, an empty folder that fills itself."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


class Shell:
    """`baogong` in a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = {name: value for name, value in os.environ.items() if not name.startswith("BAOGONG_")}
        names.pop("DATABASE_URL", None)
        names.pop("SECRET_KEY", None)
        self.environ = {
            **names,
            "BAOGONG_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "baogong.config.settings",
        }

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "baogong", *words]
        return subprocess.run(
            command,
            env=self.environ,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def baogong(tmp_path):
    return Shell(tmp_path)


def change(database: Path, statement: str) -> None:
    """Somebody with the file in hand, past the program."""
    with closing(sqlite3.connect(database)) as link, link:
        link.execute(statement)


def one_line(done: subprocess.CompletedProcess[str]) -> bool:
    return len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


def test_an_empty_folder_becomes_an_installation_that_is_well(baogong):
    done = baogong("doctor", "--json")
    findings = json.loads(done.stdout)["findings"]

    assert (done.returncode, findings["synchronous"]["ok"], findings["journal_mode"]["ok"]) == (0, True, True)
    assert (baogong.folder / "data" / "keys" / "master.key").stat().st_mode & 0o077 == 0
    assert baogong("check").returncode == 0
    assert baogong("audit", "verify").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        [],
        ["import", "places", "missing.csv"],
        ["import", "nonsense", "missing.csv"],
        ["export", "places", "folder-that-is-not-there/places.csv"],
        ["allocate", "missing.json"],
        ["serve", "--port", "99999"],
        ["serve", "--host", "0.0.0.0", "--port", "18765"],
        ["serve", "--tls-cert", "missing.pem", "--tls-key", "missing.pem"],
        ["restore", "missing.tar"],
        ["demo", "--households", "0"],
    ],
)
def test_bad_usage_is_one_clear_line_and_status_2(baogong, words):
    done = baogong(*words)

    assert done.returncode == 2, done.stderr
    assert one_line(done), done.stderr


def test_planners_read_a_file_or_stdin_and_answer_in_json(baogong):
    problem = (
        '{"arrived": 3, "claims": [{"id": "a", "quantity": 4, "floor": 1}, {"id": "b", "quantity": 2}], "seed": 1}'
    )
    done = baogong("allocate", "-", stdin=problem)

    assert done.returncode == 0, done.stderr
    assert sum(share["quantity"] for share in json.loads(done.stdout)["shares"]) == 3
    for wrong in (
        "{",
        '{"arrived": -1, "claims": []}',
        '{"arrived": 1, "claims": [], "more": 1}',
        "[]",
        '{"arrived": NaN, "claims": []}',
    ):
        refused = baogong("allocate", "-", stdin=wrong)
        assert refused.returncode == 2, wrong
        assert one_line(refused), refused.stderr


def test_a_file_is_imported_reported_and_exported_and_importing_again_changes_nothing(baogong):
    places = baogong.folder / "places.csv"
    places.write_text(
        "小区,社区,楼栋,层数,电梯,户数,防控区\n东里,东里社区,1号楼,6,否,36,管控\n东里,东里社区,2号楼,六,否,36,管控\n",
        encoding="gb18030",
    )
    first = baogong("import", "places", "places.csv", "--json")
    report = json.loads(first.stdout)
    assert (first.returncode, report["read"], report["created"]) == (1, 2, 1), first.stdout + first.stderr
    assert (report["refused"][0]["line"], report["refused"][0]["column"]) == (3, "floors")

    again = json.loads(baogong("import", "places", "places.csv", "--json").stdout)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)
    assert baogong("export", "places", "out.xlsx").returncode == 0
    back = baogong("import", "places", "out.xlsx", "--json")
    assert (back.returncode, json.loads(back.stdout)["unchanged"]) == (0, 1)


def test_a_demonstration_is_whole_refuses_a_second_one_and_survives_backup_and_restore(baogong):
    made = baogong("demo", "--households", "120", "--tokens", "tokens.json")
    assert made.returncode == 0, made.stderr
    tokens = json.loads((baogong.folder / "tokens.json").read_text())
    assert set(tokens) == {
        "resident", "neighbour", "social_worker", "buyer", "supplier", "carrier", "guard", "volunteer", "care_worker",
        "operator", "command_post", "admin",
    }  # fmt: skip
    assert all(entry["token"] and entry["user"] for entry in tokens.values())
    assert baogong("check").returncode == 0
    assert baogong("demo").returncode == 2

    assert baogong("backup", "copy.tar").returncode == 0
    with tarfile.open(baogong.folder / "copy.tar") as archive:
        assert not [name for name in archive.getnames() if "key" in name]
    database = baogong.folder / "data" / "baogong.sqlite3"
    change(database, "DELETE FROM groupbuy_transfer")
    assert baogong("check").returncode == 1

    assert baogong("restore", "copy.tar").returncode == 0
    assert baogong("check").returncode == 0
    content = bytearray((baogong.folder / "copy.tar").read_bytes())
    content[len(content) // 2] ^= 1
    (baogong.folder / "damaged.tar").write_bytes(content)
    refused = baogong("restore", "damaged.tar")
    assert (refused.returncode, one_line(refused)) == (2, True), refused.stderr
    assert baogong("check").returncode == 0


def test_a_touched_event_is_found_and_named(baogong):
    assert baogong("demo", "--households", "60").returncode == 0
    assert baogong("audit", "verify").returncode == 0
    database = baogong.folder / "data" / "baogong.sqlite3"
    change(database, """UPDATE common_event SET "values" = '{"fen": 1}' WHERE number = 7""")
    found = baogong("audit", "verify")

    assert (found.returncode, "7" in found.stdout) == (1, True)
