"""What a staff row's area means: a community, a compound, a building, or the whole subdistrict."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.imports.cells import plain
from baogong.people.roles import Area
from baogong.places.finding import AmbiguousBuilding, Buildings, lies_in
from baogong.places.models import Building, Community, Compound, Subdistrict


class UnknownArea(BadInput):
    code = "unknown_area"


class AmbiguousArea(BadInput):
    code = "ambiguous_area"


WHOLE = {"subdistrict", "全街道", "街道", "本街道", "全部"}
PREFIXES = {
    "community": Area.COMMUNITY,
    "社区": Area.COMMUNITY,
    "compound": Area.COMPOUND,
    "小区": Area.COMPOUND,
    "building": Area.BUILDING,
    "楼栋": Area.BUILDING,
    "楼": Area.BUILDING,
}
WORDS = {Area.COMMUNITY: "社区", Area.COMPOUND: "小区", Area.BUILDING: "楼栋"}


@dataclass(frozen=True, slots=True)
class Reach:
    """An area with the buildings in it."""

    area: Area
    area_id: UUID
    buildings: tuple[Building, ...] = field(repr=False, default=())


class Areas:
    """Every community, compound and building of a subdistrict, read once."""

    def __init__(self, subdistrict_id: UUID) -> None:
        self.subdistrict = Subdistrict.objects.get(pk=subdistrict_id)
        self.communities = list(Community.objects.within(subdistrict_id))
        self.compounds = list(Compound.objects.within(subdistrict_id).select_related("community"))
        self.buildings = Buildings(subdistrict_id)
        self.all_buildings = tuple(self.buildings.by_code.values())

    def find(self, text: str, compound: str = "") -> Reach:
        """`东里`, `社区:东里`, `小区:东里/松榆东里`, a building's code or name. Raises UnknownArea, AmbiguousArea."""
        text = plain(text)
        if text in WHOLE or text == plain(self.subdistrict.name):
            return Reach(Area.SUBDISTRICT, self.subdistrict.pk, self.all_buildings)
        kind, name = split_prefix(text)
        found = [reach for area in ([kind] if kind else WORDS) for reach in self._named(area, name, plain(compound))]
        if len(found) > 1:
            ways = ", ".join(sorted(map(self.written, found))[:6])
            reason = _("“%(text)s” may be: %(ways)s. Write one of these") % {"text": text[:60], "ways": ways}
            raise AmbiguousArea(reason, column="area")
        if not found:
            reason = _("There is no community, compound or building “%(text)s”") % {"text": text[:60]}
            raise UnknownArea(reason, column="area")
        return found[0]

    def _named(self, area: Area, name: str, compound: str) -> list[Reach]:
        if area == Area.COMMUNITY:
            return [self.of_community(one) for one in self.communities if plain(one.name) == name]
        if area == Area.COMPOUND:
            return [self.of_compound(one) for one in self.compounds if name in names_of(one)]
        by_code = self.buildings.by_code.get(name)
        if by_code and lies_in(by_code, compound):
            return [Reach(Area.BUILDING, by_code.pk, (by_code,))]
        named = [one for one in self.buildings.by_name.get(name, ()) if lies_in(one, compound)]
        return [Reach(Area.BUILDING, one.pk, (one,)) for one in named]

    def of_community(self, community: Community) -> Reach:
        inside = (one for one in self.all_buildings if one.compound.community_id == community.pk)
        return Reach(Area.COMMUNITY, community.pk, tuple(inside))

    def of_compound(self, compound: Compound) -> Reach:
        inside = (one for one in self.all_buildings if one.compound_id == compound.pk)
        return Reach(Area.COMPOUND, compound.pk, tuple(inside))

    def of(self, area: str, area_id: UUID) -> Reach | None:
        """The reach of a grant; None for a household or a supplier."""
        if area == Area.SUBDISTRICT:
            return Reach(Area.SUBDISTRICT, area_id, self.all_buildings)
        if area == Area.COMMUNITY:
            return next((self.of_community(one) for one in self.communities if one.pk == area_id), None)
        if area == Area.COMPOUND:
            return next((self.of_compound(one) for one in self.compounds if one.pk == area_id), None)
        found = next((one for one in self.all_buildings if one.pk == area_id), None)
        return Reach(Area.BUILDING, found.pk, (found,)) if found and area == Area.BUILDING else None

    def written(self, reach: Reach) -> str:
        """As `find` reads it, and never to be taken for something else."""
        if reach.area == Area.SUBDISTRICT:
            return "全街道"
        if reach.area == Area.COMMUNITY:
            return f"社区:{next(one.name for one in self.communities if one.pk == reach.area_id)}"
        if reach.area == Area.COMPOUND:
            compound = next(one for one in self.compounds if one.pk == reach.area_id)
            return f"小区:{compound.community.name}/{compound.name}"
        return f"楼栋:{reach.buildings[0].code}"

    def shortest(self, reach: Reach) -> str:
        """The plain name or code where it is clear, else with what it is in front."""
        full = self.written(reach)
        short = full.split(":", 1)[-1].rsplit("/", 1)[-1]
        try:
            clear = self.find(short)
        except (UnknownArea, AmbiguousArea, AmbiguousBuilding):
            return full
        return short if (clear.area, clear.area_id) == (reach.area, reach.area_id) else full


def names_of(compound: Compound) -> set[str]:
    return {plain(compound.name), plain(f"{compound.community.name}/{compound.name}")}


def split_prefix(text: str) -> tuple[Area | None, str]:
    prefix, colon, rest = text.partition(":")
    kind = PREFIXES.get(prefix.strip().lower()) if colon else None
    return (kind, rest.strip()) if kind else (None, text)
