"""The search column: what a person may type to find a row, in one text that a plain `LIKE` reads.

Two Chinese characters are enough, pinyin and initials work too. Full-text engines find no two-character word, and at
a subdistrict's size a scan of one column is quick. Sensitive fields are never put in.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from baogong.common.sorting import pinyin


def search_text(*words: str) -> str:
    """The words as they are, in lower case, and for Chinese ones their pinyin and initials."""
    parts: list[str] = []
    for word in filter(None, words):
        parts.append(word.lower())
        if not word.isascii():
            parts.extend(pinyin(word))
    return " ".join(dict.fromkeys(parts))


def matching(query: str, fields: Iterable[str] = ("search",)) -> Q:
    """Rows in which every word of `query` occurs in one of `fields`; a query shorter than two characters finds none."""
    words = query.lower().split()
    if sum(map(len, words)) < 2:
        return Q(pk__in=[])
    found = Q()
    for word in words:
        found &= Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
    return found
