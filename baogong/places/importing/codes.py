"""Codes for buildings that came without one: short enough to be written on a bag, the same each time they are made."""

from __future__ import annotations

import re
from collections.abc import Container
from hashlib import blake2b

from baogong.common.ids import CROCKFORD
from baogong.common.imports.cells import plain
from baogong.common.sorting import pinyin

MOST_COMPOUND, MOST_BUILDING = 8, 12
_HOUSE_WORDS = re.compile(r"(号楼|号院|号|栋|幢|座|楼)")
_OTHER = re.compile(r"[^A-Z0-9]+")


def made_code(community: str, compound: str, building: str, *, taken: Container[str], mark: str = "") -> str:
    """`JXQYL-12` for 12号楼 of 酒仙桥一里; where that is taken, four signs made from the full names follow.

    `mark` tells apart buildings whose names are all the same (an osm_id, a centre).
    """
    short = f"{letters(compound)[:MOST_COMPOUND]}-{letters(_HOUSE_WORDS.sub('', building))[:MOST_BUILDING]}".strip("-")
    tries = (f"{short}-{signs(community, compound, building, mark, str(turn), length=4 + turn)}" for turn in range(20))
    return next(code for code in (short, *tries) if code and code not in taken)


def letters(name: str) -> str:
    """Initials of Chinese words, Latin letters and digits as they are, in capitals."""
    name = plain(name)
    return _OTHER.sub("", (name if name.isascii() else pinyin_initials(name)).upper())


def pinyin_initials(name: str) -> str:
    """Digits and Latin words stay whole: pypinyin gives a run of them as one syllable."""
    parts = re.findall(r"[A-Za-z0-9]+|[^A-Za-z0-9\s]+", name)
    return "".join(part if part.isascii() else pinyin(part)[1] for part in parts)


def signs(*names: str, length: int) -> str:
    """Crockford signs that follow from the names alone."""
    number = int.from_bytes(blake2b("\0".join(names).encode(), digest_size=16).digest())
    return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in range(length))
