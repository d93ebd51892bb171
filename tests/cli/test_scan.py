"""`auralis scan` as a command: real files, worker processes, what it says and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import REPOSITORY, Finished, auralis, auralis_process
from patience import PATIENCE_S
from scanned_folders import music, song

from auralis_cli.model.progress import CancelToken
from auralis_cli.services.scan_lock import one_scan_at_a_time

__all__ = ["music"]
KEYS = ["added", "updated", "unchanged", "moved", "missing", "failed", "skipped"]

Run = Callable[..., Finished]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Command lines with a home of their own, in this process."""

    def start(*words: str | Path, **variables: str) -> Finished:
        return auralis(*words, variables={"AURALIS_HOME": str(tmp_path / "home"), **variables})

    return start


def counts(done: Finished) -> dict[str, int]:
    return {key: done.document[key] for key in KEYS if done.document[key]}


def test_a_scan_says_what_it_did_in_one_line(run: Run, music: Path) -> None:
    for number in range(3):
        song(music / f"{number}.wav", number)
    first = run("scan", music)
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("3 added in ")
    assert run("scan").out.startswith("3 unchanged in ")
    assert run("scan", "-n").out == "dry run: 3 unchanged\n"


def test_a_scan_as_json_has_every_count_and_every_failure(run: Run, music: Path) -> None:
    song(music / "good.wav", 1)
    bad = music / os.fsdecode(b"bad \xff.flac")
    bad.write_bytes(b"no audio at all")
    done = run("scan", music, "--json")
    assert done.code == 3
    assert list(done.document)[: len(KEYS)] == KEYS
    assert {"failures", "offline", "warnings", "dry_run", "seconds"} < set(done.document)
    assert counts(done) == {"added": 1, "failed": 1}
    (failure,) = done.document["failures"]
    assert failure["path"] == str(bad)
    assert failure["error"]["code"] == "unsupported"
    assert counts(run("scan", "--json")) == {"unchanged": 2}


def test_where_every_file_fails_that_is_the_exit_code(run: Run, music: Path) -> None:
    (music / "bad.flac").write_bytes(b"no audio at all")
    assert run("scan", music).code == 4


def test_what_may_be_done_about_failures_is_said_once(run: Run, music: Path) -> None:
    for number in range(3):
        (music / f"{number}.flac").write_bytes(b"no audio at all")
    lines = run("scan", music).err.splitlines()
    assert ["Auralis reads" in line for line in lines] == [True, False, False]
    failures = run("scan", music, "--full", "--json").document["failures"]
    assert all("Auralis reads" in failure["error"]["hint"] for failure in failures)


def test_a_dry_run_says_how_many_would_be_measured(run: Run, music: Path) -> None:
    for number in range(2):
        song(music / f"{number}.wav", number)
    assert run("scan", "-n", music, "--fingerprint").out == "dry run: 2 added, 2 measured\n"
    run("scan", music)
    song(music / "2.wav", 2)
    assert run("scan", "-n", "--fingerprint").out == "dry run: 1 added, 3 measured, 2 unchanged\n"
    assert run("scan", "-n").out == "dry run: 1 added, 2 unchanged\n"
    assert run("scan", "-n", "--analyze", "--json").document["measured"] == 3


def test_a_dry_run_makes_no_library(run: Run, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    done = run("scan", music, "-n", "--json")
    assert (counts(done), done.document["dry_run"]) == ({"added": 1}, True)
    assert not (tmp_path / "home" / "data").exists()


def test_without_a_folder_something_has_to_be_known(run: Run) -> None:
    done = run("scan")
    assert done.code == 2
    assert "no folder is known yet" in done.err


def test_where_nothing_named_is_a_folder_nothing_is_scanned(run: Run, music: Path) -> None:
    done = run("scan", music / "nowhere")
    assert done.code == 4
    assert done.err == f"auralis: error: {music}/nowhere: does not exist (scan takes folders)\n"


@pytest.mark.invariant("S1-H-08")
def test_a_name_that_is_no_folder_costs_itself_alone(run: Run, music: Path) -> None:
    """Kills: a slip in one of many names that keeps all from being scanned."""
    song(music / "1.wav", 1)
    (music / "empty").mkdir()
    nowhere = music.parent / "nowhere"
    done = run("scan", music, nowhere, nowhere, "--json")
    assert (done.code, counts(done)) == (3, {"added": 1, "failed": 1})
    (failure,) = done.document["failures"]
    assert failure["path"] == str(nowhere)
    assert failure["error"] == {"code": "unreadable", "message": "does not exist", "hint": "scan takes folders"}
    file = song(music.parent / "2.wav", 2)
    told = run("scan", file, music)
    assert (told.code, told.err) == (3, f"auralis: error: {file}: is no folder (scan takes folders)\n")
    assert told.out.startswith("1 failed, 1 unchanged in ")
    # A folder in which there is nothing is one that was scanned.
    assert run("scan", music / "empty", nowhere).code == 3
    assert run("scan", nowhere, nowhere / "either").code == 4


def test_what_is_left_out_is_said_by_flag_variable_and_file(run: Run, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    song(music / "rough" / "b.wav", 2)
    song(music / "c.wav", 3)
    assert counts(run("scan", music, "-n", "--json")) == {"added": 3}
    assert counts(run("scan", music, "-n", "--json", "--ignore", "rough/")) == {"added": 2}
    assert counts(run("scan", music, "-n", "--json", AURALIS_SCAN_IGNORE="rough/\nc.*")) == {"added": 1}
    config = tmp_path / "config.toml"
    config.write_text('[scan]\nignore = ["rough/", "a.wav"]\n')
    assert counts(run("--config", config, "scan", music, "-n", "--json")) == {"added": 1}
    refused = run("scan", music, "--ignore", "!")
    assert refused.code == 2
    assert refused.err.startswith("auralis: error: scan.ignore: holds what is no pattern")
    config.write_text("[scan]\nignore = [1]\n")
    assert run("--config", config, "scan", music, "-n").code == 2


@pytest.mark.corpus
def test_open_music_is_scanned_and_a_second_scan_changes_nothing(corpus: Path, tmp_path: Path) -> None:
    first = auralis_process("scan", corpus, "--json", AURALIS_HOME=str(tmp_path))
    assert first.code == 0, first.err
    assert first.document["added"] > 50
    assert counts(auralis_process("scan", "--json", AURALIS_HOME=str(tmp_path))) == {
        "unchanged": first.document["added"]
    }


@pytest.mark.parametrize("how", ["crash", "hang"])
def test_a_file_that_takes_its_worker_down_costs_itself_alone(how: str, music: Path, tmp_path: Path) -> None:
    for number in range(40):
        song(music / f"{number}.wav", number)
    song(music / "7" / f"{how}.wav", 99)
    home = str(tmp_path / "home")
    poison = os.pathsep.join([str(REPOSITORY / "tests" / "poison"), str(REPOSITORY)])
    # Longer than a worker that is well is ever held up.
    done = auralis_process("scan", music, "--json", "--stall-timeout=12s", AURALIS_HOME=home, PYTHONPATH=poison)
    assert done.code == 3, done.err
    assert counts(done) == {"added": 40, "failed": 1}
    (failure,) = done.document["failures"]
    assert failure["path"] == str(music / "7" / f"{how}.wav")
    assert "cannot be read: " in failure["error"]["message"]
    # It is known by then, and not tried again.
    assert counts(auralis_process("scan", "--json", AURALIS_HOME=home, PYTHONPATH=poison)) == {"unchanged": 41}


class Watching:
    """`auralis scan --watch` as a process, whose lines are waited for."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._lines: SimpleQueue[str] = SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "auralis_cli", "scan", "--watch", "--json", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_HOME": str(home)},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def next(self) -> dict[str, Any]:
        """What the next scan that tells anything did."""
        report = json.loads(self._lines.get(timeout=2 * PATIENCE_S))
        return {key: report[key] for key in (*KEYS, "offline") if report[key] and key != "unchanged"}

    def added(self, files: int) -> bool:
        """Whether the next scans, one or several, add so many files and do nothing else."""
        while files > 0:
            told = self.next()
            files -= told.pop("added", 0)
            if told:
                return False
        return files == 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


def put(song: Path, place: Path) -> None:
    """A file that is whole at once, however long writing it takes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    song.rename(place)


@pytest.mark.parametrize("name", ["plain", os.fsdecode(b"\xff")], ids=["UTF-8", "not UTF-8"])
def test_a_watched_folder_is_kept_up_to_date_until_it_is_stopped(name: str, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    watching = Watching(music, tmp_path / "home")
    try:
        assert watching.next() == {"added": 1}
        put(song(tmp_path / "b.wav", 2), music / "new" / name / "b.wav")
        put(song(tmp_path / "c.wav", 3), music / "c.wav")
        assert watching.added(2)
        (music / "c.wav").rename(music / "new" / "c.wav")
        assert watching.next() == {"moved": 1}
        (music / "a.wav").unlink()
        assert watching.next() == {"missing": 1}
        music.rename(tmp_path / "aside")
        assert watching.next() == {"offline": [str(music)]}
        (tmp_path / "aside").rename(music)
        assert watching.next() == {}
        put(song(tmp_path / "d.wav", 4), music / "d.wav")
        assert watching.added(1)
    finally:
        assert watching.stop() in (130, -signal.SIGINT)
    assert counts(auralis("scan", "--json", variables={"AURALIS_HOME": str(tmp_path / "home")})) == {"unchanged": 3}


def test_what_ends_a_watch_is_an_object_on_a_line_as_every_scan_is(run: Run, music: Path) -> None:
    done = run("scan", "--watch", "--json", music / "nowhere")
    assert (done.code, done.out.count("\n")) == (4, 1)
    assert done.document["error"]["code"] == "unreadable"


@pytest.mark.invariant("S4-D4.3")
def test_two_scans_at_once_wait_for_each_other_and_no_file_has_two_rows(music: Path, tmp_path: Path) -> None:
    for number in range(60):
        song(music / "a" / f"{number}.wav", number)
        song(music / "b" / f"{number}.wav", 100 + number)
    libraries = [tmp_path / f"{number}.db" for number in range(10)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [REPOSITORY / "tests", REPOSITORY]))}
    command = [sys.executable, "-m", "overlapping_scans"]
    scanning = [
        subprocess.Popen(
            [*command, folder, *libraries], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        for folder in (music, music / "a")
    ]
    ended = [one.communicate(timeout=4 * PATIENCE_S) for one in scanning]
    assert [one.returncode for one in scanning] == [0, 0], ended
    told = [[json.loads(line) for line in out.splitlines()] for out, _ in ended]
    for library, one, other in zip(libraries, *told, strict=True):
        assert one["added"] + other["added"] == 120
        assert not any(done[key] for done in (one, other) for key in ("failed", "missing", "moved", "updated"))
        assert sqlite3.connect(library).execute("SELECT count(*) FROM files").fetchone() == (120,)


@pytest.mark.invariant("S4-D4.3")
def test_the_second_scan_says_for_whom_it_waits_and_can_be_stopped(run: Run, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    run("scan", music)
    with one_scan_at_a_time(tmp_path / "home" / "data" / "library.db", print, CancelToken()):
        second = subprocess.Popen(
            [sys.executable, "-m", "auralis_cli", "scan"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_HOME": str(tmp_path / "home")},
        )
        assert second.stderr is not None
        said = second.stderr.readline()
        assert said == f"waiting for another scan of this library (process {os.getpid()})\n"
        second.send_signal(signal.SIGINT)
        second.communicate(timeout=2 * PATIENCE_S)
        assert second.returncode in (130, -signal.SIGINT)
    assert run("scan").code == 0


def test_a_new_place_of_a_folder_is_told_once(run: Run, music: Path, tmp_path: Path) -> None:
    for number in range(3):
        song(music / "a" / f"{number}.wav", number)
    run("scan", music)
    music.rename(tmp_path / "moved")
    assert run("scan", "-n", "--relocate", music, tmp_path / "moved").out == "dry run: 3 relocated\n"
    done = run("scan", "--relocate", music, tmp_path / "moved", "--json")
    assert (done.code, done.document["relocated"], counts(done)) == (0, 3, {"unchanged": 3})
    assert counts(run("scan", "--json")) == {"unchanged": 3}
    assert run("scan", "--relocate", music, tmp_path / "moved").code == 4
    assert run("scan", "--relocate", tmp_path / "moved", music).code == 4
    assert run("scan", music, "--relocate", music, tmp_path / "moved").code == 2


def test_a_relocation_and_what_is_found_there_are_one_change(run: Run, music: Path, tmp_path: Path) -> None:
    """Kills: an undo that takes back half of what one command did."""
    for number in range(3):
        song(music / f"{number}.wav", number)
    run("scan", music)
    before = run("list", "--json").document
    music.rename(tmp_path / "moved")
    song(tmp_path / "moved" / "0.wav", 9, mtime_s=1_000_000_000)
    song(tmp_path / "moved" / "new.wav", 4)
    done = run("scan", "--relocate", music, tmp_path / "moved", "--json")
    assert (done.code, done.document["relocated"], done.document["updated"], done.document["added"]) == (0, 3, 1, 1)
    assert [one["verb"] for one in run("history", "--json").document["items"]] == ["scan --relocate", "scan"]
    told = run("history").out
    assert f"{music} is {tmp_path}/moved: 1 added, 1 updated" in told
    assert run("undo", "-y").code == 0
    assert run("list", "--json").document == before


def test_what_is_measured_is_measured_once_and_asked_for_at_once(run: Run, music: Path) -> None:
    for number in range(2):
        song(music / f"{number}.wav", 10**6 * (number + 1))
    shutil.copy(music / "0.wav", music / "copy.wav")
    done = run("scan", music, "--analyze", "--json")
    assert (done.code, done.document["measured"], counts(done)) == (0, 2, {"added": 3})
    assert run("scan", "--analyze", "--json").document["measured"] == 0
    (music / "0.wav").rename(music / "moved.wav")
    song(music / "2.wav", 77)
    assert run("scan", "--analyze", "--json").document["measured"] == 1


def test_a_cue_track_is_measured_by_its_span(run: Run, music: Path, tmp_path: Path) -> None:
    rate, seconds = 44_100, 4
    tone = np.sin(np.arange(rate * seconds) * 2 * np.pi * 997 / rate)
    loud = np.concatenate([0.5 * tone, 0.05 * tone])
    soundfile.write(music / "album.flac", np.stack([loud, loud], axis=1), rate)
    (music / "album.cue").write_text(
        'FILE "album.flac" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:04:00\n'
    )
    assert run("scan", music, "--analyze", "--json").document["measured"] == 2
    library = sqlite3.connect(tmp_path / "home" / "data" / "library.db")
    rows = library.execute("SELECT content_key, integrated_lufs FROM loudness ORDER BY content_key").fetchall()
    assert [key[-2:] for key, _ in rows] == ["#1", "#2"]
    assert rows[0][1] - rows[1][1] == pytest.approx(20.0, abs=0.05)
