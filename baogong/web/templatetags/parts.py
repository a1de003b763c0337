"""`{% load parts %}`: the components that every page is built from. All text given to them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baogong.web import assets, words
from baogong.web.parts import STATES, Cell, HourRow

register = template.Library()

for function in (
    words.fen,
    words.yuan,
    words.yuan_words,
    words.clock,
    words.day,
    words.when,
    words.span,
    words.when_span,
    words.spoken,
    words.age,
    words.kg,
    words.jin,
    words.masked_phone,
):
    register.filter(function.__name__, function)


@register.filter
def tel(phone: str | None) -> str:
    """The number as a link that rings."""
    if not phone:
        return ""
    return format_html('<a class="nw" href="tel:{}">{}</a>', words.dialled_phone(phone), words.spaced_phone(phone))


# The frame of a page


@register.simple_tag
def inline_style() -> SafeString:
    return mark_safe(f"<style>{assets.inline_style()}</style>")


@register.simple_tag
def inline_script() -> SafeString:
    return mark_safe(f"<script>{assets.inline_script()}</script>")


@register.simple_tag
def html_lang() -> str:
    """The value of `lang`: the script matters to the choice of glyphs, so `zh-Hans` and not `zh`."""
    return "zh-Hans" if (get_language() or "zh").startswith("zh") else "en"


@register.inclusion_tag("web/parts/plate.html")
def plate(
    title: str,
    over: str = "",
    under: str = "",
    number: object = "",
    unit: str = "",
    label: str = "",
    many: bool = False,
) -> dict[str, object]:
    """Where the reader stands: once, first on the page. `label` is only spoken ("Building"), `unit` is seen."""
    over, under = (text.replace("\\n", "\n") for text in (str(over), str(under)))  # a tag holds no line break itself
    return {"title": title, "over": over, "under": under, "number": number, "unit": unit, "label": label, "many": many}


# Marks


def kind_class(kind: str, *also: str) -> str:
    """A state's class. Raises TemplateSyntaxError for a kind that has neither shape nor colour."""
    if kind not in STATES and kind not in also:
        raise template.TemplateSyntaxError(f"unknown kind {kind!r}; one of {', '.join(STATES + also)}")
    return kind


@register.simple_tag
def state(kind: str, word: object) -> str:
    return format_html('<span class="st {}">{}</span>', kind_class(kind), word)


@register.simple_block_tag
def note(content: str, kind: str = "plain") -> str:
    return format_html('<div class="note {}">{}</div>', kind_class(kind, "plain"), content)


@register.simple_block_tag
def card(content: str, label: str = "") -> str:
    if not label:
        return format_html('<div class="card">{}</div>', content)
    return format_html('<section class="card" aria-label="{}">{}</section>', label, content)


@register.simple_block_tag
def table(content: str, caption: str) -> str:
    """A table that scrolls by itself, also with the keyboard, under its own head."""
    return format_html(
        '<div class="tbl" tabindex="0" role="region" aria-label="{0}"><table><caption class="vh">{0}</caption>'
        "{1}</table></div>",
        caption,
        content,
    )


@register.inclusion_tag("web/parts/nothing.html")
def nothing(title: str, next: str = "", url: str = "", label: str = "") -> dict[str, object]:
    """Why it is empty, and when something comes."""
    return {"title": title, "next": next, "url": url, "label": label}


@register.simple_tag
def bar(value: int, total: int | None = None, minimum: int | None = None, label: str = "") -> str:
    """Progress towards `total`, or towards `minimum`, whose stroke then stands at 60 of 100 in every row."""
    width = round((60 * value / minimum) if minimum else (100 * value / total) if total else 0, 1)
    spoken = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none"{}><rect width="{}" height="6"/>{}</svg>',
        spoken,
        f"{max(0, min(100, width)):g}",
        mark_safe('<path d="M60-2v10"/>') if minimum else "",
    )


@register.simple_tag
def code(digits: object) -> str:
    """A pick-up code in large digits, read out one by one."""
    text = str(digits)
    boxes = format_html_join("", "<span>{}</span>", ((digit,) for digit in text))
    return format_html('<p class="code" role="img" aria-label="{}">{}</p>', " ".join(text), boxes)


@register.inclusion_tag("web/parts/figures.html")
def figures(items: Iterable[Sequence[object]]) -> dict[str, object]:
    """(label, value) or (label, value, small) each."""
    return {"items": [(*item, "")[:3] for item in items]}


@register.inclusion_tag("web/parts/way.html")
def way(steps: Iterable[Any], across: bool = False) -> dict[str, object]:
    return {"steps": steps, "across": across}


@register.inclusion_tag("web/parts/slots.html")
def slots(rows: Iterable[HourRow | tuple[int, Sequence[Any]]], caption: str) -> dict[str, object]:
    """The timetable of turns: an hour a line, its minutes across, one building a cell."""
    pairs = [(row.hour, row.cells) if isinstance(row, HourRow) else row for row in rows]
    return {
        "rows": [(hour, [cell if isinstance(cell, Cell) else Cell(*cell) for cell in cells]) for hour, cells in pairs],
        "caption": caption,
    }


@register.inclusion_tag("web/parts/row.html")
def row(title: object, sub: str = "", right: object = "", url: str = "") -> dict[str, object]:
    return {"title": title, "sub": sub, "right": right, "url": url}


# Ways on


@register.inclusion_tag("web/parts/tabs.html")
def tabs(items: Iterable[Sequence[object]], label: str = "") -> dict[str, object]:
    """(url, label, current) each."""
    return {"items": items, "label": label or _("Pages")}


@register.inclusion_tag("web/parts/pager.html", takes_context=True)
def pager(context: Context, page_obj: Any, label: str = "") -> dict[str, object]:
    """Before and after, with the rest of the query kept; `label` tells two lists of one page apart."""
    return {"page_obj": page_obj, "label": label or _("Pages of this list"), "request": context.get("request")}


@register.simple_tag
def link_button(label: object, url: str, kind: str = "two", wide: bool = False) -> str:
    return format_html('<a class="{}" href="{}">{}</a>', _button_class(kind, wide), url, label)


@register.simple_tag
def call_button(phone: str, label: str = "", kind: str = "two", wide: bool = False) -> str:
    words_on_it = label or words.spaced_phone(phone)
    return format_html(
        '<a class="{}" href="tel:{}">{}</a>', _button_class(kind, wide), words.dialled_phone(phone), words_on_it
    )


@register.inclusion_tag("web/parts/toast.html", takes_context=True)
def toast(context: Context, text: str, undo: str = "", label: str = "") -> dict[str, object]:
    return {"text": text, "undo": undo, "label": label or _("Undo it"), "csrf_token": context.get("csrf_token")}


# Forms


def _button_class(kind: str, wide: bool = False) -> str:
    if kind not in ("", "two", "bad"):
        raise template.TemplateSyntaxError(f"unknown kind of button {kind!r}; one of '', 'two', 'bad'")
    return " ".join(part for part in ("btn", kind, "wide" if wide else "") if part)


@register.simple_tag
def button(
    label: str, name: str = "", value: str = "", kind: str = "", wide: bool = False, why: str = "", formaction: str = ""
) -> str:
    """A submit button; with `why` it is disabled and says the reason."""
    given = (("name", name), ("value", value), ("formaction", formaction))
    attributes = format_html_join("", ' {}="{}"', ((key, text) for key, text in given if text != ""))
    face = _("%(label)s (%(reason)s)") % {"label": label, "reason": why} if why else label
    disabled = mark_safe(" disabled") if why else ""
    return format_html('<button class="{}"{}{}>{}</button>', _button_class(kind, wide), attributes, disabled, face)


@register.inclusion_tag("web/parts/post_button.html", takes_context=True)
def post_button(
    context: Context, label: str, url: str, kind: str = "two", confirm: str = "", name: str = "", value: str = ""
) -> dict[str, object]:
    """A form with one button. With `confirm` it opens first and asks; the safe answer is to close it again."""
    facts = {"label": label, "url": url, "kind": kind, "confirm": confirm, "name": name, "value": value}
    return facts | {"class": _button_class(kind), "csrf_token": context.get("csrf_token")}


@register.simple_tag
def once_key() -> str:
    """A fresh idempotency key, so that a form sent twice has one effect."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid4())


@register.simple_tag
def enter_button(label: str, name: str = "", value: str = "") -> str:
    """The first submit button, unseen: Enter means this one, not the first minus."""
    given = (("name", name), ("value", value))
    attributes = format_html_join("", ' {}="{}"', ((key, text) for key, text in given if text != ""))
    return format_html('<button class="vh" tabindex="-1" aria-hidden="true"{}>{}</button>', attributes, label)


@register.simple_tag
def field(bound: BoundField) -> str:
    return bound.as_field_group()


@register.inclusion_tag("web/parts/errors.html", takes_context=True)
def errors(context: Context, source: BaseForm | Iterable[str]) -> dict[str, object]:
    """What is wrong, first on the page, each with a link to its field, and whom to call. Shown once for a form."""
    web = context.get("web")
    return {
        "faults": form_faults(source) if isinstance(source, BaseForm) else [("", "", text) for text in source],
        "helper": context.get("helper"),
        "hotline": context.get("hotline") or (web.hotline if web else ""),
    }


def form_faults(form: BaseForm) -> list[tuple[str, str, str]]:
    """(id of the input, its label, the error) for each; faults of the whole form have no id."""
    if getattr(form, "faults_shown", False) or not form.is_bound:
        return []
    form.faults_shown = True  # type: ignore[attr-defined]  # `{{ form }}` after `{% errors form %}` stays silent
    whole = [("", "", str(text)) for text in form.non_field_errors()]
    return whole + [
        (_input_id(bound), str(bound.label), str(text))
        for bound in map(form.__getitem__, form.fields)
        for text in bound.errors
    ]


def _input_id(bound: BoundField) -> str:
    """The id that a link can lead to: of a group of choices the first."""
    return f"{bound.auto_id}_0" if bound.use_fieldset else bound.id_for_label


@register.inclusion_tag("web/parts/stepper.html")
def stepper(
    name: str, value: int, max: int = 99, min: int = 0, label: str = "", price_fen: int | None = None
) -> dict[str, object]:
    """Minus, a number, plus. Without script the buttons post `minus` or `plus` with this name as value."""
    return {"name": name, "value": value, "max": max, "min": min, "label": label, "price_fen": price_fen}


@register.inclusion_tag("web/parts/sum_bar.html")
def sum_bar(
    count: int,
    total_fen: int,
    fee_fen: int = 0,
    note: str = "",
    label: str = "",
    name: str = "",
    value: str = "",
    why: str = "",
) -> dict[str, object]:
    """The sticky total with its one button; follows the steppers of its form. `total_fen` includes the fee."""
    facts = {"count": count, "total_fen": total_fen, "fee_fen": fee_fen, "note": note}
    return facts | {"label": label or _("Order now"), "name": name, "value": value, "why": why}
