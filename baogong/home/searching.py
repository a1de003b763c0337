"""What the staff's one box finds: doors, people and buildings of the area, and orders by their code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.groupbuy import queries as groupbuy
from baogong.groupbuy.models import Order
from baogong.people import access
from baogong.people.search import MOST, Hit, search

ORDER_CODE = re.compile(r"[Rr]?[\d-]*\d{2}-\d{4}|[Rr]\d{4}(-\d*)*|\d{4}")


@dataclass(frozen=True, slots=True)
class Found:
    """All results, by kind; `cut` says that a kind has more than are shown."""

    households: Sequence[Hit]
    people: Sequence[Hit]
    buildings: Sequence[Hit]
    orders: Sequence[Order]

    @property
    def nothing(self) -> bool:
        return not (self.households or self.people or self.buildings or self.orders)

    @property
    def cut(self) -> bool:
        return any(len(found) >= MOST for found in (self.households, self.people, self.buildings, self.orders))


def find(actor: Actor, query: str) -> Found:
    """A constant number of queries. Raises NotAllowed for roles without the box."""
    hits = search(actor, query)
    kinds = {kind: [hit for hit in hits if hit.kind == kind] for kind in ("household", "person", "building")}
    return Found(kinds["household"], kinds["person"], kinds["building"], orders_called(actor, query))


def orders_called(actor: Actor, query: str) -> list[Order]:
    """Orders whose code is, begins with or ends with what was typed, where the role has to do with orders."""
    text = query.strip().upper()
    if not ORDER_CODE.fullmatch(text) or not any(access.may(actor, way) for way in groupbuy.WAYS_TO_ORDERS):
        return []
    mine = groupbuy.orders_for(actor).select_related("round", "household__unit", "household__building__compound")
    called = mine.filter(code__startswith=text) if text.startswith("R") else mine.filter(code__endswith=text)
    return list(called.order_by("-placed_at")[:MOST])


def too_short(query: str) -> str:
    """What to say of a query that finds nothing by its length; empty for others."""
    return _("Type at least two characters.") if 0 < len(query) < 2 else ""
