"""What residents' pages carry inside them, squeezed, and the hashes that the content policy allows it by."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "web"
STYLES = ("tokens.css", "base.css")
SCRIPT = "page.js"
SCRIPT_BUDGET_BYTES = 2048

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_JS_COMMENT = re.compile(r"^\s*//.*$", re.M)
# A quoted text stays as it is; around the other marks white space means nothing, save where two plus signs would meet.
_CSS_SPACE = re.compile(r"""("[^"]*")|\s*([{};,>])\s*|(:)\s+|(\s)\s+""")
_JS_SPACE = re.compile(r"""('[^']*')|\s*(\+=|[{}();,=<>?:*|&!])\s*|(?<=[^+\s])\s+([+/])\s+(?=[^+\s])|(\s)\s+""")


def _keep_first(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group), "")


def squeeze_css(text: str) -> str:
    """The sheet without comments and needless white space."""
    return _CSS_SPACE.sub(_keep_first, _CSS_COMMENT.sub("", text)).replace(";}", "}").strip()


def squeeze_js(text: str) -> str:
    """The script without whole-line comments and needless white space; statements must end in semicolons or braces."""
    return _JS_SPACE.sub(_keep_first, _JS_COMMENT.sub("", text)).replace(";}", "}").strip()


@lru_cache(maxsize=1)
def inline_style() -> str:
    return "".join(squeeze_css((STATIC / name).read_text("utf-8")) for name in STYLES)


@lru_cache(maxsize=1)
def inline_script() -> str:
    return squeeze_js((STATIC / SCRIPT).read_text("utf-8"))


def policy_hash(text: str) -> str:
    """The source expression that lets exactly this inline text run: `'sha256-...'` with its quotes."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
