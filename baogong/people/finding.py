"""Which household a spreadsheet means: `building/unit/flat`, or `building/flat`, with the building's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput, RuleBroken
from baogong.common.imports.cells import plain
from baogong.people.models import Household, HouseholdQuerySet
from baogong.places.finding import UnknownBuilding
from baogong.places.models import Building
from baogong.places.services import unit_key

BATCH = 5_000  # SQLite takes 32,766 values in a statement


class UnknownHousehold(BadInput):
    code = "unknown_household"


class AmbiguousHousehold(BadInput):
    code = "ambiguous_household"


def find_households(subdistrict_id: UUID, texts: Iterable[str]) -> dict[str, Household | RuleBroken]:
    """For each text its living household (with building, compound and unit loaded), or the refusal that says why not.

    A constant number of queries. `code/flat` also finds a household with a unit, where the building has one such flat.
    """
    wanted = {text: tidy(text) for text in texts}
    by_code = stored(subdistrict_id, "code__in", wanted.values())
    found: dict[str, Household | RuleBroken] = {}
    exact = {household.code: household for household in by_code}
    rest = {text: code.split("/") for text, code in wanted.items() if code not in exact}
    candidates = by_flat(subdistrict_id, rest.values())
    known = known_buildings(subdistrict_id, [parts[0] for parts in rest.values()])
    for text, code in wanted.items():
        found[text] = exact[code] if code in exact else meant(text, rest[text], candidates, known)
    return found


def tidy(text: str) -> str:
    return "/".join(part.strip() for part in plain(text).strip("/ ").split("/"))


def stored(subdistrict_id: UUID, condition: str, values: Iterable[str]) -> list[Household]:
    living: HouseholdQuerySet = Household.objects.within(subdistrict_id).living()
    living = living.select_related("building__compound", "unit").defer("building__outline")
    unique = list(dict.fromkeys(values))
    return [
        household
        for start in range(0, len(unique), BATCH)
        for household in living.filter(**{condition: unique[start : start + BATCH]})
    ]


def by_flat(subdistrict_id: UUID, doors: Iterable[Sequence[str]]) -> dict[tuple[str, str], list[Household]]:
    """Households by building code and flat, whatever their unit."""
    candidates: dict[tuple[str, str], list[Household]] = defaultdict(list)
    for household in stored(
        subdistrict_id, "building__code__in", (parts[0] for parts in doors if len(parts) in {2, 3})
    ):
        candidates[household.building.code, household.flat].append(household)
    return candidates


def known_buildings(subdistrict_id: UUID, codes: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(codes), BATCH):
        mine = Building.objects.within(subdistrict_id).filter(code__in=set(codes[start : start + BATCH]))
        found.update(mine.values_list("code", flat=True))
    return found


def meant(
    text: str, parts: list[str], candidates: dict[tuple[str, str], list[Household]], known: set[str]
) -> Household | RuleBroken:
    """The one household with this flat (and unit), or a refusal."""
    facts = {"text": text[:60]}
    same_flat = candidates.get((parts[0], parts[-1]), []) if len(parts) in {2, 3} else []
    if len(parts) == 3:
        same_flat = [one for one in same_flat if one.unit and unit_key(one.unit.name) == unit_key(parts[1])]
    if len(same_flat) == 1:
        return same_flat[0]
    if same_flat:
        reason = _("“%(text)s” is several households; give building, unit and flat") % facts
        return AmbiguousHousehold(reason, column="household")
    if len(parts) > 1 and parts[0] not in known:
        return UnknownBuilding(_("There is no building “%(text)s”") % {"text": parts[0][:60]}, column="household")
    reason = _("There is no household “%(text)s”; write building/unit/flat, or building/flat") % facts
    return UnknownHousehold(reason, column="household")
