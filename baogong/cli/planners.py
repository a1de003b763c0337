"""`baogong allocate`, `turns`, `source` and `roster`: the planners on JSON files, without Django and a database.

Each reads FILE (or standard input where FILE is `-`), prints its result as JSON on standard output and returns 0, or
prints one line on standard error and returns 2 where the input is bad.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from baogong.planning.strict import Refused, repeated, said

Answer = Callable[[object, int], object]  # from what the file holds and its seed to what the result holds


def allocate(words: Sequence[str]) -> int:
    """Share out what arrived."""
    return _run("allocate", "share out what arrived", words, _allocate)


def turns(words: Sequence[str]) -> int:
    """Plan which building comes to which point when."""
    return _run("turns", "plan which building comes to which point when", words, _turns)


def source(words: Sequence[str]) -> int:
    """Choose which supplier sells how many packs of what."""
    return _run("source", "choose which supplier sells how many packs of what", words, _source)


def roster(words: Sequence[str]) -> int:
    """Plan who is on duty where and when."""
    return _run("roster", "plan who is on duty where and when", words, _roster)


def _allocate(value: object, seed: int) -> object:
    from baogong.planning import files
    from baogong.planning.allocation import share_out

    batch = files.read_batch(value)
    return files.write_shares(share_out(batch.arrived, batch.claims, seed=seed))


def _turns(value: object, seed: int) -> object:
    from baogong.planning import files
    from baogong.planning.turns import plan_turns

    return files.write_turns(plan_turns(files.read_turns(value), seed=seed))


def _source(value: object, seed: int) -> object:
    from baogong.planning import files
    from baogong.planning.sourcing import choose_packs

    return files.write_sourcing(choose_packs(files.read_sourcing(value), seed=seed))


def _roster(value: object, seed: int) -> object:
    from baogong.planning import rosters_files
    from baogong.planning.rosters import plan_roster

    return rosters_files.write(plan_roster(rosters_files.read(value), seed=seed))


def _run(name: str, help_text: str, words: Sequence[str], answer: Answer) -> int:
    from baogong.cli import Parser
    from baogong.planning.files import split_seed

    parser = Parser(prog=f"baogong {name}", description=help_text)
    parser.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")
    file = parser.parse_args(words).file
    try:
        result = answer(*split_seed(load(file)))
    except OSError as wrong:
        return _complain(name, f"cannot read {said(file)}: {wrong.strerror or wrong}")
    except ValueError as wrong:
        return _complain(name, str(wrong))
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _complain(name: str, text: str) -> int:
    print(f"baogong {name}: {' '.join(text.split())}", file=sys.stderr)
    return 2


def load(file: str) -> object:
    """What the JSON in `file`, or on standard input for `-`, says. Raises OSError or a ValueError of one line."""
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Refused(f"the file is not UTF-8: byte {wrong.start + 1} is wrong") from None
    try:
        value: object = json.loads(text, object_pairs_hook=_table, parse_constant=_no_number, parse_int=_whole)
    except json.JSONDecodeError as wrong:
        raise Refused(f"the file is not JSON: line {wrong.lineno}, column {wrong.colno}: {wrong.msg}") from None
    except RecursionError:
        raise Refused("the file is nested too deeply") from None
    return value


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = repeated(name for name, _ in pairs)
        raise Refused(f"the file has the key {said(twice[0])} twice in one table")
    return found


def _no_number(text: str) -> object:
    raise Refused(f"the file holds {text}, which is no number")


def _whole(text: str) -> int:
    if len(text) > 30:
        raise Refused(f"the file holds a number of {len(text)} digits")
    return int(text)
