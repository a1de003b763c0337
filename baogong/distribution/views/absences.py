"""Where a volunteer rang and nobody came: kept in the session, so that the door comes again at the end of the round.

It changes nothing for the household; only taking the bags back does.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

NAME = "not_met"
MOST = 300  # doors; the oldest are forgotten first


def absences(request: HttpRequest) -> dict[UUID, datetime]:
    """When somebody last found nobody there, by delivery."""
    kept: dict[str, str] = request.session.get(NAME, {})
    return {UUID(delivery_id): datetime.fromisoformat(at) for delivery_id, at in kept.items()}


def note_absence(request: HttpRequest, delivery_id: UUID, at: datetime) -> None:
    kept: dict[str, str] = request.session.get(NAME, {})
    kept.pop(str(delivery_id), None)
    kept[str(delivery_id)] = at.isoformat()
    request.session[NAME] = dict(list(kept.items())[-MOST:])
