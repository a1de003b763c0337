"""`baogong import` and `baogong export`."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.common.imports import Report, kind_named
from baogong.common.imports.files import export_path, import_path, keep_run

SHOWN = 50  # refused lines on a terminal; `--json` has all


def import_file(kind: str, file: str, *, subdistrict_id: UUID, dry_run: bool = False, as_json: bool = False) -> int:
    """Exit status: 0 none refused, 1 some (the good rows are in), 2 unreadable (nothing is in)."""
    actor, at, path = system(subdistrict_id), now(), Path(file)
    try:
        report = import_path(kind_named(kind), path, actor=actor, now=at, dry_run=dry_run)
    except RuleBroken as refusal:
        print(one_line(refusal), file=sys.stderr)
        return 2
    if not dry_run:
        keep_run(report, path.name, actor=actor, now=at)
    print_report(report, as_json=as_json)
    return 1 if report.refused else 0


def export_file(kind: str, file: str, *, subdistrict_id: UUID) -> int:
    """Exit status: 0 written, 2 for an unknown kind, ending or place."""
    try:
        rows = export_path(kind_named(kind), Path(file), actor=system(subdistrict_id), now=now())
    except RuleBroken as refusal:
        print(one_line(refusal), file=sys.stderr)
        return 2
    print(_("%(rows)d rows of %(kind)s written to %(file)s") % {"rows": rows, "kind": kind, "file": file})
    return 0


def one_line(refusal: RuleBroken) -> str:
    return " ".join(str(refusal).split())


def print_report(report: Report, *, as_json: bool) -> None:
    if report.left_out:
        left_out = ", ".join(" ".join(title.split())[:60] for title in report.left_out)
        print(_("Columns left out: %(columns)s") % {"columns": left_out}, file=sys.stderr)
    if as_json:
        report.write_json(sys.stdout)
        return
    for line in written(report):
        print(line)


def written(report: Report) -> list[str]:
    """The report for a terminal: one line of counts, then the refused lines."""
    facts = {name: getattr(report, name) for name in ("read", "created", "changed", "unchanged", "merged")}
    text = _(
        "%(read)d rows: %(created)d new, %(changed)d changed, %(unchanged)d as before, %(merged)d merged, "
        "%(refused)d refused"
    )
    lines = [text % {**facts, "refused": len(report.refused)}]
    if report.dry_run:
        lines.append(_("Only tried; nothing was stored"))
    for refusal in report.refused[:SHOWN]:
        column = f" {refusal.column}:" if refusal.column else ""
        lines.append(_("Line %(line)d:") % {"line": refusal.line} + f"{column} {refusal.reason} [{refusal.code}]")
    if len(report.refused) > SHOWN:
        lines.append(_("… and %(more)d more; --json lists all") % {"more": len(report.refused) - SHOWN})
    return lines
