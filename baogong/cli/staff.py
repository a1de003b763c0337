"""`baogong administrator NAME`: the first one, who gives everybody else their roles."""

from __future__ import annotations

import argparse

from baogong.cli.preparing import prepare


def administrator(options: argparse.Namespace) -> int:
    from baogong.people.commands import add_administrator

    prepare()
    return add_administrator(options)
