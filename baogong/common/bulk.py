"""Many new rows at once: Django's `bulk_create` builds its statement anew for each batch, which is most of its cost."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 5_000
PLAIN = {int, bool, float, str}  # what both databases take as it is, in the fields below
PLAIN_FIELDS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.FloatField)


def insert_all(rows: Iterable[models.Model]) -> int:
    """Store new rows of one model whose ids are set already; returns how many.

    One prepared statement for all of them. As with `bulk_create`, `save` and signals are not called. Call it inside
    a transaction. Raises IntegrityError.
    """
    waiting = iter(rows)
    count = 0
    while batch := list(islice(waiting, BATCH)):
        _insert(batch)
        count += len(batch)
    return count


def _insert(batch: list[models.Model]) -> None:
    meta, link = batch[0]._meta, connections[DEFAULT_DB_ALIAS]
    fields = [(field, field.attname, isinstance(field, PLAIN_FIELDS)) for field in meta.concrete_fields]
    quoted = link.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field, _attname, _plain in fields)
    places = ", ".join(["%s"] * len(fields))
    with link.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ({places})",
            [[_stored(field, getattr(row, attname), plain, link) for field, attname, plain in fields] for row in batch],
        )
    for row in batch:
        row._state.adding, row._state.db = False, link.alias


def _stored(field: Any, value: object, plain: bool, link: BaseDatabaseWrapper) -> Any:
    if value is None or (plain and type(value) in PLAIN):
        return value
    return field.get_db_prep_save(value, connection=link)
