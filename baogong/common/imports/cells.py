"""What a cell may hold: functions that turn its text into a value, or say why it is none.

Each maker returns a parser: a function of the cell's text (stripped, never empty) that returns the value or raises
BadCell. Full-width digits and letters count as their plain forms wherever a number, a date or a choice is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.money import fen_from_yuan

Parser = Callable[[str], Any]

YES = {"yes", "y", "true", "1", "是", "有", "对", "√"}
NO = {"no", "n", "false", "0", "否", "无", "没有", "×", "x"}
EXCEL_DAY_ZERO = date(1899, 12, 30)
EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119: a number in a date column that a spreadsheet lost the format of
OLDEST, NEWEST = date(2000, 1, 1), date(2100, 1, 1)

_WHOLE = re.compile(r"([+-]?\d{1,18})(?:\.0*)?")
_POINT_ZERO = re.compile(r"(\d+)\.0+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class BadCell(BadInput):
    """A cell that cannot be what its column says; `code` and text go into the report of the row."""

    def __init__(self, code: str, reason: str, **facts: object) -> None:
        super().__init__(reason, **facts)
        self.code = code


def plain(text: str) -> str:
    """Full-width digits, letters and signs as plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def text(most: int) -> Parser:
    """A text of at most `most` characters, kept as it is."""

    def parse(cell: str) -> str:
        if len(cell) > most:
            raise BadCell("too_long", _("longer than %(most)d characters") % {"most": most}, most=most)
        return cell

    return parse


def label(most: int) -> Parser:
    """A short name or number that things are found by: plain forms, no slash, `101.0` from a spreadsheet is `101`."""

    def parse(cell: str) -> str:
        cell = plain(cell)
        number = _POINT_ZERO.fullmatch(cell)
        cell = number[1] if number else cell
        if "/" in cell or "\n" in cell or "\r" in cell:
            raise BadCell("bad_character", _("a slash or a line break cannot stand here"))
        return str(text(most)(cell))

    return parse


def whole(least: int = 0, most: int = 1_000_000) -> Parser:
    """A whole number from `least` to `most`; `3.0` is 3."""

    def parse(cell: str) -> int:
        match = _WHOLE.fullmatch(plain(cell).replace(",", ""))
        if not match:
            raise BadCell("not_a_number", _("“%(cell)s” is not a whole number") % {"cell": shown(cell)})
        return int(in_range(int(match[1]), least, most))

    return parse


def decimal(least: float, most: float) -> Parser:
    """A number from `least` to `most`, such as a longitude in degrees."""

    def parse(cell: str) -> float:
        try:
            number = float(plain(cell))
        except ValueError:
            raise BadCell("not_a_number", _("“%(cell)s” is not a number") % {"cell": shown(cell)}) from None
        return float(in_range(number, least, most))

    return parse


def in_range(number: float, least: float, most: float) -> float:
    """The number, if it lies between the two; NaN lies nowhere. Raises BadCell."""
    if not least <= number <= most:
        facts = {"number": number, "least": least, "most": most}
        raise BadCell("out_of_range", _("%(number)s is not between %(least)s and %(most)s") % facts, **facts)
    return number


def money(least_fen: int = 0) -> Parser:
    """An amount in yuan with at most two decimals, as fen."""

    def parse(cell: str) -> int:
        try:
            fen = fen_from_yuan(plain(cell))
        except BadInput as wrong:
            raise BadCell("not_an_amount", str(wrong)) from wrong
        if fen < least_fen:
            raise BadCell("out_of_range", _("%(cell)s yuan is too little") % {"cell": shown(cell)})
        return fen

    return parse


def yes_no(cell: str) -> bool:
    word = plain(cell).lower()
    word = word[:-2] if word in {"1.0", "0.0"} else word
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadCell("not_yes_or_no", _("“%(cell)s” is neither yes nor no (是 or 否)") % {"cell": shown(cell)})


def choice(words: Mapping[str, Any]) -> Parser:
    """One of some words, English or Chinese, in any case; the mapping gives the value of each."""
    known = {plain(word).lower(): value for word, value in words.items()}

    def parse(cell: str) -> Any:
        try:
            return known[plain(cell).lower()]
        except KeyError:
            facts = {"cell": shown(cell), "words": ", ".join(words)}
            raise BadCell("not_a_choice", _("“%(cell)s” is none of: %(words)s") % facts) from None

    return parse


def day(cell: str) -> date:
    """A date such as 2022-04-18, 2022/4/18, 2022年4月18日, or a spreadsheet's day number."""
    word = plain(cell).split("T")[0].split(" ")[0]
    found = excel_day(word) or written_day(word)
    if found is None:
        raise BadCell("not_a_date", _("“%(cell)s” is not a date such as 2022-04-18") % {"cell": shown(cell)})
    if not OLDEST <= found < NEWEST:
        raise BadCell("out_of_range", _("the year of %(cell)s cannot be meant") % {"cell": shown(cell)})
    return found


def excel_day(word: str) -> date | None:
    number = _WHOLE.fullmatch(word)
    if number and int(number[1]) in EXCEL_DAYS:
        return EXCEL_DAY_ZERO + timedelta(days=int(number[1]))
    return None


def written_day(word: str) -> date | None:
    match = _DATE.fullmatch(word)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def moment(cell: str) -> datetime:
    """A time as ISO 8601; without an offset the subdistrict's clock is meant; a date alone is its midnight."""
    word = plain(cell)
    found = written_moment(word) or excel_moment(word)
    if found is None:
        reason = _("“%(cell)s” is not a time such as 2022-04-18T16:00") % {"cell": shown(cell)}
        raise BadCell("not_a_time", reason)
    if not OLDEST <= found.date() < NEWEST:
        raise BadCell("out_of_range", _("the year of %(cell)s cannot be meant") % {"cell": shown(cell)})
    return found


def written_moment(word: str) -> datetime | None:
    dated = _DATE.match(word)
    if not dated:
        return None
    year, month, dayth = map(int, dated.groups())
    rest = word[dated.end() :].strip().removeprefix("T").strip()
    try:
        found = datetime.fromisoformat(f"{year:04d}-{month:02d}-{dayth:02d}T{padded(rest) or '00:00'}")
    except ValueError:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def padded(clock: str) -> str:
    """`9:05` as `09:05`."""
    return f"0{clock}" if re.match(r"\d:", clock) else clock


def excel_moment(word: str) -> datetime | None:
    if not re.fullmatch(r"\d{5}(\.\d+)?", word) or int(word[:5]) not in EXCEL_DAYS:
        return None
    midnight = datetime.combine(EXCEL_DAY_ZERO, datetime.min.time())
    return timezone.make_aware(midnight + timedelta(seconds=round(float(word) * 86_400)))


def shown(cell: str) -> str:
    """As much of a cell as a message should repeat."""
    return cell if len(cell) <= 40 else cell[:39] + "…"
