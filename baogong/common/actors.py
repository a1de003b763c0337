"""Who does something: passed into every service, written on every event."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """An account acting in one role, or the system itself (`account_id` None, role `system`)."""

    subdistrict_id: UUID
    account_id: UUID | None = None
    role: str = "system"

    @property
    def is_system(self) -> bool:
        return self.account_id is None


def system(subdistrict_id: UUID) -> Actor:
    """The installation itself: periodic tasks, imports from the command line."""
    return Actor(subdistrict_id)
