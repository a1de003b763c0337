"""What staff add to the order of somebody else: how it was asked for, and cash that was taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from baogong.common.errors import BadInput
from baogong.common.money import fen_from_yuan, yuan
from baogong.groupbuy.customers import Customer
from baogong.groupbuy.models import Order
from baogong.people import access
from baogong.web.forms import Form

SOURCES = [(source.value, source.label) for source in (Order.Source.PHONE, Order.Source.DOOR, Order.Source.PAPER)]


class OnBehalfForm(Form):
    """Stands in the order's form; only those who may take money see the receipt's field."""

    source = forms.ChoiceField(label=_("How did they ask?"), choices=SOURCES, widget=forms.RadioSelect, initial="phone")
    receipt_number = forms.CharField(
        label=_("Number of the cash receipt"),
        help_text=_("Only where you have taken the money for this order. Leave it empty otherwise."),
        max_length=40,
        required=False,
    )

    def __init__(
        self, customer: Customer, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial={key: value for key, value in (initial or {}).items() if value})
        if not access.may(customer.actor, "groupbuy.record_payment"):
            del self.fields["receipt_number"]

    @property
    def chosen_source(self) -> str:
        """How the order came in; from the own phone where nobody ordered for somebody else."""
        return str(self.cleaned_data["source"]) if self.is_bound else Order.Source.APP.value

    @property
    def taken_receipt(self) -> str:
        return str(self.cleaned_data.get("receipt_number", "")).strip() if self.is_bound else ""


class CashForm(Form):
    """Cash for an order that exists, in full or in part."""

    amount = forms.CharField(label=_("Amount in yuan"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    receipt_number = forms.CharField(label=_("Number of the cash receipt"), max_length=40)

    @classmethod
    def of(cls, owed_fen: int) -> CashForm:
        """A form that proposes what is still owed."""
        return cls(initial={"amount": yuan(owed_fen)})

    def clean_amount(self) -> int:
        """In fen."""
        try:
            return fen_from_yuan(self.cleaned_data["amount"])
        except BadInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
