"""Applies a table to the database: in chunks, each in its own transaction, or all of it for a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.imports.chunks import Chunk
from baogong.common.imports.kinds import Kind
from baogong.common.imports.reading import Group, Reader
from baogong.common.imports.report import Refusal, Report
from baogong.common.tables import Table

CHUNK_ROWS = 2_000  # a transaction of a second or less: residents' orders never wait long behind an import


def import_table(
    kind: Kind,
    table: Table,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
) -> Report:
    """Apply every good row of a table; what is wrong with the others stands in the report.

    The table is read to its end before anything is written. Importing the same rows again changes nothing, so a run
    that was cut off is simply repeated. With `dry_run` the same code runs and everything is rolled back. Raises
    Unreadable (nothing is in) for a table that is broken or lacks a column.
    """
    reader = Reader(kind, table, mapping)
    report = Report(kind.name, left_out=reader.headers.left_out, dry_run=dry_run)
    report.read = reader.survey()
    with rolled_back() if dry_run and kind.together else nullcontext():
        for groups in chunked(reader.groups()):
            settle(kind, groups, report, actor=actor, now=now)
    report.refused.sort(key=lambda refusal: refusal.line)
    return report


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction whose effects are seen inside it and are gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def chunked(groups: Iterator[Group]) -> Iterator[list[Group]]:
    """Whole groups, about CHUNK_ROWS rows at a time."""
    chunk: list[Group] = []
    rows = 0
    for group in groups:
        chunk.append(group)
        rows += len(group)
        if rows >= CHUNK_ROWS:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk


def settle(kind: Kind, groups: list[Group], report: Report, *, actor: Actor, now: datetime) -> None:
    """Refuse what cannot be read, apply the rest, count both."""
    good: list[Group] = []
    for group in groups:
        report.refuse(read.fault for read in group if read.fault)
        sound = [read for read in group if not read.fault]
        if not kind.split_groups and any(read.fault and not read.repeat for read in group):
            report.refuse(left_with_its_group(read.row.line) for read in sound)
        elif sound:
            good.append(sound)
    if good:
        apply(kind, good, report, actor=actor, now=now)


def left_with_its_group(line: int) -> Refusal:
    return Refusal(line, "", "same_group_refused", _("another line that belongs together with it was refused"))


def apply(kind: Kind, groups: list[Group], report: Report, *, actor: Actor, now: datetime) -> None:
    """One transaction. When the database itself refuses (two writers met), halves are tried, down to single groups."""
    chunk = Chunk([read.row for group in groups for read in group], actor=actor, now=now)
    try:
        with rolled_back() if report.dry_run and not kind.together else transaction.atomic():
            kind.apply(chunk)
    except (IntegrityError, DataError) as clash:
        if len(groups) == 1:
            reason = _("it does not fit what is stored already: %(clash)s") % {"clash": type(clash).__name__}
            report.refuse(Refusal(row.line, "", "conflict", reason) for row in chunk.rows)
            return
        half = len(groups) // 2
        apply(kind, groups[:half], report, actor=actor, now=now)
        apply(kind, groups[half:], report, actor=actor, now=now)
        return
    count(chunk, report)


def count(chunk: Chunk, report: Report) -> None:
    if chunk.open:
        raise RuntimeError(f"lines without an outcome: {[row.line for row in chunk.open][:5]}")
    for outcome in chunk.outcomes.values():
        if isinstance(outcome, Refusal):
            report.refuse([outcome])
        else:
            setattr(report, outcome, getattr(report, outcome) + 1)
