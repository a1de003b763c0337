"""Who has goods coming: households with granted lines that lie in no bag yet, with the bags that their goods make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from baogong.common.figures import whole
from baogong.distribution.bagging import Bag, Item, pack
from baogong.groupbuy.models import OrderLine
from baogong.people.models import Household
from baogong.places.models import Building, Zone

MANY = 20_000  # ids in one statement; SQLite takes 32,766 values


@dataclass(frozen=True, slots=True)
class Recipient:
    """One door with goods coming. `building_order` counts the buildings as people read them."""

    household_id: UUID
    building_id: UUID
    building_order: int
    unit_id: UUID | None
    floor: int | None
    sort_key: str
    priority: bool  # infants or elderly people
    sealed: bool  # nobody may leave: to the door
    bags: tuple[Bag, ...] = ()

    @property
    def grams(self) -> int:
        return sum(bag.grams for bag in self.bags)

    @property
    def cold(self) -> bool:
        return any(bag.cold for bag in self.bags)


def recipients_of(round_ids: Sequence[UUID], subdistrict_id: UUID) -> list[Recipient]:
    """Everybody with granted, unbagged lines in these rounds, building by building, flat by flat.

    Goods of a household that was merged go to the one it went into, in the same bags as its own.
    """
    items = _items(round_ids, subdistrict_id)
    most_grams = whole("bags.most_grams", subdistrict_id)
    found = [
        _recipient(row, order, pack(items[row["pk"]], most_grams=most_grams))
        for row, order in _doors(items, subdistrict_id)
    ]
    return sorted(found, key=lambda recipient: (recipient.building_order, recipient.sort_key, recipient.household_id))


def _items(round_ids: Sequence[UUID], subdistrict_id: UUID) -> dict[UUID, list[Item]]:
    """The lines by living household; a unit whose weight nobody wrote down weighs what the figure says."""
    unknown = whole("bags.unknown_unit_grams", subdistrict_id)
    went_into = dict(
        Household.objects.within(subdistrict_id).exclude(merged_into=None).values_list("pk", "merged_into_id")
    )
    lines = OrderLine.objects.within(subdistrict_id).filter(order__round__in=round_ids, place=OrderLine.Place.GRANTED)
    goods = ("pk", "granted", "round_offer__offer__grams", "round_offer__offer__cold")
    items: dict[UUID, list[Item]] = defaultdict(list)
    for household_id, line_id, units, grams, cold in lines.order_by().values_list("order__household_id", *goods):
        items[went_into.get(household_id, household_id)].append(Item(line_id, units, grams or unknown, cold))
    return items


def _doors(household_ids: Iterable[UUID], subdistrict_id: UUID) -> Iterator[tuple[dict[str, Any], int]]:
    """The households' doors and zones, with the order of their building."""
    order = building_order(subdistrict_id)
    columns = ("pk", "building_id", "unit_id", "floor", "sort_key", "infants", "elderly", "zone_sql")
    for ids in chunks(household_ids):
        households = Household.objects.within(subdistrict_id).filter(pk__in=ids)
        for row in households.with_zone().values(*columns):
            yield row, order[row["building_id"]]


def building_order(subdistrict_id: UUID) -> Mapping[UUID, int]:
    """Each building's place when all stand compound by compound, numbers as numbers."""
    buildings = Building.objects.within(subdistrict_id).in_order()
    return {pk: place for place, pk in enumerate(buildings.values_list("pk", flat=True))}


def _recipient(row: Mapping[str, Any], order: int, bags: tuple[Bag, ...]) -> Recipient:
    return Recipient(
        household_id=row["pk"],
        building_id=row["building_id"],
        building_order=order,
        unit_id=row["unit_id"],
        floor=row["floor"],
        sort_key=row["sort_key"],
        priority=bool(row["infants"] or row["elderly"]),
        sealed=row["zone_sql"] == Zone.SEALED,
        bags=bags,
    )


def chunks(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while some := list(islice(rest, MANY)):
        yield some
