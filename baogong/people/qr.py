"""QR codes as SVG that stands in the page itself: no request, sharp on paper, no style attributes."""

from __future__ import annotations

import segno
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, *, label: str, large: bool = False) -> SafeString:
    """A QR code of `text`, level M, black on white; `label` is what a screen reader says."""
    code = segno.make_qr(text, error="m")
    size = code.symbol_size(border=4)[0]
    path = code.svg_inline(border=4, svgclass=None, lineclass=None, omitsize=True, light="#fff")
    inner = path[path.index(">") + 1 :].removesuffix("</svg>")
    kind = "qr large" if large else "qr"
    return mark_safe(
        f'<svg class="{kind}" role="img" aria-label="{escape(label)}" viewBox="0 0 {size} {size}">{inner}</svg>'
    )
