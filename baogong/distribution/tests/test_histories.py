"""Random streets and random days: whatever happens, nothing is lost and no law is broken."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import time
from typing import Any

import pytest

from baogong.common.errors import RuleBroken
from baogong.distribution import checks, services
from baogong.distribution.breaches import breaches_of
from baogong.distribution.models import Delivery, ParcelLine, Plan, Task, Turn
from baogong.distribution.recipients import recipients_of
from baogong.distribution.tests.goods import draft, make_order, make_round, publish
from baogong.groupbuy import checks as groupbuy_checks
from baogong.groupbuy.models import OrderLine, Round
from baogong.people.tests.cast import NOON, Cast, make_building, make_household, make_point, make_volunteer
from baogong.places.models import Zone

GOODS = {"米": 5_000, "奶": 500, "油": 1_700, "盐": 0, "水": 19_000}
ZONES = [Zone.SEALED, Zone.CONTROLLED, Zone.CONTROLLED, Zone.PRECAUTIONARY, Zone.OPEN]


def street(cast: Cast, draw: random.Random) -> Round:
    """Some points, some buildings with and without entrances, some of whose households ordered something."""
    for number in range(draw.randint(0, 3)):
        make_point(
            cast.compound,
            f"{number}号点",
            desks=draw.randint(0, 3),
            present_cap=draw.randint(0, 30),
            opens_at=time(draw.randint(6, 10)),
            closes_at=time(draw.randint(11, 12), draw.choice([0, 5, 30])),
        )
    buy = make_round(cast, GOODS, cold={"奶"})
    for code in range(20, 20 + draw.randint(1, 7)):
        building = make_building(cast.compound, str(code), zone=draw.choice(ZONES), units=draw.choice([0, 0, 2]))
        units: list[Any] = list(building.units.all()) or [None]
        for flat in range(draw.randint(1, 30)):
            home = make_household(
                building, str(101 + flat), unit=draw.choice(units), people=4, elderly=draw.choice([0, 0, 0, 1])
            )
            for _ in range(draw.choice([0, 1, 1, 1, 2])):
                chosen = draw.sample(list(GOODS), draw.randint(1, len(GOODS)))
                make_order(buy, home, {name: draw.randint(1, 4) for name in chosen})
    make_order(buy, cast.zhao, {"米": 1})
    return buy


def broken(cast: Cast) -> list[str]:
    laws = [*checks.LAWS.values(), groupbuy_checks.law_2, groupbuy_checks.law_3]
    return [breach.what for law in laws for breach in law(cast.subdistrict_id)]


@pytest.mark.parametrize("seed", range(8))
def test_no_published_plan_breaches_its_problem_and_every_granted_line_is_in_one_delivery(cast, seed):
    buy = street(cast, random.Random(seed))

    plan = draft(cast, buy, seed=seed)
    assert breaches_of(plan, recipients_of([buy.pk], cast.subdistrict_id)) == []
    publish(cast, plan)

    bagged: Counter[object] = Counter()
    places = set()
    for line, units, delivery in ParcelLine.objects.within(cast.subdistrict_id).values_list(
        "order_line", "quantity", "parcel__delivery"
    ):
        bagged[line] += units
        places.add((line, delivery))
    lines = OrderLine.objects.within(cast.subdistrict_id)
    assert bagged == dict(lines.values_list("pk", "granted"))
    assert len(places) == lines.count()
    assert broken(cast) == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_in_whatever_order_the_laws_hold(cast, seed):
    draw = random.Random(seed)
    buy = street(cast, draw)
    hands = [cast.actor(make_volunteer(cast.community, name)) for name in ("马超", "关平")]
    plan = publish(cast, draft(cast, buy, seed=seed))
    lines = OrderLine.objects.within(cast.subdistrict_id).count()

    for step in range(60):
        with suppress(RuleBroken):
            plan = something(cast, plan, buy, draw, draw.choice(hands))
        if step % 20 == 19:
            assert broken(cast) == []

    assert OrderLine.objects.within(cast.subdistrict_id).count() == lines
    live = Turn.objects.within(cast.subdistrict_id).filter(live=True)
    assert live.count() == live.values("point", "starts_at").distinct().count()


def something(cast: Cast, plan: Plan, buy: Round, draw: random.Random, actor) -> Plan:
    """One act of somebody, allowed or refused; the plan that is valid afterwards."""
    delivery = draw.choice(Delivery.objects.filter(plan=plan))
    task = draw.choice(Task.objects.filter(plan=plan))
    what = draw.random()
    if what < 0.02:
        services.withdraw_plan(plan.pk, actor=actor, now=NOON)
        return publish(cast, draft(cast, buy, seed=draw.randint(0, 9)))
    if what < 0.5:
        paid = services.PaidAtDoor(draw.choice([1_000, 2_000]), str(draw.randint(1, 9)))
        payment = draw.choice([None, None, paid])
        services.hand_over(delivery.pk, how="flat", payment=payment, actor=actor, now=NOON)
    elif what < 0.6:
        services.return_delivery(delivery.pk, "没人在", actor=actor, now=NOON)
    else:
        act = draw.choice(
            [services.accept_task, services.start_carrying, services.hand_back_task, services.finish_task]
        )
        act(task.pk, actor=actor, now=NOON)
    return plan
