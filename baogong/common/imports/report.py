"""What became of a file: counts in input rows, and each refused row with its line, column and reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Refusal(NamedTuple):
    """`line` is the row's line in the file (the header is line 1), or the number of the feature in GeoJSON."""

    line: int
    column: str
    code: str
    reason: str


@dataclass(slots=True)
class Report:
    kind: str
    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    merged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # headers that no column of the kind is called
    dry_run: bool = False

    def as_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """What `--json` prints; `most` cuts the list of refusals."""
        counts = {name: getattr(self, name) for name in ("kind", "read", "created", "changed", "unchanged", "merged")}
        return {**counts, "refused": [refusal._asdict() for refusal in self.refused[:most]]}
