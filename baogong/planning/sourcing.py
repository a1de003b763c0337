"""Which supplier sells how many packs of what.

Suppliers sell whole packs from their stock, ask for a minimum order and a fixed fee, and give a rebate on everything
once enough is bought. Whatever is not bought costs a penalty for each unit short. Money is in fen, goods in packs of
`pack_size` units, demand in units.

`choose_packs` finds a choice and proves how far from the cheapest it can be; `baogong.planning.sourcing_check.breaches`
judges any choice, also one edited by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

from baogong.planning.strict import repeated

DEFAULT_PENALTY_FEN = (
    1_000_000  # for each unit short of a sku without a penalty of its own: nothing is saved on purpose
)


@dataclass(frozen=True, slots=True)
class Rebate:
    """`percent` off all goods of a supplier once they cost `from_fen` or more."""

    from_fen: int
    percent: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Packs of one sku; `price_fen` is for a pack of `pack_size` units."""

    sku: str
    pack_size: int
    price_fen: int
    stock_packs: int


@dataclass(frozen=True, slots=True)
class Supplier:
    """Takes no order below `minimum_order_fen`, before rebate; the fee counts where any pack is bought."""

    id: str
    offers: tuple[Offer, ...]
    fixed_fee_fen: int = 0
    minimum_order_fen: int = 0
    rebates: tuple[Rebate, ...] = ()

    def percent(self, goods_fen: int) -> int:
        """The highest percent of rebate that goods of this value reach."""
        return max((rebate.percent for rebate in self.rebates if rebate.from_fen <= goods_fen), default=0)


@dataclass(frozen=True, slots=True)
class SourcingProblem:
    """What is needed and who sells it. Raises ValueError when it makes no sense.

    By sku: units wanted, fen for each unit short (1,000,000 where none is given) and units that may be bought above the
    demand (0 where none are given).
    """

    demand: Mapping[str, int]
    suppliers: tuple[Supplier, ...]
    shortage_penalty_fen: Mapping[str, int] = field(default_factory=dict)
    surplus_limit: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for complaint in _complaints(self):
            raise ValueError(complaint)

    def most_units(self, sku: str) -> int:
        """How many units of `sku` may be bought."""
        return self.demand.get(sku, 0) + self.surplus_limit.get(sku, 0)

    def penalty_fen(self, sku: str) -> int:
        """What one unit short of `sku` costs."""
        return self.shortage_penalty_fen.get(sku, DEFAULT_PENALTY_FEN)


@dataclass(frozen=True, slots=True)
class Line:
    """Packs of one sku ordered from one supplier, 1 or more."""

    supplier: str
    sku: str
    packs: int


@dataclass(frozen=True, slots=True)
class SourcingPlan:
    """What to order, what stays short in units by sku, what it costs, and what it costs at least."""

    lines: tuple[Line, ...]
    short: Mapping[str, int] = field(default_factory=dict)  # no entry is 0
    cost_fen: int = 0
    bound_fen: int = 0  # no choice costs less
    seed: int = 0

    @property
    def gap(self) -> float:
        """How far the choice may be from the cheapest one, as a part of its cost; 0 is proven cheapest."""
        return (self.cost_fen - self.bound_fen) / max(1, self.cost_fen)


def choose_packs(problem: SourcingProblem, *, seed: int = 0, nodes: int = 200) -> SourcingPlan:
    """Order packs so that goods, fees and penalties less rebates cost least.

    A rebate is rounded half up to whole fen, once for each supplier. `nodes` limits the search; fewer are faster and
    leave a larger gap. The same problem and seed always give the same choice.
    """
    from baogong.planning.sourcing_program import cheapest_packs  # loads the solver

    packs, bound = cheapest_packs(problem, seed=seed, nodes=nodes)
    return _written(problem, _kept(problem, packs), bound, seed)


def _kept(problem: SourcingProblem, packs: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """`packs` without suppliers whose minimum they miss, should the solver's arithmetic have let one slip."""
    kept = {}
    for supplier in problem.suppliers:
        mine = {(supplier.id, offer.sku): packs.get((supplier.id, offer.sku), 0) for offer in supplier.offers}
        if _goods_fen(supplier, mine) >= supplier.minimum_order_fen:
            kept.update(mine)
    return kept


def _goods_fen(supplier: Supplier, packs: Mapping[tuple[str, str], int]) -> int:
    return sum(offer.price_fen * packs.get((supplier.id, offer.sku), 0) for offer in supplier.offers)


def _written(problem: SourcingProblem, packs: Mapping[tuple[str, str], int], bound: float, seed: int) -> SourcingPlan:
    """The plan with its exact cost."""
    units: dict[str, int] = defaultdict(int)
    lines, cost = [], 0
    for supplier in problem.suppliers:
        mine = [(offer, count) for offer in supplier.offers if (count := packs.get((supplier.id, offer.sku), 0))]
        for offer, count in mine:
            units[offer.sku] += count * offer.pack_size
            lines.append(Line(supplier.id, offer.sku, count))
        cost += _pay_fen(supplier, _goods_fen(supplier, packs)) if mine else 0
    short = {sku: wanted - units[sku] for sku, wanted in problem.demand.items() if wanted > units[sku]}
    cost += sum(problem.penalty_fen(sku) * count for sku, count in short.items())
    doubt = 0.01 + 1e-9 * abs(bound)  # left by floating point
    return SourcingPlan(tuple(lines), short, cost, min(cost, max(0, ceil(bound - doubt))), seed)


def _pay_fen(supplier: Supplier, goods_fen: int) -> int:
    """Goods and fee less rebate; the rebate is rounded half up."""
    return goods_fen + supplier.fixed_fee_fen - (goods_fen * supplier.percent(goods_fen) + 50) // 100


def _complaints(problem: SourcingProblem) -> Iterator[str]:
    names = repeated(supplier.id for supplier in problem.suppliers)
    yield from (f"supplier {name!r} comes twice" for name in names)
    for title in ("demand", "shortage_penalty_fen", "surplus_limit"):
        numbers: Mapping[str, int] = getattr(problem, title)
        yield from (f"{title} of {sku!r} is negative" for sku, number in numbers.items() if number < 0)
    for supplier in problem.suppliers:
        yield from _supplier_complaints(supplier)


def _supplier_complaints(supplier: Supplier) -> Iterator[str]:
    if min(supplier.fixed_fee_fen, supplier.minimum_order_fen) < 0:
        yield f"supplier {supplier.id!r} has a negative number"
    for rebate in supplier.rebates:
        if rebate.from_fen < 0 or not 0 <= rebate.percent <= 100:
            yield f"supplier {supplier.id!r} has a rebate that is not from 0 to 100 percent, from 0 fen or more"
    skus = repeated(offer.sku for offer in supplier.offers)
    yield from (f"supplier {supplier.id!r} offers {sku!r} twice" for sku in skus)
    for offer in supplier.offers:
        if offer.pack_size < 1 or min(offer.price_fen, offer.stock_packs) < 0:
            yield f"supplier {supplier.id!r} has a bad pack of {offer.sku!r}"
