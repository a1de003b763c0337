"""Money is whole fen. Yuan exist only in files and on pages."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput

MAX_FEN = (
    10_000_000_00  # ten million yuan: more than a subdistrict turns over in one line; a larger one is a typing error
)

_YUAN = re.compile(r"[¥￥]?\s*(\d{1,9})(?:\.(\d{1,2}))?\s*元?")


def fen_from_yuan(text: str) -> int:
    """Read an amount such as `12.5`, `¥12.50` or `12.50元`. Raises BadInput for anything else, or below zero."""
    match = _YUAN.fullmatch(str(text).strip().replace(",", ""))
    if not match:
        raise BadInput(_("“%(text)s” is not an amount in yuan with at most two decimals") % {"text": text})
    fen = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
    if fen > MAX_FEN:
        raise BadInput(_("%(text)s yuan is more than any line here can be") % {"text": text})
    return fen


def yuan(fen: int) -> str:
    """`4500` as `45.00`; below zero with a leading minus."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
