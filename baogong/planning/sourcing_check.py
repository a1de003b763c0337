"""Judge any choice of packs, also one edited by hand, without the solver: every rule again, from the problem alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import floor

from baogong.planning.sourcing import Line, Offer, SourcingPlan, SourcingProblem, Supplier


def breaches(problem: SourcingProblem, plan: SourcingPlan) -> list[str]:
    """What is wrong with `plan`, one sentence each; empty when nothing is."""
    offers = {(supplier.id, offer.sku): offer for supplier in problem.suppliers for offer in supplier.offers}
    found = list(_lines(offers, plan))
    if found:
        return found
    found = [line for supplier in problem.suppliers for line in _minimum(supplier, plan.lines)]
    found += _units(problem, offers, plan)
    return found or list(_cost(problem, plan))


def cost_of(problem: SourcingProblem, plan: SourcingPlan) -> int:
    """Goods and fees, less rebates rounded half up for each supplier, and the penalties for what is short; in fen."""
    short = sum(count * problem.shortage_penalty_fen.get(sku, 1_000_000) for sku, count in plan.short.items())
    return short + sum(_bill(supplier, plan.lines) for supplier in problem.suppliers)


def _lines(offers: dict[tuple[str, str], Offer], plan: SourcingPlan) -> Iterator[str]:
    counts = Counter((line.supplier, line.sku) for line in plan.lines)
    for line in plan.lines:
        offer = offers.get((line.supplier, line.sku))
        if offer is None:
            yield f"{line.supplier!r} does not offer {line.sku!r}"
        elif counts[line.supplier, line.sku] > 1:
            yield f"{line.sku!r} of {line.supplier!r} has more than one line"
        elif not 1 <= line.packs <= offer.stock_packs:
            yield f"{line.packs} packs of {line.sku!r} from {line.supplier!r}, where 1 to {offer.stock_packs} are had"


def _minimum(supplier: Supplier, lines: tuple[Line, ...]) -> Iterator[str]:
    goods = _goods(supplier, lines)
    if any(line.supplier == supplier.id for line in lines) and goods < supplier.minimum_order_fen:
        yield f"{goods} fen ordered from {supplier.id!r}, whose minimum is {supplier.minimum_order_fen}"


def _units(problem: SourcingProblem, offers: dict[tuple[str, str], Offer], plan: SourcingPlan) -> Iterator[str]:
    units: Counter[str] = Counter()
    for line in plan.lines:
        units[line.sku] += line.packs * offers[line.supplier, line.sku].pack_size
    for sku in sorted({*problem.demand, *units, *plan.short}):
        wanted, short = problem.demand.get(sku, 0), plan.short.get(sku, 0)
        most = wanted + problem.surplus_limit.get(sku, 0)
        if units[sku] > most:
            yield f"{units[sku]} units of {sku!r} are bought where at most {most} may be"
        if short != max(0, wanted - units[sku]):
            yield f"{wanted} units of {sku!r} are wanted: {units[sku]} are bought and {short} are called short"


def _cost(problem: SourcingProblem, plan: SourcingPlan) -> Iterator[str]:
    cost = cost_of(problem, plan)
    if plan.cost_fen != cost:
        yield f"the choice costs {cost} fen, not {plan.cost_fen}"
    if plan.bound_fen > plan.cost_fen + 0.5:
        yield f"the bound {plan.bound_fen} exceeds the cost {plan.cost_fen}"


def _goods(supplier: Supplier, lines: tuple[Line, ...]) -> int:
    packs = {line.sku: line.packs for line in lines if line.supplier == supplier.id}
    return sum(offer.price_fen * packs.get(offer.sku, 0) for offer in supplier.offers)


def _bill(supplier: Supplier, lines: tuple[Line, ...]) -> int:
    if not any(line.supplier == supplier.id for line in lines):
        return 0
    goods = _goods(supplier, lines)
    reached = [rebate.percent for rebate in supplier.rebates if goods >= rebate.from_fen]
    rebate = Fraction(goods * max(reached, default=0), 100)
    return goods + supplier.fixed_fee_fen - floor(rebate + Fraction(1, 2))
