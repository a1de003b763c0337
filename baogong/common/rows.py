"""What every row has: an id made by the program, its subdistrict, and a manager that demands one."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from baogong.common.ids import new_id

M = TypeVar("M", bound=models.Model)


class UnscopedQuery(RuntimeError):
    """A query over several subdistricts that nobody asked for: a missing `.within(...)`."""


class ScopedQuerySet(models.QuerySet[M]):
    """Refuses to run until it is bound to a subdistrict, to single rows, or to a parent row that already was.

    `within(subdistrict_id)` binds it; so do filters on `subdistrict_id`, `pk`, `id` or a row; `everywhere()` says
    that the whole installation is meant (periodic tasks, `baogong check`).
    """

    _scoped = False

    def within(self, subdistrict_id: UUID) -> Any:
        return self.filter(subdistrict_id=subdistrict_id)

    def everywhere(self) -> Any:
        clone = self.all()
        clone._scoped = True
        return clone

    def _clone(self) -> Any:
        clone = super()._clone()  # type: ignore[misc]
        clone._scoped = self._scoped
        return clone

    def _filter_or_exclude_inplace(self, negate: bool, args: Any, kwargs: Any) -> None:
        if not negate and any(_binds(self.model, name, value) for name, value in kwargs.items()):
            self._scoped = True
        super()._filter_or_exclude_inplace(negate, args, kwargs)  # type: ignore[misc]

    def _demand_scope(self) -> None:
        if not self._scoped and not self._hints and not self.query.is_empty():  # type: ignore[attr-defined]
            raise UnscopedQuery(f"{self.model.__name__}: say .within(subdistrict_id), or .everywhere()")

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._demand_scope()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        self._demand_scope()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._demand_scope()
        return super().count()

    def exists(self) -> bool:
        self._demand_scope()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        self._demand_scope()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._demand_scope()
        return super().update(**kwargs)

    def delete(self) -> Any:
        self._demand_scope()
        return super().delete()


def _binds(model: type[models.Model], name: str, value: object) -> bool:
    """Whether a filter names a subdistrict, single rows, or rows that were themselves found within one."""
    path = name.split("__")
    if path[-1] in {"in", "exact"}:
        path.pop()
    if path[-1] in {"subdistrict_id", "pk", "id"} or _names_rows(model, path):
        return True
    if isinstance(value, ScopedQuerySet):
        return value._scoped
    if isinstance(value, list | tuple | set):
        return bool(value) and all(isinstance(row, Row) for row in value)
    return isinstance(value, Row)


def _names_rows(model: type[models.Model], path: list[str]) -> bool:
    """Whether a path such as `order_id` is the column of a foreign key to rows."""
    if len(path) > 1 or not path[0].endswith("_id"):
        return False
    field = {f.attname: f for f in model._meta.concrete_fields}.get(path[0])
    return isinstance(field, models.ForeignKey) and issubclass(field.related_model, Row)


class Row(models.Model):
    """A row of one subdistrict. No foreign key points upwards in the house."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subdistrict_id = models.UUIDField(db_index=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
