"""Connections to a library: alike, one for each thread, closed on every way out, and clear about what is wrong."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import peewee
import pytest
from command_line import REPOSITORY
from libraries import NOW, PROGRAM, damage, integrity, log_size, make_library, opened, titles

from auralis_cli.db import connection as connection_module
from auralis_cli.db.backups import make_backup
from auralis_cli.db.connection import PRAGMAS, Access, LibraryDatabase
from auralis_cli.db.migration import Migration
from auralis_cli.db.migrations.all import MIGRATIONS
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError
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
    assert {path for path, name in makers if name != "Connection"} == {"auralis_cli/db/connection.py"}


@pytest.mark.invariant("S2-NEW-16")
def test_a_store_and_all_its_repositories_share_one_database(library: Path) -> None:
    with opened(library) as store:
        inside = [
            getattr(part, name)
            for part in vars(store).values()
            if not isinstance(part, peewee.Database)
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


def open_files(library: Path) -> list[str]:
    names = []
    for number in os.listdir("/proc/self/fd"):
        with_name = Path("/proc/self/fd") / number
        if with_name.is_symlink():
            names.append(os.readlink(with_name))
    return sorted(name for name in names if name.startswith(str(library)))


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


@pytest.mark.parametrize("nested", [False, True])
def test_a_full_disk_takes_back_the_transaction_and_nothing_else(library: Path, nested: bool) -> None:
    with opened(library) as store:
        store.database.run(ADD, ("kept", "1"))
        pages = store.database.one("PRAGMA page_count")
        assert pages is not None
        store.database.run(f"PRAGMA max_page_count = {pages[0] + 4}")
        with pytest.raises(LibraryError, match="the disk is full") as failed, store.database.write():
            store.database.run(ADD, ("lost", "x"))
            if nested:
                with store.database.write():
                    store.database.run_many(ADD, ((f"n{number}", "x" * 9000) for number in range(50)))
            else:
                store.database.run_many(ADD, ((f"n{number}", "x" * 9000) for number in range(50)))
        assert failed.value.exit_code == 5
        assert store.database.all("SELECT key FROM settings") == [("kept",)]
        store.database.run("PRAGMA max_page_count = 1000000")
        store.database.run(ADD, ("after", "1"))
    assert integrity(library) == "ok"
    assert len(titles(library)) == 3


@pytest.mark.parametrize("limit_kib", [700, 1500, 4000])
def test_a_file_that_may_not_grow_ends_with_5_and_loses_nothing(tmp_path: Path, limit_kib: int) -> None:
    library = tmp_path / "library.db"
    assert subprocess.run([*WRITER, library, "write", "--batches", "1"], env=ENVIRONMENT, check=True).returncode == 0
    script = f"ulimit -f {limit_kib}; trap '' XFSZ; exec \"$@\""
    done = subprocess.run(
        ["bash", "-c", script, "bash", *WRITER, library, "write"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert done.stderr.count("\n") == 1
    assert str(library) in done.stderr
    committed = {int(word) for word in done.stdout.split()}
    assert integrity(library) == "ok"
    with closing(sqlite3.connect(library)) as connection:
        found = {row[0] for row in connection.execute("SELECT DISTINCT CAST(key AS INTEGER) FROM settings")}
    assert found == committed | {0}


def privileges_dropped() -> list[str] | None:
    """What to put before a command so that permissions bind it, though we may be root; None where that cannot be."""
    if os.geteuid() != 0:
        return []
    program = shutil.which("setpriv")
    return [program, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] if program else None


WRITE_ONE = """
import sys
from pathlib import Path
from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError
try:
    with Store.open(Path(sys.argv[1]), program="0", now=1, read_only=sys.argv[2] == "read", wait_s=0.3) as store:
        print(store.database.one("SELECT count(*) FROM tracks")[0])
        if sys.argv[2] == "write":
            store.database.run("INSERT INTO settings (key, value) VALUES ('a', 'b')")
except LibraryError as error:
    print(error.exit_code, error)
"""


def as_nobody_special(library: Path, what: str) -> str:
    prefix = privileges_dropped()
    if prefix is None:
        pytest.skip("needs setpriv to be bound by permissions as root")
    words = [*prefix, sys.executable, "-c", WRITE_ONE, str(library), what]
    return subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=True).stdout.strip()


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o500, 0o400), (0o500, 0o600), (0o700, 0o400)])
def test_a_read_only_library_can_be_read_and_writing_says_so(tmp_path: Path, folder_mode: int, file_mode: int) -> None:
    library = make_library(tmp_path / "place" / "library.db")
    library.chmod(file_mode)
    library.parent.chmod(folder_mode)
    before = library.read_bytes()
    try:
        assert as_nobody_special(library, "read") == "3"
        said = as_nobody_special(library, "write")
        assert said.splitlines()[-1].startswith("5 ")
        assert "read-only" in said or "permission denied" in said
    finally:
        library.parent.chmod(0o700)
    assert library.read_bytes() == before
    assert sorted(path.name for path in library.parent.iterdir()) == ["library.db", "library.db.lock"]


def test_an_old_read_only_library_says_that_it_has_to_be_migrated(tmp_path: Path) -> None:
    library = make_library(tmp_path / "place" / "library.db", version=1)
    library.parent.chmod(0o500)
    try:
        said = as_nobody_special(library, "read")
    finally:
        library.parent.chmod(0o700)
    assert said.startswith("5 ")
    assert "has to be migrated first" in said


def test_reading_writes_nothing(library: Path) -> None:
    before = library.read_bytes()
    with opened(library, read_only=True) as store:
        assert store.database.one("SELECT count(*) FROM tracks") == (3,)
        with pytest.raises(LibraryError, match="read-only"):
            store.database.run(ADD, ("a", "b"))
    assert library.read_bytes() == before


def make_folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (id INTEGER PRIMARY KEY)")


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda path: path.write_bytes(b"no library at all, but long enough to be taken for one" * 99),
            "is no library",
        ),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "is damaged"),
        (make_folder_there, "is a folder"),
        (make_pipe, "is no ordinary file"),
        (make_other_database, "is a database of another program"),
        (make_newer, "was made by a newer auralis"),
    ],
    ids=["text", "cut", "folder", "pipe", "other", "newer"],
)
def test_what_is_no_library_of_ours_is_refused_and_left_alone(
    library: Path, spoil: Callable[[Path], None], said: str, read_only: bool
) -> None:
    spoil(library)
    before = library.read_bytes() if library.is_file() else b""
    with pytest.raises(LibraryError, match=said) as failed, opened(library, read_only=read_only) as store:
        store.database.all("SELECT * FROM tracks")
    assert failed.value.exit_code == 5
    assert failed.value.hint
    assert (library.read_bytes() if library.is_file() else b"") == before


def test_damage_within_is_named_when_it_is_met(library: Path) -> None:
    damage(library)
    with pytest.raises(LibraryError, match="is damaged") as failed, opened(library) as store:
        for table in ("roots", "files", "tracks", "albums", "artists"):
            store.database.all(f"SELECT * FROM {table}")
        store.database.all("PRAGMA integrity_check")
        store.database.run("REINDEX")
    assert "db restore" in str(failed.value.hint)


def replace_file(path: Path) -> None:
    other = make_library(path.with_name("other.db"), tracks=9)
    other.replace(path)


@pytest.mark.invariant("S4-D4.2")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (replace_file, "was replaced while it was open"),
        (lambda path: path.unlink(), "was moved or deleted while it was open"),
        (lambda path: path.rename(path.with_name("elsewhere.db")), "was moved or deleted while it was open"),
    ],
    ids=["replaced", "deleted", "moved"],
)
def test_a_library_that_is_replaced_under_an_open_one_is_noticed(
    library: Path, change: Callable[[Path], None], said: str
) -> None:
    with opened(library) as store:
        store.database.run(ADD, ("before", "1"))
        change(library)
        for action in (
            lambda: store.database.one("SELECT 1 FROM tracks"),
            lambda: store.database.run(ADD, ("after", "1")),
            lambda: store.database.write().__enter__(),
            lambda: in_a_thread(lambda: store.database.one("SELECT 1")),
        ):
            with pytest.raises(LibraryError, match=said):
                action()
    if library.exists():
        assert len(titles(library)) == 9


@pytest.mark.invariant("S4-D4.2")
def test_a_store_is_not_disturbed_by_a_transaction_that_is_under_way_when_the_file_goes(library: Path) -> None:
    with opened(library) as store, store.database.write():
        store.database.run(ADD, ("before", "1"))
        library.rename(library.with_name("elsewhere.db"))
        store.database.run(ADD, ("after", "1"))
        assert store.database.one("SELECT count(*) FROM settings") == (2,)


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another(library: Path) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", HOLD, str(library)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        yield other
        other.stdin.close()


@pytest.mark.invariant("S0-M09")
def test_a_busy_library_is_waited_for_as_long_as_was_said_and_then_named(library: Path) -> None:
    with opened(library, wait_s=1.0) as store, held_by_another(library) as other:
        # Who reads waits for nobody.
        assert store.database.one("SELECT count(*) FROM tracks") == (3,)
        for write in (lambda: store.database.run(ADD, ("a", "b")), lambda: store.database.write().__enter__()):
            began = time.monotonic()
            with pytest.raises(LibraryError) as failed:
                write()
            assert 1.0 <= time.monotonic() - began < 2.0
            assert "did not end within 1 s" in str(failed.value)
            assert failed.value.exit_code == 5
            if Path("/proc/locks").exists():
                assert f"(process {other.pid}) is writing to it" in str(failed.value)
        # The connection is not worse for it.
        assert store.database.one("SELECT count(*) FROM tracks") == (3,)


@pytest.mark.invariant("S0-M09")
def test_a_busy_library_is_written_to_once_the_other_has_ended(library: Path) -> None:
    with opened(library, wait_s=20.0) as store, held_by_another(library) as other:
        assert other.stdin is not None
        threading.Timer(0.4, other.stdin.close).start()
        began = time.monotonic()
        store.database.run(ADD, ("a", "b"))
        assert 0.3 <= time.monotonic() - began < 5.0


def test_the_stated_time_is_what_the_manual_says() -> None:
    assert connection_module.BUSY_TIMEOUT_S == 10.0
    assert "up to 10 s" in (REPOSITORY / "man" / "auralis-db.1").read_text()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_library_and_what_stands_beside_it_are_for_its_owner_only(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        library = tmp_path / "auralis" / "library.db"
        with opened(library) as store:
            store.database.run(ADD, ("a", "b"))
            backup = store.backup(tmp_path / "copy.db", CancelToken())
            assert {path.name for path in library.parent.iterdir()} == {
                "library.db", "library.db-wal", "library.db-shm", "library.db.lock",
            }  # fmt: skip
            assert {mode_of(path) for path in library.parent.iterdir()} == {0o600}
            assert mode_of(Path(backup.path)) == 0o600
        assert mode_of(library.parent) == 0o700
    finally:
        os.umask(mask)


def test_an_old_sqlite_is_refused(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(LibraryError, match=r"SQLite: .* is too old \(3\.37 or newer is needed\)"):
        opened(library)


def test_a_link_to_a_library_is_that_library(library: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(library)
    with opened(link) as store:
        store.database.run(ADD, ("a", "b"))
        assert [path.name for path in link.parent.iterdir()] == ["link.db"]
    assert link.is_symlink()


def test_names_of_any_bytes_are_libraries(tmp_path: Path) -> None:
    for name in (b"\xff\xfe.db", b"a?mode=memory#x%41.db", "ü ö.db".encode(), b" .db"):
        library = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        with opened(library) as store:
            store.database.run(ADD, ("a", "b"))
        with opened(library, read_only=True) as store:
            assert store.database.all("SELECT key FROM settings") == [("a",)]
        assert library.stat().st_size > 0


def ended(library: Path, *words: str, stop: signal.Signals | None = None, after: int = 3) -> int:
    with subprocess.Popen(
        [*WRITER, str(library), "write", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        if stop is not None:
            for _ in range(after):
                assert process.stdout.readline()
            process.send_signal(stop)
        process.communicate(timeout=60)
    return process.returncode


@pytest.mark.invariant("S0-C03")
@pytest.mark.parametrize(
    ("words", "stop", "code"),
    [
        (("--batches", "5"), None, 0),
        (("--batches", "5", "--fail"), None, 1),
        ((), signal.SIGINT, 130),
        ((), signal.SIGTERM, -signal.SIGTERM),
        ((), signal.SIGHUP, -signal.SIGHUP),
    ],
    ids=["end", "failure", "ctrl-c", "sigterm", "sighup"],
)
def test_every_way_out_empties_the_log(
    tmp_path: Path, words: tuple[str, ...], stop: signal.Signals | None, code: int
) -> None:
    library = make_library(tmp_path / "library.db")
    # Another one has it open: SQLite by itself would leave the log as it is.
    with opened(library, read_only=True) as other:
        assert other.database.one("SELECT 1 FROM settings") is None
        assert ended(library, *words, stop=stop) == code
        assert log_size(library) == 0
    assert not library.with_name("library.db-wal").exists()
    with closing(sqlite3.connect(library)) as connection:
        counts = {row[0] for row in connection.execute("SELECT count(*) FROM settings GROUP BY CAST(key AS INTEGER)")}
    assert counts == {200}
    assert integrity(library) == "ok"


def test_closing_twice_and_failing_to_close_harm_nothing(library: Path) -> None:
    store = opened(library)
    store.database.run(ADD, ("a", "b"))
    library.rename(library.with_name("elsewhere.db"))
    store.close()
    store.close()


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
