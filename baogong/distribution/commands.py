"""`baogong plan` and `baogong points`: planning a day and looking after points from the command line, as the system."""

from __future__ import annotations

import argparse
from datetime import date, time
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.common.errors import BadInput, NotFound
from baogong.distribution import queries, services
from baogong.groupbuy.models import Round
from baogong.places.models import Point
from baogong.places.services import PointFacts


def plan_day(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """Draft a plan for rounds (by code) and a day, and with `options.publish` publish it.

    Raises NotFound, BadInput, and what keeps a plan from being made or published.
    """
    actor = system(subdistrict_id)
    rounds = [_round_id(code, subdistrict_id) for code in options.rounds]
    plan = services.plan_day(rounds, read_day(options.day), seed=options.seed, actor=actor, now=now())
    facts = {
        "code": plan.code,
        "turns": plan.turns.count(),
        "tasks": plan.tasks.count(),
        "doors": plan.deliveries.count(),
    }
    print(_("Plan %(code)s: households %(doors)s, turns %(turns)s, tasks %(tasks)s") % facts)
    if options.publish:
        services.publish_plan(plan.pk, actor=actor, now=now())
        print(_("The plan is published, and everybody in it is told."))
    return 0


def _round_id(code: str, subdistrict_id: UUID) -> UUID:
    found = Round.objects.within(subdistrict_id).filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound(_("There is no round “%(code)s”; `baogong rounds` lists them") % {"code": code})
    return UUID(str(found.pk))


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(_("“%(text)s” is no day; write it like 2022-11-25") % {"text": text}) from wrong


# ---------------------------------------------------------------- points


def list_points(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """One line a point."""
    for point in queries.points_of(subdistrict_id):
        print(in_words(point))
    return 0


def in_words(point: Point) -> str:
    facts = {
        "compound": point.compound.name,
        "name": point.name,
        "kind": point.get_kind_display(),
        "opens": f"{point.opens_at:%H:%M}",
        "closes": f"{point.closes_at:%H:%M}",
        "desks": point.desks,
        "present": point.present_cap,
    }
    text = _("%(compound)s  %(name)s: %(kind)s, %(opens)s to %(closes)s, desks %(desks)s, people %(present)s") % facts
    return f"{text}, {_('closed: %(why)s') % {'why': point.closed_reason}}" if point.closed else text


def set_point(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """Change one point, named by its compound and its name. Raises NotFound, BadInput, BadPoint, PointInUse."""
    point = point_named(options.compound, options.name, subdistrict_id)
    if options.close and options.open:
        raise BadInput(_("A point is either closed or open: say one of --close and --open"))
    longitude, latitude = read_place(options.place)
    facts = PointFacts(
        name=options.rename,
        kind=options.kind,
        desks=options.desks,
        present_cap=options.present,
        opens_at=read_clock(options.opens),
        closes_at=read_clock(options.closes),
        longitude=longitude,
        latitude=latitude,
        closed=True if options.close else False if options.open else None,
        closed_reason=options.close,
    )
    print(in_words(services.change_point(point.pk, facts, actor=system(subdistrict_id), now=now())))
    return 0


def point_named(compound: str, name: str, subdistrict_id: UUID) -> Point:
    found: Point | None = queries.points_of(subdistrict_id).filter(compound__name=compound, name=name).first()
    if found is None:
        facts = {"compound": compound, "name": name}
        raise NotFound(_("%(compound)s has no point “%(name)s”; `baogong points list` lists them") % facts)
    return found


def read_clock(text: str | None) -> time | None:
    if text is None:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(_("“%(text)s” is no time of day; write it like 08:30") % {"text": text}) from wrong


def read_place(text: str | None) -> tuple[float, float] | tuple[None, None]:
    """`114.41,30.48`: longitude, then latitude."""
    if text is None:
        return None, None
    try:
        longitude, latitude = (float(part) for part in text.split(","))
    except ValueError as wrong:
        said = _("“%(text)s” is no place; write longitude and latitude like 114.41,30.48")
        raise BadInput(said % {"text": text}) from wrong
    return longitude, latitude
