"""`{% load qr %}`: a code for a camera, drawn into the page itself, so that it shows without another request."""

from __future__ import annotations

import segno
from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag
def qr(text: str, label: str, scale: int = 6) -> str:
    """`text` as a black and white picture, also on a dark page; `label` says what it is to those who cannot see it."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=scale, border=4, dark="#000", light="#fff")
    return format_html('<p role="img" aria-label="{}">{}</p>', label, mark_safe(drawn))
