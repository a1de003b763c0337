"""Rows on their way into the database: what a context's `apply` gets and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.db import models, transaction

from baogong.common.actors import Actor
from baogong.common.errors import RuleBroken
from baogong.common.imports.report import Refusal

T = TypeVar("T")
Outcome = Literal["created", "changed", "unchanged", "merged"]


@dataclass(slots=True, eq=False)
class InputRow:
    """One row with its cells as values; an optional cell that is empty or missing is None."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named values that the row has: an empty optional cell says nothing and changes nothing."""
        return {name: self.values[name] for name in names if self.values.get(name) is not None}


class Chunk:
    """Some rows of a file. `apply` gives each exactly one outcome; refused rows change nothing."""

    def __init__(self, rows: list[InputRow], *, actor: Actor, now: datetime) -> None:
        self.rows, self.actor, self.now = rows, actor, now
        self.outcomes: dict[InputRow, Outcome | Refusal] = {}
        self._read: dict[object, Any] = {}

    @property
    def subdistrict_id(self) -> UUID:
        return self.actor.subdistrict_id

    @property
    def open(self) -> list[InputRow]:
        """The rows that have no outcome yet."""
        return [row for row in self.rows if row not in self.outcomes]

    def once(self, make: Callable[[UUID], T]) -> T:
        """What `make` reads of the subdistrict, read once for the chunk: `chunk.once(Buildings)`."""
        if make not in self._read:
            self._read[make] = make(self.subdistrict_id)
        found: T = self._read[make]
        return found

    def say(self, outcome: Outcome, *rows: InputRow) -> None:
        """`created`, `changed`, `unchanged` or `merged`."""
        for row in rows:
            self._settle(row, outcome)

    def refuse(self, row: InputRow, code: str, reason: str, *, column: str = "") -> None:
        self._settle(row, Refusal(row.line, column, code, str(reason)))

    def refuse_for(self, row: InputRow, refusal: RuleBroken, *, column: str = "") -> None:
        """Refuse a row with the code and text of a rule; `facts["column"]` names the column if the rule knows it."""
        self.refuse(row, refusal.code, str(refusal), column=str(refusal.facts.get("column", column)))

    def _settle(self, row: InputRow, outcome: Outcome | Refusal) -> None:
        if row in self.outcomes:
            raise RuntimeError(f"line {row.line} was already settled: {self.outcomes[row]}")
        self.outcomes[row] = outcome


def applying_each(one: Callable[[InputRow, Chunk], Outcome]) -> Callable[[Chunk], None]:
    """An `apply` for kinds with few rows: `one` does a row and says what it was, in a savepoint of its own.

    A RuleBroken that it raises is the row's refusal, and what it had done is undone.
    """

    def apply(chunk: Chunk) -> None:
        for row in chunk.rows:
            try:
                with transaction.atomic():
                    outcome = one(row, chunk)
            except RuleBroken as refusal:
                chunk.refuse_for(row, refusal)
            else:
                chunk.say(outcome, row)

    return apply


def changed_names(instance: models.Model, values: Mapping[str, object]) -> list[str]:
    """Put the values on the instance; returns the names of those that were different before."""
    names = [name for name, value in values.items() if getattr(instance, name) != value]
    for name in names:
        setattr(instance, name, values[name])
    return names
