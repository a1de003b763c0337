"""What has happened in the demonstration: yesterday's round is handed out today, today's is open for orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice

from baogong.cli.demo.rows import Town, baskets
from baogong.common.actors import Actor
from baogong.common.clock import at_local, local
from baogong.common.errors import RuleBroken
from baogong.common.imports import Report, import_table, kind_named
from baogong.common.tables.table import RawRow
from baogong.distribution import queries
from baogong.distribution import services as distribution
from baogong.distribution.models import Delivery, Plan, Task
from baogong.groupbuy import services as groupbuy
from baogong.groupbuy.models import Round
from baogong.supply import services as supply
from baogong.supply.models import GoodsReceipt, Offer, PurchaseOrder

YESTERDAY_SHARE, TODAY_SHARE = 0.7, 0.25  # of the households have ordered
ARRIVES = {"egg-30": 0.7, "pork-500g": 0.85, "greens-500g": 0.5}  # what came less than ordered
HANDED_OVER = 12


class RowTable:
    """Invented rows as the table that they would be in a file."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.header = list(rows[0]) if rows else []
        self._rows = rows

    def rows(self) -> Iterator[RawRow]:
        return (RawRow(line, [str(row[name]) for name in self.header]) for line, row in enumerate(self._rows, 2))


def bring(kind: str, rows: list[dict[str, object]], *, actor: Actor, now: datetime) -> Report:
    """Import rows as if they stood in a spreadsheet. Raises RuleBroken when any is refused: the rows are ours."""
    report = import_table(kind_named(kind), RowTable(rows), actor=actor, now=now)
    if report.refused:
        first = report.refused[0]
        raise RuleBroken(f"demonstration, {kind}: line {first.line}, {first.column}: {first.reason}")
    return report


def tell_story(town: Town, *, seed: int, actor: Actor, volunteer: Actor, now: datetime) -> None:
    """Fill the days: a supply list, yesterday's round up to today's plan, and a round that is open now."""
    today = local(now).date()
    yesterday = today - timedelta(days=1)
    supply.publish_list(None, "", actor=actor, now=at_local(yesterday, time(7, 30)))
    first = _round("昨日保供", at_local(yesterday, time(8)), at_local(yesterday, time(16)), actor=actor)
    rows = list(baskets(town, first.code, share=YESTERDAY_SHARE, seed=seed, prefix="day1"))
    _order(rows, actor=actor, now=at_local(yesterday, time(12)))
    plan = _deliver(first, actor=actor, now=min(now, at_local(today, time(7))))
    _take_tasks(plan, volunteer, now=now)
    supply.publish_list(None, "", actor=actor, now=min(now, at_local(today, time(7, 30))))
    _open_round(town, seed=seed, actor=actor, now=now)


def _round(name: str, opens: datetime, closes: datetime, *, actor: Actor) -> Round:
    """Half of what each supplier has left, so that some of it sells out."""
    offers = Offer.objects.within(actor.subdistrict_id).filter(stock__gt=0).order_by("created_at", "pk")
    following = local(closes).date() + timedelta(days=1)
    draft = groupbuy.RoundDraft(
        name=name,
        items=[groupbuy.RoundItem(offer.pk, max(1, offer.stock // 2)) for offer in offers],
        opens_at=opens,
        closes_at=closes,
        deliver_from=at_local(following, time(9)),
        deliver_until=at_local(following, time(18)),
        minimum_households=5,
    )
    created = groupbuy.create_round(draft, actor=actor, now=opens)
    return groupbuy.open_round(created.pk, actor=actor, now=opens)


def _order(rows: list[dict[str, object]], *, actor: Actor, now: datetime) -> None:
    """Orders as they come; what is sold out by then is refused, as in life."""
    import_table(kind_named("orders"), RowTable(rows), actor=actor, now=now)


def _deliver(buy: Round, *, actor: Actor, now: datetime) -> Plan:
    """Close, buy, receive less than ordered, share out, plan and publish; the first doors are done."""
    groupbuy.close_round(buy.pk, actor=actor, now=buy.closes_at)
    purchases = groupbuy.raise_purchase_orders(buy.pk, actor=actor, now=buy.closes_at)
    for purchase in purchases:
        receipt = _receive(purchase, actor=actor, now=now)
        distribution.allocate(receipt.pk, actor=actor, now=now)
    plan = distribution.plan_day([buy.pk], local(now).date(), actor=actor, now=now)
    distribution.publish_plan(plan.pk, actor=actor, now=now)
    _hand_over_some(plan, actor=actor, now=now)
    return plan


def _receive(purchase: PurchaseOrder, *, actor: Actor, now: datetime) -> GoodsReceipt:
    lines = [
        supply.Received(line.pk, int(line.units * ARRIVES.get(line.offer.sku, 1)))
        for line in purchase.lines.select_related("offer")
    ]
    return supply.receive_goods(purchase.pk, lines, final=True, actor=actor, now=now)


def _hand_over_some(plan: Plan, *, actor: Actor, now: datetime) -> None:
    for delivery in islice(Delivery.objects.filter(plan=plan).in_order(), HANDED_OVER, 2 * HANDED_OVER):
        distribution.hand_over(delivery.pk, how="flat", actor=actor, now=now)


def _take_tasks(plan: Plan, volunteer: Actor, *, now: datetime) -> None:
    """The volunteer of the sign-in list has one trip to doors and one desk."""
    for kind in Task.Kind:
        task = queries.tasks_for(volunteer).filter(plan=plan, kind=kind).order_by("pk").first()
        if task:
            distribution.accept_task(task.pk, actor=volunteer, now=now)


def _open_round(town: Town, *, seed: int, actor: Actor, now: datetime) -> None:
    """Open for at least three hours, until 16:00 of today or tomorrow."""
    day = local(now).date()
    closes = at_local(day, time(16))
    if closes - now < timedelta(hours=3):
        closes += timedelta(days=1)
    opened = _round("今日保供", now - timedelta(hours=1), closes, actor=actor)
    _order(list(baskets(town, opened.code, share=TODAY_SHARE, seed=seed + 1, prefix="day2")), actor=actor, now=now)
