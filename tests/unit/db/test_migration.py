"""Migrations: each whole or not at all, once, alone, and never without a backup."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import peewee
import pytest
from libraries import NOW, PROGRAM, integrity, make_library, opened, titles
from patience import PATIENCE_S

from auralis_cli.db.backups import KEPT_BACKUPS, backup_folder, list_backups
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.integrity import schema_of
from auralis_cli.db.migration import Migration, apply_migrations, loses_data
from auralis_cli.db.migrations.all import MIGRATIONS, SCHEMA_VERSION
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.errors import LibraryError

OLDER = range(1, SCHEMA_VERSION)
NEXT = SCHEMA_VERSION + 1


def migrated(path: Path, *more: Migration, wait_s: float = 0.3) -> None:
    """Opens the library with further migrations, and closes it."""
    opening = Opening(PROGRAM, NOW, wait_s=wait_s, migrations=(*MIGRATIONS, *more))
    database, lock = open_database(path, opening)
    database.close_all()
    assert lock is not None
    lock.close()


def dump(path: Path) -> list[str]:
    """The whole library as SQL, without when it was migrated, statistics, and the shadow tables of the search."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE schema_versions SET applied_at = 0")
        lines = [line for line in connection.iterdump() if "sqlite_stat" not in line and "ANALYZE" not in line]
    return [line for line in lines if not line.startswith('INSERT INTO "track_search_')]


def versions(path: Path) -> tuple[int, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT version, name FROM schema_versions ORDER BY version").fetchall()
        return connection.execute("PRAGMA user_version").fetchone()[0], rows


ALL_VERSIONS = (SCHEMA_VERSION, [(one.version, one.name) for one in MIGRATIONS])


def test_versions_count_from_one() -> None:
    assert [one.version for one in MIGRATIONS] == list(range(1, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("version", OLDER)
def test_a_library_migrated_from_any_version_is_as_one_made_anew(tmp_path: Path, version: int) -> None:
    old = make_library(tmp_path / "old.db", version=version)
    with opened(old) as store:
        migrated_schema = schema_of(store.database)
        found = store.database.all("SELECT rowid FROM track_search WHERE track_search MATCH 'titl*'")
    fresh = make_library(tmp_path / "fresh.db")
    with opened(fresh) as store:
        assert schema_of(store.database) == migrated_schema
    assert dump(old) == dump(fresh)
    assert versions(old) == versions(fresh) == ALL_VERSIONS
    assert len(found) == len(titles(old)) == 3
    assert integrity(old) == "ok"


@pytest.mark.parametrize("version", OLDER)
def test_the_backup_before_a_migration_is_the_library_as_it_was(tmp_path: Path, version: int) -> None:
    old = make_library(tmp_path / "old.db", version=version)
    before = dump(old)
    opened(old).close()
    backups = list_backups(old)
    assert [backup.version for backup in backups] == [version]
    assert dump(Path(backups[0].path)) == before


def half_way(database: LibraryDatabase) -> None:
    database.run("INSERT INTO settings (key, value) VALUES ('half', 'way')")
    raise ZeroDivisionError("half-way")


@pytest.mark.invariant("S0-M06")
@pytest.mark.parametrize(
    "failing",
    [
        Migration(NEXT, "fails", ("CREATE TABLE half (id INTEGER PRIMARY KEY)",), half_way),
        Migration(NEXT, "fails", ("CREATE TABLE half (id INTEGER PRIMARY KEY)", "CREATE NONSENSE")),
        Migration(NEXT, "fails", ("ALTER TABLE tracks ADD COLUMN half TEXT", "DROP INDEX files_root", "SELECT half(")),
    ],
    ids=["code", "first", "alter"],
)
def test_a_migration_that_fails_half_way_changes_nothing(tmp_path: Path, failing: Migration) -> None:
    library = make_library(tmp_path / "library.db")
    before, version = dump(library), versions(library)
    with pytest.raises((ZeroDivisionError, peewee.OperationalError)):
        migrated(library, failing)
    assert dump(library) == before
    assert versions(library) == version == ALL_VERSIONS
    assert integrity(library) == "ok"
    # What stood before the one that failed is there, and the library goes on.
    migrated(library, Migration(NEXT, "works", ("CREATE TABLE whole (id INTEGER PRIMARY KEY)",)))
    assert versions(library)[0] == NEXT


LOSSES = [
    "DROP TABLE tracks",
    "drop  table if exists tracks",
    "/* gone */ DROP TABLE tracks",
    "-- WHERE\nDELETE FROM tracks",
    "DELETE FROM tracks",
    "DELETE FROM tracks -- WHERE id = 1",
    "DELETE FROM tracks RETURNING ' WHERE '",
    "ALTER TABLE tracks DROP COLUMN title",
    "ALTER TABLE tracks\nDROP title",
]
KEEPS = [
    "DELETE FROM tracks WHERE id = 1",
    "ALTER TABLE tracks ADD COLUMN drop_count INTEGER",
    "DROP INDEX tracks_title",
    "DROP TRIGGER track_search_added",
    "CREATE TRIGGER t AFTER DELETE ON tracks BEGIN DELETE FROM plays; END",
    "INSERT INTO settings (key, value) VALUES ('DROP TABLE tracks', 'DELETE FROM tracks')",
    "UPDATE tracks SET title = 'DROP TABLE tracks'",
]


@pytest.mark.invariant("S0-M06")
@pytest.mark.parametrize("statement", LOSSES)
def test_a_statement_that_loses_data_is_refused_unless_it_is_meant(tmp_path: Path, statement: str) -> None:
    with pytest.raises(ValueError, match="would lose data"):
        Migration(NEXT, "loses", (statement,))
    library = make_library(tmp_path / "library.db")
    before = dump(library)
    hidden = Migration(NEXT, "loses", (), lambda database: void(database.run(statement)))
    with pytest.raises((ValueError, peewee.PeeweeException)):
        migrated(library, hidden)
    assert dump(library) == before
    assert Migration(NEXT, "means it", (statement,), loses_data=True).statements == (statement,)


def void(_: object) -> None:
    return None


@pytest.mark.invariant("S0-M06")
def test_what_code_loses_by_many_rows_or_on_the_bare_connection_is_refused_too(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    for lose in (
        lambda database: void(database.of_this_thread().execute("DELETE FROM tracks")),
        lambda database: void(database.of_this_thread().executescript("DELETE FROM track_genres; SELECT 1")),
    ):
        with pytest.raises((ValueError, peewee.PeeweeException)):
            migrated(library, Migration(NEXT, "loses", (), lose))
    assert len(titles(library)) == 3
    migrated(library, Migration(NEXT, "means it", ("DELETE FROM tracks",), loses_data=True))
    assert titles(library) == []


@pytest.mark.parametrize("statement", KEEPS)
def test_a_statement_that_loses_nothing_is_none_that_does(statement: str) -> None:
    assert not loses_data(statement)


def test_migrations_that_were_applied_are_not_applied_again(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    with opened(library) as store:
        before = store.database.all("SELECT * FROM schema_versions")
        apply_migrations(store.database, MIGRATIONS, program="another", now=NOW + 1)
        assert store.database.all("SELECT * FROM schema_versions") == before
    assert not backup_folder(library).exists()


def open_at_once(path: str, barrier: Any, results: Any) -> None:
    from auralis_cli.db.store import Store

    barrier.wait(timeout=60)
    try:
        with Store.open(Path(path), program=f"process {os.getpid()}", now=NOW, wait_s=30.0) as store:
            row = store.database.one("SELECT count(*) FROM tracks")
            results.put(None if row is None else row[0])
    except BaseException as error:
        results.put(repr(error))


def opened_by_six(library: Path) -> list[object]:
    """What six processes find that open the library at the same moment."""
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(6), spawn.Queue()
    processes = [spawn.Process(target=open_at_once, args=(str(library), barrier, results)) for _ in range(6)]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    results.close()
    results.join_thread()
    return found


@pytest.mark.invariant("S0-C04")
@pytest.mark.parametrize("version", [1, SCHEMA_VERSION - 1])
def test_six_processes_at_once_migrate_once(tmp_path: Path, version: int) -> None:
    library = make_library(tmp_path / "library.db", version=version)
    assert opened_by_six(library) == [3] * 6
    assert versions(library) == ALL_VERSIONS
    assert [backup.version for backup in list_backups(library)] == [version]
    with closing(sqlite3.connect(library)) as connection:
        query = "SELECT count(DISTINCT program) FROM schema_versions WHERE version > ?"
        assert connection.execute(query, (version,)).fetchone() == (1,)
    assert integrity(library) == "ok"


@pytest.mark.invariant("S0-C04")
def test_six_processes_at_once_make_one_library(tmp_path: Path) -> None:
    library = tmp_path / "new" / "library.db"
    assert opened_by_six(library) == [0] * 6
    assert versions(library) == ALL_VERSIONS
    assert sorted(path.name for path in library.parent.iterdir()) == ["library.db", "library.db.lock"]
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("SELECT count(DISTINCT program) FROM schema_versions").fetchone() == (1,)


def folder_is_a_file(library: Path, _: pytest.MonkeyPatch) -> None:
    backup_folder(library).write_bytes(b"in the way")


def disk_is_full(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auralis_cli.db.backups._flush", fail)


def copy_is_damaged(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.db.backups.damage_of", lambda *_: ["page 7 is never used"])


@pytest.mark.invariant("S0-C04")
@pytest.mark.parametrize("hinder", [folder_is_a_file, disk_is_full, copy_is_damaged])
def test_without_a_backup_nothing_is_migrated(
    tmp_path: Path, hinder: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path / "library.db", version=2)
    before = library.read_bytes()
    hinder(library, monkeypatch)
    with pytest.raises(LibraryError, match="is not migrated, because no backup can be made") as failed:
        opened(library)
    assert failed.value.exit_code == 5
    assert library.read_bytes() == before
    assert not library.with_name("library.db-wal").exists()
    assert list(tmp_path.glob("library.db.backups/*")) == []


def test_of_backups_made_before_migrations_the_newest_are_kept(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    folder = backup_folder(library)
    folder.mkdir()
    mine = folder / "mine.db"
    mine.write_bytes(library.read_bytes())
    os.utime(mine, (1, 1))
    more = [Migration(SCHEMA_VERSION + turn, "more", ()) for turn in range(1, KEPT_BACKUPS + 4)]
    for turn in range(1, len(more) + 1):
        migrated(library, *more[:turn])
    names = {path.name for path in folder.iterdir()}
    assert mine.name in names
    assert len(names) == KEPT_BACKUPS + 1
    kept = {name.split("-")[1] for name in names if name.startswith("before-")}
    assert kept == {f"v{one.version}" for one in more[-KEPT_BACKUPS:]}


@pytest.mark.invariant("S4-D4.6")
def test_a_migration_waits_for_who_uses_the_library_and_names_it(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    more = Migration(NEXT, "more", ("CREATE TABLE more (id INTEGER PRIMARY KEY)",))
    with opened(library) as user:
        with user.database.write():
            user.database.run("INSERT INTO settings (key, value) VALUES ('a', 'b')")
            with pytest.raises(LibraryError, match=r"is in use by .*, which did not end within 0.3 s") as failed:
                migrated(library, more)
            assert failed.value.exit_code == 5
        with pytest.raises(LibraryError, match="is in use"):
            migrated(library, more)
        assert not backup_folder(library).exists()
        user.database.run("INSERT INTO settings (key, value) VALUES ('c', 'd')")
    assert versions(library) == ALL_VERSIONS
    migrated(library, more)
    assert versions(library)[0] == NEXT


@pytest.mark.invariant("S4-D4.6")
def test_a_migration_begins_when_the_last_user_has_left(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    more = Migration(NEXT, "more", ("CREATE TABLE more (id INTEGER PRIMARY KEY)",))
    user = opened(library)
    timer = threading.Timer(0.3, user.close)
    began = time.monotonic()
    timer.start()
    migrated(library, more, wait_s=2.0 * PATIENCE_S)
    timer.join()
    # And not at the end of what it would wait.
    assert 0.25 <= time.monotonic() - began < PATIENCE_S
    assert versions(library)[0] == NEXT


@pytest.mark.invariant("S4-D4.6")
def test_nobody_opens_a_library_while_it_is_migrated(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library.db")
    said: list[str] = []

    def look(_: LibraryDatabase) -> None:
        for read_only in (False, True):
            with pytest.raises(LibraryError) as failed:
                opened(library, read_only=read_only)
            said.append(str(failed.value))

    migrated(library, Migration(NEXT, "looks", (), look))
    assert len(said) == 2
    assert all("is being migrated or restored by" in one for one in said)


LONG_USER = """
import sys
from pathlib import Path
from auralis_cli.db.store import Store
with Store.open(Path(sys.argv[1]), program="0", now=1) as store:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.invariant("S4-D4.6")
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="asks /proc")
def test_the_program_that_keeps_a_migration_waiting_is_named(tmp_path: Path, repository: Path) -> None:
    library = make_library(tmp_path / "library.db")
    words = [sys.executable, "-c", LONG_USER, str(library)]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"open\n"
        with pytest.raises(LibraryError, match=rf"is in use by .* \(process {user.pid}\)"):
            migrated(library, Migration(NEXT, "more", ()))
        # One that is killed keeps nobody waiting.
        user.kill()
        user.wait()
    migrated(library, Migration(NEXT, "more", ()))


def test_a_library_that_was_killed_while_it_was_made_is_made_to_its_end(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    library.touch()
    opened(library).close()
    assert versions(library) == ALL_VERSIONS
    assert not backup_folder(library).exists()
