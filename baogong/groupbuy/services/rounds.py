"""Making, opening and closing rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.clock import local
from baogong.common.errors import BadInput, NotFound
from baogong.common.events import record
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer
from baogong.groupbuy.problems import CANCELLED
from baogong.groupbuy.refusals import BadRound, NotReady, coded
from baogong.groupbuy.services.cancelling import Cancelled, cancel_orders
from baogong.groupbuy.services.states import State, advance, lock_round, refuse_jump
from baogong.groupbuy.telling import cancelled_round_text, failed_text, in_our_language, tell
from baogong.places.models import Subdistrict
from baogong.supply.models import Offer

MAX_OFFERS = 1_000


@dataclass(frozen=True, slots=True)
class RoundItem:
    """What goes into a round: an offer, how many units of it (None: all that its supplier has), its cap per household
    (None: the offer's own)."""

    offer_id: UUID
    offered: int | None = None
    cap_per_household: int | None = None


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as its buyer means it. Times are aware; an empty `complaint_contact` means the subdistrict's hotline."""

    name: str
    items: Sequence[RoundItem]
    opens_at: datetime
    closes_at: datetime
    deliver_from: datetime
    deliver_until: datetime
    minimum_households: int = 0
    complaint_contact: str = ""


@transaction.atomic
def create_round(draft: RoundDraft, *, actor: Actor, now: datetime) -> Round:
    """Keep a draft under the next code of the day (`R1124-03`). Raises BadRound, which names the field."""
    _refuse_nonsense(draft)
    subdistrict = Subdistrict.objects.select_for_update(no_key=True).get(pk=actor.subdistrict_id)
    offers = _offers(draft, subdistrict.pk)
    buy = Round.objects.create(
        subdistrict_id=subdistrict.pk,
        code=_next_code(subdistrict.pk, now),
        name=draft.name.strip(),
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        deliver_from=draft.deliver_from,
        deliver_until=draft.deliver_until,
        minimum_households=draft.minimum_households,
        complaint_contact=draft.complaint_contact.strip() or subdistrict.hotline,
        created_at=now,
        created_by=actor.account_id,
    )
    rows = [_round_offer(buy, item, offers[item.offer_id], place) for place, item in enumerate(draft.items, 1)]
    RoundOffer.objects.bulk_create(rows, batch_size=500)
    offered = {row.sku: row.offered for row in rows}
    record("groupbuy.round_created", buy.pk, actor=actor, now=now, code=buy.code, offered=offered)
    return buy


def _refuse_nonsense(draft: RoundDraft) -> None:
    if not draft.name.strip():
        raise BadRound(_("Give the round a name"), field="name")
    if draft.closes_at <= draft.opens_at:
        raise BadRound(_("A round closes after it opens"), field="closes_at")
    if draft.deliver_until <= draft.deliver_from:
        raise BadRound(_("Delivery ends after it begins"), field="deliver_until")
    if draft.minimum_households < 0:
        raise BadRound(_("A minimum is not below zero"), field="minimum_households")
    if not 1 <= len(draft.items) <= MAX_OFFERS:
        raise BadRound(_("A round has 1 to %(most)s offers") % {"most": MAX_OFFERS}, field="offers")
    if len({item.offer_id for item in draft.items}) < len(draft.items):
        raise BadRound(_("An offer stands twice in this round"), field="offers")


def _offers(draft: RoundDraft, subdistrict_id: UUID) -> dict[UUID, Offer]:
    wanted = [item.offer_id for item in draft.items]
    found: dict[UUID, Offer] = Offer.objects.within(subdistrict_id).filter(pk__in=wanted, withdrawn_at=None).in_bulk()
    missing = next((str(offer_id) for offer_id in wanted if offer_id not in found), None)
    if missing:
        raise BadRound(_("One of the offers does not exist or was withdrawn"), field="offers", offer=missing)
    return found


def _round_offer(buy: Round, item: RoundItem, offer: Offer, position: int) -> RoundOffer:
    """The offer as this round has it: later changes of name or price do not reach it."""
    offered = offer.stock if item.offered is None else item.offered
    cap = offer.cap_per_household if item.cap_per_household is None else item.cap_per_household
    _refuse_bad_numbers(offer, offered, cap)
    return RoundOffer(
        subdistrict_id=buy.subdistrict_id,
        round=buy,
        offer=offer,
        sku=offer.sku,
        name=offer.name,
        spec=offer.spec,
        unit=offer.unit,
        category=offer.category,
        price_fen=offer.price_fen,
        cap_per_household=cap,
        offered=offered,
        remaining=offered,
        position=position,
    )


def _refuse_bad_numbers(offer: Offer, offered: int, cap: int | None) -> None:
    facts = {"name": offer.name, "stock": offer.stock}
    if not 0 <= offered <= offer.stock:
        text = _("%(name)s: the supplier has %(stock)s; offer 0 to %(stock)s of it") % facts
        raise BadRound(text, field="offers", offer=str(offer.pk), stock=offer.stock, offered=offered)
    if cap is not None and cap < 1:
        raise BadRound(_("%(name)s: a cap is 1 or more") % facts, field="offers", offer=str(offer.pk), cap=cap)


def _next_code(subdistrict_id: UUID, now: datetime) -> str:
    """`R<month><day>-<number of that day>`; the subdistrict's row is locked, so no two get the same."""
    start = f"R{local(now):%m%d}-"
    taken = Round.objects.within(subdistrict_id).filter(code__startswith=start).aggregate(n=Count("pk"))["n"]
    return f"{start}{taken + 1:02d}"


@transaction.atomic
def schedule_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """A draft that shall open by itself at `opens_at`. Raises NotFound, NotReady, IllegalTransition."""
    buy = lock_round(round_id)
    _refuse_unready(buy, now)
    advance(buy, State.APPROVED, actor=actor, now=now)
    return buy


@transaction.atomic
def open_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """Take orders from now on, also before the time that was planned. A round that is open stays so.

    Raises NotFound, NotReady (`closes_in_the_past`, `nothing_offered`, `no_complaint_contact`), IllegalTransition.
    """
    buy = lock_round(round_id)
    if buy.state == State.OPEN:
        return buy
    _refuse_unready(buy, now)
    advance(buy, State.OPEN, actor=actor, now=now, opens_at=min(buy.opens_at, now), opened_at=now)
    return buy


def _refuse_unready(buy: Round, now: datetime) -> None:
    if buy.closes_at <= now:
        raise coded(NotReady(_("The cut-off of this round has passed already")), "closes_in_the_past")
    if not RoundOffer.objects.filter(round=buy, offered__gt=0).exists():
        raise coded(NotReady(_("This round offers nothing")), "nothing_offered")
    if not buy.complaint_contact:
        text = _("Say whom households can complain to: this round names nobody, and the subdistrict has no hotline")
        raise coded(NotReady(text), "no_complaint_contact")


@transaction.atomic
def cancel_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """Call a round off before its purchase; every order is cancelled, refunded and told. Twice is once.

    Raises NotFound, IllegalTransition.
    """
    buy = lock_round(round_id)
    if buy.state == State.CANCELLED:
        return buy
    advance(buy, State.CANCELLED, actor=actor, now=now, closed_at=now)
    cancelled = cancel_orders(buy, "round_cancelled", actor=actor, now=now)
    _tell_all(buy, cancelled, "round_cancelled", actor, now)
    return buy


@transaction.atomic
def close_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """End the ordering and freeze the totals: the round is formed, or failed where too few households ordered.

    A failed round cancels, refunds and tells everybody. A round that is closed already stays as it is, so two may try.
    Raises NotFound; IllegalTransition for a round that never opened.
    """
    buy = lock_round(round_id)
    if buy.closed_at:
        return buy
    refuse_jump(buy, State.FORMED)
    orders = Order.objects.filter(round=buy).live()
    households = orders.aggregate(n=Count("household", distinct=True))["n"]
    formed = households >= max(buy.minimum_households, 1)
    advance(buy, State.FORMED if formed else State.FAILED, actor=actor, now=now, closed_at=now)
    freeze_totals(buy)
    if not formed:
        cancelled = cancel_orders(buy, "round_failed", actor=actor, now=now)
        _tell_all(buy, cancelled, "round_failed", actor, now)
    return buy


def freeze_totals(buy: Round) -> None:
    """Write what was ordered of each offer, counted from the lines themselves."""
    lines = OrderLine.objects.filter(round_offer=OuterRef("pk")).exclude(place=CANCELLED)
    total = lines.order_by().values("round_offer").annotate(units=Sum("quantity")).values("units")
    RoundOffer.objects.filter(round=buy).update(ordered=Coalesce(Subquery(total), 0))


def _tell_all(buy: Round, cancelled: Sequence[Cancelled], kind: str, actor: Actor, now: datetime) -> None:
    with in_our_language():
        text = failed_text if kind == "round_failed" else cancelled_round_text
        told = [(each.household_id, text(buy, each.code, each.refund_fen)) for each in cancelled]
        tell(told, kind=kind, actor=actor, now=now)


@transaction.atomic
def correct_offered(round_offer_id: UUID, offered: int, reason: str, *, actor: Actor, now: datetime) -> RoundOffer:
    """Set how many units a round offers, with a reason: the only way in which `offered` ever changes.

    Not below what is ordered already. Raises NotFound, BadInput, NotReady (`already_ordered`, `round_closed`).
    """
    buy = lock_round(_round_of(round_offer_id))
    offer = RoundOffer.objects.get(pk=round_offer_id)
    ordered = offer.offered - offer.remaining
    if not reason.strip():
        raise BadInput(_("Say why the number changes"), field="reason")
    if buy.closed_at:
        raise coded(NotReady(_("This round is closed; its totals are fixed")), "round_closed")
    if offered < ordered:
        text = _("%(name)s: %(ordered)s are ordered already") % {"name": offer.name, "ordered": ordered}
        raise coded(NotReady(text, ordered=ordered, offered=offered), "already_ordered")
    RoundOffer.objects.filter(pk=offer.pk).update(offered=offered, remaining=F("remaining") + offered - offer.offered)
    record(
        "groupbuy.offered_corrected", offer.pk, actor=actor, now=now,
        before=offer.offered, offered=offered, reason=reason.strip(),
    )  # fmt: skip
    offer.refresh_from_db()
    return offer


def _round_of(round_offer_id: UUID) -> UUID:
    found = RoundOffer.objects.filter(pk=round_offer_id).values_list("round_id", flat=True).first()
    if found is None:
        raise NotFound(_("This round does not offer that"))
    return found
