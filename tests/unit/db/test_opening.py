"""What cannot be opened, read or written is said in a line and left alone; who is in the way is waited for."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from command_line import REPOSITORY
from libraries import damage, make_library, opened, titles
from patience import PATIENCE_S, SteadyClock

from auralis_cli.db import connection as connection_module
from auralis_cli.errors import LibraryError
from auralis_cli.model.progress import CancelToken

ADD = "INSERT INTO settings (key, value) VALUES (?, ?)"
WRITER = [sys.executable, str(REPOSITORY / "tests" / "library_writer.py"), "--library"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library.db")


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
@pytest.mark.alone
def test_a_busy_library_is_waited_for_as_long_as_was_said_and_then_named(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Looked at four times a second.
    clock = SteadyClock(0.4)
    monkeypatch.setattr(connection_module, "time", clock)
    with opened(library, wait_s=1.0) as store, held_by_another(library) as other:
        # Who reads waits for nobody.
        assert store.database.one("SELECT count(*) FROM tracks") == (3,)
        for write in (lambda: store.database.run(ADD, ("a", "b")), lambda: store.database.write().__enter__()):
            began = clock.monotonic()
            with pytest.raises(LibraryError) as failed:
                write()
            assert 1.0 <= clock.monotonic() - began < 2.0
            assert "did not end within 1 s" in str(failed.value)
            assert failed.value.exit_code == 5
            if Path("/proc/locks").exists():
                assert f"(process {other.pid}) is writing to it" in str(failed.value)
        # The connection is not worse for it.
        assert store.database.one("SELECT count(*) FROM tracks") == (3,)


@pytest.mark.invariant("S0-M09")
def test_a_busy_library_is_written_to_once_the_other_has_ended(library: Path) -> None:
    with opened(library, wait_s=2.0 * PATIENCE_S) as store, held_by_another(library) as other:
        assert other.stdin is not None
        timer = threading.Timer(0.4, other.stdin.close)
        began = time.monotonic()
        timer.start()
        store.database.run(ADD, ("a", "b"))
        # And not at the end of what it would wait.
        assert 0.3 <= time.monotonic() - began < PATIENCE_S


def test_the_stated_time_is_what_the_manual_says() -> None:
    assert connection_module.BUSY_TIMEOUT_S == 10.0
    assert "up to 10 s" in (REPOSITORY / "man" / "man1" / "auralis-db.1").read_text()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.invariant("S0-H01")
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


def test_what_goes_wrong_with_a_damaged_library_is_the_damage(library: Path) -> None:
    """A row that is not as rows are made looks like a defect; one of a sound library is one."""
    with pytest.raises(TypeError, match="a path of None"), opened(library):
        raise TypeError("a path of None")
    damage(library)
    with pytest.raises(LibraryError, match="is damaged") as failed, opened(library):
        raise TypeError("a path of None")
    assert isinstance(failed.value.__cause__, TypeError)
    with pytest.raises(LibraryError, match="is full"), opened(library):
        raise LibraryError("disk", "is full")
