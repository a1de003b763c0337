"""What every context's JSON door shares: problem bodies (RFC 9457), paging by cursor, strict JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.parser import Parser

from baogong.common.actors import Actor
from baogong.common.errors import BadInput

MAX_DEPTH = 32  # of a JSON body; threat model
MAX_PAGE = 200


class ApiRequest(HttpRequest):
    """A request that the API has authenticated."""

    actor: Actor


class Problem(Schema):
    """RFC 9457, with our `code` for machines and the `facts` behind a refusal."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    facts: dict[str, Any]


TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 415: "Unsupported media type", 422: "Unprocessable", 429: "Too many requests",
    500: "Server error", 503: "Not available",
}  # fmt: skip


def problem(status: int, code: str, detail: str, facts: Mapping[str, object] | None = None) -> HttpResponse:
    body = {
        "type": f"urn:baogong:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "facts": dict(facts or {}),
    }
    text = json.dumps(body, ensure_ascii=False, default=str)
    response = HttpResponse(text, status=status, content_type="application/problem+json")
    if status in {429, 503}:
        response["Retry-After"] = str((facts or {}).get("retry_after_s", 5))
    return response


class StrictParser(Parser):
    """JSON as sent by honest programs: no NaN, no name twice in an object, not deeper than 32."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            body = json.loads(request.body, parse_constant=_refuse_constant, object_pairs_hook=_unique_names)
        except (ValueError, RecursionError) as wrong:
            raise BadInput(_("The body is not JSON: %(why)s") % {"why": str(wrong)[:200]}) from wrong
        if depth(body) > MAX_DEPTH:
            raise BadInput(_("The body is nested deeper than %(most)s") % {"most": MAX_DEPTH})
        return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return names


def depth(value: Any) -> int:
    """How deep lists and objects are nested, walked without recursion."""
    deepest, level = 0, [value]
    while level:
        inner: list[Any] = []
        for item in level:
            inner.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        level, deepest = inner, deepest + 1
    return deepest - 1 if not isinstance(value, dict | list) else deepest


def page(
    rows: QuerySet[Any],
    out: Callable[[Any], Any] | None = None,
    *,
    outs: Callable[[list[Any]], list[Any]] | None = None,
    cursor: str | None = None,
    limit: int = 50,
    newest: bool = True,
) -> dict[str, Any]:
    """One page of `rows` by id, newest first unless told otherwise: `{"items": [...], "next": cursor or None}`.

    `out` makes an item of a row; `outs` makes all items of the page's rows at once, where they share queries. Ids sort
    by the time they were made, so nothing is skipped or shown twice while new rows come in.
    """
    limit = max(1, min(limit, MAX_PAGE))
    if cursor:
        rows = rows.filter(**{"pk__lt" if newest else "pk__gt": read_cursor(cursor)})
    found = list(rows.order_by("-pk" if newest else "pk")[: limit + 1])
    shown, following = found[:limit], write_cursor(found[limit - 1]) if len(found) > limit else None
    return {"items": outs(shown) if outs else [out(row) for row in shown] if out else shown, "next": following}


def write_cursor(row: Model) -> str:
    return base64.urlsafe_b64encode(UUID(str(row.pk)).bytes).rstrip(b"=").decode()


def read_cursor(text: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as wrong:
        raise BadInput(_("“%(text)s” is no cursor of this list") % {"text": text[:40]}) from wrong
