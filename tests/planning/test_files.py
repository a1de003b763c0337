import json

import pytest

from baogong.planning import files
from baogong.planning.allocation import Claim, Share
from baogong.planning.sourcing import Line, Offer, Rebate, SourcingPlan, SourcingProblem, Supplier
from baogong.planning.strict import Fields, Refused, clock, whole
from baogong.planning.turns import Building, Point, Turn, TurnPlan, TurnProblem

BATCH = {
    "arrived": 120,
    "claims": [{"id": "3-101", "quantity": 4, "floor": 1, "priority": -1}, {"id": "b", "quantity": 2}],
}
TURNS = {
    "slot_minutes": 15,
    "seconds_per_handover": 60,
    "gap_slots": 1,
    "points": [{"id": "P1", "desks": 2, "present_cap": 20, "opens": "07:00", "closes": "24:00"}],
    "buildings": [
        {"id": "B1", "households": 96, "priority_households": 4, "distance_m": {"P1": 120}, "not_before": "09:05"},
        {"id": "B2", "households": 3, "distance_m": {}},
    ],
}
SOURCING = {
    "demand": {"rice-5kg": 400},
    "suppliers": [
        {
            "id": "S1",
            "fixed_fee_fen": 5000,
            "minimum_order_fen": 200000,
            "rebates": [{"from_fen": 500000, "percent": 3}],
            "offers": [{"sku": "rice-5kg", "pack_size": 4, "price_fen": 11200, "stock_packs": 90}],
        },
        {"id": "S2", "offers": []},
    ],
    "shortage_penalty_fen": {"rice-5kg": 100000},
    "surplus_limit": {"rice-5kg": 8},
}


def changed(document, path, value):
    """A copy of the document with another value at a path like `claims.0.quantity`."""
    copy = json.loads(json.dumps(document))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = copy
    for step in way:
        place = place[step]
    place[last] = value
    return copy


def test_a_batch_is_read_with_its_defaults():
    assert files.read_batch(BATCH) == files.Batch(120, (Claim("3-101", 4, 1, -1), Claim("b", 2, 0, 0)))


def test_turns_are_read_with_their_defaults():
    point = Point("P1", 2, 20, 7 * 60, 24 * 60)
    buildings = (Building("B1", 96, {"P1": 120}, 4, 9 * 60 + 5), Building("B2", 3, {}))

    assert files.read_turns(TURNS) == TurnProblem((point,), buildings, 15, 60, 1)
    assert files.read_turns({"points": [], "buildings": []}) == TurnProblem((), (), 10, 77, 0)


def test_sourcing_is_read_with_its_defaults():
    s1 = Supplier("S1", (Offer("rice-5kg", 4, 11200, 90),), 5000, 200000, (Rebate(500000, 3),))
    rest = ({"rice-5kg": 100000}, {"rice-5kg": 8})

    assert files.read_sourcing(SOURCING) == SourcingProblem({"rice-5kg": 400}, (s1, Supplier("S2", ())), *rest)


def test_the_seed_is_taken_out_of_any_file():
    assert files.split_seed({"seed": 7, "arrived": 1}) == ({"arrived": 1}, 7)
    assert files.split_seed({"arrived": 1}) == ({"arrived": 1}, 0)
    assert files.split_seed([1]) == ([1], 0)


def test_results_are_written_as_the_files_want_them():
    turn = Turn("B1", "P1", 9 * 60 + 5, 24 * 60, 15, True)
    plan = TurnPlan((turn,), {"B1": 81}, 200, 150)

    assert files.write_shares([Share("a", 3, 1)]) == {"shares": [{"id": "a", "quantity": 3, "short": 1}]}
    assert files.write_turns(plan) == {
        "turns": [
            {"building": "B1", "point": "P1", "start": "09:05", "end": "24:00", "households": 15, "priority": True}
        ],
        "unserved": [{"building": "B1", "households": 81}],
        "cost": 200,
        "bound": 150,
        "gap": 0.25,
    }
    assert files.write_sourcing(SourcingPlan((Line("S1", "rice", 9),), {"rice": 4}, 100, 100)) == {
        "lines": [{"supplier": "S1", "sku": "rice", "packs": 9}],
        "short": {"rice": 4},
        "cost_fen": 100,
        "bound_fen": 100,
        "gap": 0.0,
    }


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("arrived", -1, "arrived"),
        ("arrived", True, "arrived must be a whole number, not True"),
        ("arrived", 1.0, "arrived"),
        ("arrived", "7", "arrived"),
        ("arrived", None, "arrived"),
        ("arrived", 10**30, "a huge number"),
        ("claims", {}, "claims must be a list, not a table"),
        ("claims.1", 3, "claims[1] must be a table"),
        ("claims.1.id", "3-101", "claims: '3-101' comes twice"),
        ("claims.1.id", "", "claims[1].id"),
        ("claims.1.id", "x" * 201, "claims[1].id"),
        ("claims.1.id", "\ud800", "claims[1].id"),
        ("claims.1.id", 4, "claims[1].id"),
        ("claims.1.floor", -1, "claims[1].floor"),
        ("claims.1.priority", 0.5, "claims[1].priority"),
        ("claims.1.colour", 1, "claims[1] has an unknown key 'colour'"),
        ("extra\n", 1, r"unknown key 'extra\n'"),
    ],
)
def test_a_broken_batch_is_refused_in_one_line_that_names_the_place(path, value, place):
    with pytest.raises(Refused) as refusal:
        files.read_batch(changed(BATCH, path, value))

    assert place in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("key", ["arrived", "claims"])
def test_a_missing_key_is_named(key):
    with pytest.raises(Refused, match=f"{key} is missing"):
        files.read_batch({name: value for name, value in BATCH.items() if name != key})


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("slot_minutes", 0, "slot_minutes"),
        ("seconds_per_handover", 0, "seconds_per_handover"),
        ("gap_slots", -1, "gap_slots"),
        ("seed", 1, "unknown key 'seed'"),
        ("points.0.opens", "7:00", "points[0].opens must be a time HH:MM"),
        ("points.0.opens", "24:00", "open before it closes"),
        ("points.0.closes", "24:01", "points[0].closes"),
        ("points.0.closes", "07:00", "open before it closes"),
        ("points.0.closes", 1140, "points[0].closes"),
        ("points.0.desks", -1, "points[0].desks"),
        ("points.0.id", "P2", "unknown point 'P1'"),
        ("buildings.1.id", "B1", "'B1' comes twice"),
        ("buildings.0.households", 10**9, "buildings[0].households"),
        ("buildings.0.distance_m", [120], "buildings[0].distance_m must be a table, not a list"),
        ("buildings.0.distance_m.P1", -1, "buildings[0].distance_m['P1']"),
        ("buildings.0.distance_m.P1", 10**9, "buildings[0].distance_m['P1']"),
        ("buildings.0.not_before", "noon", "buildings[0].not_before"),
    ],
)
def test_broken_turns_are_refused(path, value, place):
    with pytest.raises(ValueError) as refusal:
        files.read_turns(changed(TURNS, path, value))

    assert place in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("demand.rice-5kg", -1, "demand['rice-5kg']"),
        ("demand.", 3, "a name in demand"),
        ("suppliers.1.id", "S1", "'S1' comes twice"),
        ("suppliers.0.rebates.0.percent", 101, "suppliers[0].rebates[0].percent"),
        ("suppliers.0.rebates.0.percent", 2.5, "suppliers[0].rebates[0].percent"),
        ("suppliers.0.offers.0.pack_size", 0, "suppliers[0].offers[0].pack_size"),
        ("suppliers.0.offers.0.price_fen", -1, "suppliers[0].offers[0].price_fen"),
        ("suppliers.0.offers.0.unit", "kg", "suppliers[0].offers[0] has an unknown key 'unit'"),
        ("surplus_limit", None, "surplus_limit"),
    ],
)
def test_broken_sourcing_is_refused(path, value, place):
    with pytest.raises(ValueError) as refusal:
        files.read_sourcing(changed(SOURCING, path, value))

    assert place in str(refusal.value)


def test_the_strict_readers_hold_their_limits():
    assert whole(24, "hours", least=1, most=24) == 24
    assert [clock(text, "at") for text in ("00:00", "09:05", "24:00")] == [0, 545, 1440]
    assert Fields({"posts": ["gate"]}, "people[0]", known={"posts"}).texts("posts") == ["gate"]
    with pytest.raises(Refused, match=r"people\[0\].posts: 'gate' comes twice"):
        Fields({"posts": ["gate", "gate"]}, "people[0]", known={"posts"}).texts("posts")
    with pytest.raises(Refused, match="the file must be a table, not a list"):
        Fields([], "", known=set())
