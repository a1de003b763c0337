"""Write down what the decisions on a batch of wishes mean: orders, lines, stock, money, events, messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.bulk import insert_all
from baogong.common.clock import local
from baogong.common.errors import RuleBroken
from baogong.common.events import event, record_all
from baogong.common.models import Event
from baogong.groupbuy.decision import Decision, Outcome, Wish
from baogong.groupbuy.ledger import Bookkeeper, ValueChange
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer
from baogong.groupbuy.problems import CANCELLED, Scene
from baogong.groupbuy.refusals import SoldOut, refusal_of
from baogong.groupbuy.telling import OrderTexts, in_our_language, tell
from baogong.web.words import when

ORDERED = OrderLine.Place.ORDERED
TAKE = f"UPDATE {RoundOffer._meta.db_table} SET remaining = remaining - %s WHERE id = %s AND remaining >= %s"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a wish: its order, or the refusal that says why there is none."""

    wish: Wish
    outcome: Outcome
    order: Order | None = None
    refusal: RuleBroken | None = None

    @property
    def accepted(self) -> bool:
        return self.refusal is None


class Recorder:
    """Collects what a batch changes and stores it with one statement per table."""

    def __init__(self, buy: Round, scene: Scene, *, actor: Actor, now: datetime) -> None:
        self.buy = buy
        self.scene = scene
        self.actor = actor
        self.now = now
        self.books = Bookkeeper(buy, actor, now)
        self.orders = dict(scene.orders)
        self.placed: list[Order] = []
        self.changed: list[Order] = []
        self.new_lines: list[OrderLine] = []
        self.changed_lines: list[OrderLine] = []
        self.owed: list[ValueChange] = []
        self.moved: list[ValueChange] = []
        self.stock: Counter[UUID] = Counter()
        self.events: list[Event] = []

    def record(self, decisions: Sequence[Decision]) -> list[Verdict]:
        rows = self._rows_to_change(decisions)
        for decision in decisions:
            if decision.outcome == Outcome.PLACED:
                self._place(decision)
            elif decision.outcome == Outcome.CHANGED:
                order = self.orders[decision.order]
                self._change(order, decision, rows[order.pk])
        self._store()
        return [self._verdict(decision) for decision in decisions]

    def _rows_to_change(self, decisions: Iterable[Decision]) -> dict[UUID, dict[UUID, OrderLine]]:
        """All lines, cancelled ones too, of the orders that change: by order and offer."""
        changing = [self.orders[each.order].pk for each in decisions if each.outcome == Outcome.CHANGED]
        rows: dict[UUID, dict[UUID, OrderLine]] = defaultdict(dict)
        if changing:
            for line in OrderLine.objects.within(self.buy.subdistrict_id).filter(order_id__in=changing):
                rows[line.order_id][line.round_offer_id] = line
        return rows

    def _place(self, decision: Decision) -> None:
        order = self._new_order(decision.wish)
        value: Counter[UUID] = Counter()
        for offer_id, quantity in decision.wish.lines:
            offer = self.scene.offers[offer_id]
            self.new_lines.append(self._line(order, offer, quantity))
            self.stock[offer_id] += quantity
            value[offer.offer.supplier_id] += quantity * offer.price_fen
        order.total_fen = value.total()
        self.owed.extend(ValueChange(order.pk, order.household_id, *part) for part in value.items())
        self.orders[order.key] = order
        self.placed.append(order)
        self._note("groupbuy.order_placed", order, decision.wish)

    def _new_order(self, wish: Wish) -> Order:
        self.buy.orders_taken += 1
        return Order(
            subdistrict_id=self.buy.subdistrict_id,
            round_id=self.buy.pk,
            household_id=wish.household,
            code=f"{self.buy.code}-{self.buy.orders_taken:04d}",
            key=wish.key,
            source=wish.source,
            placed_at=min(wish.at or self.now, self.now),
            placed_by=self.actor.account_id,
            entered_by=wish.entered_by,
        )

    def _line(self, order: Order, offer: RoundOffer, quantity: int) -> OrderLine:
        return OrderLine(
            subdistrict_id=self.buy.subdistrict_id,
            order_id=order.pk,
            round_offer_id=offer.pk,
            quantity=quantity,
            price_fen=offer.price_fen,
        )

    def _change(self, order: Order, decision: Decision, rows: Mapping[UUID, OrderLine]) -> None:
        """Set the order's lines to those of the wish; a line that goes is cancelled, not deleted."""
        wanted = dict(decision.wish.lines)
        value: Counter[UUID] = Counter()
        for offer_id in wanted.keys() | rows.keys():
            offer, row = self.scene.offers.get(offer_id), rows.get(offer_id)
            before = row.quantity if row and row.place != CANCELLED else 0
            more = wanted.get(offer_id, 0) - before
            if more and offer:
                self._set_line(order, offer, row, wanted.get(offer_id, 0))
                self.stock[offer_id] += more
                value[offer.offer.supplier_id] += more * offer.price_fen
        order.total_fen += value.total()
        order.state = Order.State.CHANGED
        self.moved.extend(ValueChange(order.pk, order.household_id, *part) for part in value.items() if part[1])
        self.changed.append(order)
        self._note("groupbuy.order_changed", order, decision.wish)

    def _set_line(self, order: Order, offer: RoundOffer, row: OrderLine | None, quantity: int) -> None:
        if row is None:
            self.new_lines.append(self._line(order, offer, quantity))
            return
        row.place = ORDERED if quantity else CANCELLED
        row.quantity = quantity or row.quantity
        self.changed_lines.append(row)

    def _note(self, verb: str, order: Order, wish: Wish) -> None:
        self.events.append(
            event(
                verb,
                order.pk,
                actor=self.actor,
                now=self.now,
                household_id=order.household_id,
                values={
                    "code": order.code,
                    "source": wish.source,
                    "total_fen": order.total_fen,
                    "lines": [[self.scene.offers[offer].sku, quantity] for offer, quantity in wish.lines],
                },
            )
        )

    def _store(self) -> None:
        if not (self.placed or self.changed):
            return
        take_stock(self.stock)
        Round.objects.filter(pk=self.buy.pk).update(orders_taken=self.buy.orders_taken)
        insert_all(self.placed)
        mine = self.buy.subdistrict_id
        Order.objects.within(mine).bulk_update(self.changed, ["state", "total_fen"], batch_size=500)
        insert_all(self.new_lines)
        OrderLine.objects.within(mine).bulk_update(self.changed_lines, ["quantity", "place"], batch_size=500)
        self.books.post_new(self.owed, "ordered")
        self.books.post(self.moved, "changed")
        record_all(self.events)

    def tell(self, verdicts: Sequence[Verdict]) -> None:
        """Each household whose order was taken or changed; once everything is stored."""
        with in_our_language():
            texts = OrderTexts(self.buy, self.now)
            for outcome, text in ((Outcome.PLACED, texts.is_taken), (Outcome.CHANGED, texts.is_changed)):
                told = [
                    (verdict.wish.household, text(verdict.order, self._goods(verdict.wish)))
                    for verdict in verdicts
                    if verdict.outcome == outcome and verdict.order
                ]
                kind = "order_taken" if outcome == Outcome.PLACED else "order_changed"
                tell(told, kind=kind, actor=self.actor, now=self.now)

    def _goods(self, wish: Wish) -> list[tuple[str, int]]:
        return [(self.scene.offers[offer].name, quantity) for offer, quantity in wish.lines]

    def _verdict(self, decision: Decision) -> Verdict:
        if decision.refusal is None:
            return Verdict(decision.wish, decision.outcome, self.orders[decision.order])
        facts = self._facts(decision)
        return Verdict(decision.wish, decision.outcome, refusal=refusal_of(decision.refusal.code, facts))

    def _facts(self, decision: Decision) -> dict[str, object]:
        """The refusal's numbers, with what people call the goods and the round."""
        refusal = decision.refusal
        assert refusal is not None
        facts: dict[str, object] = {"round": self.buy.code, **refusal.facts}
        if refusal.code == "round_not_open":
            facts |= hours_of(self.buy, self.now)
        if refusal.offer:
            offer = self.scene.offers.get(refusal.offer)
            facts |= {"offer": str(refusal.offer), "name": offer.name if offer else ""}
        return facts


def hours_of(buy: Round, now: datetime) -> dict[str, object]:
    """When a round takes orders, for people and for machines."""
    return {
        "round": buy.code,
        "state": buy.state,
        "opens": when(buy.opens_at, now),
        "closes": when(buy.closes_at, now),
        "opens_at": local(buy.opens_at).isoformat(),
        "closes_at": local(buy.closes_at).isoformat(),
    }


def take_stock(units: Mapping[UUID, int]) -> None:
    """Take units off what remains, or put them back where below zero; all or nothing, in the order of the ids.

    The condition guards once more what was decided under the round's lock. Raises SoldOut.
    """
    field = RoundOffer._meta.get_field("id")
    moved = [
        (count, field.get_db_prep_value(offer, connection), count) for offer, count in sorted(units.items()) if count
    ]
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.executemany(TAKE, moved)
        if cursor.rowcount < len(moved):
            raise SoldOut(_("Somebody else was quicker; look again at what is left"))
