"""What households are told about their orders: who, what, how much, and what they can do.

A household's own language is not known, so the texts are in the language of the installation, whoever caused them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from baogong.common.actors import Actor
from baogong.groupbuy.models import Order, Round
from baogong.people.services import tell_households
from baogong.web.words import fen, when

NAMED = 6  # goods that a text names; of more, only the number


@contextmanager
def in_our_language() -> Iterator[None]:
    with translation.override(settings.LANGUAGE_CODE):
        yield


def tell(texts: Iterable[tuple[UUID, str]], *, kind: str, actor: Actor, now: datetime) -> None:
    """One message per household, whatever it is told about; call within `in_our_language`."""
    lines: dict[UUID, list[str]] = defaultdict(list)
    for household_id, text in texts:
        lines[household_id].append(text)
    if lines:
        told = {household_id: "\n".join(texts) for household_id, texts in lines.items()}
        tell_households(told, kind=kind, actor=actor, now=now)


def goods(items: Sequence[tuple[str, int]]) -> str:
    """`大米 × 2、白菜 × 1 等 8 种`"""
    comma = pgettext("between goods", ", ")
    named = comma.join(f"{name} × {quantity}" for name, quantity in items[:NAMED])
    if len(items) <= NAMED:
        return named
    return _("%(named)s and others, %(count)s kinds") % {"named": named, "count": len(items)}


class OrderTexts:
    """Texts about orders of one round: what they share is put into words once."""

    def __init__(self, buy: Round, now: datetime) -> None:
        self.until = when(buy.closes_at, now)
        self.taken = _("Order %(code)s is taken: %(goods)s, %(total)s. You can change it until %(until)s.")
        self.changed = _("Order %(code)s was changed: %(goods)s, %(total)s. You can change it until %(until)s.")
        self.cancelled = _("Order %(code)s was cancelled. %(money)s")
        self.nothing_to_pay = _("You owe nothing for it.")

    def is_taken(self, order: Order, items: Sequence[tuple[str, int]]) -> str:
        return self.taken % self._facts(order, items)

    def is_changed(self, order: Order, items: Sequence[tuple[str, int]]) -> str:
        return self.changed % self._facts(order, items)

    def is_cancelled(self, code: str, back_fen: int) -> str:
        return self.cancelled % {"code": code, "money": money_back(back_fen) or self.nothing_to_pay}

    def _facts(self, order: Order, items: Sequence[tuple[str, int]]) -> Mapping[str, object]:
        return {"code": order.code, "goods": goods(items), "total": fen(order.total_fen), "until": self.until}


def money_back(back_fen: int) -> str:
    """What was paid already and comes back; empty where nothing was paid."""
    return _("You get %(amount)s back.") % {"amount": fen(back_fen)} if back_fen else ""


def money_less(less_fen: int, back_fen: int) -> str:
    """What a household owes no more, and what comes back of what it has paid."""
    unowed = _("You pay %(amount)s less.") % {"amount": fen(less_fen - back_fen)} if less_fen > back_fen else ""
    return f"{unowed}{money_back(back_fen)}"


def failed_text(buy: Round, code: str, back_fen: int) -> str:
    text = ngettext(
        "Round %(round)s did not reach %(minimum)s household, so order %(code)s is cancelled. %(money)s",
        "Round %(round)s did not reach %(minimum)s households, so order %(code)s is cancelled. %(money)s",
        buy.minimum_households,
    )
    money = money_back(back_fen) or _("You owe nothing for it.")
    return text % {"round": buy.code, "minimum": buy.minimum_households, "code": code, "money": money}


def cancelled_round_text(buy: Round, code: str, back_fen: int) -> str:
    text = _("Round %(round)s was called off, so order %(code)s is cancelled. %(money)s")
    money = money_back(back_fen) or _("You owe nothing for it.")
    return text % {"round": buy.code, "code": code, "money": money}


def short_text(code: str, items: Sequence[tuple[str, int, int]], less_fen: int, back_fen: int) -> str:
    """`items` are (name, asked, granted)."""
    semicolon = pgettext("between facts", "; ")
    what = semicolon.join(
        _("%(name)s: %(granted)s of %(asked)s") % {"name": name, "granted": granted, "asked": asked}
        for name, asked, granted in items[:NAMED]
    )
    text = _("Order %(code)s, less came than was ordered: %(what)s. All share by the same rule. %(money)s")
    return text % {"code": code, "what": what, "money": money_less(less_fen, back_fen)}


def returned_text(code: str, less_fen: int, back_fen: int) -> str:
    text = _("Order %(code)s could not be handed over and went back. %(money)s")
    return text % {"code": code, "money": money_less(less_fen, back_fen)}


def refunded_text(code: str, amount_fen: int, way: str) -> str:
    text = _("%(amount)s for order %(code)s was paid back to you (%(way)s).")
    return text % {"amount": fen(amount_fen), "code": code, "way": way}
