"""The planners: frozen dataclasses in, frozen dataclasses out, nothing else touched.

No Django and no other part of Baogong is imported here. Each planner has an independent checker beside it
(`breaches(problem, plan)`), which also judges plans that people edited by hand. Whole numbers carry their unit in the
name (`grams`, `walk_s`, `fen`); the same input and seed always give the same plan. The solver libraries stay behind our
functions and are loaded only when one is called.
"""
