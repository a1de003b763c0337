"""What is stored already: read once for a chunk, with what the chunk adds."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput
from baogong.common.events import event
from baogong.common.models import Event
from baogong.places.finding import AmbiguousBuilding
from baogong.places.importing.rows import NOT_SORTED, Wanted, centre_key
from baogong.places.models import Building, Community, Compound, Unit
from baogong.places.services import unit_key


class OtherCode(BadInput):
    """The map's building is here under another code than the file gives it."""

    code = "other_code"


class Known:
    """The places of a subdistrict by everything that names them."""

    def __init__(self, subdistrict_id: UUID) -> None:
        self.subdistrict_id = subdistrict_id
        mine: dict[str, Any] = {"subdistrict_id": subdistrict_id}
        self.communities = {community.name: community for community in Community.objects.filter(**mine)}
        compounds = Compound.objects.filter(**mine).select_related("community")
        self.compounds = {(compound.community.name, compound.name): compound for compound in compounds}
        self.by_code: dict[str, Building] = {}
        self.by_osm_id: dict[int, Building] = {}
        self.by_name: dict[tuple[UUID, str], list[Building]] = defaultdict(list)
        self.by_centre: dict[tuple[float, float], Building] = {}
        for building in Building.objects.filter(**mine).select_related("compound"):
            self.add(building)
        self.units: dict[UUID, dict[str, Unit]] = defaultdict(dict)
        for unit in Unit.objects.filter(**mine):
            self.units[unit.building_id][unit_key(unit.name)] = unit

    def add(self, building: Building) -> None:
        self.by_code[building.code] = building
        self.by_name[building.compound_id, building.name].append(building)
        if building.osm_id is not None:
            self.by_osm_id[building.osm_id] = building
        elif building.longitude is not None and building.latitude is not None:
            self.by_centre.setdefault(centre_key((building.longitude, building.latitude)), building)

    def find(self, wanted: Wanted) -> Building | None:
        """The building that is meant; None for a new one. Raises AmbiguousBuilding, OtherCode."""
        on_map = self.by_osm_id.get(wanted.osm_id) if wanted.osm_id is not None else None
        if wanted.code:
            found = self.by_code.get(wanted.code)
            if on_map and on_map is not found:
                facts = {"osm_id": wanted.osm_id, "code": on_map.code}
                raise OtherCode(_("osm_id %(osm_id)s is here already as %(code)s") % facts, column="code")
            return found
        if wanted.osm_id is not None:
            return on_map
        if wanted.centre:
            return self.by_centre.get(wanted.centre)
        return self._named(wanted)

    def _named(self, wanted: Wanted) -> Building | None:
        compound = self.compounds.get((wanted.community or NOT_SORTED, wanted.compound or NOT_SORTED))
        found = self.by_name.get((compound.pk, wanted.name), []) if compound else []
        if len(found) > 1:
            facts = {"name": wanted.name, "codes": ", ".join(sorted(building.code for building in found)[:5])}
            raise AmbiguousBuilding(
                _("“%(name)s” is several buildings: %(codes)s; give the code") % facts, column="building"
            )
        return found[0] if found else None

    def compound_for(self, wanted: Wanted, *, actor: Actor, now: datetime) -> tuple[Compound, list[Event]]:
        """The compound, made with its community where there is none yet, and the events of that."""
        key = (wanted.community or NOT_SORTED, wanted.compound or NOT_SORTED)
        if key in self.compounds:
            return self.compounds[key], []
        made: list[Event] = []
        community = self.communities.get(key[0])
        if community is None:
            community = Community.objects.create(subdistrict_id=self.subdistrict_id, name=key[0])
            self.communities[key[0]] = community
            made.append(event("places.community_added", community.pk, actor=actor, now=now, values={"name": key[0]}))
        compound = Compound.objects.create(subdistrict_id=self.subdistrict_id, community=community, name=key[1])
        self.compounds[key] = compound
        values = {"name": key[1], "community": key[0]}
        return compound, [*made, event("places.compound_added", compound.pk, actor=actor, now=now, values=values)]
