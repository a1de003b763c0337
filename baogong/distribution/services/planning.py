"""A draft for one day: who comes to which point when, and who is served at the door."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.common.clock import local
from baogong.common.errors import NotFound
from baogong.common.events import record
from baogong.common.figures import whole
from baogong.distribution import problems
from baogong.distribution.models import Delivery, Plan, PlanRound, Task, Turn
from baogong.distribution.problems import DAY_MIN, Numbers, minute_of, moment_of
from baogong.distribution.recipients import Recipient, recipients_of
from baogong.distribution.refusals import DayIsPast, NothingToHandOut
from baogong.distribution.trips import Trip, door_trips
from baogong.groupbuy.models import Round
from baogong.places.models import Building, Subdistrict
from baogong.places.services import ensure_points_of
from baogong.planning import turns as planner

SPARSE = 50  # of so many possible pick-up codes one is given out, so that guessing is worth nothing


@dataclass(slots=True)
class _Draft:
    """Everything that is worked out before anything is written."""

    rounds: list[Round]
    day: date
    seed: int
    numbers: Numbers
    recipients: list[Recipient]
    turns: list[tuple[Turn, list[Recipient]]] = field(default_factory=list)
    to_doors: list[Recipient] = field(default_factory=list)
    left_out: dict[str, Counter[UUID]] = field(default_factory=lambda: defaultdict(Counter))
    cost: int = 0
    bound: int = 0


def plan_day(round_ids: Sequence[UUID], day: date, *, seed: int = 0, actor: Actor, now: datetime) -> Plan:
    """Draft how the goods of these rounds that are shared out and not bagged yet get to their households on `day`.

    Sealed: to the door. All others (controlled, precautionary, open): a turn at a distribution point of the compound,
    or of the community where the compound has none; a community that never had one gets one. Who has no open point in
    reach, or finds no free slot, is served at the door too; `left_out` says how many of which building. Households
    with infants or elderly people come first in their building. Turns of other published plans keep their slots. Doors
    are cut into trolley loads.

    Nothing is promised by a draft, and several may be made. Raises NotFound, DayIsPast, NothingToHandOut.
    """
    draft = _work_out(round_ids, day, seed, actor, now)  # before the transaction: a solver must not hold the database
    return _store(draft, actor, now)


def _work_out(round_ids: Sequence[UUID], day: date, seed: int, actor: Actor, now: datetime) -> _Draft:
    mine = actor.subdistrict_id
    rounds = list(Round.objects.within(mine).filter(pk__in=round_ids).order_by("code"))
    if not rounds or len(rounds) < len(set(round_ids)):
        raise NotFound(_("There is no such round"))
    if day < local(now).date():
        raise DayIsPast(_("%(day)s is over; plan for today or later") % {"day": day.isoformat()}, field="day")
    recipients = recipients_of([buy.pk for buy in rounds], mine)
    if not recipients:
        raise NothingToHandOut(_("Nothing of these rounds waits to be handed out: share out what came first"))
    draft = _Draft(rounds, day, seed, problems.numbers_now(mine), recipients)
    _give_turns(draft, actor, now)
    return draft


# ---------------------------------------------------------------- turns


def _give_turns(draft: _Draft, actor: Actor, now: datetime) -> None:
    """Fill `turns`; whoever gets none goes to `to_doors`, with a word in `left_out` where that was not meant."""
    mine, day = actor.subdistrict_id, draft.day
    _ensure_points(draft, actor, now)
    points = problems.open_points(mine)
    metres = problems.reach({recipient.building_id for recipient in draft.recipients}, points, mine)
    coming = []
    for recipient in draft.recipients:
        if recipient.sealed:
            draft.to_doors.append(recipient)
        elif not metres[recipient.building_id]:
            _leave_out(draft, [recipient], "no_point")
        else:
            coming.append(recipient)
    taken = problems.live_spans(mine, day)
    from_min = max(0, minute_of(now, day))
    windows = [
        window
        for point in points
        for window in problems.windows_of(point, taken[point.pk], draft.numbers, from_min=from_min)
    ]
    asked = problems.day_problem(coming, windows, metres, draft.numbers, not_before_min=_not_before(draft))
    answer = planner.plan_turns(asked.problem, seed=draft.seed)
    draft.cost, draft.bound = answer.cost, answer.bound
    _share_turns(draft, coming, asked, problems.rotated(answer, asked.problem, day), actor)


def _ensure_points(draft: _Draft, actor: Actor, now: datetime) -> None:
    """Communities that have never had a distribution point get one where somebody is to come to it."""
    coming = {recipient.building_id for recipient in draft.recipients if not recipient.sealed}
    compounds = set(
        Building.objects.within(actor.subdistrict_id).filter(pk__in=coming).values_list("compound", flat=True)
    )
    ensure_points_of(compounds, actor=actor, now=now)


def _not_before(draft: _Draft) -> int:
    """The delivery window that was promised begins then, if it begins on this day; minutes after midnight."""
    starts = [minute_of(buy.deliver_from, draft.day) for buy in draft.rounds]
    return max((start for start in starts if 0 <= start < DAY_MIN), default=0)


def _share_turns(
    draft: _Draft,
    coming: Iterable[Recipient],
    asked: problems.DayProblem,
    answer: planner.TurnPlan,
    actor: Actor,
) -> None:
    by_building: dict[UUID, list[Recipient]] = defaultdict(list)
    for recipient in coming:
        by_building[recipient.building_id].append(recipient)
    turns: dict[str, list[planner.Turn]] = defaultdict(list)
    for turn in answer.turns:
        turns[turn.building].append(turn)
    for building_id, households in by_building.items():
        shared, rest = problems.share_turns(households, turns[str(building_id)])
        _leave_out(draft, rest, "no_slot")
        draft.turns += [
            (_turn(draft.day, building_id, asked.point_id(turn.point), turn, actor), who) for turn, who in shared
        ]


def _leave_out(draft: _Draft, households: Sequence[Recipient], why: str) -> None:
    draft.to_doors += households
    draft.left_out[why].update(household.building_id for household in households)


def _turn(day: date, building_id: UUID, point_id: UUID, turn: planner.Turn, actor: Actor) -> Turn:
    return Turn(
        subdistrict_id=actor.subdistrict_id,
        point_id=point_id,
        building_id=building_id,
        starts_at=moment_of(turn.start_min, day),
        ends_at=moment_of(turn.end_min, day),
        households=turn.households,
        priority=turn.priority,
    )


# ---------------------------------------------------------------- rows


@transaction.atomic
def _store(draft: _Draft, actor: Actor, now: datetime) -> Plan:
    plan = _plan(draft, actor, now)
    plan.save(force_insert=True)
    insert_all(PlanRound(subdistrict_id=plan.subdistrict_id, plan=plan, round=buy) for buy in draft.rounds)
    for turn, _who in draft.turns:
        turn.plan = plan
    insert_all(turn for turn, _who in draft.turns)
    trips = door_trips(draft.to_doors, carrier_grams=whole("door.carrier_grams", plan.subdistrict_id))
    doors = list(_door_tasks(plan, trips, _hours(draft, now)))
    insert_all(doors + list(_desk_tasks(plan, draft)))
    deliveries = list(_deliveries(plan, draft, zip(doors, trips, strict=True)))
    insert_all(deliveries)
    record(
        "distribution.plan_drafted",
        plan.pk,
        actor=actor,
        now=now,
        code=plan.code,
        day=plan.day.isoformat(),
        rounds=[buy.code for buy in draft.rounds],
        turns=len(draft.turns),
        door_trips=len(trips),
        households=len(deliveries),
        seed=plan.seed,
        cost=plan.cost,
        bound=plan.bound,
    )
    return plan


def _plan(draft: _Draft, actor: Actor, now: datetime) -> Plan:
    mine = actor.subdistrict_id
    return Plan(
        subdistrict_id=mine,
        code=_next_code(mine, draft.day),
        day=draft.day,
        seed=draft.seed,
        slot_minutes=draft.numbers.slot_minutes,
        seconds_per_handover=draft.numbers.seconds_per_handover,
        gap_slots=draft.numbers.gap_slots,
        cost=draft.cost,
        bound=draft.bound,
        left_out=list(_left_out(draft, mine)),
        created_at=now,
        created_by=actor.account_id,
    )


def _next_code(subdistrict_id: UUID, day: date) -> str:
    """`D<month><day>-<number of that day>`; the subdistrict's row is locked, so no two get the same."""
    Subdistrict.objects.select_for_update(no_key=True).get(pk=subdistrict_id)
    start = f"D{day:%m%d}-"
    return f"{start}{Plan.objects.within(subdistrict_id).filter(code__startswith=start).count() + 1:02d}"


def _left_out(draft: _Draft, subdistrict_id: UUID) -> Iterator[dict[str, object]]:
    buildings = {building for counts in draft.left_out.values() for building in counts}
    codes = dict(Building.objects.within(subdistrict_id).filter(pk__in=buildings).values_list("pk", "code"))
    for why, counts in draft.left_out.items():
        for building, households in counts.items():
            yield {"building": codes[building], "households": households, "why": why}


@dataclass(frozen=True, slots=True)
class _Hours:
    """When doorstep work starts and must be done."""

    starts_at: datetime
    due_at: datetime
    cold_due_at: datetime


def _hours(draft: _Draft, now: datetime) -> _Hours:
    """From the points' usual opening, or the promised window, or now; cold goods must be there earlier."""
    mine = draft.rounds[0].subdistrict_id
    opens, closes = (whole(f"turns.{name}_hour", mine) * 60 for name in ("opens", "closes"))
    start = max(opens, _not_before(draft), minute_of(now, draft.day))
    cold = start + whole("door.cold_minutes", mine)
    due = closes if start < closes else cold
    return _Hours(*(moment_of(minute, draft.day) for minute in (start, due, min(cold, due))))


def _door_tasks(plan: Plan, trips: Iterable[Trip], hours: _Hours) -> Iterator[Task]:
    for trip in trips:
        yield Task(
            subdistrict_id=plan.subdistrict_id,
            plan=plan,
            kind=Task.Kind.DOORSTEP,
            building_id=trip.building_id,
            unit_id=trip.unit_id,
            trip=trip.number,
            grams=trip.grams,
            starts_at=hours.starts_at,
            due_at=hours.cold_due_at if trip.cold else hours.due_at,
        )


def _desk_tasks(plan: Plan, draft: _Draft) -> Iterator[Task]:
    """One for each desk of each point, from its first turn to the end of its last."""
    at_point: dict[UUID, list[Turn]] = defaultdict(list)
    for turn, _who in draft.turns:
        at_point[turn.point_id].append(turn)
    desks = {point.pk: point.desks for point in problems.open_points(plan.subdistrict_id)}
    for point_id, turns in at_point.items():
        for desk in range(1, desks[point_id] + 1):
            yield Task(
                subdistrict_id=plan.subdistrict_id,
                plan=plan,
                kind=Task.Kind.DESK,
                point_id=point_id,
                trip=desk,
                starts_at=min(turn.starts_at for turn in turns),
                due_at=max(turn.ends_at for turn in turns),
            )


def _deliveries(plan: Plan, draft: _Draft, loads: Iterable[tuple[Task, Trip]]) -> Iterator[Delivery]:
    """One for each household, numbered as the buildings and flats stand."""
    turns = {who.household_id: turn for turn, group in draft.turns for who in group}
    tasks = {who.household_id: task for task, trip in loads for who in trip.recipients}
    codes = pickup_codes(len(draft.recipients))
    for number, (recipient, code) in enumerate(zip(draft.recipients, codes, strict=True), 1):
        turn = turns.get(recipient.household_id)
        yield Delivery(
            subdistrict_id=plan.subdistrict_id,
            plan=plan,
            household_id=recipient.household_id,
            number=number,
            way=Delivery.Way.TURN if turn else Delivery.Way.DOOR,
            turn=turn,
            task=tasks.get(recipient.household_id),
            pickup_code=code,
            **goods_of(recipient),
        )


def goods_of(recipient: Recipient) -> Mapping[str, int | bool]:
    """What a delivery says about its goods."""
    return {"bags": len(recipient.bags), "grams": recipient.grams, "cold": recipient.cold}


def pickup_codes(count: int) -> list[str]:
    """Different random codes of 4 to 6 digits, as few as keep them sparse."""
    digits = next((digits for digits in (4, 5) if 10**digits >= SPARSE * count), 6)
    drawn = secrets.SystemRandom().sample(range(10**digits), count)
    return [f"{number:0{digits}d}" for number in drawn]
