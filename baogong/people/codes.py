"""Codes that people type: hashed slowly, found by a keyed hint, compared in the same time whether or not they exist."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from baogong.common import crypto

# OWASP's smallest argon2id setting: a building's hundred letters take two seconds, a guess 20 ms.
_hasher = PasswordHasher(time_cost=5, memory_cost=7_168, parallelism=1)
# Of a text nobody can type: what a code is compared with where there is none.
_NOBODYS = _hasher.hash("\0")


def hash_code(code: str) -> str:
    """Salted and slow, about 20 ms."""
    return _hasher.hash(code)


def hash_codes(codes: Sequence[str]) -> list[str]:
    """Many at once, on all processors: hashing lets other threads run."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_hasher.hash, codes))


def code_fits(code_hash: str | None, typed: str) -> bool:
    """Whether `typed` is the code; as slow for a hash that is not there."""
    try:
        return _hasher.verify(code_hash or _NOBODYS, typed) and bool(code_hash)
    except (VerifyMismatchError, InvalidHashError):
        return False


def hint_of(code: str) -> str:
    """Four characters that lead to a code's row and, without the index key, tell nothing of the code."""
    return base64.b64encode(crypto.blind_index("code", code)[:3]).decode()
