"""What is filled in: a day to plan, a code that a household says, cash, why bags come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from baogong.common.clock import local
from baogong.common.errors import BadInput
from baogong.common.money import fen_from_yuan
from baogong.distribution import services
from baogong.distribution.plan_view import ReadyRound, usual_day
from baogong.web.forms import Form

CODE, SCAN, FLAT = "code", "scan", "flat"
HOW = [(CODE, CODE), (SCAN, SCAN), (FLAT, FLAT)]  # for machines; nobody chooses it from a list


class PlanForm(Form):
    """One day, and which of the rounds with goods go out on it."""

    rounds = forms.MultipleChoiceField(label=gettext_lazy("What goes out"), widget=forms.CheckboxSelectMultiple)
    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%Y/%m/%d"],
    )  # fmt: skip
    seed = forms.IntegerField(
        label=gettext_lazy("Number for the draw"), min_value=0, max_value=2**31 - 1, initial=0, required=False,
        help_text=gettext_lazy("The same number gives the same plan again; another one draws ties anew"),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, ready: Sequence[ReadyRound], data: Any = None, *, at: datetime) -> None:
        chosen = [str(each.round.pk) for each in ready]
        super().__init__(data, initial={"rounds": chosen, "day": usual_day(ready, at)})
        self.fields["rounds"].choices = [(str(each.round.pk), _in_words(each)) for each in ready]  # type: ignore[attr-defined]
        self.fields["day"].widget.attrs["min"] = local(at).date().isoformat()
        self.today = local(at).date()

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < self.today:
            raise forms.ValidationError(_("This day is over. Plan for today or later."))
        return day

    def clean_seed(self) -> int:
        return self.cleaned_data["seed"] or 0


def _in_words(ready: ReadyRound) -> str:
    text = ngettext("%(name)s, %(count)s household", "%(name)s, %(count)s households", ready.households)
    return text % {"name": ready.round.name, "count": ready.households}


class CodeForm(Form):
    """Whose goods: the pick-up code that the household says, or what a camera or a hand scanner read."""

    code = forms.CharField(
        label=gettext_lazy("Pick-up code"), max_length=60,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "digits"}),
        error_messages={"required": gettext_lazy("No code yet. Type the digits that the household says.")},
    )  # fmt: skip
    how = forms.ChoiceField(choices=HOW, widget=forms.HiddenInput, initial=CODE, required=False)

    def clean_code(self) -> str:
        """Without gaps, and in plain digits where a Chinese keyboard wrote wide ones."""
        return "".join(normalize("NFKC", self.cleaned_data["code"]).split())

    def clean_how(self) -> str:
        return self.cleaned_data["how"] or CODE


class HandOverForm(Form):
    """All bags were given; with cash, how much of it and under which receipt."""

    how = forms.ChoiceField(choices=HOW, widget=forms.HiddenInput, initial=FLAT, required=False)
    amount = forms.CharField(
        label=gettext_lazy("Cash in yuan"), max_length=20, required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    receipt_number = forms.CharField(
        label=gettext_lazy("Number of the receipt"), max_length=40, required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip

    def clean_how(self) -> str:
        return self.cleaned_data["how"] or FLAT

    def clean_amount(self) -> int:
        """Fen; nothing typed means that no cash was taken."""
        text = self.cleaned_data["amount"].strip()
        try:
            return fen_from_yuan(text) if text else 0
        except BadInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("amount") and not said.get("receipt_number"):
            self.add_error("receipt_number", _("Cash needs a receipt. Write one and put its number here."))
        if said.get("receipt_number") and said.get("amount") == 0:
            self.add_error("amount", _("There is a receipt, but no amount. Put in how much cash it is for."))
        return said

    def payment(self) -> services.PaidAtDoor | None:
        said = self.cleaned_data
        return services.PaidAtDoor(said["amount"], said["receipt_number"]) if said["amount"] else None


class ReturnForm(Form):
    """Why bags go back to the sorting place; the value stands in the event."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why they go back"), widget=forms.RadioSelect, initial="nobody_home",
        choices=[
            ("nobody_home", gettext_lazy("Nobody was there")),
            ("refused", gettext_lazy("The household does not want them")),
        ],
    )  # fmt: skip
