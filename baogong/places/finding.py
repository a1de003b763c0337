"""Which building a spreadsheet means: by its code, or by its name where that is clear."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.imports.cells import plain
from baogong.places.models import Building


class UnknownBuilding(BadInput):
    code = "unknown_building"


class AmbiguousBuilding(BadInput):
    code = "ambiguous_building"


class Buildings:
    """All buildings of a subdistrict, read once; their compounds and communities come along."""

    def __init__(self, subdistrict_id: UUID) -> None:
        self.by_code: dict[str, Building] = {}
        self.by_name: dict[str, list[Building]] = defaultdict(list)
        found = Building.objects.within(subdistrict_id).select_related("compound__community").defer("outline")
        for building in found.iterator():
            self.by_code[building.code] = building
            self.by_name[plain(building.name)].append(building)

    def find(self, text: str, compound: str = "") -> Building:
        """The building with this code, or with this name in this compound.

        Raises UnknownBuilding, or AmbiguousBuilding where several have the name.
        """
        text, compound = plain(text), plain(compound or "")
        by_code = self.by_code.get(text)
        if by_code and lies_in(by_code, compound):
            return by_code
        named = [building for building in self.by_name.get(text, ()) if lies_in(building, compound)]
        if len(named) > 1:
            facts = {"text": text, "count": len(named)}
            reason = _("%(count)d buildings are called “%(text)s”; give the code, or the compound too")
            raise AmbiguousBuilding(reason % facts, column="building", codes=sorted(b.code for b in named)[:10])
        if not named:
            where = f" ({compound})" if compound else ""
            raise UnknownBuilding(_("There is no building “%(text)s”") % {"text": text + where}, column="building")
        return named[0]


def lies_in(building: Building, compound: str) -> bool:
    return not compound or plain(building.compound.name) == compound
