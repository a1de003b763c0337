"""Forms of pages: one effect however often they are sent (law 8), and the answer that leads on to the next page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from baogong.common import idempotency
from baogong.common.actors import Actor
from baogong.common.errors import BadInput

KEY = "idempotency_key"
NOT_CONTENT = {KEY, "csrfmiddlewaretoken"}


class SentBefore(BadInput):
    """This form has had its effect, and now comes with other content."""

    code = "form_sent_before"


class SeeOther(HttpResponseRedirect):
    """303: look there with GET, whatever method led here."""

    status_code = 303


def form_key(request: HttpRequest) -> str:
    """The key that `{% once_key %}` put into the form, or an empty text."""
    return request.POST.get(KEY, "")


def once(request: HttpRequest, actor: Actor, change: Callable[[], str], *, now: datetime) -> HttpResponse:
    """Run `change` for this form, which gives the address to go on to; sent again, the form only leads there again.

    A refusal (RuleBroken) passes through and leaves nothing behind, so the mended form may be sent with the same key.
    Raises BadInput for a form without a key, SentBefore for other content under a key that has had its effect.
    """

    def answer() -> idempotency.Answer:
        return idempotency.Answer(SeeOther.status_code, b"", {"Location": change()})

    try:
        done = idempotency.once(actor, f"page {request.path}", form_key(request), _content(request), answer, now=now)
    except idempotency.KeyMissing as missing:
        raise BadInput(_("This form is not complete. Load the page again and send it once more.")) from missing
    except idempotency.KeyReused as reused:
        raise SentBefore(_("This form was sent before with other content. Load the page again.")) from reused
    return SeeOther(done.headers["Location"])


def _content(request: HttpRequest) -> bytes:
    fields = [(name, values) for name, values in sorted(request.POST.lists()) if name not in NOT_CONTENT]
    return urlencode(fields, doseq=True).encode()
