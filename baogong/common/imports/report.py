"""What became of a file: counts in input rows, and each refused row with its line, column and reason."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import Any, NamedTuple, TextIO


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

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Add refusals. Their texts are shared: millions of rows may all be wrong in the same way."""
        for line, *texts in refusals:
            self.refused.append(Refusal(line, *map(intern, texts)))

    def write_json(self, file: TextIO) -> None:
        """The same as `as_dict`, piece by piece."""
        head = json.dumps(self.as_dict(most=0), ensure_ascii=False)
        file.write(head.removesuffix("]}"))
        texts = (json.dumps(refusal._asdict(), ensure_ascii=False) for refusal in self.refused)
        file.writelines(f"{', ' if place else ''}{text}" for place, text in enumerate(texts))
        file.write("]}\n")

    def as_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """What `--json` prints; `most` cuts the list of refusals."""
        counts = {name: getattr(self, name) for name in ("kind", "read", "created", "changed", "unchanged", "merged")}
        return {**counts, "refused": [refusal._asdict() for refusal in self.refused[:most]]}
