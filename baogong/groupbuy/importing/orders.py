"""Orders from spreadsheets, by the same way as from phones, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common.errors import BadInput, RuleBroken
from baogong.common.imports import Chunk, Column, InputRow, Kind, cells
from baogong.groupbuy.decision import MAX_QUANTITY, Outcome, Wish, WishLine
from baogong.groupbuy.models import Order, OrderLine, Round, RoundOffer
from baogong.groupbuy.services import Verdict, place_orders
from baogong.people import access
from baogong.people.finding import UnknownHousehold, find_households
from baogong.people.models import Household

SOURCES = {
    "app": "app", "手机": "app", "本人手机": "app", "扫码": "app",
    "phone": "phone", "电话": "phone", "热线": "phone",
    "door": "door", "上门": "door", "上门登记": "door", "入户": "door",
    "paper": "paper", "纸质": "paper", "纸单": "paper", "纸": "paper",
}  # fmt: skip
SAID: Mapping[Outcome, Literal["created", "changed", "unchanged"]] = {
    Outcome.PLACED: "created",
    Outcome.CHANGED: "changed",
    Outcome.AGAIN: "unchanged",
}


class UnknownRound(BadInput):
    code = "unknown_round"


class UnknownSku(BadInput):
    code = "unknown_sku"


class AmbiguousSku(BadInput):
    code = "ambiguous_sku"


class MixedOrder(BadInput):
    """Lines with the same ref name different rounds or households."""

    code = "mixed_order"


def apply_orders(chunk: Chunk) -> None:
    """Lines with the same ref are one order, in the order of their first lines; each round is one batch."""
    known = _Known(chunk)
    batches: dict[UUID, list[tuple[Wish, list[InputRow]]]] = defaultdict(list)
    for rows in _by_ref(chunk.rows):
        wish = _wish_of(rows, known, chunk)
        if wish:
            batches[known.round_of(rows[0]).pk].append((wish, rows))
    for round_id, batch in batches.items():
        wishes = [wish for wish, _rows in batch]
        verdicts = place_orders(round_id, wishes, actor=chunk.actor, now=chunk.now)
        for verdict, (_wish, rows) in zip(verdicts, batch, strict=True):
            _say(chunk, verdict, rows)


def _by_ref(rows: Iterable[InputRow]) -> Iterable[list[InputRow]]:
    orders: dict[str, list[InputRow]] = defaultdict(list)
    for row in rows:
        orders[row["ref"]].append(row)
    return orders.values()


def _wish_of(rows: Sequence[InputRow], known: _Known, chunk: Chunk) -> Wish | None:
    """What the lines ask for; where one of them means nothing, all are refused, since half an order is none."""
    first, lines, faulty = rows[0], [], False
    for row in rows:
        try:
            if (row["round"], row["household"]) != (first["round"], first["household"]):
                raise MixedOrder(_("This order began with another round or household"))
            lines.append(WishLine(known.offer(row), row["quantity"]))
            known.household(row)
        except RuleBroken as refusal:
            chunk.refuse_for(row, refusal)
            faulty = True
    if faulty:
        _refuse_rest(chunk, rows)
        return None
    return Wish(
        household=known.household(first),
        key=known.key(first),
        lines=tuple(lines),
        amends=True,
        source=first["source"],
        entered_by=first["entered_by"] or "",
        at=first["at"],
    )


def _refuse_rest(chunk: Chunk, rows: Iterable[InputRow]) -> None:
    for row in rows:
        if row not in chunk.outcomes:
            chunk.refuse(row, "same_group_refused", _("Another line of this order was refused, so it is not taken"))


def _say(chunk: Chunk, verdict: Verdict, rows: Sequence[InputRow]) -> None:
    refusal = verdict.refusal
    if refusal is None:
        chunk.say(SAID[verdict.outcome], *rows)
        return
    cause = str(refusal.facts.get("offer", ""))
    offers = [str(line.offer) for line in verdict.wish.lines]
    at_fault = [row for row, offer in zip(rows, offers, strict=True) if offer == cause] or rows
    for row in at_fault:
        chunk.refuse_for(row, refusal, column=_column_of(refusal))
    _refuse_rest(chunk, rows)


def _column_of(refusal: RuleBroken) -> str:
    if refusal.code == "round_not_open":
        return "round"
    return "quantity" if "offer" in refusal.facts else "ref"


class _Known:
    """What a chunk of order lines refers to, read in a constant number of queries."""

    def __init__(self, chunk: Chunk) -> None:
        mine = chunk.subdistrict_id
        codes = {row["round"] for row in chunk.rows}
        self.rounds = {buy.code: buy for buy in Round.objects.within(mine).filter(code__in=codes)}
        self.households = find_households(mine, {row["household"] for row in chunk.rows})
        self.reachable = _reachable(chunk, self.households.values())
        self.offers = _offers_by_sku(mine, [buy.pk for buy in self.rounds.values()])
        self.orders = orders_by_ref(mine, {row["ref"] for row in chunk.rows})

    def round_of(self, row: InputRow) -> Round:
        buy = self.rounds.get(row["round"])
        if buy is None:
            raise UnknownRound(_("There is no round “%(code)s”") % {"code": row["round"]}, column="round")
        return buy

    def offer(self, row: InputRow) -> UUID:
        """The round's offer with this sku. Raises UnknownRound, UnknownSku, AmbiguousSku."""
        found = self.offers.get((self.round_of(row).pk, row["sku"]), [])
        facts = {"round": row["round"], "sku": row["sku"]}
        if not found:
            raise UnknownSku(_("Round %(round)s does not offer “%(sku)s”") % facts, column="sku")
        if len(found) > 1:
            text = _("Two suppliers call something “%(sku)s” in round %(round)s; write supplier:sku") % facts
            raise AmbiguousSku(text, column="sku")
        return found[0]

    def household(self, row: InputRow) -> UUID:
        """The household named, or the merged one whose order it is. Raises what `find_households` found wrong."""
        found = self.households[row["household"]]
        if isinstance(found, RuleBroken):
            raise found
        if found.pk not in self.reachable:
            text = _("There is no household “%(text)s” in your area") % {"text": row["household"]}
            raise UnknownHousehold(text, column="household")
        placed = self._placed(row)
        if placed and placed.household.merged_into_id == found.pk:
            return placed.household_id
        return found.pk

    def key(self, row: InputRow) -> str:
        """The key of the order that this ref means: one of an earlier file, or any order by its code."""
        placed = self._placed(row)
        return placed.key if placed else f"file:{row['ref']}"

    def _placed(self, row: InputRow) -> Order | None:
        of_round = self.orders.get(row["ref"], {})
        return of_round.get(self.round_of(row).pk)


def _offers_by_sku(subdistrict_id: UUID, rounds: Sequence[UUID]) -> dict[tuple[UUID, str], list[UUID]]:
    """By round and sku; also by `supplier:sku`, which is always one."""
    rows = RoundOffer.objects.within(subdistrict_id).filter(round__in=rounds)
    offers: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for round_id, sku, supplier, pk in rows.values_list("round_id", "sku", "offer__supplier__code", "pk"):
        offers[round_id, sku].append(pk)
        offers[round_id, f"{supplier}:{sku}"].append(pk)
    return offers


def _reachable(chunk: Chunk, households: Iterable[Household | RuleBroken]) -> set[UUID]:
    found = {household.pk for household in households if isinstance(household, Household)}
    if chunk.actor.is_system:
        return found
    mine = access.households_for(chunk.actor, "groupbuy.import_orders").filter(pk__in=found)
    return set(mine.values_list("pk", flat=True))


def orders_by_ref(subdistrict_id: UUID, refs: set[str]) -> dict[str, dict[UUID, Order]]:
    """Orders that a ref may mean, by ref and round: a file's own key goes before an order's code."""
    keys = {f"file:{ref}": ref for ref in refs}
    meant = Order.objects.within(subdistrict_id).filter(Q(key__in=list(keys)) | Q(code__in=refs))
    orders: dict[str, dict[UUID, Order]] = defaultdict(dict)
    for order in sorted(meant.select_related("household"), key=lambda order: order.key in keys):
        for ref in {keys.get(order.key, ""), order.code if order.code in refs else ""} - {""}:
            if order.key == f"file:{ref}" or order.round_id not in orders[ref]:
                orders[ref][order.round_id] = order
    return orders


def export_orders(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """Every live line; an order that came from no file has its code as ref."""
    shared = _skus_of_two_suppliers(subdistrict_id)
    lines = OrderLine.objects.within(subdistrict_id).live().select_related("order__round", "order__household")
    lines = lines.select_related("round_offer__offer__supplier").order_by("order_id", "pk")
    for line in lines.iterator(chunk_size=2_000):
        order, offer = line.order, line.round_offer
        yield {
            "ref": order.key.removeprefix("file:") if order.key.startswith("file:") else order.code,
            "round": order.round.code,
            "household": order.household.code,
            "sku": f"{offer.offer.supplier.code}:{offer.sku}" if (order.round_id, offer.sku) in shared else offer.sku,
            "quantity": line.quantity,
            "source": order.source,
            "entered_by": order.entered_by,
            "at": order.placed_at,
        }


def _skus_of_two_suppliers(subdistrict_id: UUID) -> set[tuple[UUID, str]]:
    named = RoundOffer.objects.within(subdistrict_id).order_by().values_list("round_id", "sku")
    return {(round_id, sku) for round_id, sku, _count in named.annotate(n=Count("pk")).filter(n__gt=1)}


ORDERS = Kind(
    name="orders",
    label=gettext_lazy("orders"),
    operation="groupbuy.import_orders",
    columns=(
        Column("ref", "单号", cells.label(100), also=("订单编号", "编号")),
        Column("round", "轮次", cells.label(20), also=("团购", "期数")),
        Column("household", "住户", cells.text(90), also=("户", "门牌", "地址")),
        Column("sku", "货号", cells.label(60), also=("商品编码", "商品编号")),
        Column("quantity", "数量", cells.whole(1, MAX_QUANTITY), also=("份数",)),
        Column("source", "来源", cells.choice(SOURCES), also=("下单方式",)),
        Column("entered_by", "登记人", cells.text(60), required=False, also=("录入人",)),
        Column("at", "时间", cells.moment, required=False, also=("下单时间",)),
    ),
    apply=apply_orders,
    export=export_orders,
    identity=lambda values: (values["ref"], values["sku"]),
    group=lambda values: values["ref"],
    together=True,
)
