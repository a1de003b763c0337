"""Changing a point where goods are handed out, without breaking what published plans have promised there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baogong.common.actors import Actor
from baogong.common.clock import local
from baogong.common.errors import NotFound
from baogong.distribution.models import Turn
from baogong.distribution.refusals import PointInUse
from baogong.places.models import Point
from baogong.places.services import PointFacts, set_point
from baogong.web.words import when


@transaction.atomic
def change_point(point_id: UUID, facts: PointFacts, *, actor: Actor, now: datetime) -> Point:
    """Set what a point is. While turns are promised there it stays open at their hours, as wide as they need it.

    Raises NotFound, BadPoint (which names the field), PointInUse (with how many turns, and the first one).
    """
    mine = Point.objects.within(actor.subdistrict_id).select_for_update(no_key=True)
    before: Point | None = mine.filter(pk=point_id).first()
    if before is None:
        raise NotFound(_("There is no such point"))
    after = set_point(before, facts, actor=actor, now=now)
    _refuse_broken_promises(before, after, now)
    return after


def _refuse_broken_promises(before: Point, after: Point, now: datetime) -> None:
    ahead = Turn.objects.within(after.subdistrict_id).filter(point=after, live=True, ends_at__gt=now)
    turns = list(ahead.order_by("starts_at").values_list("starts_at", "ends_at"))
    narrower = after.desks < before.desks or after.present_cap < before.present_cap
    broken = [
        start
        for start, end in turns
        if after.closed
        or after.kind != Point.Kind.DISTRIBUTION
        or narrower
        or local(start).time() < after.opens_at
        or local(end).time() > after.closes_at
    ]
    if broken:
        facts = {"point": after.name, "count": len(broken), "first": when(broken[0])}
        text = ngettext(
            "%(count)s turn is promised at %(point)s, %(first)s. Withdraw its plan first",
            "%(count)s turns are promised at %(point)s, the first %(first)s. Withdraw their plan first",
            len(broken),
        )
        raise PointInUse(text % facts, turns=len(broken), first=broken[0].isoformat())
