"""What is filled in about a point where goods are handed out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common.errors import RuleBroken
from baogong.places.models import Compound, Point
from baogong.places.services import MOST_DESKS, MOST_PRESENT, PointFacts
from baogong.web.forms import Form


def _clock() -> forms.TimeInput:
    return forms.TimeInput({"type": "time"}, format="%H:%M")


def _degrees() -> forms.TextInput:
    return forms.TextInput({"inputmode": "decimal"})


class PointForm(Form):
    """Everything about a point but the compound that it lies in."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("As people say it: 东门"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Point.Kind.choices)
    opens_at = forms.TimeField(label=gettext_lazy("Open from"), widget=_clock())
    closes_at = forms.TimeField(label=gettext_lazy("Open until"), widget=_clock())
    desks = forms.IntegerField(
        label=gettext_lazy("Desks"), min_value=1, max_value=MOST_DESKS,
        help_text=gettext_lazy("Where goods are handed out side by side"),
    )  # fmt: skip
    present_cap = forms.IntegerField(
        label=gettext_lazy("People present at most"), min_value=1, max_value=MOST_PRESENT,
        help_text=gettext_lazy("Who waits and who hands out; fewer is safer"),
    )  # fmt: skip
    longitude = forms.FloatField(label=gettext_lazy("Longitude"), required=False, widget=_degrees())
    latitude = forms.FloatField(label=gettext_lazy("Latitude"), required=False, widget=_degrees())
    closed = forms.BooleanField(label=gettext_lazy("Closed"), required=False)
    closed_reason = forms.CharField(
        label=gettext_lazy("Why it is closed"), max_length=200, required=False,
        help_text=gettext_lazy("Only for a closed point"),
    )  # fmt: skip

    def __init__(self, point: Point | None, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        names = list(self.base_fields)
        own = {name: getattr(point, name) for name in names} if point else {}
        super().__init__(data, initial={**(initial or {}), **own})
        self.point = point

    def clean(self) -> dict[str, Any]:
        """A place that is known can be moved, and not be forgotten: walks are measured from it."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.point and self.point.longitude is not None:
            for name in ("longitude", "latitude"):
                if name not in self.errors and said.get(name) is None:
                    self.add_error(name, _("Where the point lies is known; write where it is now."))
        return said

    def facts(self) -> PointFacts:
        said = self.cleaned_data
        return PointFacts(**{name: said[name] for name in PointFacts.__dataclass_fields__})

    def refuse(self, refusal: RuleBroken) -> None:
        """Put a refusal of the service at the input that it is about, else above the form."""
        name = str(refusal.facts.get("field", ""))
        self.add_error(name if name in self.fields else None, str(refusal))


class NewPointForm(PointForm):
    """A point that there is not yet, and the compound in which it shall be."""

    field_order = ("compound",)
    compound = forms.ChoiceField(label=gettext_lazy("Compound"))

    def __init__(self, compounds: list[Compound], data: Any = None, *, initial: dict[str, Any]) -> None:
        super().__init__(None, data, initial=initial)
        choices = [(str(each.pk), f"{each.community.name} {each.name}") for each in compounds]
        self.fields["compound"].choices = choices  # type: ignore[attr-defined]
        del self.fields["closed"], self.fields["closed_reason"]

    def facts(self) -> PointFacts:
        said = self.cleaned_data
        return PointFacts(**{name: said[name] for name in PointFacts.__dataclass_fields__ if name in said})
