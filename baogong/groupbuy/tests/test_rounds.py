"""The life of a round: made, opened, closed, called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from baogong.channels.models import Message
from baogong.common.errors import BadInput, NotFound
from baogong.common.models import Event
from baogong.groupbuy import services
from baogong.groupbuy.models import Order, Round, RoundOffer
from baogong.groupbuy.refusals import BadRound, IllegalTransition, NotReady
from baogong.groupbuy.services import RoundItem
from baogong.groupbuy.tests.rounds import (
    CUT_OFF,
    NOON,
    OPENS,
    breaches,
    draft_of,
    money,
    open_round_of,
    order,
    round_offers,
)
from baogong.supply.tests.market import make_offer

State = Round.State


def test_a_round_keeps_its_offers_as_they_were_when_it_was_made(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.actor(cast.buyer), now=NOON)
    rice.price_fen, rice.name = 9900, "大米（涨价）"
    rice.save()

    [offer] = RoundOffer.objects.filter(round=draft)
    assert (offer.name, offer.price_fen, offer.cap_per_household) == ("大米", 2000, 5)
    assert (offer.offered, offer.remaining) == (1000, 1000)
    assert (draft.state, draft.created_by) == ("draft", cast.buyer.pk)


def test_codes_count_the_rounds_of_a_day(cast, rice):
    late_evening = NOON + timedelta(hours=13)  # 01:00 of the next day on the subdistrict's clocks

    codes = [
        services.create_round(draft_of([rice]), actor=cast.system, now=now).code for now in (NOON, NOON, late_evening)
    ]

    assert codes == ["R1124-01", "R1124-02", "R1125-01"]


def test_without_a_contact_of_its_own_a_round_names_the_hotline(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=NOON)

    assert draft.complaint_contact == cast.subdistrict.hotline


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"closes_at": OPENS}, "closes_at"),
        ({"deliver_until": NOON}, "deliver_until"),
        ({"minimum_households": -1}, "minimum_households"),
        ({"items": []}, "offers"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused_at_its_field(cast, rice, values, field):
    with pytest.raises(BadRound) as refused:
        services.create_round(replace(draft_of([rice]), **values), actor=cast.system, now=NOON)

    assert refused.value.facts["field"] == field


def test_a_round_offers_no_more_than_its_supplier_has(cast, greens):
    items = [RoundItem(greens.pk, offered=41)]

    with pytest.raises(BadRound) as refused:
        services.create_round(replace(draft_of([]), items=items), actor=cast.system, now=NOON)

    assert (refused.value.facts["stock"], refused.value.facts["offered"]) == (40, 41)


def test_a_withdrawn_offer_or_one_that_stands_twice_is_refused(cast, rice, greens):
    greens.withdrawn_at = NOON
    greens.save()

    for items in ([RoundItem(greens.pk)], [RoundItem(rice.pk), RoundItem(rice.pk)]):
        with pytest.raises(BadRound):
            services.create_round(replace(draft_of([]), items=items), actor=cast.system, now=NOON)


def test_opening_early_means_from_now_on(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=OPENS - timedelta(days=1))

    opened = services.open_round(draft.pk, actor=cast.system, now=OPENS - timedelta(hours=2))

    assert (opened.state, opened.opens_at) == ("open", OPENS - timedelta(hours=2))
    assert opened.accepts_orders(at=OPENS - timedelta(hours=1))


def test_a_scheduled_round_opens_by_itself(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=OPENS - timedelta(days=1))
    services.schedule_round(draft.pk, actor=cast.system, now=OPENS - timedelta(days=1))

    too_early = services.open_due_rounds(OPENS - timedelta(seconds=1))
    in_time = [services.open_due_rounds(OPENS) for _ in range(2)]

    draft.refresh_from_db()
    assert (too_early, in_time, draft.state, draft.opens_at) == (0, [1, 0], "open", OPENS)


def test_a_round_cannot_open_when_its_cut_off_is_over_or_nobody_takes_complaints(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=OPENS)
    with pytest.raises(NotReady) as too_late:
        services.open_round(draft.pk, actor=cast.system, now=CUT_OFF)
    Round.objects.filter(pk=draft.pk).update(complaint_contact="")
    with pytest.raises(NotReady) as nobody:
        services.open_round(draft.pk, actor=cast.system, now=NOON)

    assert (too_late.value.code, nobody.value.code) == ("closes_in_the_past", "no_complaint_contact")


def test_a_round_that_offers_nothing_cannot_open(cast, jkl):
    draft = services.create_round(draft_of([make_offer(jkl, stock=0)]), actor=cast.system, now=OPENS)

    with pytest.raises(NotReady) as refused:
        services.open_round(draft.pk, actor=cast.system, now=NOON)

    assert refused.value.code == "nothing_offered"


# ---------------------------------------------------------------- closing


def test_closing_freezes_the_totals(cast, rice, greens):
    buy = open_round_of(cast, rice, greens)
    order(buy, cast.wang, rice=2, greens=1)
    gone = order(buy, cast.li, rice=1)
    services.cancel_order(gone.pk, actor=cast.system, now=NOON)

    closed = services.close_round(buy.pk, actor=cast.system, now=CUT_OFF)

    assert (closed.state, closed.closed_at) == ("formed", CUT_OFF)
    assert {sku: offer.ordered for sku, offer in round_offers(buy).items()} == {"rice": 2, "greens": 1}
    assert not breaches(cast.subdistrict_id)


def test_closing_twice_is_closing_once(cast, rice):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)

    for moment in (CUT_OFF, CUT_OFF + timedelta(hours=1)):
        services.close_round(buy.pk, actor=cast.system, now=moment)

    assert Round.objects.get(pk=buy.pk).closed_at == CUT_OFF
    assert Event.objects.within(cast.subdistrict_id).filter(verb="groupbuy.round_formed").count() == 1


def test_a_round_that_never_opened_cannot_close(cast, rice):
    draft = services.create_round(draft_of([rice]), actor=cast.system, now=OPENS)

    with pytest.raises(IllegalTransition) as refused:
        services.close_round(draft.pk, actor=cast.system, now=CUT_OFF)

    assert (refused.value.facts["state"], refused.value.facts["wanted"]) == ("draft", "formed")


def test_a_round_below_its_minimum_fails_and_everybody_gets_everything_back(cast, rice):
    buy = open_round_of(cast, rice, minimum_households=3)
    paid, owing = order(buy, cast.wang, rice=2), order(buy, cast.li, rice=1)
    order(buy, cast.wang, rice=1)  # the same household again: still two households
    services.record_payment(paid.pk, 4000, "cash", "R-17", actor=cast.system, now=NOON)

    failed = services.close_round(buy.pk, actor=cast.system, now=CUT_OFF)

    assert failed.state == "failed"
    assert set(Order.objects.filter(round=buy).values_list("state", flat=True)) == {"cancelled"}
    assert round_offers(buy)["rice"].remaining == 1000
    assert money(buy) == {"paid": 4000, "refund_owed": 4000}
    told = dict(
        Message.objects.within(cast.subdistrict_id).filter(kind="round_failed").values_list("recipient_id", "text")
    )
    assert set(told) == {cast.wang.pk, cast.li.pk}
    assert "¥40.00" in told[cast.wang.pk]
    assert owing.code in told[cast.li.pk]
    assert not breaches(cast.subdistrict_id)


def test_at_its_minimum_a_round_is_formed(cast, rice):
    buy = open_round_of(cast, rice, minimum_households=2)
    for household in (cast.wang, cast.li):
        order(buy, household, rice=1)

    assert services.close_round(buy.pk, actor=cast.system, now=CUT_OFF).state == "formed"


def test_a_round_that_nobody_ordered_in_fails(cast, rice):
    buy = open_round_of(cast, rice)

    assert services.close_round(buy.pk, actor=cast.system, now=CUT_OFF).state == "failed"


def test_rounds_close_by_themselves_and_order_from_their_suppliers(cast, rice):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)

    too_early = services.close_due_rounds(CUT_OFF - timedelta(seconds=1))
    in_time = [services.close_due_rounds(CUT_OFF) for _ in range(2)]

    buy.refresh_from_db()
    assert (too_early, in_time, buy.state) == (0, [1, 0], "ordered")


# ---------------------------------------------------------------- calling off, jumps, corrections


def test_a_round_that_is_called_off_refunds_everybody(cast, rice):
    buy = open_round_of(cast, rice)
    paid = order(buy, cast.wang, rice=2)
    services.record_payment(paid.pk, 4000, "transfer", reference="b-1", actor=cast.system, now=NOON)

    for _ in range(2):
        services.cancel_round(buy.pk, actor=cast.system, now=NOON)

    assert Round.objects.get(pk=buy.pk).state == "cancelled"
    assert money(buy) == {"paid": 4000, "refund_owed": 4000}
    assert Message.objects.within(cast.subdistrict_id).filter(kind="round_cancelled").count() == 1
    assert not breaches(cast.subdistrict_id)


def test_what_is_ordered_from_suppliers_cannot_be_called_off(cast, rice):
    buy = open_round_of(cast, rice)
    order(buy, cast.wang, rice=2)
    services.close_due_rounds(CUT_OFF)

    with pytest.raises(IllegalTransition):
        services.cancel_round(buy.pk, actor=cast.system, now=CUT_OFF)


@pytest.mark.parametrize("state", list(State))
def test_from_the_end_no_way_leads_on(cast, rice, state):
    buy = open_round_of(cast, rice)
    Round.objects.filter(pk=buy.pk).update(state=State.SETTLED)

    if state == State.SETTLED:
        assert services.move_round(buy.pk, state, actor=cast.system, now=NOON).state == state
    else:
        with pytest.raises(IllegalTransition):
            services.move_round(buy.pk, state, actor=cast.system, now=NOON)


def test_every_state_is_in_the_table_and_can_be_reached():
    reached = {State.DRAFT} | {after for later in services.TRANSITIONS.values() for after in later}

    assert set(services.TRANSITIONS) == set(State) == reached


def test_what_is_offered_changes_only_by_a_correction_with_a_reason(cast, greens):
    buy = open_round_of(cast, greens)
    order(buy, cast.wang, greens=3)
    offer = round_offers(buy)["greens"]

    corrected = services.correct_offered(offer.pk, 10, "供应商只有10份", actor=cast.system, now=NOON)

    assert (corrected.offered, corrected.remaining) == (10, 7)
    noted = Event.objects.within(cast.subdistrict_id).get(verb="groupbuy.offered_corrected")
    assert noted.values == {"before": 40, "offered": 10, "reason": "供应商只有10份"}
    assert not breaches(cast.subdistrict_id)


def test_a_correction_below_what_is_ordered_or_without_reason_is_refused(cast, greens):
    buy = open_round_of(cast, greens)
    order(buy, cast.wang, greens=3)
    offer = round_offers(buy)["greens"]

    with pytest.raises(NotReady) as too_few:
        services.correct_offered(offer.pk, 2, "少了", actor=cast.system, now=NOON)
    with pytest.raises(BadInput):
        services.correct_offered(offer.pk, 20, " ", actor=cast.system, now=NOON)
    with pytest.raises(NotFound):
        services.correct_offered(buy.pk, 20, "多了", actor=cast.system, now=NOON)

    assert (too_few.value.code, too_few.value.facts["ordered"]) == ("already_ordered", 3)
