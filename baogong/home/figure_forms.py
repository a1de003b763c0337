"""What setting a figure asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from baogong.common.errors import RuleBroken
from baogong.common.figures import FIGURES
from baogong.web.forms import Form


class FigureForm(Form):
    name = forms.ChoiceField(label=_("Which number"))
    value = forms.DecimalField(
        label=_("Value"), max_digits=14, decimal_places=4, widget=forms.TextInput({"inputmode": "numeric"})
    )
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("A rule, a measurement, or who decided it and when")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, figure.title) for name, figure in FIGURES.items()]
        self.fields["name"].choices = choices  # type: ignore[attr-defined]

    def refuse(self, refusal: RuleBroken) -> None:
        """Put a refusal of the service at the input that it is about, else above the form."""
        name = str(refusal.facts.get("field", ""))
        self.add_error(name if name in self.fields else None, str(refusal))
