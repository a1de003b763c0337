"""What the task force fills in: a new round, money that came or went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common.clock import at_local, local
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.ids import is_uuid
from baogong.common.money import fen_from_yuan
from baogong.groupbuy import services
from baogong.groupbuy.books import RoundStatement
from baogong.groupbuy.models import Round, RoundOffer, Transfer
from baogong.supply.models import Offer
from baogong.web.forms import Form
from baogong.web.words import fen

WAYS = [(way.value, way.label) for way in Transfer.Way if way.value]
OFFER = "offer_"  # a checkbox for each offer, with the units and the cap beside it
LONGEST = timedelta(days=31)
MOST_UNITS = 10_000_000
OWN_FIELDS = (
    "name", "opens_at", "closes_at", "deliver_from", "deliver_until", "minimum_households", "complaint_contact",
)  # fmt: skip


def moment_field(label: Any) -> forms.DateTimeField:
    """A local date and time in two parts of one native input."""
    picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=picker, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


def usual_times(at: datetime, cut_off_hour: int) -> dict[str, datetime]:
    """Open from now on, closed at the next usual hour that leaves three hours, delivered the day after (domain 3.6)."""
    opens = local(at).replace(second=0, microsecond=0)
    closes = at_local(opens.date(), time(cut_off_hour))
    if closes - opens < timedelta(hours=3):
        closes += timedelta(days=1)
    following: date = local(closes).date() + timedelta(days=1)
    return {
        "opens_at": opens,
        "closes_at": local(closes),
        "deliver_from": local(at_local(following, time(9))),
        "deliver_until": local(at_local(following, time(18))),
    }


class RoundForm(Form):
    """A draft round: its times, its minimum, and a row for each offer that may go in."""

    name = forms.CharField(label=gettext_lazy("Name of the round"), max_length=80)
    opens_at = moment_field(gettext_lazy("Opens"))
    closes_at = moment_field(gettext_lazy("Cut-off"))
    deliver_from = moment_field(gettext_lazy("Delivery from"))
    deliver_until = moment_field(gettext_lazy("Delivery until"))
    minimum_households = forms.IntegerField(
        label=gettext_lazy("Fewest households"), min_value=0, max_value=1_000_000, initial=0,
        help_text=gettext_lazy("With fewer the round fails and everybody is refunded"),
    )  # fmt: skip
    complaint_contact = forms.CharField(
        label=gettext_lazy("Contact for complaints"), max_length=80, required=False,
        help_text=gettext_lazy("Left empty: the hotline"),
    )  # fmt: skip

    def __init__(self, offers: Sequence[Offer], *args: Any, at: datetime, cut_off_hour: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", usual_times(at, cut_off_hour))
        super().__init__(*args, **kwargs)
        self.offers, self.at = offers, at
        for offer in offers:
            self._add_row(offer)

    def _add_row(self, offer: Offer) -> None:
        key, name = offer.pk.hex, {"name": offer.name}
        self.fields[OFFER + key] = forms.BooleanField(label=offer.name, required=False, initial=offer.stock > 0)
        for column, label, least, most, initial in (
            ("units", _("%(name)s, units"), 0, MOST_UNITS, offer.stock),
            ("cap", _("%(name)s, cap"), 1, 999, offer.cap_per_household),
        ):
            self.fields[f"{column}_{key}"] = forms.IntegerField(
                label=label % name, min_value=least, max_value=most, required=False, initial=initial,
                widget=forms.NumberInput({"inputmode": "numeric", "aria-label": label % name}),
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "offer": offer,
                "chosen": self[OFFER + offer.pk.hex],
                "units": self[f"units_{offer.pk.hex}"],
                "cap": self[f"cap_{offer.pk.hex}"],
            }
            for offer in self.offers
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = said.get("opens_at"), said.get("closes_at")
        if closes and closes <= self.at:
            self.add_error("closes_at", _("The cut-off has passed already. Choose a later time."))
        elif opens and closes and closes - opens > LONGEST:
            self.add_error("closes_at", _("A round is open for a month at most."))
        if not any(said.get(OFFER + offer.pk.hex) for offer in self.offers):
            self.add_error(None, _("Choose at least one thing to offer."))
        return said

    def refuse(self, refusal: RuleBroken) -> None:
        """Put a refusal of the service at the input that it is about, else above the form."""
        facts = {name: str(value) for name, value in refusal.facts.items()}
        name, offer = facts.get("field", ""), facts.get("offer", "")
        if is_uuid(offer):
            name = f"{'cap' if 'cap' in facts else 'units'}_{UUID(offer).hex}"
        self.add_error(name if name in self.fields else None, str(refusal))

    def draft(self) -> services.RoundDraft:
        """For the service, once the form is valid."""
        said = self.cleaned_data
        items = [
            services.RoundItem(offer.pk, said[f"units_{offer.pk.hex}"], said[f"cap_{offer.pk.hex}"])
            for offer in self.offers
            if said[OFFER + offer.pk.hex]
        ]
        return services.RoundDraft(items=items, **{name: said[name] for name in OWN_FIELDS})


class YuanField(forms.CharField):
    """An amount as people write it; cleaned to fen."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return fen_from_yuan(text)
        except BadInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


# The input that a refusal is about, where the refusal itself does not name its field.
PAYMENT_FIELDS = {
    "overpayment": "amount",
    "order_cancelled": "order",
    "not_found": "order",
    "reference_used": "reference",
}


class PaymentForm(Form):
    """Money that came in for one order."""

    order = forms.CharField(label=gettext_lazy("Order number"), max_length=30)
    amount = YuanField(label=gettext_lazy("Amount in yuan"), max_length=20)
    way = forms.ChoiceField(label=gettext_lazy("How it was paid"), choices=WAYS)
    receipt_number = forms.CharField(
        label=gettext_lazy("Number of the receipt"), max_length=40, required=False,
        help_text=gettext_lazy("Cash always has one"),
    )  # fmt: skip
    reference = forms.CharField(
        label=gettext_lazy("Reference"), max_length=120, required=False,
        help_text=gettext_lazy("Of the bank or of WeChat; one reference counts once"),
    )  # fmt: skip

    def refuse(self, refusal: RuleBroken) -> None:
        """Put a refusal of the service at the input that it is about, else above the form."""
        name = str(refusal.facts.get("field", "")) or PAYMENT_FIELDS.get(refusal.code, "")
        self.add_error(name if name in self.fields else None, str(refusal))


# ---------------------------------------------------------------- on the page of a round


class DeedForm(Form):
    """What a deed of the round's page asks for; `statement` is the round's books."""

    def __init__(self, *args: Any, buy: Round, statement: RoundStatement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def refuse(self, refusal: RuleBroken) -> None:
        name = str(refusal.facts.get("field", ""))
        self.add_error(name if name in self.fields else None, str(refusal))


class PayoutForm(DeedForm):
    """Money that went out."""

    way = forms.ChoiceField(label=gettext_lazy("How it was paid"), choices=WAYS, initial=Transfer.Way.TRANSFER)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)


class SupplierPayoutForm(PayoutForm):
    """Money that went to all suppliers of a round, or to one."""

    field_order = ("supplier", "way", "reference")
    supplier = forms.ChoiceField(label=gettext_lazy("Supplier"), required=False)

    def __init__(self, *args: Any, statement: RoundStatement, **kwargs: Any) -> None:
        super().__init__(*args, statement=statement, **kwargs)
        due = [
            (str(row.supplier.pk), f"{row.supplier.name} {fen(row.payable)}")
            for row in statement.suppliers
            if row.payable > 0
        ]
        self.fields["supplier"].choices = [("", _("all of them")), *due]  # type: ignore[attr-defined]


class ReasonForm(DeedForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


class CorrectionForm(DeedForm):
    """How many units of one offer there really are."""

    offer = forms.ChoiceField(label=gettext_lazy("Goods"))
    offered = forms.IntegerField(label=gettext_lazy("Units offered"), min_value=0, max_value=MOST_UNITS)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, buy: Round, **kwargs: Any) -> None:
        super().__init__(*args, buy=buy, **kwargs)
        rows = RoundOffer.objects.within(buy.subdistrict_id).filter(round=buy).order_by("position")
        offers = [(str(row.pk), f"{row.name} {row.spec} ({row.offered})") for row in rows]
        self.fields["offer"].choices = offers  # type: ignore[attr-defined]
