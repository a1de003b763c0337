"""The demonstration subdistrict as spreadsheet rows: pure, seeded, the same for the same number and seed.

It goes in through the same importers as a real one, so it is also the largest test of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from stdnum.cn import uscc

from baogong.cli.demo import names

Rows = list[dict[str, object]]
FLATS_PER_FLOOR = 3
BUILDINGS_PER_COMPOUND = 12
COMPOUNDS_PER_COMMUNITY = 4
HOUSEHOLDS_PER_BUILDING = 67  # 40,000 households in 600 buildings
BUILDINGS_PER_WORKER = 3
LAST_SEALED = 3  # buildings of a mixed compound that are sealed while the rest is controlled

# Share of households by number of people: seventh census, 2020, national one-person 25 %, two 30 %, then falling.
HOUSEHOLD_SIZES = [(1, 25), (2, 30), (3, 21), (4, 13), (5, 7), (6, 4)]


@dataclass(slots=True)
class Town:
    """Rows by import kind, and what a story needs to name later."""

    places: Rows = field(default_factory=list)
    households: Rows = field(default_factory=list)
    staff: Rows = field(default_factory=list)
    volunteers: Rows = field(default_factory=list)
    suppliers: Rows = field(default_factory=list)
    offers: Rows = field(default_factory=list)


class Inventor:
    """Gives out invented names and telephone numbers; no number twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.phones = 0

    def name(self) -> str:
        return self.random.choice(names.SURNAMES) + self.random.choice(names.GIVEN)

    def phone(self) -> str:
        self.phones += 1
        return f"{names.PHONE_PREFIX}{self.phones:08d}"

    def pick(self, weighted: list[tuple[int, int]]) -> int:
        values, weights = zip(*weighted, strict=True)
        return int(self.random.choices(values, weights)[0])


def invent(households: int, seed: int) -> Town:
    """A subdistrict of so many households: places, people, staff, suppliers with stock in proportion."""
    inventor, town = Inventor(seed), Town()
    left = households
    for number in range(-(-households // HOUSEHOLDS_PER_BUILDING)):
        left -= _building(town, inventor, number, min(left, HOUSEHOLDS_PER_BUILDING))
    _staff(town, inventor)
    _volunteers(town, inventor, households)
    _goods(town, households)
    return town


def _building(town: Town, inventor: Inventor, number: int, households: int) -> int:
    """One building with its flats; returns how many households it took."""
    compound_number, place = divmod(number, BUILDINGS_PER_COMPOUND)
    community_number = compound_number // COMPOUNDS_PER_COMMUNITY
    community = _numbered(names.COMMUNITIES, community_number)
    compound = community + names.COMPOUNDS[compound_number % COMPOUNDS_PER_COMMUNITY]
    floors = -(-households // FLATS_PER_FLOOR)
    units, floors = (2, -(-floors // 2)) if floors > 7 else (1, floors)
    code = f"{compound_number + 1:02d}-{place + 1}"
    town.places.append(
        {
            "code": code,
            "community": f"{community}社区",
            "compound": compound,
            "building": f"{place + 1}号楼",
            "floors": floors,
            "lift": "是" if floors > 6 else "否",
            "households": households,
            "longitude": round(116.40 + (compound_number % 8) * 0.006 + (place % 4) * 0.0011, 6),
            "latitude": round(39.90 + (compound_number // 8) * 0.004 + (place // 4) * 0.0008, 6),
            "zone": zone_of(compound_number, place),
        }
    )
    for n in range(households):
        floor, rest = divmod(n, FLATS_PER_FLOOR * units)
        unit, flat = divmod(rest, FLATS_PER_FLOOR)
        town.households.append(_household(inventor, code, unit + 1, f"{floor + 1}{flat + 1:02d}"))
    return households


def zone_of(compound_number: int, place: int) -> str:
    """The first compound is mixed: its last buildings are sealed, the rest controlled. Others follow in turn."""
    if compound_number % 4 == 0:
        return (
            "sealed"
            if place % BUILDINGS_PER_COMPOUND >= BUILDINGS_PER_COMPOUND - LAST_SEALED or place == 2
            else "controlled"
        )
    return ("controlled", "precautionary", "controlled")[compound_number % 4 - 1]


def _numbered(words: list[str], number: int) -> str:
    again, place = divmod(number, len(words))
    return words[place] + (str(again + 1) if again else "")


def _household(inventor: Inventor, building: str, unit: int, flat: str) -> dict[str, object]:
    people = inventor.pick(HOUSEHOLD_SIZES)
    draw = inventor.random.random
    elderly = min(people, 2 if draw() < 0.12 else 1) if draw() < 0.30 else 0
    infants = 1 if people - elderly >= 3 and draw() < 0.10 else 0
    no_phone = people == elderly and draw() < 0.25  # elderly people alone
    return {
        "building": building,
        "unit": str(unit),
        "flat": flat,
        "people": people,
        "infants": infants,
        "elderly": elderly,
        "phone": "" if no_phone else inventor.phone(),
        "no_phone": "是" if no_phone else "否",
    }


def _staff(town: Town, inventor: Inventor) -> None:
    """Every few buildings have one responsible worker; the next group's worker is their deputy."""
    codes = [str(row["code"]) for row in town.places]
    groups = [codes[at : at + BUILDINGS_PER_WORKER] for at in range(0, len(codes), BUILDINGS_PER_WORKER)]
    workers = [(inventor.name(), inventor.phone()) for _ in range(max(2, len(groups)))]
    for number, group in enumerate(groups):
        deputy = workers[(number + 1) % len(workers)]
        for duty, (name, phone) in (("responsible", workers[number]), ("deputy", deputy)):
            town.staff.extend(
                {"name": name, "phone": phone, "role": "social_worker", "area": code, "duty": duty, "on_duty": "是"}
                for code in group
            )


def _volunteers(town: Town, inventor: Inventor, households: int) -> None:
    """24 volunteers for 1,000 households (Shanghai Zhongyuan Liangwancheng, 2022), at least six a community."""
    communities = list(dict.fromkeys(str(row["community"]) for row in town.places))
    each = max(6, households * 24 // 1000 // len(communities))
    groups = ["配送组", "团购组", "信息组", "核酸组", "医药组", "关爱组"]
    for community in communities:
        town.volunteers.extend(
            {
                "name": inventor.name(),
                "phone": inventor.phone(),
                "community": community,
                "group": groups[n % len(groups)],
                "skills": "推车" if n % 3 == 0 else "",
                "on_duty": "是" if n % 2 == 0 else "否",
            }
            for n in range(each)
        )


def _goods(town: Town, households: int) -> None:
    for number, (code, name, minimum, fee) in enumerate(names.SUPPLIERS):
        body = f"91110105MA0{number:06d}"[:17].ljust(17, "0")
        town.suppliers.append(
            {
                "code": code,
                "name": name,
                "licence": body + uscc.calc_check_digit(body),
                "phone": f"{names.PHONE_PREFIX}9999{number:04d}",
                "minimum_order": minimum,
                "delivery_fee": fee,
            }
        )
    for supplier, sku, name, spec, unit, price, pack, stock, cap, category, origin, _weight in names.GOODS:
        town.offers.append(
            {
                "supplier": supplier,
                "sku": sku,
                "name": name,
                "spec": spec,
                "unit": unit,
                "price": price,
                "pack_size": pack,
                "stock": max(pack, stock * households // 100),
                "cap_per_household": cap,
                "category": category,
                "origin": origin,
                "contents": "番茄、土豆、胡萝卜、洋葱、黄瓜、大白菜、小青菜各约 700 g" if sku == "veg-pack-7" else "",
            }
        )


def baskets(town: Town, round_code: str, *, share: float, seed: int, prefix: str) -> Iterator[dict[str, object]]:
    """Order lines of a round: `share` of the households, each with two to five things."""
    draw = random.Random(seed)
    skus = [row[1] for row in names.GOODS]
    caps = {row[1]: row[8] for row in names.GOODS}
    weights = [row[11] for row in names.GOODS]
    for number, household in enumerate(town.households):
        if draw.random() >= share:
            continue
        wanted = dict.fromkeys(draw.choices(skus, weights, k=draw.randint(2, 6)))
        for sku in wanted:
            yield {
                "ref": f"{prefix}-{number:05d}",
                "round": round_code,
                "household": f"{household['building']}/{household['unit']}/{household['flat']}",
                "sku": sku,
                "quantity": min(caps[sku], 2 if draw.random() < 0.2 else 1),
                "source": "door" if household["no_phone"] == "是" else "app",
                "entered_by": "包楼社工" if household["no_phone"] == "是" else "",
            }
