"""`baogong figures`: the numbers of the domain on the command line, acting as the system."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.common.errors import BadInput
from baogong.common.figures import FIGURES, set_figure
from baogong.home.offices import figures_in_force


def list_figures(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """One line a figure: name, value, unit, title, source."""
    for line in figures_in_force(subdistrict_id):
        print(f"{line.name}  {line.value} {line.figure.unit}  {line.figure.title}  ({line.source})")
    return 0


def put_figure(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """Set `options.name` to `options.value`. Raises BadInput, BadFigure."""
    try:
        value = Decimal(options.value)
    except InvalidOperation as wrong:
        raise BadInput(_("“%(text)s” is no number") % {"text": options.value[:40]}) from wrong
    done = set_figure(options.name, value, options.source, actor=system(subdistrict_id), now=now())
    print(_("%(title)s: %(value)s from now on.") % {"title": FIGURES[done.name].title, "value": int(done.value)})
    return 0
