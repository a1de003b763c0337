"""Inserting tens of thousands of rows in a second or two: column by column, one statement, no model instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, models, router


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
    known: dict[Any, Any] = {}
    for value in values:
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
    return [known[value] for value in values]
