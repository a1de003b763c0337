"""Every number of the domain that somebody may want to change, with its unit and its source, in one place.

A subdistrict's own value (`FigureSetting`) goes before the default. "Proposed" means that no source was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from baogong.common.models import FigureSetting


@dataclass(frozen=True, slots=True)
class Figure:
    default: Decimal
    unit: str
    source: str


def _f(default: int | str, unit: str, source: str) -> Figure:
    return Figure(Decimal(default), unit, source)


FIGURES: dict[str, Figure] = {
    "turns.slot_minutes": _f(
        10, "minutes", "proposed; short enough that nobody waits over 15 minutes (Sphere water points)"
    ),
    "turns.seconds_per_handover": _f(
        77, "seconds", "FEMA IS-26 type III point: 140 vehicles an hour at 3 loading points"
    ),
    "turns.gap_slots": _f(0, "slots", "proposed"),
    "turns.desks": _f(2, "desks", "proposed; 15 households in 10 minutes"),
    "turns.present_cap": _f(20, "people", "proposed; infection risk grows with the square of those present"),
    "turns.opens_hour": _f(7, "hour", "FEMA IS-26: open 07-19"),
    "turns.closes_hour": _f(19, "hour", "FEMA IS-26: open 07-19"),
    "rounds.cut_off_hour": _f(16, "hour", "Quanzhou Jieshan 2021: collected until 16:00, shops have the list at 18:00"),
    "door.carrier_grams": _f(50_000, "grams", "proposed; a trolley load"),
    "door.orders_per_carrier_day": _f(100, "orders", "Beijing Fuli Taoyuan 2021: 9,000 orders, 60 carriers, 1.5 days"),
    "door.cold_minutes": _f(120, "minutes", "USDA FSIS: nothing perishable over 2 hours out of the cold"),
    "walk.detour_percent": _f(
        130, "percent", "O'Sullivan and Morrall 1996: walks are 21 to 24 % longer than the straight line; rounded up"
    ),
    "bags.most_grams": _f(8_000, "grams", "proposed; what one hand carries up the stairs"),
    "bags.unknown_unit_grams": _f(500, "grams", "proposed; of a unit whose weight nobody wrote down"),
    "price.alarm_percent": _f(30, "percent", "proposed; over the supplier's own baseline"),
    "ration.grain_grams": _f(350, "g/person/day", "Quanzhou notice of 2022-03-16"),
    "ration.oil_grams": _f(50, "g/person/day", "Quanzhou notice of 2022-03-16"),
    "ration.meat_grams": _f(115, "g/person/day", "Quanzhou notice of 2022-03-16"),
    "ration.vegetables_grams": _f(400, "g/person/day", "Quanzhou notice of 2022-03-16"),
    "ration.eggs_grams": _f(60, "g/person/day", "Quanzhou notice of 2022-03-16"),
    "sign_in.otp_seconds": _f(300, "seconds", "NIST SP 800-63B-4 allows 10 minutes"),
    "sign_in.otp_tries": _f(5, "tries", "threat model"),
    "retention.idempotency_days": _f(7, "days", "threat model; Stripe keeps 24 hours"),
}


def figure(name: str, subdistrict_id: UUID) -> Decimal:
    """The value in force in a subdistrict. Raises KeyError for a name that is not in the table."""
    default = FIGURES[name].default
    latest = FigureSetting.objects.within(subdistrict_id).filter(name=name).order_by("-since").first()
    return latest.value if latest else default


def whole(name: str, subdistrict_id: UUID) -> int:
    return int(figure(name, subdistrict_id))
