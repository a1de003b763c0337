"""Which building somebody means who types its code or name by hand."""

from __future__ import annotations

from uuid import UUID

from baogong.common.ids import normal_code
from baogong.places.models import Building, BuildingQuerySet

MOST = 20  # to choose from; more than that is not a choice


def buildings_meant(subdistrict_id: UUID, typed: str) -> list[Building]:
    """The one building whose code this is, whatever its capitals, gaps and look-alikes; else all of that code or name.

    Empty where none fits. One query for the exact code, two otherwise.
    """
    here: BuildingQuerySet = (
        Building.objects.within(subdistrict_id).select_related("compound__community").defer("outline")
    )
    text = typed.strip()
    if exact := here.filter(code=text).first():
        return [exact]
    wanted, plain = normal_code(text), _plain(text)
    names = here.values_list("pk", "code", "name", "compound__name")
    by_code = [pk for pk, code, _name, _compound in names if wanted and normal_code(code) == wanted]
    by_name = [pk for pk, _code, name, compound in names if plain and plain in {_plain(name), _plain(compound + name)}]
    found = by_code if len(by_code) == 1 else list(dict.fromkeys(by_code + by_name))
    return list(here.filter(pk__in=found[:MOST]).in_order()) if found else []


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
