"""Who is on duty where and when: hotline, gates, volunteers.

Every hour a post is not fully manned is a gap. `plan_roster` leaves as few person-hours open as it can, says whether
that is proven to be the least, and then shares hours and nights out evenly; `baogong.planning.rosters_check.breaches`
judges any plan, also one edited by hand.
"""

from baogong.planning.rosters.planner import plan_roster
from baogong.planning.rosters.problem import Gap, Person, Post, RosterPlan, RosterProblem, Shift

__all__ = ["Gap", "Person", "Post", "RosterPlan", "RosterProblem", "Shift", "plan_roster"]
