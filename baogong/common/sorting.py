"""Sort keys: building and flat numbers as numbers, Chinese names by pinyin."""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBER = re.compile(r"\d+")


def natural_key(text: str) -> str:
    """A string that sorts `2号楼` before `10号楼`: each run of digits is padded to eight."""
    return _NUMBER.sub(lambda run: run[0].zfill(8), text)[:120]


@lru_cache(maxsize=20_000)
def pinyin(text: str) -> tuple[str, str]:
    """The syllables of a Chinese text joined, and their initials: `王伟` gives (`wangwei`, `ww`)."""
    from pypinyin import lazy_pinyin  # 40 ms to import: only where names are written

    syllables = lazy_pinyin(text)
    return "".join(syllables).lower(), "".join(s[0] for s in syllables if s).lower()
