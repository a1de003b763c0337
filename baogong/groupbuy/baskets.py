"""A household's choice among a round's offers, as a page shows it and as a form brings it back.

A browser sends one number per offer. Whatever was typed stays in the form until it has become an order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from baogong.common.errors import RuleBroken
from baogong.groupbuy.decision import MAX_QUANTITY, WishLine
from baogong.groupbuy.models import RoundOffer
from baogong.web.forms import Form

NAME = re.compile(r"q[0-9a-f]{8,32}")
OTHER = ""  # the category of what has none


def input_names(offers: Sequence[RoundOffer]) -> dict[str, RoundOffer]:
    """A short name per offer that no other offer of the round can ever get: the end of its id, which is random."""
    short = {f"q{offer.pk.hex[-8:]}": offer for offer in offers}
    return short if len(short) == len(offers) else {f"q{offer.pk.hex}": offer for offer in offers}


@dataclass(frozen=True, slots=True)
class Choice:
    """One offer in the list: how many are chosen, how many could be, what is wrong with the number."""

    name: str
    offer: RoundOffer
    value: Any  # a whole number, or whatever was typed
    most: int
    left: int
    fault: str = ""

    @property
    def sold_out(self) -> bool:
        return self.left <= 0 and not self.value


@dataclass(frozen=True, slots=True)
class Section:
    """A category and what is in it."""

    title: str
    anchor: str
    choices: list[Choice]


class BasketForm(Form):
    """One number per offer. `own` are the units of the order that is being changed (they count as free), `taken` those
    of the household's other live orders in the round, both by offer id."""

    def __init__(
        self,
        offers: Iterable[RoundOffer],
        data: Mapping[str, Any] | None = None,
        *,
        own: Mapping[UUID, int] | None = None,
        taken: Mapping[UUID, int] | None = None,
    ) -> None:
        self.offers = input_names(list(offers))
        self.own, self.taken = own or {}, taken or {}
        super().__init__(data)
        self.fields |= {name: _quantity_field(offer) for name, offer in self.offers.items()}

    def clean(self) -> dict[str, Any]:
        if any(
            NAME.fullmatch(key) and value not in ("", "0") and key not in self.fields
            for key, value in self.data.items()
        ):
            self.add_error(None, _("Something you chose is no longer in this round. Look through the list once more."))
        return self.cleaned_data

    def refuse(self, refusal: RuleBroken) -> None:
        """Show why the order was not taken, at the offer that is the cause where there is one."""
        cause = str(refusal.facts.get("offer", ""))
        name = next((name for name, offer in self.offers.items() if str(offer.pk) == cause), None)
        self.add_error(name, str(refusal))

    def lines(self) -> tuple[WishLine, ...]:
        """What was chosen, of a valid form: units per offer."""
        chosen = ((offer.pk, self.cleaned_data.get(name) or 0) for name, offer in self.offers.items())
        return tuple(WishLine(offer, quantity) for offer, quantity in chosen if quantity)

    # ------------------------------------------------------------ what the page shows

    def choices(self) -> Iterator[Choice]:
        for name, offer in self.offers.items():
            left = offer.remaining + self.own.get(offer.pk, 0)
            fault = " ".join(map(str, self.errors.get(name, [])))
            yield Choice(name, offer, self.value(name), self._most(offer, left), left, fault)

    def value(self, name: str) -> Any:
        typed = self.data.get(name, "").strip() if self.is_bound else self.own.get(self.offers[name].pk, 0)
        return int(typed) if _is_quantity(typed) else typed or 0

    def _most(self, offer: RoundOffer, left: int) -> int:
        """What the household may still have of it; never less than it has."""
        cap = MAX_QUANTITY if offer.cap_per_household is None else offer.cap_per_household
        return max(0, self.own.get(offer.pk, 0), min(cap - self.taken.get(offer.pk, 0), left, MAX_QUANTITY))

    def sections(self) -> list[Section]:
        """The offers by category, both in the buyer's order."""
        found: dict[str, list[Choice]] = {}
        for choice in self.choices():
            found.setdefault(choice.offer.category or OTHER, []).append(choice)
        return [Section(title, f"c{number}", choices) for number, (title, choices) in enumerate(found.items(), 1)]

    @property
    def count(self) -> int:
        return sum(1 for name in self.offers if _is_quantity(self.value(name)) and self.value(name))

    @property
    def total_fen(self) -> int:
        values = ((self.value(name), offer.price_fen) for name, offer in self.offers.items())
        return sum(int(value) * price for value, price in values if _is_quantity(value))

    # ------------------------------------------------------------ plus and minus without a script

    def step(self) -> tuple[str, dict[str, str]]:
        """The offer whose plus or minus was pressed, and the quantities from then on, without zeros beside others."""
        values = {name: str(self.value(name)) for name in self.offers}
        pressed = str(self.data.get("plus") or self.data.get("minus") or "")
        if pressed in self.offers:
            values[pressed] = str(self._stepped(pressed, 1 if "plus" in self.data else -1))
        chosen = {name: value for name, value in values.items() if value != "0"}
        return (pressed, chosen or {pressed: "0"}) if pressed in self.offers else ("", chosen)

    def _stepped(self, name: str, by: int) -> int:
        offer, value = self.offers[name], self.value(name)
        most = self._most(offer, offer.remaining + self.own.get(offer.pk, 0))
        return max(0, min(most, (value if isinstance(value, int) else 0) + by))


def _quantity_field(offer: RoundOffer) -> forms.IntegerField:
    wrong = _("Write a whole number from 0 to %(most)d") % {"most": MAX_QUANTITY}
    return forms.IntegerField(
        label=offer.name,
        required=False,
        min_value=0,
        max_value=MAX_QUANTITY,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )


def _is_quantity(value: object) -> bool:
    return str(value).isdecimal() and int(str(value)) <= MAX_QUANTITY


def has_choice(data: Mapping[str, Any]) -> bool:
    """Whether an address carries quantities: then the page shows these and not those of the order."""
    return any(NAME.fullmatch(key) for key in data)
