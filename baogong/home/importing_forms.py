"""What an import or an export asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from baogong.common.imports import Kind
from baogong.common.imports.files import formats
from baogong.common.tables import BROWSER
from baogong.web.forms import Form


class UploadForm(Form):
    kind = forms.ChoiceField(label=_("What is in the spreadsheet"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or, for places, GeoJSON; up to 20 MB. The first line names the columns."),
        max_length=200,
    )

    def __init__(self, kinds: Sequence[Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > BROWSER.size:
            raise forms.ValidationError(
                _("The file has more than 20 MB. Split it, or use “baogong import” on the server.")
            )
        return file


class ExportForm(Form):
    kind = forms.ChoiceField(label=_("What"))
    form = forms.ChoiceField(label=_("As"), choices=[("xlsx", "XLSX"), ("csv", "CSV"), ("geojson", "GeoJSON")])
    reason = forms.CharField(
        label=_("What for"),
        min_length=4,
        max_length=200,
        help_text=_("Is kept with your name. Write no names or numbers of residents here."),
    )

    def __init__(self, kinds: Sequence[Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {kind.name: kind for kind in kinds}
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        kind, form = self.known.get(said.get("kind", "")), said.get("form")
        if kind and form and form not in formats(kind):
            self.add_error("form", _("Only places can be GeoJSON. Choose XLSX or CSV."))
        return said


class ColumnsForm(Form):
    """For each header of the file the column it means; two headers cannot mean the same one."""

    def __init__(self, kind: Kind, header: Sequence[str], chosen: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header = [title for title in dict.fromkeys(header) if title]
        names = [("", _("leave out"))] + [(one.name, f"{one.chinese} ({one.name})") for one in kind.columns]
        for place, title in enumerate(self.header):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=title, choices=names, required=False, initial=chosen.get(title, "")
            )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        used = [name for name in said.values() if name]
        for field, name in list(said.items()):
            if name and used.count(name) > 1:
                self.add_error(field, _("This column is chosen twice. Leave one of them out."))
        return said

    def mapping(self) -> dict[str, str]:
        return {title: self.cleaned_data[f"column{place}"] for place, title in enumerate(self.header)}
