"""`baogong doctor`: what a person would look at first when something is wrong."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from baogong import __version__
from baogong.cli.preparing import prepare
from baogong.common import environment as env


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    value: str


def doctor(options: argparse.Namespace) -> int:
    prepare()
    findings = [finding for look in LOOKS for finding in look()]
    if options.json:
        body = {f.name: {"ok": f.ok, "value": f.value} for f in findings}
        print(json.dumps({"ok": all(f.ok for f in findings), "findings": body}, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.name}: {finding.value}")
    return int(not all(finding.ok for finding in findings))


def environment() -> list[Finding]:
    unknown = env.unknown_names()
    return [
        Finding("version", True, f"Baogong {__version__}, Python {platform.python_version()}"),
        Finding("environment", not unknown, f"unknown names: {', '.join(unknown)}" if unknown else "all names known"),
        Finding(
            "rate limits", settings.BAOGONG_LIMITS, "on" if settings.BAOGONG_LIMITS else "OFF (BAOGONG_LIMITS=off)"
        ),
        Finding("data folder", os.access(settings.BAOGONG_DATA, os.W_OK), str(settings.BAOGONG_DATA)),
    ]


def database() -> list[Finding]:
    """Settings as a live connection has them, not as they were meant."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pragma = {name: _one(cursor, f"PRAGMA {name}") for name in ("synchronous", "journal_mode", "foreign_keys")}
            quick = _one(cursor, "PRAGMA quick_check(1)")
            return [
                Finding("database", True, f"SQLite {sqlite3.sqlite_version}, {settings.DATABASES['default']['NAME']}"),
                Finding("synchronous", int(pragma["synchronous"]) >= 2, f"{pragma['synchronous']} (2 is FULL)"),
                Finding("journal_mode", pragma["journal_mode"] == "wal", str(pragma["journal_mode"])),
                Finding("foreign_keys", int(pragma["foreign_keys"]) == 1, str(pragma["foreign_keys"])),
                Finding("quick_check", quick == "ok", str(quick)),
            ]
        synchronous = _one(cursor, "SHOW synchronous_commit")
        fsync = _one(cursor, "SHOW fsync")
        ctype = _one(cursor, "SELECT datctype FROM pg_database WHERE datname = current_database()")
        return [
            Finding("database", True, str(_one(cursor, "SELECT version()"))[:40]),
            Finding("synchronous", synchronous not in {"off", "local"}, str(synchronous)),
            Finding("fsync", fsync == "on", str(fsync)),
            Finding("LC_CTYPE", "utf" in str(ctype).lower(), f"{ctype} (Chinese search needs UTF-8)"),
        ]


def _one(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]


def waiting() -> list[Finding]:
    """What should not be waiting long."""
    from baogong.channels.models import Message
    from baogong.common.models import Event

    messages = Message.objects.everywhere().filter(state=Message.State.QUEUED).count()
    unsealed = Event.objects.everywhere().unsealed().count()
    return [
        Finding("messages waiting", True, str(messages)),
        Finding("events without a seal", True, str(unsealed)),
    ]


def keys() -> list[Finding]:
    folder = settings.BAOGONG_KEYS
    inside = settings.BAOGONG_DATA in folder.parents
    open_to_others = folder.exists() and bool(folder.stat().st_mode & 0o077)
    note = " (inside the data folder: give it a backup of its own)" if inside else ""
    return [Finding("keys", not open_to_others, f"{folder}{note}{', readable by others' if open_to_others else ''}")]


def key_fits() -> list[Finding]:
    """Whether the keys here open what the database holds: one telephone number is tried."""
    from baogong.common.crypto import Unreadable
    from baogong.people.models import Person

    person = Person.objects.everywhere().exclude(phone_sealed=None).order_by("-pk").first()
    try:
        fits = person is None or bool(person.phone)
    except Unreadable:
        fits = False
    return [Finding("keys fit", fits, "yes" if fits else "NO: these are other keys than the database was written with")]


def disk_and_clock() -> list[Finding]:
    free = shutil.disk_usage(settings.BAOGONG_DATA).free
    year = time.gmtime().tm_year
    return [
        Finding("disk", free > 1_000_000_000, f"{free // 1_000_000} MB free"),
        Finding("clock", year >= 2024, time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())),
    ]


LOOKS: list[Callable[[], list[Finding]]] = [environment, database, waiting, keys, key_fits, disk_and_clock]
