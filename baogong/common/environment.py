"""Reads `BAOGONG_*` and the few other variables once, and fails loudly on what it cannot understand."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from baogong.common.files import write_private

# Every name that is understood, with what it does; `doctor` prints this and the docs are checked against it.
VARIABLES: dict[str, str] = {
    "DATABASE_URL": "database; default a SQLite file in the data folder, else postgresql://user:password@host/name",
    "BAOGONG_DATA": "data folder; default var/ in the working directory",
    "BAOGONG_KEYS": "folder of the encryption keys; default keys/ in the data folder; it needs a backup of its own",
    "BAOGONG_OUTBOX": "a folder: each SMS, chat message and mail is written there as one JSON file, nothing is sent",
    "BAOGONG_LIMITS": "off: no rate limits; refused unless listening on loopback",
    "BAOGONG_HOSTS": "host names that pages are asked for under, separated by commas; default loopback",
    "BAOGONG_PROXY": "1: a proxy in front does TLS and sets X-Forwarded-Proto",
    "BAOGONG_TLS": "set by `serve` for its own processes: TLS is on",
    "BAOGONG_INSECURE": "set by `serve --insecure` for its own processes: a banner on every page",
    "BAOGONG_DEBUG": "1: developers' error pages; never where others can reach it",
    "BAOGONG_TASKS": "inline: tasks run at once, inside the caller; for tests",
    "BAOGONG_TEST_DB": "postgres: the tests run on PostgreSQL",
    "SECRET_KEY": "signing secret; default read from SECRET_KEY_FILE",
    "SECRET_KEY_FILE": "file of the signing secret; made on first run in the keys folder",
    "PORT": "port of `serve` and `make run`; default 8000",
}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def on(name: str) -> bool:
    """Whether a switch is set to 1, yes, true or on."""
    return text(name).lower() in {"1", "yes", "true", "on"}


def unknown_names() -> list[str]:
    """Names that look like ours and mean nothing, so that a typing error is seen."""
    return sorted(name for name in os.environ if name.startswith("BAOGONG_") and name not in VARIABLES)


def data_folder() -> Path:
    return Path(text("BAOGONG_DATA") or "var").resolve()


def keys_folder() -> Path:
    return Path(text("BAOGONG_KEYS")).resolve() if text("BAOGONG_KEYS") else data_folder() / "keys"


def secret_key() -> str:
    """The signing secret; made on first use in a file that only its owner reads."""
    if text("SECRET_KEY"):
        return text("SECRET_KEY")
    path = Path(text("SECRET_KEY_FILE")) if text("SECRET_KEY_FILE") else keys_folder() / "secret_key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(64).encode())
    return path.read_text().strip()


def database() -> dict[str, object]:
    """Django's database settings from DATABASE_URL: a SQLite file or PostgreSQL."""
    url = text("DATABASE_URL")
    if not url:
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return sqlite(folder / "baogong.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path[1:] if parts.path.startswith("//") else parts.path)))
    if parts.scheme in {"postgres", "postgresql"}:
        return postgresql(url)
    sys.stderr.write(f"DATABASE_URL: unknown kind of database {parts.scheme!r}; use sqlite: or postgresql:\n")
    raise SystemExit(2)


def sqlite(path: Path) -> dict[str, object]:
    """WAL with FULL: with NORMAL, power cuts lost acknowledged orders in two of three trials. IMMEDIATE: a writer
    waits its turn at BEGIN and never fails half-way through."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000;"
                "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
            ),
        },
        "TEST": {"NAME": str(path) + ".test"},
    }


def postgresql(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "options": "-c synchronous_commit=on -c lock_timeout=3000"},
    }
