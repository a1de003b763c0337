import io
import json
import subprocess
import sys

import pytest

from baogong.cli import planners
from baogong.cli.planners import allocate, source, turns

BATCH = {"arrived": 5, "claims": [{"id": "王家", "quantity": 4}, {"id": "li", "quantity": 4}], "seed": 3}


@pytest.fixture
def write(tmp_path):
    def write(content):
        file = tmp_path / "input.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(file)

    return write


def test_shares_are_printed_as_json(write, capfd):
    assert allocate([write(BATCH)]) == 0

    out, err = capfd.readouterr()
    shares = json.loads(out)["shares"]
    assert [share["id"] for share in shares] == ["王家", "li"]
    assert sorted(share["quantity"] for share in shares) == [2, 3]
    assert "王家" in out
    assert err == ""


def test_turns_are_printed_as_json(write, capfd):
    point = {"id": "P1", "desks": 2, "present_cap": 20, "opens": "07:00", "closes": "19:00"}
    building = {
        "id": "B1",
        "households": 20,
        "priority_households": 4,
        "distance_m": {"P1": 120},
        "not_before": "09:00",
    }

    assert turns([write({"points": [point], "buildings": [building]})]) == 0

    assert json.loads(capfd.readouterr().out) == {
        "turns": [
            {"building": "B1", "point": "P1", "start": "09:00", "end": "09:10", "households": 15, "priority": True},
            {"building": "B1", "point": "P1", "start": "09:10", "end": "09:20", "households": 5, "priority": False},
        ],
        "unserved": [],
        "cost": 20 * 120 + 10 * (15 * 12 + 5 * 13),
        "bound": 20 * 120 + 10 * (15 * 12 + 5 * 13),
        "gap": 0.0,
    }


def test_the_choice_of_packs_is_printed_as_json(write, capfd):
    offer = {"sku": "rice-5kg", "pack_size": 4, "price_fen": 11200, "stock_packs": 90}
    document = {
        "demand": {"rice-5kg": 400},
        "suppliers": [{"id": "S1", "offers": [offer]}],
        "shortage_penalty_fen": {"rice-5kg": 100000},
    }

    assert source([write(document)]) == 0

    cost = 90 * 11200 + 40 * 100000
    assert json.loads(capfd.readouterr().out) == {
        "lines": [{"supplier": "S1", "sku": "rice-5kg", "packs": 90}],
        "short": {"rice-5kg": 40},
        "cost_fen": cost,
        "bound_fen": cost,
        "gap": 0.0,
    }


def test_a_dash_reads_standard_input(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(BATCH).encode("utf-8-sig"))))

    assert allocate(["-"]) == 0

    assert "shares" in json.loads(capfd.readouterr().out)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b'{"arrived": 5,\n "claims": [}', "not JSON: line 2, column 13"),
        (b'{"arrived": 5, "arrived": 6, "claims": []}', "the key 'arrived' twice"),
        (b'{"arrived": NaN, "claims": []}', "NaN"),
        (b'{"arrived": -Infinity, "claims": []}', "-Infinity"),
        (b'{"arrived": 1e999, "claims": []}', "arrived must be a whole number"),
        (b'{"arrived": ' + b"9" * 5000 + b', "claims": []}', "a number of 5000 digits"),
        (b'{"arrived": 5, "claims": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (b'{"arrived": 5, "claims": [{"id": "\xcd\xf5", "quantity": 1}]}', "not UTF-8: byte 35"),
        (b'{"arrived": 5, "claims": [{"id": "a"}]}', "claims[0].quantity is missing"),
        (b'{"arrived": 5, "claims": [], "seed": true}', "seed must be a whole number"),
        (b"[]", "must be a table"),
        (b"7", "must be a table"),
    ],
)
def test_bad_input_is_one_line_and_status_2(write, capfd, content, complaint):
    assert allocate([write(content)]) == 2

    out, err = capfd.readouterr()
    assert out == ""
    assert complaint in err
    assert err.startswith("baogong allocate: ")
    assert err.count("\n") == 1


def test_a_problem_that_makes_no_sense_is_bad_input(write, capfd):
    point = {"id": "P\n1", "desks": 2, "present_cap": 20, "opens": "19:00", "closes": "07:00"}

    assert turns([write({"points": [point], "buildings": []})]) == 2

    err = capfd.readouterr().err
    assert "must open before it closes" in err
    assert err.count("\n") == 1


def test_a_missing_file_and_a_folder_are_bad_input(tmp_path, capfd):
    assert allocate([str(tmp_path / "nothing.json")]) == 2
    assert allocate([str(tmp_path)]) == 2

    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("cannot read" in line for line in lines)


@pytest.mark.parametrize("words", [[], ["one", "two"], ["--fast", "one"]])
def test_wrong_words_are_bad_usage(words, capfd):
    with pytest.raises(SystemExit) as stop:
        allocate(words)

    assert stop.value.code == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_the_planners_start_without_django():
    code = f"import sys; import {planners.__name__} as p; p.allocate(['-']); print('django' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(BATCH).encode(), capture_output=True, check=True
    )

    assert done.stdout.splitlines()[-1] == b"False"
