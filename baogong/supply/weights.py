"""What a specification such as `5kg/袋` or `250ml*12` says of weight, and whether goods must stay cold."""

from __future__ import annotations

import re

from baogong.common.imports.cells import plain

MOST_GRAMS = 1_000_000  # a unit that one household carries home weighs less than a tonne
GRAMS: dict[str, float] = {
    "kg": 1_000, "公斤": 1_000, "千克": 1_000, "g": 1, "克": 1, "斤": 500, "市斤": 500, "两": 50,
    "l": 1_000, "升": 1_000, "ml": 1, "毫升": 1,
}  # fmt: skip
_UNITS = "|".join(sorted(GRAMS, key=len, reverse=True))
_AMOUNT = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNITS})(?![a-z])")
_TIMES = re.compile(r"[*x×]\s*(\d{1,4})|(\d{1,4})\s*[*x×]\s*$")
COLD_WORDS = ("冷冻", "冷藏", "冰鲜", "冷鲜", "速冻", "冻品", "雪糕", "冰淇淋", "frozen", "chilled")


def grams_in(spec: str) -> int:
    """Grams of one unit, litres as kilograms of water; 0 where the text names no weight."""
    text = plain(spec).lower()
    amount = _AMOUNT.search(text)
    if not amount:
        return 0
    grams = float(amount[1]) * GRAMS[amount[2]]
    times = _TIMES.search(text[amount.end() :]) or _TIMES.search(text[: amount.start()])
    if times:
        grams *= int(times[1] or times[2])
    return min(MOST_GRAMS, round(grams))


def is_cold(*words: str) -> bool:
    text = " ".join(words).lower()
    return any(word in text for word in COLD_WORDS)
