"""What the task force writes at its desk: publishing the list, and what a vehicle brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from baogong.supply import services
from baogong.supply.queries import LineReceived
from baogong.web.forms import Form

MOST_UNITS = 10_000_000


class PublishForm(Form):
    note = forms.CharField(
        label=_("A word to everybody"), max_length=300, required=False, help_text=_("Stands above the list")
    )


class ReceiptForm(Form):
    """One row of inputs for each line of a purchase order; an empty row says that nothing of it came."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    final = forms.BooleanField(
        label=_("This was the last delivery; what did not come is short"), required=False, initial=True
    )

    def __init__(self, lines: Sequence[LineReceived], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self._add_row(line)

    def _add_row(self, line: LineReceived) -> None:
        key = line.line.pk.hex
        number = {"inputmode": "numeric", "aria-label": f"{line.line.name}"}
        self.fields[f"units_{key}"] = forms.IntegerField(
            label=line.line.name, min_value=0, max_value=MOST_UNITS, required=False, initial=line.missing,
            widget=forms.NumberInput(number),
        )  # fmt: skip
        self.fields[f"rejected_{key}"] = forms.IntegerField(
            label=_("Sent back"), min_value=0, max_value=MOST_UNITS, required=False, widget=forms.NumberInput(number)
        )
        self.fields[f"reason_{key}"] = forms.CharField(label=_("Why"), max_length=200, required=False)
        self.fields[f"lot_{key}"] = forms.CharField(label=_("Lot"), max_length=60, required=False)

    def rows(self) -> list[dict[str, Any]]:
        """For the table: each line with its four fields."""
        names = ("units", "rejected", "reason", "lot")
        return [{"line": line, **{n: self[f"{n}_{line.line.pk.hex}"] for n in names}} for line in self.lines]

    def received(self) -> list[services.Received]:
        """What the form says, for the service; lines of which nothing came are left out."""
        entries = [self._entry(line.line.pk) for line in self.lines]
        return [entry for entry in entries if entry.units or entry.rejected]

    def _entry(self, line_id: UUID) -> services.Received:
        key, said = line_id.hex, self.cleaned_data
        return services.Received(
            line_id,
            said[f"units_{key}"] or 0,
            said[f"rejected_{key}"] or 0,
            said[f"reason_{key}"],
            said[f"lot_{key}"],
        )
