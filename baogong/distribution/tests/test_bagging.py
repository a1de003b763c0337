from __future__ import annotations

import random
from collections import Counter
from uuid import UUID

from baogong.distribution.bagging import Item, pack

MOST = 8_000


def item(number: int, units: int, unit_grams: int, *, cold: bool = False) -> Item:
    return Item(UUID(int=number), units, unit_grams, cold)


def contents(bags):
    return [(bag.cold, bag.grams, [(line.int, units) for line, units in bag.contents]) for bag in bags]


def test_what_fits_one_hand_is_one_bag():
    assert contents(pack([item(1, 2, 500), item(2, 1, 1_500)], most_grams=MOST)) == [(False, 2_500, [(2, 1), (1, 2)])]


def test_cold_goods_have_a_bag_of_their_own_and_it_comes_last():
    bags = pack([item(1, 1, 500, cold=True), item(2, 1, 500)], most_grams=MOST)

    assert contents(bags) == [(False, 500, [(2, 1)]), (True, 500, [(1, 1)])]


def test_a_single_unit_heavier_than_a_hand_carries_is_a_bag_of_its_own():
    bags = pack([item(1, 2, 10_000), item(2, 1, 500)], most_grams=MOST)

    assert contents(bags) == [(False, 10_000, [(1, 1)]), (False, 10_000, [(1, 1)]), (False, 500, [(2, 1)])]


def test_a_line_too_heavy_for_one_bag_goes_on_in_the_next():
    assert contents(pack([item(1, 5, 3_000)], most_grams=MOST)) == [
        (False, 6_000, [(1, 2)]),
        (False, 6_000, [(1, 2)]),
        (False, 3_000, [(1, 1)]),
    ]


def test_a_line_that_fits_one_bag_stays_together():
    bags = pack([item(1, 1, 6_000), item(2, 2, 2_000)], most_grams=MOST)

    assert contents(bags) == [(False, 6_000, [(1, 1)]), (False, 4_000, [(2, 2)])]


def test_whatever_is_packed_nothing_is_lost_and_no_bag_is_too_heavy():
    for seed in range(200):
        draw = random.Random(seed)
        items = [
            item(n, draw.randint(1, 12), draw.choice([100, 500, 1_800, 5_000, 9_000]), cold=draw.random() < 0.3)
            for n in range(draw.randint(1, 12))
        ]
        bags = pack(items, most_grams=MOST)

        packed: Counter[UUID] = Counter()
        grams, cold = {i.line_id: i.unit_grams for i in items}, {i.line_id: i.cold for i in items}
        for bag in bags:
            packed.update(dict(bag.contents))
            assert bag.grams == sum(grams[line] * units for line, units in bag.contents)
            assert bag.grams <= MOST or sum(units for _line, units in bag.contents) == 1
            assert {cold[line] for line, _units in bag.contents} == {bag.cold}
        assert packed == {i.line_id: i.units for i in items}
        assert pack(draw.sample(items, len(items)), most_grams=MOST) == bags
