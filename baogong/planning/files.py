"""The planners' JSON files: parsed values to problems, and plans back.

Every reader takes what a JSON parser made of a file and raises `strict.Refused`, a ValueError of one line that names
the place, where the form is broken; every writer gives what the result file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baogong.planning.allocation import Claim, Share
from baogong.planning.sourcing import Offer, Rebate, SourcingPlan, SourcingProblem, Supplier
from baogong.planning.strict import Fields, Refused, repeated, said, whole
from baogong.planning.turns.problem import DAY_MIN, FARTHEST_M, Building, Point, TurnPlan, TurnProblem

# Beyond these a number is a slip of the pen.
MOST_HOUSEHOLDS = 1_000_000
MOST_UNITS = 10_000_000
MOST_PRICE_FEN = 1_000_000_000
SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Batch:
    """What arrived of one offer, in packs, and who claims how much of it."""

    arrived: int
    claims: tuple[Claim, ...]


def split_seed(value: object) -> tuple[object, int]:
    """The file without its `seed`, and that seed; 0 where it has none."""
    if not isinstance(value, dict) or "seed" not in value:
        return value, 0
    seed = whole(value["seed"], "seed", least=-SEEDS, most=SEEDS - 1)
    return {key: kept for key, kept in value.items() if key != "seed"}, seed


# Allocation


def read_batch(value: object) -> Batch:
    """`{"arrived": 120, "claims": [{"id", "quantity", "floor", "priority"}]}`; floor and priority default to 0."""
    fields = Fields(value, "", known={"arrived", "claims"})
    claims = tuple(_claim(*one) for one in fields.items("claims"))
    for name in repeated(claim.id for claim in claims):
        raise Refused(f"claims: {said(name)} comes twice")
    return Batch(fields.whole("arrived"), claims)


def _claim(value: object, place: str) -> Claim:
    fields = Fields(value, place, known={"id", "quantity", "floor", "priority"})
    priority = fields.whole("priority", default=0, least=-MOST_UNITS, most=MOST_UNITS)
    return Claim(fields.text("id"), fields.whole("quantity"), fields.whole("floor", default=0), priority)


def write_shares(shares: Sequence[Share]) -> dict[str, object]:
    """`{"shares": [{"id", "quantity", "short"}]}`, in the order of the claims."""
    return {"shares": [{"id": one.id, "quantity": one.quantity, "short": one.short} for one in shares]}


# Turns


def read_turns(value: object) -> TurnProblem:
    """Points and buildings; slots default to 10 minutes, hand-overs to 77 seconds, gaps to 0 slots."""
    known = {"slot_minutes", "seconds_per_handover", "gap_slots", "points", "buildings"}
    fields = Fields(value, "", known=known)
    return TurnProblem(
        tuple(_point(*one) for one in fields.items("points")),
        tuple(_building(*one) for one in fields.items("buildings")),
        fields.whole("slot_minutes", default=10, least=1, most=DAY_MIN),
        fields.whole("seconds_per_handover", default=77, least=1),
        fields.whole("gap_slots", default=0),
    )


def _point(value: object, place: str) -> Point:
    fields = Fields(value, place, known={"id", "desks", "present_cap", "opens", "closes"})
    desks, present_cap = fields.whole("desks"), fields.whole("present_cap")
    return Point(fields.text("id"), desks, present_cap, fields.clock("opens"), fields.clock("closes"))


def _building(value: object, place: str) -> Building:
    known = {"id", "households", "priority_households", "distance_m", "not_before"}
    fields = Fields(value, place, known=known)
    return Building(
        fields.text("id"),
        fields.whole("households", most=MOST_HOUSEHOLDS),
        fields.wholes("distance_m", most=FARTHEST_M),
        fields.whole("priority_households", default=0, most=MOST_HOUSEHOLDS),
        fields.clock("not_before") if "not_before" in fields else 0,
    )


def write_turns(plan: TurnPlan) -> dict[str, object]:
    """Turns with times HH:MM, who is left out, cost, bound and gap."""
    turns = [
        {
            "building": turn.building,
            "point": turn.point,
            "start": _clock(turn.start_min),
            "end": _clock(turn.end_min),
            "households": turn.households,
            "priority": turn.priority,
        }
        for turn in plan.turns
    ]
    unserved = [{"building": name, "households": households} for name, households in plan.unserved.items()]
    return {"turns": turns, "unserved": unserved, "cost": plan.cost, "bound": plan.bound, "gap": plan.gap}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Sourcing


def read_sourcing(value: object) -> SourcingProblem:
    """Demand by sku and suppliers with their offers; fees, minimums and rebates default to none."""
    fields = Fields(value, "", known={"demand", "suppliers", "shortage_penalty_fen", "surplus_limit"})
    return SourcingProblem(
        fields.wholes("demand", most=MOST_UNITS),
        tuple(_supplier(*one) for one in fields.items("suppliers")),
        fields.wholes("shortage_penalty_fen", optional=True, most=MOST_PRICE_FEN),
        fields.wholes("surplus_limit", optional=True),
    )


def _supplier(value: object, place: str) -> Supplier:
    fields = Fields(value, place, known={"id", "offers", "fixed_fee_fen", "minimum_order_fen", "rebates"})
    return Supplier(
        fields.text("id"),
        tuple(_offer(*one) for one in fields.items("offers")),
        fields.whole("fixed_fee_fen", default=0),
        fields.whole("minimum_order_fen", default=0),
        tuple(_rebate(*one) for one in fields.items("rebates", optional=True)),
    )


def _offer(value: object, place: str) -> Offer:
    fields = Fields(value, place, known={"sku", "pack_size", "price_fen", "stock_packs"})
    pack_size = fields.whole("pack_size", least=1, most=MOST_UNITS)
    price_fen = fields.whole("price_fen", most=MOST_PRICE_FEN)
    return Offer(fields.text("sku"), pack_size, price_fen, fields.whole("stock_packs"))


def _rebate(value: object, place: str) -> Rebate:
    fields = Fields(value, place, known={"from_fen", "percent"})
    return Rebate(fields.whole("from_fen"), fields.whole("percent", most=100))


def write_sourcing(plan: SourcingPlan) -> dict[str, object]:
    """Lines to order, units short by sku, cost, bound and gap."""
    lines = [{"supplier": line.supplier, "sku": line.sku, "packs": line.packs} for line in plan.lines]
    cost = {"cost_fen": plan.cost_fen, "bound_fen": plan.bound_fen, "gap": plan.gap}
    return {"lines": lines, "short": dict(plan.short), **cost}
