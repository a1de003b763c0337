"""Ids made by the program, and the short codes and secrets that people see or carry."""

from __future__ import annotations

import secrets
from uuid import UUID

import uuid_utils.compat

# Crockford's base 32: no I, L, O or U, so that a code survives being read aloud and written by hand.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """A UUIDv7: sorts by the time it was made, on every node, with no sequence to share."""
    return uuid_utils.compat.uuid7()


def secret_code(length: int = 8) -> str:
    """A random code of Crockford characters, 5 bits each; 8 make the 40 bits of a letter code."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def normal_code(typed: str) -> str:
    """A code as typed by a person, in the form that was printed: capitals, look-alikes mended, no gaps."""
    plain = "".join(typed.upper().split()).replace("-", "")
    return plain.translate(str.maketrans("OILU", "011V"))


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
