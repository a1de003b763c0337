"""What kind of file it is, by its first bytes and not by its name."""

from __future__ import annotations

from pathlib import Path

from baogong.common.tables.table import Limits, Unreadable

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
PICTURES_AND_PAPERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")


def format_of(path: Path, limits: Limits) -> str:
    """`csv`, `xlsx` or `geojson`. Raises Unreadable for what cannot be any of them."""
    if not path.is_file():
        raise Unreadable("no_file", path=path.name)
    size = path.stat().st_size
    if size > limits.size:
        raise Unreadable("too_large", most_mb=limits.size >> 20, mb=-(-size >> 20))
    with path.open("rb") as file:
        start = file.read(64)
    if not start.strip():
        raise Unreadable("empty")
    if start.startswith(b"PK"):
        return "xlsx"
    if start.startswith(OLD_EXCEL):
        raise Unreadable("old_excel")
    if start.startswith(PICTURES_AND_PAPERS):
        raise Unreadable("binary")
    return "geojson" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) else "csv"
