"""The words of the desks' commands. Nothing here knows Django, so that planners and `--help` start at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

STEPS = ["open", "schedule", "close", "order", "cancel", "refund", "pay-suppliers", "write-off", "settle"]
Command = Callable[[Any, str, str, str], argparse.ArgumentParser]


class Desk:
    """Adds commands whose function lies in a context's `commands.py`; `command` is the maker of all commands."""

    def __init__(self, commands: Any, command: Command) -> None:
        self.commands, self.command = commands, command

    def add(self, name: str, line: str, job: str, *, below: Any = None) -> argparse.ArgumentParser:
        made = self.command(below or self.commands, name, line, "desk:run")
        made.set_defaults(job=job)
        return made

    def group(self, name: str, line: str) -> Any:
        """A command that has commands of its own."""
        top = self.command(self.commands, name, line, "desk:run")
        return top.add_subparsers(required=True, metavar="WHAT", parser_class=type(top))


def add_desks(commands: Any, command: Command) -> None:
    desk = Desk(commands, command)
    _rounds(desk)
    _supply(desk)
    _plan(desk)
    _points(desk)
    _figures(desk)


def _rounds(desk: Desk) -> None:
    desk.add("rounds", "list the rounds, the newest first", "groupbuy.commands:list_rounds")
    one = desk.add("round", "take a round one step further", "groupbuy.commands:move_round")
    one.add_argument("code", help="R1124-01")
    one.add_argument("step", choices=STEPS)
    one.add_argument("--way", choices=["cash", "transfer", "wechat"], default="transfer", help="how money was paid")
    one.add_argument("--reference", default="", help="the bank's reference of what was paid")
    one.add_argument("--reason", default="", help="why something is written off")
    one.add_argument("--supplier", default="", metavar="CODE", help="pay only this supplier")


def _supply(desk: Desk) -> None:
    publish = desk.add("publish-list", "publish the next supply list", "supply.commands:publish_list")
    publish.add_argument("--note", default="", help="a word to everybody, above the list")
    publish.add_argument("--complete-only", action="store_true", help="leave offers out that lack something")


def _plan(desk: Desk) -> None:
    plan = desk.add("plan", "plan the day on which rounds are handed out", "distribution.commands:plan_day")
    plan.add_argument("rounds", nargs="+", metavar="ROUND", help="code of a round: R1124-01")
    plan.add_argument("--day", required=True, help="2022-11-25")
    plan.add_argument("--seed", type=int, default=0, help="number for the draw")
    plan.add_argument("--publish", action="store_true", help="publish it at once")


def _points(desk: Desk) -> None:
    below = desk.group("points", "the points where goods are handed out")
    desk.add("list", "list them", "distribution.commands:list_points", below=below)
    one = desk.add("set", "change one", "distribution.commands:set_point", below=below)
    one.add_argument("compound")
    one.add_argument("name")
    one.add_argument("--rename", metavar="NAME")
    one.add_argument("--kind", choices=["distribution", "buffer"])
    one.add_argument("--desks", type=int)
    one.add_argument("--present", type=int, help="people present at most")
    one.add_argument("--opens", metavar="HH:MM")
    one.add_argument("--closes", metavar="HH:MM")
    one.add_argument("--place", metavar="LON,LAT")
    one.add_argument("--close", metavar="REASON", help="hand nothing out there, and say why")
    one.add_argument("--open", action="store_true", help="hand out there again")


def _figures(desk: Desk) -> None:
    below = desk.group("figures", "the numbers of the domain that are in force")
    desk.add("list", "list them", "home.commands:list_figures", below=below)
    one = desk.add("set", "set one", "home.commands:put_figure", below=below)
    one.add_argument("name", help="turns.desks")
    one.add_argument("value", help="a whole number")
    one.add_argument("source", help="where it comes from")
