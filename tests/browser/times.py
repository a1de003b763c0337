"""Times around now, for pages that a real browser looks at while the clock runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from baogong.common.clock import now


def soon() -> dict[str, datetime]:
    """A round that opened an hour ago and is open for four more; its goods come tomorrow."""
    at = now()
    return {
        "opens_at": at - timedelta(hours=1),
        "closes_at": at + timedelta(hours=4),
        "deliver_from": at + timedelta(days=1),
        "deliver_until": at + timedelta(days=1, hours=3),
    }
