"""`{% load doors %}`: whose door a page stands at, as a plate and in sentences."""

from __future__ import annotations

import re

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from baogong.people import addresses
from baogong.people.models import Household
from baogong.places.models import Building, Zone
from baogong.web.templatetags import parts

register = template.Library()

PHONE = re.compile(r"\+?[\d ()-]{3,20}")
NUMBERED = re.compile(r"(\d{1,4}[A-Za-z]?)(号楼|号|栋|幢|座)")


@register.filter
def spoken_door(household: Household) -> str:
    """`12号楼 2单元 502`."""
    return addresses.spoken_door(household)


@register.filter
def dashed_door(household: Household) -> str:
    """`12-2-502`, as on labels."""
    return addresses.dashed(household.code)


@register.filter
def flat_door(household: Household) -> str:
    """`2单元 502`: the door within its building."""
    return addresses.spoken_door(household).removeprefix(household.building.name).strip()


@register.filter
def contact_link(contact: str) -> str:
    """A number as a link that rings; a contact that says more than a number as it stands."""
    return parts.tel(contact) if PHONE.fullmatch(contact) else contact


@register.filter
def zone_name(zone: str) -> str:
    """`管控区`."""
    names = {
        Zone.SEALED: _("Sealed zone"),
        Zone.CONTROLLED: _("Controlled zone"),
        Zone.PRECAUTIONARY: _("Precautionary zone"),
        Zone.OPEN: _("Open"),
    }
    return names[Zone(zone)]


@register.filter
def zone_rule(zone: str) -> str:
    """What people in the zone may do, in a sentence."""
    rules = {
        Zone.SEALED: _("Please stay at home; goods come to your door"),
        Zone.CONTROLLED: _("You may come down to collect, not leave the compound"),
        Zone.PRECAUTIONARY: _("You may go out within the area; do not gather"),
        Zone.OPEN: "",
    }
    return rules[Zone(zone)]


@register.inclusion_tag("web/parts/plate.html")
def household_plate(household: Household, elder: bool = False) -> dict[str, object]:
    """The plate of a home: compound, unit and flat, the zone and its rule, the building's number large."""
    compound, flat, zone = household.building.compound.name, flat_door(household), household.zone_now
    if elder or zone == Zone.OPEN:
        return {"over": compound, "title": flat, "under": "", **_number(household.building)}
    return {
        "over": f"{compound}\n{flat}",
        "title": zone_name(zone),
        "under": zone_rule(zone),
        **_number(household.building),
    }


@register.inclusion_tag("web/parts/plate.html")
def building_plate(building: Building, elder: bool = False) -> dict[str, object]:
    """The plate of a building, as its poster has it."""
    compound, zone = building.compound.name, building.zone_now
    if elder or zone == Zone.OPEN:
        return {"over": building.compound.community.name, "title": compound, "under": "", **_number(building)}
    return {"over": compound, "title": zone_name(zone), "under": zone_rule(zone), **_number(building)}


def building_number(building: Building) -> str:
    """`12` of `12号楼`; empty for a building that goes by another name."""
    numbered = NUMBERED.fullmatch(building.name)
    return numbered[1] if numbered else ""


def _number(building: Building) -> dict[str, object]:
    """`12号楼` with the number large and the unit small; another name as it is."""
    number = building_number(building)
    if not number:
        return {
            "number": building.name,
            "unit": "",
            "label": pgettext("spoken before its name", "Building"),
            "many": True,
        }
    return {"number": number, "unit": pgettext("building", "bldg"), "label": "", "many": len(number) > 3}
