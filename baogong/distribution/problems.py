"""Rows to the planner's dataclasses and back.

A point's day may already hold turns of other published plans. The planner knows opening and closing only, so each
free stretch of the day goes to it as a point of its own (a `Window`). Its slots cost what they would cost at the
point: those before the stretch are added to the walk. A building uses one stretch of one point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from baogong.common.clock import at_local, local
from baogong.common.figures import whole
from baogong.distribution.models import Plan, Turn
from baogong.distribution.recipients import Recipient
from baogong.distribution.walking import walk_m
from baogong.places.models import Building, Point
from baogong.planning import turns as planner
from baogong.planning.turns.problem import SLOT_COST

DAY_MIN = 24 * 60
Span = tuple[int, int]  # minutes after local midnight, from and until


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures that a plan of turns rests on."""

    slot_minutes: int
    seconds_per_handover: int
    gap_slots: int


@dataclass(frozen=True, slots=True)
class Window:
    """A free stretch of a point's day; `late_slots` lie between the point's opening and it."""

    id: str
    point: Point
    opens_min: int
    closes_min: int
    late_slots: int


@dataclass(frozen=True, slots=True)
class DayProblem:
    """The planner's problem, and the rows that its ids stand for."""

    problem: planner.TurnProblem
    windows: Mapping[str, Window]

    def point_id(self, window_id: str) -> UUID:
        return self.windows[window_id].point.pk


def numbers_now(subdistrict_id: UUID) -> Numbers:
    names = ("slot_minutes", "seconds_per_handover", "gap_slots")
    return Numbers(*(whole(f"turns.{name}", subdistrict_id) for name in names))


def numbers_of(plan: Plan) -> Numbers:
    return Numbers(plan.slot_minutes, plan.seconds_per_handover, plan.gap_slots)


# ---------------------------------------------------------------- times


def minute_of(moment: datetime, day: date) -> int:
    """Minutes from local midnight of `day`; negative before it, 1,440 and more after it."""
    return round((local(moment) - at_local(day, time(0))).total_seconds()) // 60


def moment_of(minute: int, day: date) -> datetime:
    return at_local(day, time(0)) + timedelta(minutes=minute)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


# ---------------------------------------------------------------- who can go where


def open_points(subdistrict_id: UUID) -> list[Point]:
    """Distribution points that are not closed, with their compounds."""
    points = Point.objects.within(subdistrict_id).filter(kind=Point.Kind.DISTRIBUTION, closed=False)
    return list(points.select_related("compound").order_by("compound__name", "name"))


def reach(building_ids: Iterable[UUID], points: Sequence[Point], subdistrict_id: UUID) -> dict[UUID, dict[UUID, int]]:
    """Metres to each point that a building may use: those of its compound, else those of its community."""
    detour = whole("walk.detour_percent", subdistrict_id)
    of_compound: dict[UUID, list[Point]] = defaultdict(list)
    of_community: dict[UUID, list[Point]] = defaultdict(list)
    for point in points:
        of_compound[point.compound_id].append(point)
        of_community[point.compound.community_id].append(point)
    wanted = set(building_ids)
    found: dict[UUID, dict[UUID, int]] = {}
    for building in Building.objects.within(subdistrict_id).select_related("compound").defer("outline"):
        if building.pk in wanted:
            near = of_compound[building.compound_id] or of_community[building.compound.community_id]
            found[building.pk] = {point.pk: walk_m(building, point, detour_percent=detour) for point in near}
    return found


def live_spans(subdistrict_id: UUID, day: date) -> dict[UUID, list[Span]]:
    """When each point is taken by turns of published plans on that day."""
    live = Turn.objects.within(subdistrict_id).filter(live=True)
    today = live.filter(starts_at__lt=moment_of(DAY_MIN, day), ends_at__gt=moment_of(0, day))
    spans: dict[UUID, list[Span]] = defaultdict(list)
    for point_id, starts_at, ends_at in today.order_by("starts_at").values_list("point_id", "starts_at", "ends_at"):
        spans[point_id].append((minute_of(starts_at, day), minute_of(ends_at, day)))
    return spans


# ---------------------------------------------------------------- the problem


def windows_of(point: Point, taken: Sequence[Span], numbers: Numbers, *, from_min: int = 0) -> list[Window]:
    """The free stretches of a point's day that hold a slot at least, in slots counted from the point's opening."""
    opens, closes, slot = _minute(point.opens_at), _minute(point.closes_at), numbers.slot_minutes
    gap = numbers.gap_slots * slot
    free, start = [], max(opens, from_min)
    for begins, ends in sorted(taken):
        free.append((start, begins - gap))
        start = max(start, ends + gap)
    windows = []
    for begins, ends in [*free, (start, closes)]:
        late = max(0, -(-(begins - opens) // slot))
        first = opens + late * slot
        if first + slot <= min(ends, closes):
            windows.append(Window(f"{point.pk}/{first}", point, first, min(ends, closes), late))
    return windows


def day_problem(
    recipients: Sequence[Recipient],
    windows: Sequence[Window],
    metres: Mapping[UUID, Mapping[UUID, int]],
    numbers: Numbers,
    *,
    not_before_min: int = 0,
) -> DayProblem:
    """Spread the recipients' buildings over the windows of the points in their reach (`metres` by building, point)."""
    by_building: dict[UUID, list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        by_building[recipient.building_id].append(recipient)
    problem = planner.TurnProblem(
        points=tuple(_planner_point(window) for window in windows),
        buildings=tuple(
            planner.Building(
                id=str(building_id),
                households=len(households),
                distance_m=_distances(metres.get(building_id, {}), windows),
                priority_households=sum(recipient.priority for recipient in households),
                not_before_min=not_before_min,
            )
            for building_id, households in by_building.items()
        ),
        slot_minutes=numbers.slot_minutes,
        seconds_per_handover=numbers.seconds_per_handover,
        gap_slots=numbers.gap_slots,
    )
    return DayProblem(problem, {window.id: window for window in windows})


def _planner_point(window: Window) -> planner.Point:
    point = window.point
    return planner.Point(window.id, point.desks, point.present_cap, window.opens_min, window.closes_min)


def _distances(metres: Mapping[UUID, int], windows: Iterable[Window]) -> dict[str, int]:
    return {w.id: metres[w.point.pk] + SLOT_COST * w.late_slots for w in windows if w.point.pk in metres}


# ---------------------------------------------------------------- the answer


def rotated(plan: planner.TurnPlan, problem: planner.TurnProblem, day: date) -> planner.TurnPlan:
    """The same plan with the turns of like buildings changed round, one place further each day (domain 5.3).

    Like are buildings with as many households, as many of them first, at one point: who of them comes when costs the
    same, so day by day each has the early turns once.
    """
    mine: dict[str, list[planner.Turn]] = defaultdict(list)
    for turn in plan.turns:
        mine[turn.building].append(turn)
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for building in problem.buildings:
        if turns := mine.get(building.id):
            left_out = plan.unserved.get(building.id, 0)
            likeness = (turns[0].point, building.households, building.priority_households, building.not_before_min)
            alike[(*likeness, left_out)].append(building.id)
    changed: list[planner.Turn] = []
    for ids in alike.values():
        for place, building_id in enumerate(sorted(ids)):
            other = sorted(ids)[(place + day.toordinal()) % len(ids)]
            changed += [replace(turn, building=building_id) for turn in mine[other]]
    return replace(plan, turns=tuple(sorted(changed, key=lambda turn: (turn.building, turn.start_min))))


def share_turns(
    recipients: Sequence[Recipient], turns: Sequence[planner.Turn]
) -> tuple[list[tuple[planner.Turn, list[Recipient]]], list[Recipient]]:
    """Who of one building comes in which of its turns, and who is left for the door: who goes first comes first."""
    waiting = sorted(recipients, key=lambda recipient: not recipient.priority)
    shared = []
    for turn in sorted(turns, key=lambda turn: (not turn.priority, turn.start_min)):
        shared.append((turn, waiting[: turn.households]))
        waiting = waiting[turn.households :]
    return shared, waiting


def planned_turns(rows: Iterable[Turn], day: date) -> planner.TurnPlan:
    """Turns as they stand in the database, edited by hand or not, as the checker reads them."""
    turns = tuple(
        planner.Turn(
            building=str(row.building_id),
            point=str(row.point_id),
            start_min=minute_of(row.starts_at, day),
            end_min=minute_of(row.ends_at, day),
            households=row.households,
            priority=row.priority,
        )
        for row in rows
    )
    return planner.TurnPlan(turns=tuple(sorted(turns, key=lambda turn: (turn.building, turn.start_min))))


def checked_problem(
    recipients: Sequence[Recipient], points: Sequence[Point], numbers: Numbers, subdistrict_id: UUID
) -> planner.TurnProblem:
    """The problem that rows are checked against: whole days at the points, whatever other plans have there."""
    windows = [Window(str(point.pk), point, _minute(point.opens_at), _minute(point.closes_at), 0) for point in points]
    metres = reach({recipient.building_id for recipient in recipients}, points, subdistrict_id)
    return day_problem(recipients, windows, metres, numbers).problem
