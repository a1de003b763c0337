"""`baogong backup` and `baogong restore`: database and files in one archive with a checksum for each member; no keys.

SQLite is copied while it serves, through its own backup interface. A PostgreSQL database has `pg_dump`, which knows
more than we do: the commands say so instead of doing half of it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

from baogong import __version__
from baogong.cli.preparing import migrate, prepare
from baogong.common import crypto
from baogong.common.errors import BadInput

DATABASE = "baogong.sqlite3"
MANIFEST = "manifest.json"
FILES = "files"  # photographs and uploads below the data folder
CHUNK = 1024 * 1024


def backup(options: argparse.Namespace) -> int:
    """Write the archive beside its place and move it there whole. Raises BadInput."""
    prepare()
    refuse_postgresql("pg_dump")
    target = Path(options.file)
    if target.is_dir() or not target.parent.is_dir():
        raise BadInput(f"{target}: give the name of a file in a folder that exists")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / DATABASE
        copy_database(copy)
        draft = Path(scratch) / "draft.tar"
        write_archive(draft, copy)
        draft.replace(target)
    megabytes = target.stat().st_size / 1_000_000
    print(f"{target}: {megabytes:.1f} MB. The keys are not in it; they need a backup of their own.")
    return 0


def refuse_postgresql(tool: str) -> None:
    if connection.vendor != "sqlite":
        raise BadInput(f"the database is PostgreSQL: use {tool} for it, and copy the data folder's files/ beside it")


def live_database() -> Path:
    return Path(str(settings.DATABASES["default"]["NAME"]))


def copy_database(target: Path) -> None:
    """A consistent copy of the live database, checked."""
    with closing(sqlite3.connect(live_database())) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=4096)
    refuse_damaged(target)


def refuse_damaged(database: Path) -> None:
    """Raises BadInput unless SQLite finds the file whole."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
            verdict = link.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as damaged:
        verdict = str(damaged)
    if verdict != "ok":
        raise BadInput(f"the database in it is damaged: {verdict}")


def write_archive(target: Path, database: Path) -> None:
    members = {DATABASE: database, **dict(own_files())}
    manifest = {
        "version": __version__,
        "keys": crypto.keys_fingerprint(),
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "sha256": {name: sha256(path) for name, path in members.items()},
    }
    with tarfile.open(target, "w") as archive:
        content = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        for name, path in members.items():
            archive.add(path, name, recursive=False)


def own_files() -> Iterator[tuple[str, Path]]:
    folder = settings.BAOGONG_DATA / FILES
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            yield f"{FILES}/{path.relative_to(folder)}", path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(options: argparse.Namespace) -> int:
    """Unpack beside the live data, prove every checksum, then swap; a damaged archive changes nothing.

    Raises BadInput.
    """
    refuse_postgresql("pg_restore")
    source = Path(options.file)
    if not source.is_file():
        raise BadInput(f"no such file: {source}")
    settings.BAOGONG_DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.BAOGONG_DATA) as scratch:
        unpack(source, Path(scratch))
        refuse_damaged(Path(scratch) / DATABASE)
        refuse_while_serving()
        swap_in(Path(scratch))
    migrate()
    print(f"{source} is restored; what stood here before is kept beside it as *.before-restore")
    return 0


def unpack(source: Path, scratch: Path) -> None:
    """Members named in the manifest, each with its checksum; anything else is refused."""
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = json.load(member(archive, MANIFEST))
            refuse_other_keys(manifest["keys"])
            for name, digest in manifest["sha256"].items():
                copy_member(archive, name, scratch)
                if sha256(scratch / name) != digest:
                    raise BadInput(f"{source} is damaged: {name} is not what was backed up")
            if DATABASE not in manifest["sha256"]:
                raise BadInput(f"{source} holds no database")
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError, EOFError) as wrong:
        raise BadInput(f"{source} is no backup of Baogong, or is damaged") from wrong


def refuse_other_keys(fingerprint: str) -> None:
    """Without the keys it was made with, every telephone number in a backup would be lost without a word."""
    if fingerprint != crypto.keys_fingerprint():
        where = settings.BAOGONG_KEYS
        raise BadInput(
            f"this backup belongs to other keys than those in {where}; put its keys there first (BAOGONG_KEYS)"
        )


def member(archive: tarfile.TarFile, name: str) -> io.BufferedIOBase:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found  # type: ignore[return-value]


def copy_member(archive: tarfile.TarFile, name: str, scratch: Path) -> None:
    target = (scratch / name).resolve()
    if not target.is_relative_to(scratch.resolve()):
        raise KeyError(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(member(archive, name), file, CHUNK)


def refuse_while_serving() -> None:
    """A served database is in use: somebody would write into the file that is taken away."""
    path = live_database()
    if not path.exists():
        return
    connection.close()
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as link:
        try:
            link.execute("PRAGMA locking_mode=EXCLUSIVE")
            link.execute("BEGIN EXCLUSIVE")
            link.execute("ROLLBACK")
        except sqlite3.OperationalError as busy:
            raise BadInput("the database is in use; stop `baogong serve` first") from busy


def swap_in(scratch: Path) -> None:
    """Move what stands here aside, then the unpacked in its place."""
    live = live_database()
    for path in (live, live.with_name(live.name + "-wal"), live.with_name(live.name + "-shm")):
        if path.exists():
            path.replace(path.with_name(path.name + ".before-restore"))
    (scratch / DATABASE).replace(live)
    files, kept = settings.BAOGONG_DATA / FILES, settings.BAOGONG_DATA / f"{FILES}.before-restore"
    if (scratch / FILES).is_dir():
        shutil.rmtree(kept, ignore_errors=True)
        if files.exists():
            files.replace(kept)
        (scratch / FILES).replace(files)
