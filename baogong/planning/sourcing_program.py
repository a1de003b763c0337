"""The choice of packs as a whole-number program.

Each supplier is bought from at one of its levels, or not at all. A level has a least value of goods (the minimum order,
or where a rebate begins) and a percent of rebate; goods may exceed the next level, as that one is only cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator

from baogong.planning.program import INFINITE, Columns, Program
from baogong.planning.sourcing import SourcingProblem, Supplier

SMALL, ENOUGH = 300, 1e-5  # offers up to which the last fen is proven; part of the cost that is enough above


def cheapest_packs(problem: SourcingProblem, *, seed: int, nodes: int) -> tuple[dict[tuple[str, str], int], float]:
    """Packs by (supplier, sku), and what any choice costs at least, in fen."""
    model = _Model(problem, seed)
    part = ENOUGH if len(model.packs) > SMALL else 0.0
    outcome = model.program.solve_whole(nodes=nodes, gap=0.5, part=part)
    if outcome.values is None:
        return {}, outcome.bound
    packs = {key: round(float(outcome.values[column])) for key, column in model.packs.items()}
    return packs, outcome.bound


def levels(supplier: Supplier, most_fen: int) -> Iterator[tuple[int, int]]:
    """(least goods in fen, percent of rebate) of each level that goods worth up to `most_fen` can reach."""
    starts = {supplier.minimum_order_fen, *(rebate.from_fen for rebate in supplier.rebates)}
    highest = -1
    for start in sorted(start for start in starts if supplier.minimum_order_fen <= start <= most_fen):
        percent = supplier.percent(start)
        if percent > highest:
            yield start, percent
            highest = percent


class _Model:
    """Columns: units short by sku, packs by offer, and for each level whether it is used, its goods, its rebate."""

    def __init__(self, problem: SourcingProblem, seed: int) -> None:
        self.problem, self.program = problem, Program(seed=seed)
        self.packs: dict[tuple[str, str], int] = {}
        self.wanted = [sku for sku, units in problem.demand.items() if units]
        skus = sorted({*self.wanted, *(offer.sku for supplier in problem.suppliers for offer in supplier.offers)})
        low = [float(problem.demand.get(sku, 0)) for sku in skus]
        self.row_of = {sku: row for row, sku in enumerate(skus)}
        self.program.add_rows(low, [INFINITE] * len(skus))  # units bought and short cover the demand
        self.surplus = self.program.add_rows([0.0] * len(skus), [float(problem.most_units(sku)) for sku in skus])
        self._add_short()
        for supplier in problem.suppliers:
            self._add_supplier(supplier)

    def _add_short(self) -> None:
        short = Columns()
        for sku in self.wanted:
            units = float(self.problem.demand[sku])
            short.add(float(self.problem.penalty_fen(sku)), [self.row_of[sku]], [1.0], upper=units)
        self.program.add_columns(short)

    def _add_supplier(self, supplier: Supplier) -> None:
        """Packs and levels of one supplier, if anything of it can be bought."""
        caps = [
            min(offer.stock_packs, self.problem.most_units(offer.sku) // offer.pack_size) for offer in supplier.offers
        ]
        most_fen = sum(offer.price_fen * cap for offer, cap in zip(supplier.offers, caps, strict=True))
        used = [self._add_level(supplier, start, percent) for start, percent in levels(supplier, most_fen)]
        packs = self._add_packs(supplier, caps) if used else []
        if not used:
            return
        row = self.program.add_row
        row(0.0, 1.0, used, [1.0] * len(used))
        for column, cap in zip(packs, caps, strict=True):  # no packs without a level
            row(-INFINITE, 0.0, [column, *used], [1.0, *[-float(cap)] * len(used)])
        goods = [level + 1 for level in used]
        prices = [float(offer.price_fen) for offer in supplier.offers]
        row(0.0, 0.0, [*packs, *goods], [*prices, *[-1.0] * len(goods)])
        for level in used:
            row(-INFINITE, 0.0, [level + 1, level], [1.0, -float(most_fen)])

    def _add_packs(self, supplier: Supplier, caps: list[int]) -> list[int]:
        columns = Columns()
        for offer, cap in zip(supplier.offers, caps, strict=True):
            row = self.row_of[offer.sku]
            columns.add(0.0, [row, self.surplus + row], [float(offer.pack_size)] * 2, upper=float(cap))
        first = self.program.add_columns(columns, whole=True)
        self.packs.update({(supplier.id, offer.sku): first + number for number, offer in enumerate(supplier.offers)})
        return list(range(first, first + len(caps)))

    def _add_level(self, supplier: Supplier, start: int, percent: int) -> int:
        """Columns whether the level is used, the value of its goods, its rebate; the number of the first."""
        used, goods, rebate = Columns(), Columns(), Columns()
        used.add(float(supplier.fixed_fee_fen), [], [], upper=1.0)
        goods.add(1.0, [], [])
        rebate.add(-1.0, [], [])
        first = self.program.add_columns(used, whole=True)
        self.program.add_columns(goods)
        self.program.add_columns(rebate, whole=True)
        self.program.add_row(0.0, INFINITE, [first + 1, first], [1.0, -float(start)])
        # Whole fen, half up: rebate <= goods * percent / 100 + 1/2
        self.program.add_row(-INFINITE, 0.0, [first + 2, first + 1, first], [100.0, -float(percent), -50.0])
        return first
