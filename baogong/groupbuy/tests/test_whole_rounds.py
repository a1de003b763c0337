"""Rounds from opening to settlement with everything that may happen in between, in any order; the laws hold always."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from baogong.common.errors import RuleBroken
from baogong.groupbuy import services
from baogong.groupbuy.decision import Wish, WishLine
from baogong.groupbuy.ledger import balances
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer, Transfer
from baogong.groupbuy.tests.rounds import CUT_OFF, NEXT_DAY, NOON, breaches, draft_of, share_out
from baogong.people.tests.cast import make_cast
from baogong.supply.models import PurchaseOrder
from baogong.supply.services import Received, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier

Place = OrderLine.Place
while_open = precondition(lambda self: self.now < CUT_OFF)
afterwards = precondition(lambda self: self.now >= CUT_OFF)
quantities = st.dictionaries(st.sampled_from(["rice", "greens", "eggs"]), st.integers(1, 5), min_size=1)


class WholeRound(RuleBasedStateMachine):
    """Two suppliers, three offers, three households; one has a minimum that is sometimes not reached."""

    orders = Bundle("orders")

    @initialize(stock=st.integers(0, 12), pack=st.integers(1, 5), minimum=st.sampled_from([0, 0, 8000]))
    def open(self, stock, pack, minimum):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.cast = make_cast()
        self.actor = self.cast.system
        jkl = make_supplier(self.cast.subdistrict_id, delivery_fee_fen=500)
        wm = make_supplier(self.cast.subdistrict_id, "WM", "物美", minimum_order_fen=minimum)
        offers = [
            make_offer(jkl, "rice", "大米", price_fen=2000, cap_per_household=6),
            make_offer(jkl, "greens", "白菜", price_fen=600, stock=stock, pack_size=pack),
            make_offer(wm, "eggs", "鸡蛋", price_fen=1500, stock=20, pack_size=6),
        ]
        self.now = NOON
        draft = services.create_round(draft_of(offers, minimum_households=1), actor=self.actor, now=self.now)
        services.open_round(draft.pk, actor=self.actor, now=self.now)
        self.round_id = draft.pk
        self.offers = {offer.sku: offer for offer in RoundOffer.objects.filter(round=draft)}
        self.keys: Counter[str] = Counter()

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def state(self) -> str:
        return Round.objects.get(pk=self.round_id).state

    def lines(self, wanted) -> tuple[WishLine, ...]:
        return tuple(WishLine(self.offers[sku].pk, quantity) for sku, quantity in wanted.items())

    def in_places(self, order_id, *places) -> list:
        lines = OrderLine.objects.filter(order=Order(pk=order_id), place__in=places)
        return list(lines.values_list("pk", flat=True))

    # ------------------------------------------------------------ households

    @while_open
    @rule(target=orders, who=st.sampled_from(["wang", "li", "zhao"]), wanted=quantities, key=st.integers(0, 30))
    def place(self, who, wanted, key):
        wish = Wish(getattr(self.cast, who).pk, f"k{key}", self.lines(wanted))
        [verdict] = services.place_orders(self.round_id, [wish], actor=self.actor, now=self.now)
        return verdict.order.pk if verdict.order else None

    @while_open
    @rule(order=orders, wanted=quantities)
    def change(self, order, wanted):
        if order:
            with suppress(RuleBroken):
                services.change_order(order, self.lines(wanted), actor=self.actor, now=self.now)

    @while_open
    @rule(order=orders)
    def cancel(self, order):
        if order:
            with suppress(RuleBroken):
                services.cancel_order(order, actor=self.actor, now=self.now)

    @rule(order=orders, fen=st.integers(1, 9000), reference=st.integers(0, 40))
    def pay(self, order, fen, reference):
        if order:
            with suppress(RuleBroken):
                services.record_payment(
                    order, fen, "transfer", reference=f"b{reference}", actor=self.actor, now=self.now
                )

    @rule(order=orders)
    def pay_what_is_owed(self, order):
        if order:
            owed = balances(Transfer.objects.filter(order=Order(pk=order)))["owed"]
            with suppress(RuleBroken):
                services.record_payment(order, owed, "cash", f"R-{owed}", actor=self.actor, now=self.now)

    # ------------------------------------------------------------ the buyer

    @precondition(lambda self: self.now < CUT_OFF and Order.objects.filter(round=Round(pk=self.round_id)).exists())
    @rule(how=st.sampled_from(["close"] * 6 + ["call off"]))
    def close(self, how):
        self.now = CUT_OFF
        if how == "close":
            services.close_round(self.round_id, actor=self.actor, now=self.now)
        else:
            services.cancel_round(self.round_id, actor=self.actor, now=self.now)

    @precondition(lambda self: self.state() == "formed")
    @rule(sold_elsewhere=st.integers(0, 12))
    def purchase(self, sold_elsewhere):
        greens = self.offers["greens"].offer
        greens.stock = max(0, greens.stock - sold_elsewhere)
        greens.save(update_fields=["stock"])
        services.raise_purchase_orders(self.round_id, actor=self.actor, now=self.now)

    @precondition(lambda self: self.state() in {"ordered", "received"})
    @rule(data=st.data(), extra=st.booleans())
    def receive(self, data, extra):
        waiting = PurchaseOrder.objects.within(self.actor.subdistrict_id).filter(closed_at=None).first()
        if waiting:
            self.now = NEXT_DAY
            lines = [
                Received(line.pk, data.draw(st.integers(0, line.units + (2 if extra else 0))))
                for line in waiting.lines.all()
            ]
            receipt = receive_goods(waiting.pk, lines, extra=extra, actor=self.actor, now=self.now)
            share_out(Round.objects.get(pk=self.round_id), receipt)

    @precondition(lambda self: self.state() == "received")
    @rule()
    def start_handing_out(self):
        services.move_round(self.round_id, "handing_out", actor=self.actor, now=self.now)

    @precondition(lambda self: self.state() == "handing_out")
    @rule(order=orders, taken=st.booleans())
    def hand_over_or_return(self, order, taken):
        bags = self.in_places(order, Place.GRANTED) if order else []
        if bags:
            services.bag_lines(bags)
            if taken:
                services.hand_over_lines(bags, actor=self.actor, now=self.now)
            else:
                services.return_lines(bags, "没人在家", actor=self.actor, now=self.now)

    @afterwards
    @rule()
    def refund(self):
        services.pay_refunds(self.round_id, "transfer", actor=self.actor, now=self.now)

    @afterwards
    @rule()
    def pay_suppliers(self):
        with suppress(RuleBroken):
            services.pay_suppliers(self.round_id, "transfer", actor=self.actor, now=self.now)

    @afterwards
    @rule()
    def write_off(self):
        services.write_off(self.round_id, "付不起", actor=self.actor, now=self.now)

    @afterwards
    @rule()
    def settle(self):
        with suppress(RuleBroken):
            settled = services.settle_round(self.round_id, actor=self.actor, now=self.now + timedelta(days=1))
            assert settled.state == "settled"

    # ------------------------------------------------------------ always

    @invariant()
    def the_laws_hold(self):
        if hasattr(self, "round_id"):
            assert breaches(self.actor.subdistrict_id) == []

    @invariant()
    def nothing_is_oversold(self):
        if hasattr(self, "round_id"):
            for offer in RoundOffer.objects.filter(round=Round(pk=self.round_id)):
                live = offer.lines.live().values_list("quantity", flat=True)
                assert offer.remaining + sum(live) == offer.offered


@pytest.mark.slow
@pytest.mark.django_db
def test_the_laws_hold_whatever_happens_in_a_round():
    how = settings(
        max_examples=30,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(WholeRound, settings=how)
