"""Judge any plan of turns, also one edited by hand, without the planner: every rule again, from the problem alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from baogong.planning.turns.problem import Building, Point, Turn, TurnPlan, TurnProblem


def breaches(problem: TurnProblem, plan: TurnPlan) -> list[str]:
    """What is wrong with `plan`, one sentence each; empty when nothing is."""
    points = {point.id: point for point in problem.points}
    buildings = {building.id: building for building in problem.buildings}
    strangers = [
        f"a turn names the unknown building {turn.building!r} or point {turn.point!r}"
        for turn in plan.turns
        if turn.building not in buildings or turn.point not in points
    ]
    strangers += [f"unserved names the unknown building {name!r}" for name in plan.unserved if name not in buildings]
    if strangers:
        return strangers
    found = [line for turn in plan.turns for line in _turn(problem, turn, points[turn.point], buildings[turn.building])]
    at, of = _sorted(plan, "point"), _sorted(plan, "building")
    found += [line for point in problem.points for line in _queue(problem, point.id, at[point.id])]
    found += [line for one in problem.buildings for line in _building(one, of[one.id], plan.unserved.get(one.id, 0))]
    return found or _cost(problem, plan)


def cost_of(problem: TurnProblem, plan: TurnPlan) -> int:
    """What the plan costs: 1,000,000 for each household left out, else its metres and 10 for each slot of waiting."""
    opens = {point.id: point.opens_min for point in problem.points}
    metres = {building.id: building.distance_m for building in problem.buildings}
    cost = sum(building.households for building in problem.buildings) * 1_000_000
    for turn in plan.turns:
        slot = (turn.start_min - opens[turn.point]) // problem.slot_minutes
        cost += turn.households * (metres[turn.building][turn.point] + 10 * slot - 1_000_000)
    return cost


def _turn(problem: TurnProblem, turn: Turn, point: Point, building: Building) -> Iterator[str]:
    """Breaches of one turn on its own."""
    name = f"{turn.building!r} at {turn.point!r}, minute {turn.start_min}"
    room = min(point.desks * problem.slot_minutes * 60 // problem.seconds_per_handover, point.present_cap)
    if not 1 <= turn.households <= room:
        yield f"{name}: {turn.households} households come where 1 to {room} can"
    if turn.point not in building.distance_m:
        yield f"{name}: the building cannot use this point"
    if turn.start_min < building.not_before_min:
        yield f"{name}: too early for the building"
    if (
        turn.end_min != turn.start_min + problem.slot_minutes
        or (turn.start_min - point.opens_min) % problem.slot_minutes
    ):
        yield f"{name}: not one slot of the point"
    if turn.start_min < point.opens_min or turn.end_min > point.closes_min:
        yield f"{name}: the point is closed"


def _sorted(plan: TurnPlan, kind: str) -> dict[str, list[Turn]]:
    """The turns of each "point" or "building" by time."""
    groups: dict[str, list[Turn]] = defaultdict(list)
    for turn in sorted(plan.turns, key=lambda turn: turn.start_min):
        groups[getattr(turn, kind)].append(turn)
    return groups


def _queue(problem: TurnProblem, point: str, turns: list[Turn]) -> Iterator[str]:
    """Breaches between turns that follow each other at one point."""
    for one, after in pairwise(turns):
        gap = 0 if one.building == after.building else problem.gap_slots
        if after.start_min < one.start_min + (1 + gap) * problem.slot_minutes:
            yield f"{point!r}: {one.building!r} and {after.building!r} are too close at minute {after.start_min}"


def _building(building: Building, turns: list[Turn], left_out: int) -> Iterator[str]:
    """Breaches of one building over all its turns."""
    if len({turn.point for turn in turns}) > 1:
        yield f"{building.id!r} uses more than one point"
    served = sum(turn.households for turn in turns)
    if left_out < 0 or served + left_out != building.households:
        yield f"{building.id!r} has {building.households} households: {served} are served and {left_out} are not"
    flags = [turn.priority for turn in turns]
    if flags != sorted(flags, reverse=True):
        yield f"{building.id!r}: a turn without priority comes before one with it"
    first = sum(turn.households for turn in turns if turn.priority)
    if first < min(building.priority_households, served):
        yield f"{building.id!r}: its priority turns hold {first} of {building.priority_households} priority households"


def _cost(problem: TurnProblem, plan: TurnPlan) -> list[str]:
    cost = cost_of(problem, plan)
    found = [] if plan.cost == cost else [f"the plan costs {cost}, not {plan.cost}"]
    return found if plan.bound <= plan.cost + 0.5 else [*found, f"the bound {plan.bound} exceeds the cost {plan.cost}"]
