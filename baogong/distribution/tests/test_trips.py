from __future__ import annotations

from uuid import UUID

from baogong.distribution.bagging import Bag
from baogong.distribution.recipients import Recipient
from baogong.distribution.trips import door_trips

MOST = 50_000


def recipient(
    number: int, grams: int, *, building: int = 1, unit: int | None = None, floor: int | None = 1, cold: bool = False
) -> Recipient:
    return Recipient(
        household_id=UUID(int=number),
        building_id=UUID(int=building),
        building_order=building,
        unit_id=UUID(int=unit) if unit else None,
        floor=floor,
        sort_key=f"{number:08d}",
        priority=False,
        sealed=True,
        bags=(Bag(cold, grams, ()),),
    )


def trips(*recipients):
    found = door_trips(recipients, carrier_grams=MOST)
    return [(trip.building_id.int, trip.number, [who.household_id.int for who in trip.recipients]) for trip in found]


def test_a_building_is_walked_from_the_ground_up():
    assert trips(recipient(1, 1_000, floor=6), recipient(2, 1_000, floor=-1), recipient(3, 1_000, floor=2)) == [
        (1, 1, [2, 3, 1])
    ]


def test_what_is_too_heavy_for_one_trolley_goes_in_another_trip():
    assert trips(recipient(1, 30_000), recipient(2, 20_000), recipient(3, 1_000)) == [(1, 1, [1, 2]), (1, 2, [3])]


def test_a_household_that_gets_more_than_a_trolley_carries_has_a_trip_alone():
    assert trips(recipient(1, 1_000), recipient(2, 60_000), recipient(3, 1_000)) == [
        (1, 1, [1]),
        (1, 2, [2]),
        (1, 3, [3]),
    ]


def test_no_trip_goes_through_two_entrances():
    assert trips(recipient(1, 1_000, unit=1), recipient(2, 1_000, unit=2), recipient(3, 1_000, building=2)) == [
        (1, 1, [1]),
        (1, 1, [2]),
        (2, 1, [3]),
    ]


def test_a_trip_is_cold_when_any_bag_is():
    [trip] = door_trips([recipient(1, 500), recipient(2, 5, cold=True)], carrier_grams=MOST)

    assert trip.cold
    assert trip.grams == 505
