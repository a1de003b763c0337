"""What the desks do, on the command line: each prepares the data folder and hands on to its context."""

from __future__ import annotations

import argparse
from importlib import import_module

from baogong.cli.preparing import prepare


def run(options: argparse.Namespace) -> int:
    """Do `options.job`, a `context.commands:function`; a refusal becomes one line and status 2 above."""
    subdistrict = prepare()
    module, function = options.job.split(":")
    return int(getattr(import_module(f"baogong.{module}"), function)(options, subdistrict_id=subdistrict.pk))
