"""One subdistrict's day on real input: outlines of real buildings, real baskets as orders, to settled books.

    .venv/bin/python -m bench.real_day --places buildings.geojson --baskets baskets.csv

Buildings come from a GeoJSON of outlines (households estimated); every line of the baskets file is one household's
order, its items separated by commas. Prices, stock and people are invented, seeded; some goods are short.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from bench.ground import Table, fresh_installation, machine

FLATS_PER_FLOOR = 4
CELL_DEGREES = 0.0015  # about 150 m: a compound
SHORT_EVERY = 9  # every so manieth item arrives with 60 to 95 % of what was ordered


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.real_day")
    parser.add_argument("--places", required=True, type=Path)
    parser.add_argument("--baskets", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(machine())
    table = Table()
    with fresh_installation() as subdistrict, tempfile.TemporaryDirectory() as folder:
        RealDay(table, subdistrict, options, Path(folder)).run()


class RealDay:
    """Files are written as a person would have them and go in through the importers."""

    def __init__(self, table: Table, subdistrict: Any, options: argparse.Namespace, folder: Path) -> None:
        from baogong.common.actors import system
        from baogong.common.clock import at_local, local, now

        self.table, self.subdistrict, self.options, self.folder = table, subdistrict, options, folder
        self.actor, self.at = system(subdistrict.pk), at_local(local(now()).date(), time(12))
        self.draw = random.Random(options.seed)
        with options.baskets.open(encoding="utf-8") as file:
            self.baskets = [[item.strip() for item in line.split(",") if item.strip()] for line in file if line.strip()]

    def run(self) -> None:
        self.places()
        self.people()
        self.goods()
        self.order()
        self.close_and_receive()
        self.hand_out()
        self.settle()
        self.prove()

    # ------------------------------------------------------------ files

    def bring(self, kind: str, rows: Iterable[Mapping[str, object]] | Path, *, refused: int = 0) -> Any:
        """Import a file, timed; more refusals than expected stop the run."""
        from baogong.common.imports import kind_named
        from baogong.common.imports.files import import_path

        path = rows if isinstance(rows, Path) else self.write(kind, list(rows))
        with self.table.timed(f"import {kind}"):
            report = import_path(kind_named(kind), path, actor=self.actor, now=self.at)
        facts = {name: count for name, count in report.as_dict().items() if isinstance(count, int) and count}
        print(f"    {facts}, refused {len(report.refused)}", *report.refused[:2])
        if len(report.refused) > refused:
            raise SystemExit(f"{kind}: {len(report.refused)} lines refused")
        return report

    def write(self, kind: str, rows: list[Mapping[str, object]]) -> Path:
        path = self.folder / f"{kind}.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    # ------------------------------------------------------------ the ground

    def places(self) -> None:
        """The outlines; then, by spreadsheet, buildings near each other become a compound, every tenth is sealed, and
        the others with dwellings are controlled."""
        from baogong.common.imports import kind_named
        from baogong.common.imports.files import export_path
        from baogong.places.models import Building

        self.bring("places", self.options.places, refused=5)
        self.bring("places", self.options.places, refused=5)
        out = self.folder / "export.csv"
        export_path(kind_named("places"), out, actor=self.actor, now=self.at)
        with out.open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        lived_in = [row for row in rows if int(row["households"] or 0)]
        for number, row in enumerate(lived_in):
            row["zone"] = "sealed" if number % 10 == 0 else "controlled"
            square = f"{float(row['longitude']) // CELL_DEGREES:.0f}-{float(row['latitude']) // CELL_DEGREES:.0f}"
            row["compound"], row["community"] = f"小区 {square}", "关山社区"
        self.bring("places", [dict(row) for row in lived_in])
        found = Building.objects.within(self.subdistrict.pk).filter(households_expected__gt=0)
        self.buildings = {building.code: building for building in found.in_order()}
        known = sum(building.households_expected for building in self.buildings.values())
        print(f"    {len(rows)} buildings, {len(self.buildings)} with dwellings, about {known} households estimated")

    def people(self) -> None:
        """As many households as there are baskets, floor by floor; two workers for each ten buildings."""
        self.doors: list[str] = []
        rows = [self.household(door) for door in self.all_doors(len(self.baskets))]
        self.bring("households", rows)
        codes = list(self.buildings)
        staff = []
        for number, code in enumerate(codes):
            for duty, shift in (("responsible", 0), ("deputy", 1)):
                worker = number // 10 * 2 + shift
                staff.append(
                    {
                        "name": f"包楼社工{worker}",
                        "phone": f"154{worker:08d}",
                        "role": "social_worker",
                        "area": code,
                        "duty": duty,
                    }
                )
        self.bring("staff", staff)

    def all_doors(self, wanted: int) -> list[tuple[str, int, int]]:
        """(building, floor, flat on it), filling what each building is estimated to hold, then more per floor."""
        doors: list[tuple[str, int, int]] = []
        room = sum(building.households_expected for building in self.buildings.values())
        stretch = max(1.0, wanted / room * 1.01)
        for code, building in self.buildings.items():
            each = round(building.households_expected * stretch + 0.5)
            per_floor = -(-each // max(1, building.floors))
            doors += [(code, n // per_floor + 1, n % per_floor + 1) for n in range(each)]
        return doors[:wanted]

    def household(self, door: tuple[str, int, int]) -> dict[str, object]:
        code, floor, flat = door
        number = len(self.doors)
        name = f"{floor}{flat:02d}"
        self.doors.append(f"{code}/{name}")
        people = self.draw.choices([1, 2, 3, 4, 5], [25, 30, 25, 13, 7])[0]
        no_phone = people == 1 and number % 7 == 0
        return {
            "building": code,
            "unit": "",
            "flat": name,
            "people": people,
            "infants": int(people > 2 and number % 11 == 0),
            "elderly": int(number % 4 == 0),
            "phone": "" if no_phone else f"153{number:08d}",
            "no_phone": "是" if no_phone else "否",
        }

    # ------------------------------------------------------------ goods and orders

    def goods(self) -> None:
        from baogong.supply import services

        wanted = Counter(item for basket in self.baskets for item in set(basket))
        self.skus = {item: f"g{number:03d}" for number, item in enumerate(sorted(wanted))}
        columns = ("code", "name", "licence", "phone", "minimum_order", "delivery_fee")
        suppliers = [
            dict(zip(columns, (f"S{n}", f"供应商{n}", licence, f"0100000000{n}", 0, 60), strict=True))
            for n, licence in enumerate(licences(4))
        ]
        self.bring("suppliers", suppliers)
        offers = []
        for number, (item, sku) in enumerate(self.skus.items()):
            pack = self.draw.choice([1, 6, 10, 12])
            offers.append(
                {
                    "supplier": f"S{number % 4}",
                    "sku": sku,
                    "name": item,
                    "spec": f"{self.draw.choice([200, 400, 500, 1000])} g",
                    "unit": "份",
                    "price": f"{self.draw.randint(150, 6000) / 100:.2f}",
                    "pack_size": pack,
                    "stock": (wanted[item] // pack + 1) * pack,
                    "cap_per_household": 5,
                    "category": "食品",
                    "origin": "本地",
                }
            )
        self.bring("offers", offers)
        services.publish_list(None, "", actor=self.actor, now=self.at)

    def order(self) -> None:
        from baogong.groupbuy import services
        from baogong.supply.models import Offer

        offers = Offer.objects.within(self.subdistrict.pk).order_by("sku")
        draft = services.RoundDraft(
            name="真实购物篮",
            items=[services.RoundItem(offer.pk) for offer in offers],
            opens_at=self.at,
            closes_at=self.at + timedelta(hours=4),
            deliver_from=self.at + timedelta(hours=19),
            deliver_until=self.at + timedelta(hours=31),
            complaint_contact="街道",
        )
        made = services.create_round(draft, actor=self.actor, now=self.at)
        self.round = services.open_round(made.pk, actor=self.actor, now=self.at)
        rows = [
            {
                "ref": f"B{number:05d}", "round": self.round.code, "household": door, "sku": self.skus[item],
                "quantity": 1, "source": ("app", "phone", "door", "paper")[number % 4], "entered_by": "", "at": "",
            }
            for number, (door, basket) in enumerate(zip(self.doors, self.baskets, strict=True))
            for item in dict.fromkeys(basket)
        ]  # fmt: skip
        self.bring("orders", rows)
        self.bring("orders", rows)
        self.bring("payments", self.payments(lambda number: number % 5 < 3, "first"))

    def payments(self, chosen: Any, prefix: str) -> list[dict[str, object]]:
        """What the chosen orders owe now, half by transfer and half in cash."""
        from baogong.common.money import yuan
        from baogong.groupbuy.ledger import books_of

        codes = dict(self.round.orders.order_by("code").values_list("pk", "code"))
        rows: list[dict[str, object]] = []
        for number, (order_id, each) in enumerate(books_of(self.round, list(codes)).items()):
            if each.owed and chosen(number):
                cash = number % 2 == 1
                rows.append(
                    {
                        "ref": f"{prefix}-{number}",
                        "order": codes[order_id],
                        "amount": yuan(each.owed),
                        "way": "cash" if cash else "transfer",
                        "paid_at": self.at.isoformat(),
                        "receipt": f"R{number}" if cash else "",
                    }
                )
        return rows

    # ------------------------------------------------------------ from purchase to hand-over

    def close_and_receive(self) -> None:
        from baogong.distribution import services as distribution
        from baogong.groupbuy import services
        from baogong.supply import services as supply
        from baogong.supply.workbooks import purchase_order_workbook

        closing = self.round.closes_at
        with self.table.timed("close the round, raise purchase orders"):
            services.close_round(self.round.pk, actor=self.actor, now=closing)
            purchases = services.raise_purchase_orders(self.round.pk, actor=self.actor, now=closing)
        self.arrived = closing + timedelta(hours=14)
        receipts = []
        for purchase in purchases:
            size = len(purchase_order_workbook(purchase))
            lines = list(purchase.lines.order_by("name"))
            came = [supply.Received(line.pk, self.good_units(number, line.units)) for number, line in enumerate(lines)]
            receipts.append(supply.receive_goods(purchase.pk, came, actor=self.actor, now=self.arrived))
            print(f"    {purchase.code}: {len(lines)} lines, spreadsheet {size:,} bytes")
        with self.table.timed("allocate"):
            for receipt in receipts:
                distribution.allocate(receipt.pk, actor=self.actor, now=self.arrived)

    def good_units(self, number: int, ordered: int) -> int:
        return int(ordered * self.draw.uniform(0.6, 0.95)) if number % SHORT_EVERY == 0 else ordered

    def hand_out(self) -> None:
        from baogong.common.clock import local
        from baogong.distribution import services as distribution
        from baogong.distribution.models import Delivery

        day = local(self.arrived).date()
        with self.table.timed("plan turns and doorstep tasks"):
            plan = distribution.plan_day([self.round.pk], day, actor=self.actor, now=self.arrived)
        with self.table.timed("publish the plan"):
            distribution.publish_plan(plan.pk, actor=self.actor, now=self.arrived)
        ways = Counter(Delivery.objects.filter(plan=plan).values_list("way", flat=True))
        left_out = sum(each["households"] for each in plan.left_out)
        print(
            f"    {dict(ways)}, {plan.turns.count()} turns, cost {plan.cost}, bound {plan.bound}, left out {left_out}"
        )
        ids = list(Delivery.objects.filter(plan=plan).values_list("pk", flat=True))
        with self.table.timed("hand over, one by one", count=len(ids)):
            for delivery_id in ids:
                distribution.hand_over(delivery_id, how="flat", actor=self.actor, now=self.arrived)

    def settle(self) -> None:
        from baogong.groupbuy import services

        self.at = self.arrived
        self.bring("payments", self.payments(lambda number: True, "last"))
        with self.table.timed("refunds, suppliers, settlement"):
            services.pay_refunds(self.round.pk, "transfer", "refunds", actor=self.actor, now=self.at)
            services.pay_suppliers(self.round.pk, "transfer", "suppliers", actor=self.actor, now=self.at)
            done = services.settle_round(self.round.pk, actor=self.actor, now=self.at)
        print(f"    round {done.code}: {done.state}")

    def prove(self) -> None:
        from baogong.cli.checking import found
        from baogong.groupbuy import books

        money = {name: fen for name, fen in books.round_statement(self.round).money.items() if fen}
        print(f"    books in fen: {money}")
        with self.table.timed("baogong check"):
            laws = {law: len(breaches) for law, breaches in found("LAWS", self.subdistrict.pk)}
        print(f"    breaches by law: {laws}")
        if any(laws.values()):
            raise SystemExit("a law is broken")


def licences(count: int) -> list[str]:
    """Unified social credit codes with a right check digit, of nobody."""
    from stdnum.cn import uscc

    bodies = [f"91110105MA9{n:06d}" for n in range(count)]
    return [body + uscc.calc_check_digit(body) for body in bodies]


if __name__ == "__main__":
    main()
