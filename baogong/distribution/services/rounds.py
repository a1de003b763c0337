"""How far the rounds are, as distribution sees it: everything shared out, being sorted, being handed out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from baogong.common.actors import Actor
from baogong.distribution.models import Allocation, Plan, PlanRound
from baogong.groupbuy.models import OrderLine, OrderLineQuerySet, Round, RoundPurchase
from baogong.groupbuy.services import move_round
from baogong.groupbuy.services.states import lock_round

State, Place = Round.State, OrderLine.Place
GOODS_HERE = [State.RECEIVED, State.STANDING, State.SORTING]
OUT = [Place.BAGGED, Place.HANDED_OVER, Place.RETURNED]  # what a published plan has made of granted lines


def lock_rounds(plan: Plan) -> list[UUID]:
    """The ids of the plan's rounds, all held, in one order for everybody."""
    ids = sorted(PlanRound.objects.filter(plan=plan).values_list("round_id", flat=True))
    for round_id in ids:
        lock_round(round_id)
    return ids


def goods_are_shared_out(buy: Round, *, actor: Actor, now: datetime) -> None:
    """Take the round on once the last of its purchase orders is shared out.

    Where nothing at all came, it waits for its settlement as `received`.
    """
    if _still_to_share_out(buy):
        return
    move_round(buy.pk, State.RECEIVED, actor=actor, now=now)
    if _lines(buy).filter(place__in=OUT).exists():
        move_round(buy.pk, State.HANDING_OUT, actor=actor, now=now)
    elif _lines(buy).filter(place=Place.GRANTED).exists():
        move_round(buy.pk, State.SORTING, actor=actor, now=now)


def hand_out(round_ids: Iterable[UUID], *, actor: Actor, now: datetime) -> None:
    """A plan of these rounds is published. A round that still waits for goods stays until they are shared out."""
    for buy in Round.objects.filter(pk__in=list(round_ids), state__in=GOODS_HERE).order_by("pk"):
        if not _still_to_share_out(buy):
            move_round(buy.pk, State.HANDING_OUT, actor=actor, now=now)


def bring_back(round_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """A plan was withdrawn: rounds of which nothing is out any more are being sorted again."""
    for buy in Round.objects.filter(pk__in=round_ids, state=State.HANDING_OUT).order_by("pk"):
        if not _lines(buy).filter(place__in=OUT).exists():
            move_round(buy.pk, State.RECEIVED, actor=actor, now=now)
            move_round(buy.pk, State.SORTING, actor=actor, now=now)


def _lines(buy: Round) -> OrderLineQuerySet:
    lines: OrderLineQuerySet = OrderLine.objects.within(buy.subdistrict_id)
    return lines.filter(order__round=buy)


def _still_to_share_out(buy: Round) -> bool:
    shared = Allocation.objects.filter(round=buy).values("purchase_order")
    return RoundPurchase.objects.filter(round=buy).exclude(purchase_order__in=shared).exists()
