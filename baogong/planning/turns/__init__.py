"""Which building comes to which distribution point in which slots.

A building uses one point; one building a slot and point; `gap_slots` empty slots between different buildings. Served
households cost their walk in metres and 10 for each slot they wait after opening, those left out 1,000,000 each.

`plan_turns` finds a plan and proves how far from the best it can be; `baogong.planning.turns_check.breaches` judges any
plan, also one edited by hand.
"""

from baogong.planning.turns.planner import plan_turns
from baogong.planning.turns.problem import Building, Point, Turn, TurnPlan, TurnProblem

__all__ = ["Building", "Point", "Turn", "TurnPlan", "TurnProblem", "plan_turns"]
