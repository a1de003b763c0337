"""`make bench`: the figures that the project promises, on an invented subdistrict of the reference size.

make bench                                       40,000 households, 40,000 orders, 200 offers
make bench ARGS="--households 4000 --orders 4000"
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.ground import Table, fresh_installation, machine

BATCH = 500  # orders that the intake decides at once


def main() -> None:
    options = read_options()
    table = Table()
    print(machine())
    with fresh_installation() as subdistrict:
        town = import_town(table, subdistrict, options.households)
        day = Day(table, subdistrict, options)
        day.make_round()
        day.take_orders()
        day.close()
        day.receive_and_allocate()
        day.plan()
        day.prove()
        first_pages(table, subdistrict)
    print(f"{len(town.households):,} households, {options.orders:,} orders, {options.offers} offers")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--households", type=int, default=40_000)
    parser.add_argument("--orders", type=int, default=40_000)
    parser.add_argument("--offers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def import_town(table: Table, subdistrict: Any, households: int) -> Any:
    """Places and households as files, imported as a person would."""
    from baogong.cli.demo.rows import invent
    from baogong.common.actors import system
    from baogong.common.clock import now
    from baogong.common.imports import kind_named
    from baogong.common.imports.files import import_path

    town = invent(households, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        for kind, goal in (("places", None), ("households", 20.0), ("staff", None)):
            rows = getattr(town, kind)
            path = Path(folder) / f"{kind}.csv"
            with path.open("w", newline="", encoding="utf-8-sig") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            with table.timed(f"import {len(rows):,} {kind}", goal_s=goal, count=len(rows)):
                report = import_path(kind_named(kind), path, actor=system(subdistrict.pk), now=now())
            if report.refused:
                raise SystemExit(f"{kind}: {report.refused[0]}")
    return town


class Day:
    """One round from its orders to its plan, each step timed."""

    def __init__(self, table: Table, subdistrict: Any, options: argparse.Namespace) -> None:
        from baogong.common.actors import system
        from baogong.common.clock import now

        self.table, self.subdistrict, self.options = table, subdistrict, options
        self.actor, self.at = system(subdistrict.pk), now()
        self.draw = random.Random(options.seed)

    def make_round(self) -> None:
        from baogong.groupbuy import services
        from baogong.supply.models import Offer, Supplier

        suppliers = [
            Supplier.objects.create(subdistrict_id=self.subdistrict.pk, code=f"S{n}", name=f"供应商{n}", licence="-")
            for n in range(5)
        ]
        offers = [
            Offer(
                subdistrict_id=self.subdistrict.pk, supplier=suppliers[n % 5], sku=f"sku-{n}", name=f"商品{n}",
                spec="1 kg", unit="份", price_fen=self.draw.randint(200, 9_000),
                pack_size=self.draw.choice([1, 4, 6, 12]), stock=1_000_000, cap_per_household=4, grams=1_000,
            )
            for n in range(self.options.offers)
        ]  # fmt: skip
        Offer.objects.bulk_create(offers)
        draft = services.RoundDraft(
            name="测量",
            items=[services.RoundItem(offer.pk) for offer in offers],
            opens_at=self.at,
            closes_at=self.at + timedelta(hours=4),
            deliver_from=self.at + timedelta(hours=20),
            deliver_until=self.at + timedelta(hours=28),
            complaint_contact="-",
        )
        created = services.create_round(draft, actor=self.actor, now=self.at)
        self.round = services.open_round(created.pk, actor=self.actor, now=self.at)

    def take_orders(self) -> None:
        from baogong.groupbuy import services
        from baogong.groupbuy.decision import Wish, WishLine
        from baogong.people.models import Household

        households = list(Household.objects.within(self.subdistrict.pk).values_list("pk", flat=True))
        ids = list(self.round.offers.values_list("pk", flat=True))
        wishes = [
            Wish(
                households[n % len(households)],
                f"bench:{n}",
                tuple(WishLine(offer, self.draw.randint(1, 2)) for offer in self.draw.sample(ids, 3)),
            )
            for n in range(self.options.orders)
        ]
        with self.table.timed(f"place {len(wishes):,} orders of 3 lines in batches of {BATCH}", count=len(wishes)):
            for start in range(0, len(wishes), BATCH):
                services.place_orders(self.round.pk, wishes[start : start + BATCH], actor=self.actor, now=self.at)

    def close(self) -> None:
        from baogong.groupbuy import services

        with self.table.timed("close the round and raise its purchase orders", goal_s=5.0):
            services.close_round(self.round.pk, actor=self.actor, now=self.at)
            self.purchases = services.raise_purchase_orders(self.round.pk, actor=self.actor, now=self.at)

    def receive_and_allocate(self) -> None:
        from baogong.distribution import services as distribution
        from baogong.supply import services as supply

        receipts = []
        for purchase in self.purchases:
            lines = purchase.lines.order_by("name")
            came = [
                supply.Received(line.pk, line.units * 7 // 10 if n % 10 == 0 else line.units)
                for n, line in enumerate(lines)
            ]
            receipts.append(supply.receive_goods(purchase.pk, came, actor=self.actor, now=self.at))
        with self.table.timed("allocate what came, every tenth offer short", goal_s=3.0):
            for receipt in receipts:
                distribution.allocate(receipt.pk, actor=self.actor, now=self.at)

    def plan(self) -> None:
        from baogong.common.clock import local
        from baogong.distribution import services as distribution

        day = local(self.at).date() + timedelta(days=1)
        with self.table.timed("plan the day: turns and doorstep tasks"):
            plan = distribution.plan_day([self.round.pk], day, actor=self.actor, now=self.at)
        with self.table.timed("publish the plan: bags, codes, messages"):
            distribution.publish_plan(plan.pk, actor=self.actor, now=self.at)
        self.table.add("turns planned, cost over proven bound", f"{plan.cost / max(1, plan.bound):.4f}")

    def prove(self) -> None:
        from baogong.cli.checking import found

        with self.table.timed("prove the laws on the whole database"):
            broken = [breach for _law, breaches in found("LAWS", self.subdistrict.pk) for breach in breaches]
        if broken:
            raise SystemExit(f"a law is broken: {broken[0]}")


def first_pages(table: Table, subdistrict: Any) -> None:
    """Weight of what a resident's phone fetches first."""
    from django.test import Client

    from baogong.places.models import Building

    building = Building.objects.within(subdistrict.pk).in_order().first()
    for what, path in (("entry", "/"), ("poster page", f"/b/{building.code}")):
        body = Client(SERVER_NAME="127.0.0.1").get(path).content
        table.add(f"first page, {what}, compressed", f"{len(gzip.compress(body, 6)):,} bytes", "goal ≤ 14,336 bytes")


if __name__ == "__main__":
    main()
