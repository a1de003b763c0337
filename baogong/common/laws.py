"""What `baogong check` collects: each context proves its own laws in `checks.py`.

`LAWS` maps the law's number to a function of a subdistrict that yields its breaches; `WARNINGS` likewise, by name,
for what is worth knowing and breaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as the law says; `subject_id` names the row."""

    law: int | str
    what: str
    subject_id: UUID | None = None


Check = Callable[[UUID], Iterator[Breach]]
