"""Every number of the domain that somebody may want to change, with its unit and its source, in one place.

A subdistrict's own value (`FigureSetting`) goes before the default. "Proposed" means that no source was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.events import record
from baogong.common.models import FigureSetting


@dataclass(frozen=True, slots=True)
class Figure:
    """Whole numbers from `least` to `most`: beyond them a value is a typing error, not a decision.

    `unit`, `title` and `source` are texts for people.
    """

    default: Decimal
    unit: str
    title: str
    source: str
    least: int
    most: int


def _f(default: int, unit: Any, title: Any, source: Any, *, least: int, most: int) -> Figure:
    return Figure(Decimal(default), unit, title, source, least, most)


FIGURES: dict[str, Figure] = {
    "turns.slot_minutes": _f(
        10, pgettext_lazy("unit", "minutes"), gettext_lazy("How long a turn lasts"),
        gettext_lazy("proposed; short enough that nobody waits over 15 minutes (Sphere water points)"),
        least=5, most=60,
    ),
    "turns.seconds_per_handover": _f(
        77, pgettext_lazy("unit", "seconds"), gettext_lazy("How long one hand-over takes"),
        gettext_lazy("FEMA IS-26 type III point: 140 vehicles an hour at 3 loading points"), least=5, most=1_800,
    ),
    "turns.gap_slots": _f(
        0, pgettext_lazy("unit", "turns"), gettext_lazy("Turns left free between two buildings"),
        gettext_lazy("proposed"), least=0, most=12,
    ),
    "turns.desks": _f(
        2, pgettext_lazy("unit", "desks"), gettext_lazy("Desks of a new point"),
        gettext_lazy("proposed; 15 households in 10 minutes"), least=1, most=50,
    ),
    "turns.present_cap": _f(
        20, pgettext_lazy("unit", "people"), gettext_lazy("People present at a new point at most"),
        gettext_lazy("proposed; infection risk grows with the square of those present"), least=1, most=500,
    ),
    "turns.opens_hour": _f(
        7, gettext_lazy("o'clock"), gettext_lazy("When a new point opens"),
        gettext_lazy("FEMA IS-26: open 07-19"), least=0, most=22,
    ),
    "turns.closes_hour": _f(
        19, gettext_lazy("o'clock"), gettext_lazy("When a new point closes"),
        gettext_lazy("FEMA IS-26: open 07-19"), least=1, most=23,
    ),
    "rounds.cut_off_hour": _f(
        16, gettext_lazy("o'clock"), gettext_lazy("Usual cut-off of a round"),
        gettext_lazy("Quanzhou Jieshan 2021: collected until 16:00, shops have the list at 18:00"), least=0, most=23,
    ),
    "door.carrier_grams": _f(
        50_000, pgettext_lazy("unit", "grams"), gettext_lazy("What one carrier takes on one trip"),
        gettext_lazy("proposed; a trolley load"), least=1_000, most=1_000_000,
    ),
    "door.orders_per_carrier_day": _f(
        100, pgettext_lazy("unit", "orders"), gettext_lazy("What one carrier delivers in a day"),
        gettext_lazy("Beijing Fuli Taoyuan 2021: 9,000 orders, 60 carriers, 1.5 days"), least=1, most=2_000,
    ),
    "door.cold_minutes": _f(
        120, pgettext_lazy("unit", "minutes"), gettext_lazy("How long cold goods may be out of the cold"),
        gettext_lazy("USDA FSIS: nothing perishable over 2 hours out of the cold"), least=10, most=1_440,
    ),
    "walk.detour_percent": _f(
        130, pgettext_lazy("unit", "percent"), gettext_lazy("A walk compared with the straight line"),
        gettext_lazy("O'Sullivan and Morrall 1996: walks are 21 to 24 % longer than the straight line; rounded up"),
        least=100, most=300,
    ),
    "bags.most_grams": _f(
        8_000, pgettext_lazy("unit", "grams"), gettext_lazy("Heaviest bag"),
        gettext_lazy("proposed; what one hand carries up the stairs"), least=500, most=50_000,
    ),
    "bags.unknown_unit_grams": _f(
        500, pgettext_lazy("unit", "grams"), gettext_lazy("Weight of a unit whose weight is not known"),
        gettext_lazy("proposed; of a unit whose weight nobody wrote down"), least=1, most=50_000,
    ),
    "price.alarm_percent": _f(
        30, pgettext_lazy("unit", "percent"), gettext_lazy("Price rise that calls for a look"),
        gettext_lazy("proposed; over the supplier's own baseline"), least=1, most=1_000,
    ),
    "ration.grain_grams": _f(
        350, gettext_lazy("grams a person and day"), gettext_lazy("Ration of grain"),
        gettext_lazy("Quanzhou notice of 2022-03-16"), least=1, most=5_000,
    ),
    "ration.oil_grams": _f(
        50, gettext_lazy("grams a person and day"), gettext_lazy("Ration of oil"),
        gettext_lazy("Quanzhou notice of 2022-03-16"), least=1, most=5_000,
    ),
    "ration.meat_grams": _f(
        115, gettext_lazy("grams a person and day"), gettext_lazy("Ration of meat"),
        gettext_lazy("Quanzhou notice of 2022-03-16"), least=1, most=5_000,
    ),
    "ration.vegetables_grams": _f(
        400, gettext_lazy("grams a person and day"), gettext_lazy("Ration of vegetables"),
        gettext_lazy("Quanzhou notice of 2022-03-16"), least=1, most=5_000,
    ),
    "ration.eggs_grams": _f(
        60, gettext_lazy("grams a person and day"), gettext_lazy("Ration of eggs"),
        gettext_lazy("Quanzhou notice of 2022-03-16"), least=1, most=5_000,
    ),
    "sign_in.otp_seconds": _f(
        300, pgettext_lazy("unit", "seconds"), gettext_lazy("How long a code by SMS holds"),
        gettext_lazy("NIST SP 800-63B-4 allows 10 minutes"), least=30, most=3_600,
    ),
    "sign_in.otp_tries": _f(
        5, pgettext_lazy("unit", "tries"), gettext_lazy("How often a code may be tried"),
        gettext_lazy("threat model"), least=1, most=20,
    ),
    "retention.idempotency_days": _f(
        7, pgettext_lazy("unit", "days"), gettext_lazy("How long it is remembered what was sent"),
        gettext_lazy("threat model; Stripe keeps 24 hours"), least=1, most=366,
    ),
}  # fmt: skip


def figure(name: str, subdistrict_id: UUID) -> Decimal:
    """The value in force in a subdistrict. Raises KeyError for a name that is not in the table."""
    default = FIGURES[name].default
    latest = _latest(name, subdistrict_id)
    return latest.value if latest else default


def whole(name: str, subdistrict_id: UUID) -> int:
    return int(figure(name, subdistrict_id))


class BadFigure(BadInput):
    """A figure cannot be set like this; `facts["field"]` names the field."""

    code = "bad_figure"


# A point is open from the one to the other, so the first lies before the second.
IN_ORDER = ("turns.opens_hour", "turns.closes_hour")


@transaction.atomic
def set_figure(name: str, value: Decimal, source: str, *, actor: Actor, now: datetime) -> FigureSetting:
    """Put a figure in force from now on, with the source that says why; older settings stay as they were.

    Raises BadFigure for an unknown name, a value that is no whole number within the figure's bounds, no source.
    """
    figure_meant = FIGURES.get(name)
    if figure_meant is None:
        raise BadFigure(_("There is no figure called “%(name)s”") % {"name": name[:60]}, field="name")
    source = source.strip()
    if not 1 <= len(source) <= 200:
        raise BadFigure(_("Say in 1 to 200 signs where this number comes from"), field="source")
    _refuse_value(name, figure_meant, value, actor.subdistrict_id)
    latest = _latest(name, actor.subdistrict_id)
    if latest and (latest.value, latest.source) == (value, source):
        return latest
    setting = FigureSetting.objects.create(
        subdistrict_id=actor.subdistrict_id,
        name=name,
        value=value,
        source=source,
        since=max(now, latest.since + timedelta(microseconds=1)) if latest else now,
        set_by=actor.account_id,
    )
    before = latest.value if latest else figure_meant.default
    record(
        "common.figure_set", setting.pk, actor=actor, now=now,
        name=name, before=int(before), after=int(value), source=source,
    )  # fmt: skip
    return setting


def _refuse_value(name: str, meant: Figure, value: Decimal, subdistrict_id: UUID) -> None:
    if not value.is_finite() or value != value.to_integral_value() or not meant.least <= value <= meant.most:
        facts = {"least": meant.least, "most": meant.most, "unit": str(meant.unit)}
        raise BadFigure(_("A whole number from %(least)s to %(most)s (%(unit)s)") % facts, field="value", **facts)
    if name in IN_ORDER:
        _refuse_disorder(name, value, subdistrict_id)


def _refuse_disorder(name: str, value: Decimal, subdistrict_id: UUID) -> None:
    first, second = (value if name == each else figure(each, subdistrict_id) for each in IN_ORDER)
    if first >= second:
        facts = {"first": int(first), "second": int(second)}
        raise BadFigure(_("A point closes after it opens, not from %(first)s to %(second)s") % facts, field="value")


def _latest(name: str, subdistrict_id: UUID) -> FigureSetting | None:
    found: FigureSetting | None = (
        FigureSetting.objects.within(subdistrict_id).filter(name=name).order_by("-since").first()
    )
    return found
