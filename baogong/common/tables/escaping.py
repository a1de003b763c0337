"""Texts that a spreadsheet would take for a formula get a quote sign in front when exported, and lose it when imported.

A text that already starts with quote signs before such a sign gets one more, so that nothing is lost on the way back.
"""

from __future__ import annotations

import re

FORMULA_SIGNS = "=+-@\t\r\n\0＝＋－＠"

_DANGEROUS = re.compile(f"'*[{re.escape(FORMULA_SIGNS)}]")
_ESCAPED = re.compile(f"'+[{re.escape(FORMULA_SIGNS)}]")


def escaped(text: str) -> str:
    return f"'{text}" if _DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    return text[1:] if _ESCAPED.match(text) else text
