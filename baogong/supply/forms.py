"""What the task force writes at its desk: publishing the list, and what a vehicle brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from baogong.common.errors import RuleBroken
from baogong.common.ids import is_uuid
from baogong.supply import services
from baogong.supply.queries import LineReceived
from baogong.web.forms import Form

MOST_UNITS = 10_000_000
COLUMNS = ("units", "rejected", "reason", "lot")


class PublishForm(Form):
    note = forms.CharField(
        label=_("A word to everybody"), max_length=300, required=False, help_text=_("Stands above the list")
    )
    complete_only = forms.BooleanField(label=_("Leave incomplete ones out"), required=False)


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
        key, name = line.line.pk.hex, {"name": line.line.name}
        labels = {
            "units": gettext("%(name)s, good units") % name,
            "rejected": gettext("%(name)s, sent back") % name,
            "reason": gettext("%(name)s, why sent back") % name,
            "lot": gettext("%(name)s, lot") % name,
        }
        for column, initial in (("units", line.missing), ("rejected", None)):
            self.fields[f"{column}_{key}"] = forms.IntegerField(
                label=labels[column], min_value=0, max_value=MOST_UNITS, required=False, initial=initial,
                widget=forms.NumberInput({"inputmode": "numeric", "aria-label": labels[column]}),
            )  # fmt: skip
        for column, most in (("reason", 200), ("lot", 60)):
            self.fields[f"{column}_{key}"] = forms.CharField(
                label=labels[column], max_length=most, required=False,
                widget=forms.TextInput({"aria-label": labels[column]}),
            )  # fmt: skip

    def refuse(self, refusal: RuleBroken) -> None:
        """Put a refusal of the service at the input that it is about, else above the form."""
        facts = {name: str(value) for name, value in refusal.facts.items()}
        line = facts.get("line", "")
        name = f"{facts.get('field', 'units')}_{UUID(line).hex}" if is_uuid(line) else ""
        self.add_error(name if name in self.fields else None, str(refusal))

    def rows(self) -> list[dict[str, Any]]:
        """For the table: each line with its four fields."""
        return [{"line": line, **{n: self[f"{n}_{line.line.pk.hex}"] for n in COLUMNS}} for line in self.lines]

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
