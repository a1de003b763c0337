from __future__ import annotations

from datetime import UTC, datetime

import pytest

from baogong.common.actors import Actor, system
from baogong.places.services import ensure_subdistrict

NOON = datetime(2022, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def clerk(db) -> Actor:
    """The command line of a subdistrict that is empty still."""
    return system(ensure_subdistrict("榆树街道", now=NOON).pk)
