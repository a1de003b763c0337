"""The `baogong` command. Planners start without Django; everything else prepares the data folder by itself.

Exit status: 0 done, 1 a check found something, 2 bad input or usage (one clear line on stderr).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn, TypeAlias

from baogong.cli.desk_parsers import add_desks

# Commands that need no database: module and function, called with the remaining words.
PURE = {
    "allocate": "baogong.cli.planners:allocate",
    "turns": "baogong.cli.planners:turns",
    "source": "baogong.cli.planners:source",
    "roster": "baogong.cli.planners:roster",
}
Commands: TypeAlias = Any  # argparse's own type of a list of commands has no public name

PURE_HELP = {
    "allocate": "share out what arrived (JSON)",
    "turns": "plan pick-up turns (JSON)",
    "source": "choose suppliers (JSON)",
    "roster": "plan a duty roster (JSON)",
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; `argv` without the program's name."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words and words[0] in PURE:
            module, function = PURE[words[0]].split(":")
            return int(getattr(import_module(module), function)(words[1:]))
        return run(words)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def run(words: list[str]) -> int:
    """A command that works on the database: start Django, then do it; a refusal is one line and status 2."""
    options = parser().parse_args(words)
    os.umask(0o077)  # database, keys and files are for their owner only
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baogong.config.settings")
    import django

    django.setup()
    from django.db import OperationalError

    from baogong.common.errors import RuleBroken

    module, function = options.act.split(":")
    try:
        return int(getattr(import_module(f"baogong.cli.{module}"), function)(options))
    except RuleBroken as refusal:
        return complain(str(refusal))
    except BrokenPipeError:
        raise
    except OperationalError as wrong:
        return complain(f"the database does not answer: {wrong}")
    except OSError as wrong:
        return complain(f"{wrong.filename or ''}: {wrong.strerror or wrong}".lstrip(": "))


def complain(text: str) -> int:
    print(f"baogong: {' '.join(text.split())}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """Every command with its options; `act` names the function that does it."""
    top = Parser(prog="baogong", description="Baogong 保供: supplies and care for a neighbourhood that cannot go out.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, line in PURE_HELP.items():
        commands.add_parser(name, help=line)
    for part in (_serving, _demonstration, _spreadsheets, _looking_after):
        part(commands)
    add_desks(commands, _command)
    return top


def _serving(commands: Commands) -> None:
    serve = _command(commands, "serve", "serve the installation", "serving:serve")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    serve.add_argument("--threads", type=int, default=16, help="requests answered at the same time by a process")
    serve.add_argument("--tls-cert")
    serve.add_argument("--tls-key")
    serve.add_argument("--insecure", action="store_true", help="serve without TLS on other than loopback")
    serve.add_argument("--demo", action="store_true", help="serve a demonstration database on other than loopback")
    _command(commands, "tasks", "work on the task queue (`serve` starts this)", "serving:work_on_tasks")


def _demonstration(commands: Commands) -> None:
    run = _command(commands, "run", "fill an empty database with the demonstration, then serve it", "serving:run_demo")
    run.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    demo = _command(commands, "demo", "fill an empty database with a demonstration subdistrict", "demo:demo")
    demo.add_argument("--households", type=int, default=600)
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--tokens", metavar="FILE", help="write one bearer token for each role")


def _spreadsheets(commands: Commands) -> None:
    bring = _command(commands, "import", "read a spreadsheet", "files:import_file")
    bring.add_argument("kind")
    bring.add_argument("file")
    bring.add_argument("--dry-run", action="store_true")
    bring.add_argument("--json", action="store_true")
    take = _command(commands, "export", "write a spreadsheet", "files:export_file")
    take.add_argument("kind")
    take.add_argument("file")


def _looking_after(commands: Commands) -> None:
    check = _command(commands, "check", "prove the laws on the whole database", "checking:check")
    check.add_argument("--json", action="store_true")
    doctor = _command(commands, "doctor", "look at environment, database, queue, keys, disk and clock", "doctor:doctor")
    doctor.add_argument("--json", action="store_true")
    admin = _command(commands, "administrator", "make an administrator; prints a password once", "staff:administrator")
    admin.add_argument("name")
    audit = _command(commands, "audit", "the hash chain over all events", "checking:audit")
    audit.add_argument("what", choices=["verify"])
    backup = _command(commands, "backup", "copy database and files, also while serving", "backups:backup")
    backup.add_argument("file")
    restore = _command(commands, "restore", "bring a backup back", "backups:restore")
    restore.add_argument("file")


def _command(commands: Commands, name: str, line: str, act: str) -> argparse.ArgumentParser:
    """One command; `act` is `module:function` below this package."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line)
    command.set_defaults(act=act)
    return command
