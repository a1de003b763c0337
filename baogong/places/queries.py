"""Which subdistrict is meant, which building a poster names, and what every page shows of the place."""

from __future__ import annotations

import hmac
import time
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from baogong.common.errors import NotFound
from baogong.places.models import Building, Subdistrict

POSTER_SUBDISTRICT = "subdistrict"  # where a session keeps the subdistrict of the poster that was scanned
REMEMBER_S = 10.0


class NoSubdistrict(NotFound):
    code = "no_subdistrict"


def only_subdistrict() -> Subdistrict | None:
    """The only one; None when there is none yet, or several."""
    found = list(Subdistrict.objects.order_by("created_at")[:2])
    return found[0] if len(found) == 1 else None


def subdistrict_for(subdistrict_id: UUID | str | None = None) -> Subdistrict:
    """The one that is named, else the only one. Raises NoSubdistrict."""
    found = Subdistrict.objects.filter(pk=subdistrict_id).first() if subdistrict_id else only_subdistrict()
    if found is None:
        raise NoSubdistrict(_("Scan the code on your building's poster first, so that we know where you are."))
    return found


def subdistrict_of(request: HttpRequest) -> UUID:
    """The account's, else that of the poster this browser scanned, else the only one. Raises NoSubdistrict."""
    account: Any = getattr(request, "user", None)
    if account is not None and account.is_authenticated:
        return UUID(str(account.subdistrict_id))
    session: Any = getattr(request, "session", {})
    if named := session.get(POSTER_SUBDISTRICT):
        return UUID(named)
    return subdistrict_for().pk


def remember_subdistrict(request: HttpRequest, subdistrict_id: UUID) -> None:
    """This browser has scanned a poster of that subdistrict."""
    if request.session.get(POSTER_SUBDISTRICT) != str(subdistrict_id):
        request.session[POSTER_SUBDISTRICT] = str(subdistrict_id)


def hotline(request: HttpRequest) -> str:
    """The number to ring, or an empty text where none is known yet."""
    try:
        subdistrict_id = subdistrict_of(request)
    except NoSubdistrict:
        return ""
    number = Subdistrict.objects.filter(pk=subdistrict_id).values_list("hotline", flat=True).first()
    return number or ""


_demonstration: dict[str, Any] = {"until": 0.0, "answer": False}


def is_demonstration() -> bool:
    """Whether `demo` made this database; asked for on every page, so the answer is kept for ten seconds."""
    if time.monotonic() >= _demonstration["until"]:
        answer = Subdistrict.objects.filter(demonstration=True).exists()
        _demonstration.update(answer=answer, until=time.monotonic() + REMEMBER_S)
    return bool(_demonstration["answer"])


def forget_demonstration() -> None:
    """Ask the database again at the next page: after `demo`, and in tests."""
    _demonstration["until"] = 0.0


# ---------------------------------------------------------------- posters


def poster_link(building: Building) -> str:
    """The path in a poster's QR code; put the host before it."""
    return f"/b/{quote(building.code, safe='')}?{urlencode({'k': building.poster_secret})}"


def building_by_poster(code: str, secret: str = "", subdistrict_id: UUID | None = None) -> Building | None:
    """The building that a poster's link names, or None.

    With the poster's secret in whatever subdistrict it hangs. Without it (the code typed by hand) only within
    `subdistrict_id`.
    """
    if secret:
        found = Building.objects.everywhere().filter(poster_secret=secret, code=code)
    elif subdistrict_id:
        found = Building.objects.within(subdistrict_id).filter(code=code)
    else:
        return None
    building: Building | None = found.select_related("compound__community").first()
    return building


def poster_is_genuine(building: Building, secret: str) -> bool:
    """Whether a link carries the secret of this building's poster."""
    return hmac.compare_digest(building.poster_secret.encode(), secret.encode())
