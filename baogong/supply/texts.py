"""The supply list as a text to paste into a building's group: plain lines, prices in words (look 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from baogong.supply.models import SupplyList, SupplyListItem
from baogong.web.words import when, yuan_words


def by_category(items: Iterable[SupplyListItem]) -> list[tuple[str, list[SupplyListItem]]]:
    """Items of a list under their category, both in the order in which they were published."""
    return [(category, list(group)) for category, group in groupby(items, key=lambda item: item.category)]


def list_as_text(published: SupplyList, groups: Sequence[tuple[str, Sequence[SupplyListItem]]]) -> str:
    """One line for each thing under the name of its category, with a blank line before each category."""
    facts = {"number": published.number, "when": when(published.published_at)}
    lines = [_("Supply list no. %(number)s, %(when)s") % facts]
    if published.note:
        lines.append(published.note)
    for category, items in groups:
        lines += ["", f"【{category or _('Other goods')}】"]
        lines += [f"{item.name} {item.spec} {yuan_words(item.price_fen)}/{item.unit}" for item in items]
    return "\n".join(lines)
