"""How numbers, times and telephones read, in Chinese and English, for pages and for messages alike.

Money is whole fen, weights whole grams, times aware datetimes shown in the subdistrict's zone. None reads as "".
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from baogong.common import clock as clocks

MINUS = "\N{MINUS SIGN}"
_NOT_DIGITS = re.compile(r"\D")
_GROUPS = {11: (3, 4, 4), 8: (4, 4), 12: (4, 4, 4)}


# Money


def yuan(fen: int | None) -> str:
    """`104500` as `1,045.00`, for columns whose head names the unit."""
    if fen is None:
        return ""
    return f"{MINUS if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def fen(amount: int | None) -> str:
    """`4500` as `¥45.00`."""
    text = yuan(amount)
    return text.replace(MINUS, f"{MINUS}¥") if text.startswith(MINUS) else text and f"¥{text}"


def yuan_words(amount: int | None) -> str:
    """`4500` as `45 元`, `3280` as `32.8 元`: for large type and paper."""
    return "" if amount is None else _("%(number)s yuan") % {"number": _trimmed(yuan(amount))}


def _trimmed(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


# Times


def clock(moment: datetime | None) -> str:
    """The hour and minute alone: `9:00`."""
    if moment is None:
        return ""
    local = clocks.local(moment)
    return f"{local.hour}:{local.minute:02d}"


def day(moment: date | datetime | None, now: datetime | None = None) -> str:
    """The date as people say it: `今天`, `明天`, `昨天`, `5月18日`, in another year with the year."""
    if moment is None:
        return ""
    today = clocks.local(now or clocks.now()).date()
    that = clocks.local(moment).date() if isinstance(moment, datetime) else moment
    near = {0: pgettext("day", "today"), 1: pgettext("day", "tomorrow"), -1: pgettext("day", "yesterday")}
    pattern = pgettext("date", "j F") if that.year == today.year else pgettext("date", "j F Y")
    return near.get((that - today).days) or format_date(that, pattern)


def when(moment: datetime | None, now: datetime | None = None) -> str:
    """`今天 14:20`, `明天 9:00`, `5月18日 14:20`."""
    return "" if moment is None else f"{day(moment, now)} {clock(moment)}"


def span(start: datetime | None, end: datetime | None) -> str:
    """`9:00—12:00`; over midnight both ends carry their day."""
    if start is None or end is None:
        return clock(start or end)
    dash = pgettext("between two times", "–")
    over_midnight = clocks.local(start).date() != clocks.local(end - timedelta(microseconds=1)).date()
    return f"{when(start)}{dash}{when(end)}" if over_midnight else f"{clock(start)}{dash}{clock(end)}"


def when_span(start: datetime | None, end: datetime | None) -> str:
    """`明天 9:00—12:00`."""
    times = span(start, end)
    return times if start is None or times.startswith(day(start)) else f"{day(start)} {times}"


def spoken(moment: datetime | None) -> str:
    """For large type: `下午 4 点`, `上午 9 点 30 分`."""
    if moment is None:
        return ""
    local = clocks.local(moment)
    facts = {"hour": (local.hour - 1) % 12 + 1, "minute": local.minute, "part": _part_of_day(local.hour)}
    return (_("%(hour)d:%(minute)02d %(part)s") if local.minute else _("%(hour)d %(part)s")) % facts


def _part_of_day(hour: int) -> str:
    parts = (
        (5, pgettext("0 to 5 o'clock", "at night")),
        (9, pgettext("5 to 9 o'clock", "in the morning")),
        (12, pgettext("9 to 12 o'clock", "in the morning")),
        (13, pgettext("12 o'clock", "noon")),
        (18, pgettext("13 to 18 o'clock", "in the afternoon")),
        (24, pgettext("18 to 24 o'clock", "in the evening")),
    )
    return next(part for until, part in parts if hour < until)


def age(length: int | timedelta | datetime | None, now: datetime | None = None) -> str:
    """How long: seconds, a length, or a moment's distance from now. `40 分`, `2 小时 40 分`, `31 小时`, `4 天`."""
    if length is None:
        return ""
    if isinstance(length, datetime):
        length = length - (now or clocks.now())
    minutes = int(abs(length.total_seconds() if isinstance(length, timedelta) else length)) // 60
    return _minutes_in_words(minutes)


def _minutes_in_words(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if minutes < 1:
        return _("under a minute")
    if hours < 1:
        return _("%(minutes)d min") % {"minutes": minutes}
    if hours < 10 and rest:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    if hours < 72:
        return _("%(hours)d h") % {"hours": hours}
    return ngettext("%(days)d day", "%(days)d days", hours // 24) % {"days": hours // 24}


# Weights


def kg(grams: int | None) -> str:
    """`8400` as `8.4 kg`, less than a kilogram in grams."""
    if grams is None:
        return ""
    return f"{_trimmed(f'{grams / 1000:,.2f}')} kg" if grams >= 1000 else f"{grams} g"


def jin(grams: int | None) -> str:
    """Half kilograms, as older people count: `8400` as `16.8 斤`."""
    return "" if grams is None else _("%(number)s jin") % {"number": _trimmed(f"{grams / 500:,.1f}")}


# Telephones


def _digits(phone: str | None) -> str:
    digits = _NOT_DIGITS.sub("", phone or "")
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def masked_phone(phone: str | None) -> str:
    """`138****1234`; of a short number only the last four."""
    digits = _digits(phone)
    head = digits[:3] if len(digits) >= 11 else ""
    return f"{head}****{digits[-4:]}" if len(digits) > 4 else "****" if digits else ""


def spaced_phone(phone: str | None) -> str:
    """In groups that the eye can keep: `138 0000 4126`, `6555 0120`; other lengths as they are."""
    digits = _digits(phone)
    sizes = _GROUPS.get(len(digits), (len(digits),))
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    return " ".join(digits[start : start + size] for start, size in zip(starts, sizes, strict=True))


def dialled_phone(phone: str | None) -> str:
    """What a `tel:` link carries: the digits, a leading plus kept."""
    text = (phone or "").strip()
    return ("+" if text.startswith("+") else "") + _NOT_DIGITS.sub("", text)
