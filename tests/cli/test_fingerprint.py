"""`auralis fingerprint` as a command: real files, worker processes, what it says, how it is stopped and goes on."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from at_a_step import killed_at, signalled_at
from command_line import REPOSITORY, Finished, auralis, auralis_process
from libraries import integrity
from patience import PATIENCE_S, until
from process_figures import family

from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION
from auralis_cli.services.workers import GRACE_S

LIMIT_S = 2.0
RATE_HZ = 22_050
NAMES = ("a.wav", "b.flac", os.fsdecode(b"c \xff.wav"), "d.wav")
TABLES = ("loudness", "fingerprints", "landmarks", "analyses")

Run = Callable[..., Finished]


def piece(path: Path, seed: int, duration_s: float) -> Path:
    """Noise that beats, of its own kind for each seed."""
    rng = np.random.default_rng(seed)
    frames = int(duration_s * RATE_HZ)
    beat = 1.0 + 6.0 * (np.arange(frames) % int(RATE_HZ * 60.0 / (90 + 7 * seed)) < 800)
    tone = np.sin(np.arange(frames) * 2.0 * np.pi * (200.0 + 50.0 * seed) / RATE_HZ)
    sound = (0.02 * rng.normal(size=frames) + 0.03 * tone) * beat
    kind = path.suffix[1:].upper()
    soundfile.write(os.fsencode(path), sound.astype(np.float32), RATE_HZ, subtype="PCM_16", format=kind)
    return path


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four short pieces."""
    folder = tmp_path_factory.mktemp("music")
    for seed, name in enumerate(NAMES):
        piece(folder / name, seed, 4.0 + seed)
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of its own; the home is that of all tests, where the kernels are compiled."""
    return tmp_path / "library.db"


@pytest.fixture
def run(library: Path) -> Run:
    def start(*words: str | Path, library: Path = library) -> Finished:
        return auralis("--library", library, *words)

    return start


def contents(library: Path) -> dict[str, set[str]]:
    """Which contents each table knows."""
    with closing(sqlite3.connect(library)) as connection:
        return {table: {row[0] for row in connection.execute(f"SELECT content_key FROM {table}")} for table in TABLES}


def test_every_track_is_fingerprinted_once_and_told(run: Run, music: Path, library: Path) -> None:
    assert run("scan", music).code == 0
    plan = run("fingerprint", "-n", "--json").document
    assert [(one["dims"], one["dry_run"]) for one in plan["items"]] == [(None, True)] * 4
    first = run("fingerprint", "--json")
    assert first.code == 0, first.err
    assert first.document["auralis"] == 1
    by_path = {Path(one["path"]).name: one for one in first.document["items"]}
    assert by_path.keys() == set(NAMES)
    one = by_path["a.wav"]
    assert list(one)[:4] == ["id", "path", "version", "dims"]
    assert one["version"] == FINGERPRINT_VERSION
    assert list(one["dims"]) == [dimension.name for dimension in DIMENSIONS]
    assert all(isinstance(value, float) for value in one["dims"].values())
    known = contents(library)
    assert all(len(known[table]) == 4 for table in TABLES)
    again = run("fingerprint", "--jsonl")
    assert sorted(again.lines, key=str) == sorted(first.document["items"], key=str)
    assert run("fingerprint").out.startswith("4 known in ")
    alone = run("fingerprint", music / "a.wav").out
    assert all(dimension.name in alone for dimension in DIMENSIONS)
    assert run("fingerprint", "-q", "nowhere").code == 4


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.invariant("S4-D2.5")
def test_the_result_is_the_same_for_any_number_of_workers(run: Run, music: Path, tmp_path: Path) -> None:
    exports = []
    for jobs in ("1", "2"):
        library = tmp_path / f"{jobs}.db"
        assert run("scan", music, library=library).code == 0
        assert run("fingerprint", "-j", jobs, library=library).code == 0
        exports.append(run("fingerprint", "--export", "-", library=library).out)
        with closing(sqlite3.connect(library)) as connection:
            exports[-1] += str(connection.execute("SELECT content_key, body FROM analyses ORDER BY 1").fetchall())
    assert exports[0] == exports[1]
    assert len(set(exports[0].splitlines())) >= 4


def test_a_content_that_is_there_twice_is_two_tracks_in_the_answer_and_in_the_history(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    piece(tmp_path / "two" / "a.wav", 1, 1.5)
    shutil.copy(tmp_path / "two" / "a.wav", tmp_path / "two" / "b.wav")
    run("scan", tmp_path / "two")
    assert run("fingerprint").out.startswith("2 fingerprinted in ")
    assert "2 tracks fingerprinted" in run("history").out


def test_a_scan_fingerprints_what_is_new_in_the_same_run(run: Run, music: Path, library: Path) -> None:
    done = run("scan", music, "--fingerprint", "--analyze", "--json")
    assert (done.code, done.document["added"], done.document["measured"]) == (0, 4, 4)
    known = contents(library)
    assert all(len(known[table]) == 4 for table in TABLES)
    assert run("scan", "--fingerprint", "--analyze", "--json").document["measured"] == 0
    assert run("fingerprint").out.startswith("4 known in ")


@pytest.mark.invariant("S2-u6")
def test_a_poisoned_file_costs_itself_and_is_remembered(music: Path, library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "poisoned"
    folder.mkdir()
    for seed in range(3):
        piece(folder / f"{seed}.wav", seed, 1.5)
    piece(folder / "crash.wav", 7, 1.5)
    assert auralis_process("--library", library, "scan", folder).code == 0
    poison = os.pathsep.join([str(REPOSITORY / "tests" / "poison"), str(REPOSITORY)])
    done = auralis_process("--library", library, "fingerprint", "--json", PYTHONPATH=poison)
    assert done.code == 3, done.err
    failed = [one for one in done.document["items"] if "error" in one]
    assert [one["path"] for one in failed] == [str(folder / "crash.wav")]
    assert "crashed (SIGSEGV)" in failed[0]["error"]["message"]
    assert len(contents(library)["fingerprints"]) == 3
    # Without the poison it could be done; it is known to have failed, and told so.
    again = auralis("--library", library, "fingerprint", "--jsonl")
    assert again.code == 3
    assert [one["error"]["hint"] for one in again.lines if "error" in one] == ["--force tries again"]
    assert auralis("--library", library, "fingerprint", "path::crash", "--force").code == 0
    assert len(contents(library)["fingerprints"]) == 4


def test_what_is_damaged_is_named_and_what_is_gone_is_no_failure(
    run: Run, music: Path, library: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    piece(folder / "good.wav", 1, 1.5)
    soundfile.write(folder / "numbers.wav", np.full((RATE_HZ, 1), np.nan, np.float32), RATE_HZ, subtype="FLOAT")
    piece(folder / "gone.wav", 2, 1.5)
    assert run("scan", folder).code == 0
    (folder / "gone.wav").unlink()
    assert run("scan").code == 0
    done = run("fingerprint")
    assert done.code == 3
    assert "numbers.wav: cannot be measured: " in done.err
    assert "1 track has no fingerprint: not there any more" in done.err
    assert done.out.startswith("1 fingerprinted, 1 failed in ")


def test_what_is_cut_short_is_fingerprinted_and_flagged(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    piece(folder / "whole.wav", 1, 4.0)
    soundfile.write(folder / "cut.flac", soundfile.read(folder / "whole.wav")[0], RATE_HZ)
    whole = (folder / "cut.flac").read_bytes()
    (folder / "cut.flac").write_bytes(whole[: len(whole) // 2])
    assert run("scan", folder).code == 0
    done = run("fingerprint")
    assert done.code == 0
    assert "1 track is damaged or cut short: the fingerprint is that of what could be decoded" in done.err
    flags = {Path(one["path"]).name: one["flags"] for one in run("fingerprint", "--jsonl").lines}
    assert ("damaged" in flags["cut.flac"], "damaged" in flags["whole.wav"]) == (True, False)


def test_sidecars_and_exports_carry_fingerprints_to_another_library(run: Run, music: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in NAMES[:2]:
        (folder / name).write_bytes((music / name).read_bytes())
    assert run("scan", folder).code == 0
    done = run("fingerprint", "--sidecars")
    assert (done.code, "2 sidecars written" in done.err) == (0, True)
    assert (folder / "a.wav.25d").exists()
    assert run("fingerprint", "--export", tmp_path / "x.jsonl").out == "2 exported\n"
    assert run("fingerprint", "--export", tmp_path / "x.jsonl").code == 2
    for number, source in enumerate((folder, tmp_path / "x.jsonl")):
        other = tmp_path / f"other{number}.db"
        assert run("scan", folder, "--json", library=other).document["added"] == 2
        assert run("fingerprint", "--import", source, "-n", library=other).out == "dry run: 2 imported\n"
        taken = run("fingerprint", "--import", source, "--json", library=other)
        assert taken.document == {"imported": 2, "known": 0, "unmatched": 0, "failures": [], "dry_run": False}
        assert run("fingerprint", library=other).out.startswith("2 known in ")
    assert run("undo", "-y").code == 0
    assert not (tmp_path / "x.jsonl").exists()
    assert run("undo", "-y").code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES[:2])


def test_a_bad_line_of_an_import_is_named(run: Run, music: Path, tmp_path: Path) -> None:
    assert run("scan", music).code == 0
    (tmp_path / "bad.jsonl").write_text('\n{"auralis": 1}\n')
    done = run("fingerprint", "--import", tmp_path / "bad.jsonl")
    assert done.code == 4
    assert f"auralis: error: {tmp_path}/bad.jsonl:2: is of version ?" in done.err
    assert "nothing is imported" in done.err
    assert run("fingerprint", "--import", tmp_path / "none.jsonl").code == 4
    assert run("fingerprint", "--import", "x", "year:1990").code == 2
    assert run("fingerprint", "--import", "x", "--export", "y").code == 2


# Stops, and what is left behind


@pytest.fixture(scope="module")
def long_music(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Path:
    """Pieces that take their time; the kernels are compiled, which cannot be interrupted."""
    folder = tmp_path_factory.mktemp("long")
    for seed in range(6):
        piece(folder / f"{seed}.wav", seed, 240.0 if seed else 20.0)
    warm = tmp_path_factory.mktemp("warm") / "library.db"
    assert auralis("--library", warm, "scan", "--fingerprint", music).code == 0
    return folder


def workers_of(process: int) -> list[int]:
    """The workers that a process started."""
    return [pid for pid in family(process) if _is_ours(pid)]


class OnTerminal:
    """A command line on a terminal of its own, where Ctrl-C reaches every process of it; it halts at a step."""

    def __init__(self, step: dict[str, object], library: Path, *words: str | Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            signalled_at(signal.SIGSTOP, step, "--library", library, *words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        os.close(slave)
        halted = status = 0
        while not halted:
            # A terminal that nobody reads takes no more after a while.
            self._read()
            halted, status = os.waitpid(self.process.pid, os.WUNTRACED | os.WNOHANG)
        assert os.WIFSTOPPED(status), "it ended before"

    def interrupt(self) -> bytes:
        """Presses Ctrl-C, and lets it go on; what it says until it ends."""
        os.write(self._master, b"\x03")
        self.process.send_signal(signal.SIGCONT)
        watchdog = threading.Timer(PATIENCE_S, self.process.kill)
        watchdog.start()
        said = b""
        while self.process.poll() is None:
            said += self._read()
        watchdog.cancel()
        while piece := self._read():
            said += piece
        os.close(self._master)
        return said

    def _read(self) -> bytes:
        """What it says next, nothing where that takes long."""
        # The end of a terminal is an error.
        with suppress(OSError):
            if select.select([self._master], [], [], 0.02)[0]:
                return os.read(self._master, 65_536)
        return b""


def is_whole(library: Path) -> int:
    """How many tracks are stored; each of them whole."""
    assert integrity(library) == "ok"
    known = contents(library)
    assert len({frozenset(keys) for keys in known.values()}) == 1, known
    return len(known["fingerprints"])


@pytest.mark.invariant("S1-M-29")
@pytest.mark.invariant("S3-ENG-03")
@pytest.mark.parametrize("moment", ["at work", "at its start", "last, others idle", "workers hang"])
def test_ctrl_c_ends_it_within_two_seconds_and_keeps_what_is_done(moment: str, long_music: Path, library: Path) -> None:
    # Nothing waits longer for workers that do not end by themselves.
    assert GRACE_S < LIMIT_S
    assert auralis("--library", library, "scan", long_music).code == 0
    words = ["path::[01].wav"] if moment == "last, others idle" else []
    # One of two is through: its worker is idle while the other goes on.
    wanted = 0 if moment == "at its start" else 1
    started = OnTerminal({"items_done": wanted}, library, "fingerprint", "-j", "2", *words)
    workers = workers_of(started.process.pid)
    if moment == "workers hang":
        # However fast the machine: what they are at never ends by itself.
        assert len(workers) == 2
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
    try:
        said = started.interrupt()
        assert started.process.returncode == 130
        assert b"auralis: error: interrupted" in said
        assert b"Traceback" not in said
        until(lambda: not any(map(_is_ours, workers)), "workers outlive the program")
    finally:
        for pid in filter(_is_ours, workers):
            os.kill(pid, signal.SIGKILL)
    assert is_whole(library) >= wanted
    rest = auralis("--library", library, "fingerprint", "path::[01].wav", "--jsonl")
    assert rest.code == 0, rest.err
    assert is_whole(library) >= 2


def _is_ours(pid: int) -> bool:
    """Whether a worker of that number runs."""
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@pytest.mark.invariant("S1-M-29")
def test_ctrl_c_ends_an_import_that_waits_for_its_lines(run: Run, music: Path, library: Path) -> None:
    assert run("scan", music).code == 0
    words = ["--library", str(library), "--progress", "json", "fingerprint", "--import", "-"]
    with subprocess.Popen(
        [sys.executable, "-m", "auralis_cli", *words],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert b"importing" in process.stderr.readline()
        # No line comes, so that it would wait for ever.
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
    assert run("fingerprint", "-n").out.startswith("dry run: 4 to be fingerprinted")


def test_what_is_killed_keeps_what_was_stored_and_leaves_no_worker(long_music: Path, library: Path) -> None:
    assert auralis("--library", library, "scan", long_music).code == 0
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    killed_at({"items_done": 3}, "--library", library, "fingerprint", "-j", "2", environ=environ)
    before = is_whole(library)
    done = auralis("--library", library, "fingerprint", "--jsonl")
    assert done.code == 0, done.err
    assert before <= is_whole(library) == 6
