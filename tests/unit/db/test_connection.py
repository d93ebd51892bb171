"""Connections to a library: alike, one for each thread, whole in what they do, and closed in the end."""

from __future__ import annotations

import ast
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import peewee
import pytest
from command_line import REPOSITORY
from libraries import NOW, PROGRAM, integrity, make_library, open_files, opened

from auralis_cli.db.backups import make_backup
from auralis_cli.db.connection import PRAGMAS, Access, LibraryDatabase
from auralis_cli.db.migration import Migration
from auralis_cli.db.migrations.all import MIGRATIONS
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.db.store import Store
from auralis_cli.model.progress import CancelToken

ADD = "INSERT INTO settings (key, value) VALUES (?, ?)"
WRITER = [sys.executable, str(REPOSITORY / "tests" / "library_writer.py"), "--library"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library.db")


def pragmas_of(connection: sqlite3.Connection) -> dict[str, object]:
    names = [*PRAGMAS, "journal_mode", "busy_timeout"]
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


WANTED: dict[str, object] = {
    **PRAGMAS,
    "synchronous": 1,
    "temp_store": 2,
    "journal_mode": "wal",
    "busy_timeout": 250,
}


def in_a_thread(action: Callable[[], object]) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


@contextmanager
def every_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[sqlite3.Connection]]:
    """All connections that are opened within."""
    found: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*words: object, **options: object) -> sqlite3.Connection:
        found.append(connect(*words, **options))  # type: ignore[call-overload]
        return found[-1]

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", noted)
        yield found


@pytest.mark.invariant("S0-L03")
@pytest.mark.parametrize("read_only", [False, True])
def test_every_connection_has_the_same_pragmas(library: Path, read_only: bool) -> None:
    found = []
    with opened(library, read_only=read_only) as store:
        found.append(pragmas_of(store.database.of_this_thread()))
        in_a_thread(lambda: found.append(pragmas_of(store.database.of_this_thread())))
    assert found == [WANTED, WANTED]
    assert WANTED["foreign_keys"] == 1


@pytest.mark.invariant("S1-M-23")
@pytest.mark.invariant("S0-L03")
def test_a_migration_runs_with_the_ordinary_pragmas(library: Path) -> None:
    found: list[dict[str, object]] = []
    newer = Migration(
        MIGRATIONS[-1].version + 1, "looks", (), lambda database: found.append(pragmas_of(database.of_this_thread()))
    )
    database, lock = open_database(library, Opening(PROGRAM, NOW, migrations=(*MIGRATIONS, newer)))
    assert lock is not None
    assert pragmas_of(database.of_this_thread()) == WANTED
    database.close_all()
    lock.close()
    assert found == [WANTED]


@pytest.mark.invariant("S2-NEW-16")
def test_one_place_makes_connections() -> None:
    makers = set()
    for path in (REPOSITORY / "auralis_cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            owner = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""
            if name.endswith("SqliteDatabase") or (owner == "sqlite3" and name in ("connect", "Connection")):
                makers.add((path.relative_to(REPOSITORY).as_posix(), name))
    # What other programs know of plays is read from files of theirs, which are no libraries; and a shell that waits for
    # names is answered by one question, for which opening a library would take too long.
    foreign = {"auralis_cli/db/foreign_plays.py", "auralis_cli/db/name_lookup.py"}
    assert {path for path, name in makers if name != "Connection"} - foreign == {"auralis_cli/db/connection.py"}


@pytest.mark.invariant("S2-NEW-16")
def test_a_store_and_all_its_repositories_share_one_database(library: Path) -> None:
    with opened(library) as store:
        parts = [getattr(store, name) for name, one in vars(Store).items() if isinstance(one, cached_property)]
        assert len(parts) > 10
        inside = [
            getattr(part, name)
            for part in parts
            for name in {*getattr(part, "__dict__", ()), *getattr(type(part), "__slots__", ())}
            if isinstance(getattr(part, name), peewee.Database)
        ]
        assert inside
        assert all(value is store.database for value in inside)


@pytest.mark.invariant("S4-D4.1")
def test_eight_threads_write_and_read_at_once(library: Path) -> None:
    threads, rounds = 8, 12
    barrier = threading.Barrier(threads)
    failures: list[BaseException] = []
    connections: set[int] = set()
    with opened(library, wait_s=30.0) as store:

        def work(number: int) -> None:
            try:
                connections.add(id(store.database.of_this_thread()))
                barrier.wait()
                for turn in range(rounds):
                    key = f"{number}/{turn}"
                    with store.database.write():
                        store.database.run(ADD, (key, "a"))
                        store.database.run("UPDATE settings SET value = 'b' WHERE key = ?", (key,))
                    assert store.database.one("SELECT value FROM settings WHERE key = ?", (key,)) == ("b",)
                    if turn % 3 == 0:
                        assert store.database.run("DELETE FROM settings WHERE key = ?", (key,)) == 1
            except BaseException as error:
                failures.append(error)

        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)
        assert failures == []
        assert len(connections) == threads
        assert store.database.one("SELECT count(*) FROM settings") == (threads * (rounds - rounds // 3),)
    assert integrity(library) == "ok"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks /proc")
def test_connections_of_threads_that_ended_are_closed_and_in_the_end_all_are(library: Path) -> None:
    with opened(library) as store:
        store.database.run(ADD, ("a", "b"))
        few = len(open_files(library))
        for _ in range(20):
            in_a_thread(lambda: store.database.one("SELECT 1"))
        assert len(open_files(library)) <= few + 3  # those of the last thread
    assert open_files(library) == []


@pytest.mark.invariant("S1-M-20")
def test_after_a_row_that_may_not_be_the_transaction_is_gone_and_the_next_one_works(library: Path) -> None:
    with opened(library) as store:
        with pytest.raises(peewee.IntegrityError), store.database.write():
            store.database.run(ADD, ("first", "1"))
            store.database.run(ADD, ("first", "2"))
        assert store.database.one("SELECT count(*) FROM settings") == (0,)
        with store.database.write():
            store.database.run(ADD, ("second", "1"))
        assert store.database.all("SELECT key FROM settings") == [("second",)]


@pytest.mark.invariant("S1-M-20")
def test_after_a_commit_that_fails_the_transaction_is_gone_and_the_next_one_works(library: Path) -> None:
    with opened(library) as store:
        # What a deferred reference lacks is noticed by COMMIT itself.
        with pytest.raises(peewee.IntegrityError), store.database.write():
            store.database.run("PRAGMA defer_foreign_keys = 1")
            store.database.run("UPDATE files SET root_id = 77")
        assert not store.database.of_this_thread().in_transaction
        assert store.database.one("SELECT DISTINCT root_id FROM files") == (1,)
        with store.database.write():
            store.database.run(ADD, ("second", "1"))
        assert store.database.all("SELECT key FROM settings") == [("second",)]


@pytest.mark.invariant("S1-M-20")
def test_a_failure_within_a_nested_transaction_leaves_the_outer_one(library: Path) -> None:
    with opened(library) as store, store.database.write():
        store.database.run(ADD, ("outer", "1"))
        with pytest.raises(ZeroDivisionError), store.database.write():
            store.database.run(ADD, ("inner", "1"))
            raise ZeroDivisionError
        store.database.run(ADD, ("later", "1"))
        assert store.database.all("SELECT key FROM settings ORDER BY id") == [("outer",), ("later",)]


def test_backups_and_frozen_files_are_opened_by_the_same_place(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with every_connection(monkeypatch) as found, opened(library) as store:
        make_backup(store.database, library.with_name("copy.db"), cancel=CancelToken())
        foreign_keys = [one.execute("PRAGMA foreign_keys").fetchone()[0] for one in found if is_open(one)]
    assert len(found) >= 3
    assert set(foreign_keys) == {1}
    frozen = LibraryDatabase(library, access=Access.FROZEN)
    try:
        assert frozen.one("PRAGMA foreign_keys") == (1,)
        assert frozen.one("PRAGMA query_only") == (1,)
    finally:
        frozen.close_all()


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018
    except sqlite3.ProgrammingError:
        return False
    return True


def test_an_empty_store_is_kept_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.empty(program=PROGRAM, now=NOW) as store:
        assert store.database.all("SELECT * FROM tracks") == []
    assert list(tmp_path.iterdir()) == []


def test_a_library_keeps_no_statistics_that_would_turn_its_queries_round(library: Path) -> None:
    with opened(library) as store:
        store.database.all("SELECT * FROM tracks JOIN files ON files.id = tracks.file_id WHERE year > 1990")
    with opened(library) as store:
        assert store.database.one("SELECT 1 FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'") is None
