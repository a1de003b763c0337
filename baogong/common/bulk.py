"""Many new rows at once: Django's `bulk_create` builds its statement anew for each batch, which is most of its cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 5_000
PLAIN = {int, bool, float, str, type(None)}  # what both databases take as it is, in the fields below
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
    fields, quoted = meta.concrete_fields, link.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = zip(*(_column(field, batch, link) for field in fields), strict=True)
    with link.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ({places})", list(values))
    for row in batch:
        row._state.adding, row._state.db = False, link.alias


def _column(field: Any, batch: list[models.Model], link: BaseDatabaseWrapper) -> list[Any]:
    """A field's values of all rows, as the database wants them."""
    values = [getattr(row, field.attname) for row in batch]
    if isinstance(field, PLAIN_FIELDS) and PLAIN.issuperset(map(type, values)):
        return values
    return [None if value is None else field.get_db_prep_save(value, connection=link) for value in values]


def insert_columns(model: type[models.Model], columns: Mapping[str, Sequence[Any]]) -> int:
    """Store rows given as columns of equal length, keyed by attribute name; returns how many.

    Columns that are not given get the field's default. Runs in the caller's transaction; signals and `save` do not.
    """
    count = len(next(iter(columns.values())))
    if not count:
        return 0
    connection = connections[router.db_for_write(model)]
    fields = model._meta.concrete_fields
    prepared = [_prepared(field, columns.get(field.attname), count, connection) for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"
        cursor.executemany(sql, list(zip(*prepared, strict=True)))
    return count


def _prepared(
    field: models.Field[Any, Any], values: Sequence[Any] | None, count: int, connection: Any
) -> Iterable[Any]:
    """The column as the database takes it; what occurs often is prepared once."""
    if values is None:
        values = (
            [field.get_default() for _ in range(count)] if callable(field.default) else [field.get_default()] * count
        )
    if isinstance(field, models.JSONField):  # its values are no keys of a dictionary
        return [field.get_db_prep_save(value, connection) for value in values]
    known: dict[Any, Any] = {}
    for value in values:
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
    return [known[value] for value in values]
