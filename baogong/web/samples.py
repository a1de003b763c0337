"""Invented content for the page that shows every component; the names and numbers are nobody's."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common import clock
from baogong.web.forms import Form
from baogong.web.parts import Cell, HourRow, Step

SIZES = {"phone": "hand", "desk": "desk", "elder": "elder"}
THEMES = ("light", "dark")


class SampleForm(Form):
    """One field of each kind; two of them wrong."""

    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        help_text=gettext_lazy("Only to tell you when to collect; deleted 30 days after the end."),
    )
    bags = forms.IntegerField(label=gettext_lazy("Rice, how many bags"))
    flat = forms.CharField(label=gettext_lazy("Flat"))
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=[("1", "1"), ("2", "2")])
    way = forms.ChoiceField(
        label=gettext_lazy("How it reaches you"),
        choices=[
            ("gate", gettext_lazy("I collect it at the east gate")),
            ("door", gettext_lazy("Bring it to the door")),
        ],
        widget=forms.RadioSelect,
    )
    merge = forms.BooleanField(
        label=gettext_lazy("May be merged with the next building when too few order"), required=False
    )
    words = forms.CharField(
        label=gettext_lazy("What else we should know"), widget=forms.Textarea({"rows": 3}), required=False
    )

    def clean_bags(self) -> int:
        bags: int = self.cleaned_data["bags"]
        if bags > 2:
            raise forms.ValidationError(
                _("At most %(limit)d for a household, you chose %(bags)d. Please take %(limit)d or fewer."),
                params={"limit": 2, "bags": bags},
            )
        return bags


def sample_form(theme: str) -> SampleForm:
    filled = {"phone": "138 0000 2916", "bags": "3", "flat": "", "unit": "1", "way": "gate", "merge": "on"}
    return SampleForm({f"{theme}-{name}": value for name, value in filled.items()}, prefix=theme)


def page(size: str) -> dict[str, object]:
    """The context of the components page at one of SIZES."""
    return {
        "size_class": SIZES[size],
        "sizes": [(f"?size={name}", label, name == size) for name, label in _size_names()],
        "sheets": [{"theme": theme, "form": sample_form(theme)} for theme in THEMES],
        "states": _states(),
        "offers": _offers(),
        "steps": _steps(),
        "timetable": _timetable(),
        "totals": _totals(),
        "figures": [(_("Households"), "412", _("of 300")), (_("Packs"), "1,787"), (_("Goods (yuan)"), "64,039.50")],
        "tab_items": [("#", _("Today"), True), ("#", _("Households"), False), ("#", _("Order for others"), False)],
        "page_obj": Paginator(range(200), 25).page(2),
        "helper": {"name": _("Zhou Yifan"), "phone": "13800004126"},
        "moment": clock.start_of_day(clock.now()) + timedelta(days=1, hours=16, minutes=20),
        "later": clock.start_of_day(clock.now()) + timedelta(days=1, hours=18),
    }


def _size_names() -> list[tuple[str, str]]:
    return [("phone", _("Phone size")), ("desk", _("Desk size")), ("elder", _("Large type"))]


def _states() -> list[tuple[str, str]]:
    return [
        ("wait", _("waiting")),
        ("go", _("on its way")),
        ("done", _("done")),
        ("short", _("short")),
        ("late", _("overdue")),
        ("danger", _("in danger")),
    ]


def _offers() -> list[dict[str, object]]:
    heads = ("sku", "name", "spec", "fen", "left", "chosen")
    return [
        dict(zip(heads, line, strict=True))
        for line in (
            ("greens", _("Seven-vegetable pack"), _("about 5 kg"), 4500, 86, 1),
            ("rice", _("Rice"), _("5 kg bag"), 3280, 310, 0),
        )
    ]


def _steps() -> list[Step]:
    return [
        Step("done", _("Order is in"), _("yesterday 15:12")),
        Step("done", _("Sorted"), "12:40", _("All three bags are there: vegetables, rice, eggs")),
        Step("go", _("Waiting for you"), "14:20"),
        Step("wait", _("Taken and counted")),
    ]


def _timetable() -> list[HourRow]:
    nobody = Cell(50)
    past = [Cell(minute, number, "past") for minute, number in ((0, "3"), (10, "9"), (20, "1"))]
    coming = [Cell(30, "15"), Cell(40, "4"), nobody]
    own_hour = [Cell(0, "2"), Cell(10, "7"), Cell(20, "12", "me"), Cell(30, "5"), Cell(40, "16"), nobody]
    return [HourRow(13, past + coming), HourRow(14, own_hour)]


def _totals() -> list[dict[str, object]]:
    heads = ("name", "packs", "least", "fen", "state", "word", "flag")
    return [
        dict(zip(heads, line, strict=True))
        for line in (
            (_("Vegetable pack"), 314, 150, 1_413_000, "done", _("enough"), False),
            (_("Tomatoes"), 200, 200, 392_000, "late", _("price in question"), True),
            (_("Rapeseed oil"), 105, 120, 313_950, "short", _("15 too few"), False),
            (_("Eggs"), 282, 200, 775_500, "done", _("enough"), False),
        )
    ]
