"""The page about spreadsheets is held to what the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baogong.common.imports import all_kinds

PAGE = (Path(__file__).parents[1] / "docs" / "spreadsheets.md").read_text("utf-8")


def section(kind: str) -> str:
    """The part of the page about a kind."""
    found = re.search(rf"^## [^\n]*`{kind}`\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return found[1] if found else ""


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_every_column_stands_on_the_page_in_both_languages_with_its_star(kind):
    rows = [line.split("|")[1:3] for line in section(kind.name).splitlines() if line.startswith("| ")]
    documented = {
        (name.strip(), chinese.strip())
        for names, chinese_names in rows[1:]
        for name, chinese in zip(names.split(","), chinese_names.split(","), strict=True)
    }

    read = {
        (f"{column.name}{'' if column.required else '*'}", column.chinese) for column in kind.columns if column.exported
    }
    assert documented - {("---", "---")} == read
