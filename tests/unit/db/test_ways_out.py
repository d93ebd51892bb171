"""However a command ends, what it committed is there and the log is empty."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from command_line import REPOSITORY
from libraries import integrity, log_size, make_library, opened, titles
from patience import PATIENCE_S

from auralis_cli.db.lock_holders import user_of
from auralis_cli.errors import LibraryError

ADD = "INSERT INTO settings (key, value) VALUES (?, ?)"
WRITER = [sys.executable, str(REPOSITORY / "tests" / "library_writer.py"), "--library"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library.db")


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


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="asks /proc")
def test_ctrl_c_is_heard_while_another_program_is_waited_for(library: Path) -> None:
    lock = library.with_name("library.db.lock")
    with closing(sqlite3.connect(library, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        words = [*WRITER, str(library), "write", "--wait", f"{2.0 * PATIENCE_S}"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
            pause = threading.Event()
            while user_of(lock, exclusive=False) is None and process.poll() is None:
                pause.wait(0.01)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=3.0 * PATIENCE_S)
            assert process.returncode == 130, said
            # And not at the end of what it would wait.
            assert time.monotonic() - began < PATIENCE_S
            assert said == (b"", b"auralis: error: interrupted\n")
        other.execute("ROLLBACK")
    assert integrity(library) == "ok"
