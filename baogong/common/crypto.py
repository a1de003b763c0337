"""Encryption of personal fields: one data key per person, wrapped by a master key that lies outside the database.

Destroying a person's wrapped key makes everything sealed with it unreadable, in backups too. A blind index (a keyed
hash) finds an exact phone number without keeping it readable.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES, NONCE_BYTES = 32, 12  # AES-256-GCM, the nonce length of NIST SP 800-38D


class Unreadable(Exception):
    """The key was destroyed or is another one, or the bytes were changed."""


@lru_cache(maxsize=4)
def _key_file(folder: str, name: str) -> bytes:
    from baogong.common.files import write_private

    path = Path(folder) / name
    if not path.exists():
        write_private(path, os.urandom(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SystemExit(f"{path} is not a key of {KEY_BYTES} bytes; restore it from the keys' own backup")
    return key


def _master() -> bytes:
    return _key_file(str(settings.BAOGONG_KEYS), "master.key")


def _index_key() -> bytes:
    return _key_file(str(settings.BAOGONG_KEYS), "index.key")


def ensure_keys() -> None:
    """Make the keys of a new installation now, rather than in the middle of the first import."""
    _master()
    _index_key()


def keys_fingerprint() -> str:
    """Tells whether two installations have the same keys, and nothing about them."""
    return hmac.digest(_master() + _index_key(), b"baogong keys", hashlib.sha256).hex()[:32]


def _encrypt(key: bytes, plain: bytes, purpose: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose)


def _decrypt(key: bytes, sealed: bytes, purpose: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose)
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable from wrong


def new_wrapped_key() -> bytes:
    """A fresh data key, wrapped by the master key: what a person's row keeps."""
    return _encrypt(_master(), os.urandom(KEY_BYTES), b"data key")


def seal(wrapped_key: bytes, text: str) -> bytes:
    """Encrypt a text with a person's data key."""
    return _encrypt(_decrypt(_master(), bytes(wrapped_key), b"data key"), text.encode(), b"field")


def unseal(wrapped_key: bytes, sealed: bytes) -> str:
    """The text again. Raises Unreadable."""
    return _decrypt(_decrypt(_master(), bytes(wrapped_key), b"data key"), bytes(sealed), b"field").decode()


def seal_system(text: str) -> bytes:
    """Encrypt with the master key itself, for what belongs to no person (a queued message's address)."""
    return _encrypt(_master(), text.encode(), b"system")


def unseal_system(sealed: bytes) -> str:
    return _decrypt(_master(), bytes(sealed), b"system").decode()


def blind_index(kind: str, value: str) -> bytes:
    """16 bytes that are equal for equal values and tell nothing without the key."""
    return hmac.digest(_index_key(), f"{kind}\0{value}".encode(), hashlib.sha256)[:16]
