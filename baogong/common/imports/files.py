"""Files in and out: opens one as a table and applies it, or writes a kind's rows as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.events import record
from baogong.common.ids import new_id
from baogong.common.imports.kinds import Kind
from baogong.common.imports.report import Report
from baogong.common.imports.run import import_table
from baogong.common.imports.words import explained
from baogong.common.models import ImportRun
from baogong.common.statistics import gather_statistics
from baogong.common.tables import COMMAND, Limits, Table, Unreadable, opened, write_csv, write_geojson, write_xlsx

REFUSALS_KEPT = 1_000  # in the run's row; the full list goes to whoever runs it


def scratch_folder() -> Path:
    """Where uploads and their rows lie while they are used: private, and emptied afterwards."""
    return Path(settings.BAOGONG_DATA) / "imports"


@contextmanager
def opened_for(
    kind: Kind, path: Path, *, limits: Limits = COMMAND, child: bool = False
) -> Iterator[tuple[Kind, Table]]:
    """The table in a file, and the kind by whose rules it is read: GeoJSON has its own. Raises UnreadableFile."""
    with explained(), opened(path, limits=limits, scratch=scratch_folder(), child=child) as (table, found):
        if found == "geojson" and kind.geojson is None:
            raise Unreadable("not_geojson")
        yield (kind.geojson or kind) if found == "geojson" else kind, table


def import_path(
    kind: Kind,
    path: Path,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
    limits: Limits = COMMAND,
    child: bool = False,
) -> Report:
    """Import a file; see `import_table`. Raises UnreadableFile: then nothing is in."""
    with opened_for(kind, path, limits=limits, child=child) as (rules, table):
        report = import_table(rules, table, actor=actor, now=now, dry_run=dry_run, mapping=mapping)
    if not dry_run:
        gather_statistics()
    return report


def keep_run(report: Report, file_name: str, *, actor: Actor, now: datetime) -> ImportRun:
    """Write down that a file was imported, with its counts and the first of its refusals."""
    with transaction.atomic():
        run = ImportRun.objects.create(
            subdistrict_id=actor.subdistrict_id,
            kind=report.kind,
            file_name=file_name[:200],
            state=ImportRun.State.DONE,
            at=now,
            actor_id=actor.account_id,
            report=kept(report),
        )
        record("common.imported", run.pk, actor=actor, now=now, **counts(report))
    return run


def kept(report: Report) -> dict[str, object]:
    """What the row of a run keeps of its report."""
    more = {"refused_rows": len(report.refused), "left_out": report.left_out[:50]}
    return report.as_dict(most=REFUSALS_KEPT) | more


def counts(report: Report) -> dict[str, Any]:
    return {**report.as_dict(most=0), "refused": len(report.refused)}


def export_path(kind: Kind, path: Path, *, actor: Actor, now: datetime) -> int:
    """Write every row of a kind to a new file, ready to be imported again; returns how many.

    The ending says how: .csv, .xlsx, or .geojson for places. An event keeps who took what.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.touch(mode=0o600)
        rows = write_as(format_named(kind, path), kind, draft, actor.subdistrict_id)
        draft.replace(path)
    except OSError as wrong:
        raise BadInput(_("%(path)s cannot be written: %(why)s") % {"path": path, "why": wrong.strerror}) from wrong
    finally:
        draft.unlink(missing_ok=True)
    keep_export(kind, rows, actor=actor, now=now)
    return rows


def keep_export(kind: Kind, rows: int, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """The event of an export: who took how much of what, and what for."""
    record("common.exported", new_id(), actor=actor, now=now, kind=kind.name, rows=rows, reason=reason)


def format_named(kind: Kind, path: Path) -> str:
    ending = path.suffix.lower().lstrip(".")
    ending = "geojson" if ending == "json" else ending
    if ending not in formats(kind):
        facts = {"ending": path.suffix or path.name, "endings": ", ".join(f".{name}" for name in formats(kind))}
        raise BadInput(_("“%(ending)s” is no ending that %(endings)s is among") % facts)
    return ending


def formats(kind: Kind) -> list[str]:
    return ["csv", "xlsx", *(["geojson"] if kind.features else [])]


def write_as(form: str, kind: Kind, target: Path, subdistrict_id: UUID) -> int:
    """Write a kind's rows as `csv`, `xlsx` or `geojson`; returns how many."""
    if form == "geojson" and kind.features:
        with target.open("w", encoding="utf-8") as file:
            return write_geojson(file, kind.features(subdistrict_id))
    rows = ([row.get(name) for name in kind.header] for row in kind.export(subdistrict_id))
    if form == "xlsx":
        return write_xlsx(target, kind.header, rows)
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        return write_csv(file, kind.header, rows)
