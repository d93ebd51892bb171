"""Libraries for tests: of any version, with something in every one of them, made and looked at without services."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from auralis_cli.db.migrations.all import MIGRATIONS, SCHEMA_VERSION
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.db.store import Store

NOW = 1_800_000_000
PROGRAM = "0.test"

_ROOT = "INSERT INTO roots (id, path, added_at) VALUES (1, x'2f6d', 1)"
_FILE = (
    "INSERT INTO files (id, root_id, path, size_bytes, mtime_ns, device, inode, read_at) "
    "VALUES (?, 1, ?, 1, 1, 1, ?, 1)"
)
_TRACK = "INSERT INTO tracks (id, file_id, content_key, title, added_at) VALUES (?, ?, ?, ?, 1)"


def opened(path: Path, *, read_only: bool = False, wait_s: float = 0.3) -> Store:
    """The library at `path`, as verbs open it but less patient."""
    return Store.open(path, program=PROGRAM, now=NOW, read_only=read_only, wait_s=wait_s)


def make_library(path: Path, *, version: int = SCHEMA_VERSION, tracks: int = 3) -> Path:
    """A library of an older version, with tracks in it, closed."""
    migrations = tuple(one for one in MIGRATIONS if one.version <= version)
    database, lock = open_database(path, Opening(PROGRAM, NOW, migrations=migrations))
    with database.write():
        database.run(_ROOT)
        for number in range(1, tracks + 1):
            database.run(_FILE, (number, os.fsencode(f"/m/{number}.flac"), number))
            database.run(_TRACK, (number, number, f"id{number}", f"Title {number}"))
    database.close_all()
    if lock is not None:
        lock.close()
    return path


def titles(path: Path) -> list[str]:
    """The titles in a library, asked of nothing of ours."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT title FROM tracks ORDER BY id")]


def integrity(path: Path) -> str:
    """What SQLite says of the file."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def open_files(library: Path) -> list[str]:
    """What this process has open of a library and what stands beside it."""
    names = []
    for number in os.listdir("/proc/self/fd"):
        # Another thread may close one meanwhile.
        with suppress(FileNotFoundError):
            names.append(os.readlink(f"/proc/self/fd/{number}"))
    return sorted(name for name in names if name.startswith(str(library)))


def log_size(path: Path) -> int:
    """Bytes in the write-ahead log; 0 where there is none."""
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def damage(path: Path) -> None:
    """Spoils a page in the middle of a closed library."""
    with path.open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(b"\xa5" * 4096)
