"""Files that came by a browser: kept under a random name until they are applied, tried out first, then applied once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import RuleBroken
from baogong.common.events import record
from baogong.common.imports.files import counts, kept, scratch_folder
from baogong.common.imports.kinds import Kind, kind_named
from baogong.common.imports.run import import_table
from baogong.common.imports.words import explained
from baogong.common.models import ImportRun
from baogong.common.tables import BROWSER, LinesTable, Unreadable, read_in_child

KEPT = timedelta(hours=24)  # an upload that nobody applied by then is removed
SAMPLE_ROWS = 5


class UploadGone(RuleBroken):
    """The file was applied, removed, or is being applied just now."""

    code = "upload_gone"


def receive_upload(kind: Kind, file_name: str, blocks: Iterable[bytes], *, actor: Actor, now: datetime) -> ImportRun:
    """Keep a file's rows, read by the confined child, and try them out. Raises UnreadableFile; then nothing is kept."""
    forget_old_uploads(actor, now=now)
    name = secrets.token_hex(16)
    packed = scratch_folder() / f"{name}.upload"
    try:
        keep(packed, blocks)
        with explained():
            answer = read_in_child(packed, rows_path(name), BROWSER)
            if answer["format"] == "geojson" and kind.geojson is None:
                raise Unreadable("not_geojson")
    except BaseException:
        rows_path(name).unlink(missing_ok=True)
        raise
    finally:
        packed.unlink(missing_ok=True)
    run = ImportRun.objects.create(
        subdistrict_id=actor.subdistrict_id,
        kind=kind.name,
        file_name=Path(file_name).name[:200],
        state=ImportRun.State.PREVIEWED,
        at=now,
        actor_id=actor.account_id,
        upload=name,
        report={"format": answer["format"], "header": answer["header"], "other_sheets": answer["other_sheets"]},
    )
    return try_out(run, {}, actor=actor, now=now)


def keep(path: Path, blocks: Iterable[bytes]) -> None:
    """Write blocks to a new private file. Raises UnreadableFile beyond the browser's limit."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=False)
    size = 0
    with path.open("wb") as file:
        for block in blocks:
            size += len(block)
            if size > BROWSER.size:
                with explained():
                    raise Unreadable("too_large", most_mb=BROWSER.size >> 20, mb=-(-size >> 20))
            file.write(block)


def rows_path(name: str) -> Path:
    return scratch_folder() / f"{name}.rows"


def rules_of(run: ImportRun) -> Kind:
    kind = kind_named(run.kind)
    return (kind.geojson or kind) if run.report.get("format") == "geojson" else kind


def table_of(run: ImportRun) -> LinesTable:
    """The rows that were kept. Raises UploadGone."""
    if not run.upload or not rows_path(run.upload).exists():
        raise UploadGone(_("The file is not here any more. Send it again."))
    return LinesTable(rows_path(run.upload), list(run.report["header"]))


def sample_of(run: ImportRun) -> list[list[str]]:
    """The first rows, as long as they are kept: shown, never stored elsewhere."""
    try:
        return [row.cells for row in islice(table_of(run).rows(), SAMPLE_ROWS)]
    except UploadGone:
        return []


def try_out(run: ImportRun, mapping: Mapping[str, str], *, actor: Actor, now: datetime) -> ImportRun:
    """A dry run with this mapping (header: column, "" for none); what would happen stands in the run's report."""
    told = {name: run.report[name] for name in ("format", "header", "other_sheets")}
    run.mapping = dict(mapping)
    try:
        with explained():
            report = import_table(
                rules_of(run), table_of(run), actor=actor, now=now, dry_run=True, mapping=mapping or None
            )
        run.report = told | kept(report)
    except UploadGone:
        raise
    except RuleBroken as refusal:
        run.report = told | {"unreadable": str(refusal)}
    run.save(update_fields=["mapping", "report"])
    return run


def apply_upload(run: ImportRun, *, actor: Actor, now: datetime) -> ImportRun:
    """Import the kept rows; of two people who press at once, one does it. Raises UploadGone, UnreadableFile."""
    table, name = table_of(run), run.upload
    mine = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.PREVIEWED, upload=name)
    if not mine.update(upload=""):
        raise UploadGone(_("The file is not here any more. Send it again."))
    try:
        with explained():
            report = import_table(rules_of(run), table, actor=actor, now=now, mapping=run.mapping or None)
    except BaseException:
        ImportRun.objects.filter(pk=run.pk).update(upload=name)  # importing again changes nothing
        raise
    told = {key: run.report[key] for key in ("format", "header", "other_sheets")}
    run.state, run.upload, run.report = ImportRun.State.DONE, "", told | kept(report)
    run.save(update_fields=["state", "upload", "report"])
    record("common.imported", run.pk, actor=actor, now=now, **counts(report))
    rows_path(name).unlink(missing_ok=True)
    return run


def drop_upload(run: ImportRun) -> None:
    """Remove a file that was only tried out."""
    if ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.PREVIEWED).delete()[0] and run.upload:
        rows_path(run.upload).unlink(missing_ok=True)


def forget_old_uploads(actor: Actor, *, now: datetime) -> None:
    old = ImportRun.objects.within(actor.subdistrict_id).filter(state=ImportRun.State.PREVIEWED, at__lt=now - KEPT)
    for run in old:
        drop_upload(run)
