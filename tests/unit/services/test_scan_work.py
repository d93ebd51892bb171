"""Reading files in workers: what a worker needs to begin, and what stays of files that change or crash it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from command_line import REPOSITORY
from scanned_folders import song

from auralis_cli.audio import track_file
from auralis_cli.errors import CancelledError, InputError
from auralis_cli.model.library import FileFailure, FileRecord, FileStat
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services import cleanup, workers
from auralis_cli.services.scan_work import blamed, failure_of, read_chunk, read_files, stat_now
from auralis_cli.services.workers import WorkerExecutor, WorkerLostError


def stats(folder: Path, count: int) -> list[FileStat]:
    return [stat_now(str(song(folder / f"{number:03d}.wav", number))) for number in range(count)]


def test_a_worker_reads_music_without_what_decoding_needs() -> None:
    """So that it starts in a tenth of a second."""
    heavy = ("numpy", "numba", "soundfile", "av", "mutagen", "peewee", "typer", "rich")
    modules = "auralis_cli.services.worker_process, auralis_cli.services.scan_work, auralis_cli.audio.track_file"
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("count", [1, 20, 300])
def test_every_file_is_read_once_by_any_number_of_workers(count: int, tmp_path: Path) -> None:
    wanted = stats(tmp_path, count)
    chunks = list(read_files(wanted, (str(tmp_path),), jobs=2, stall_s=30.0, cancel=CancelToken()))
    found = [one.stat for chunk in chunks for one in chunk if isinstance(one, FileRecord)]
    assert sorted(found, key=lambda stat: stat.path) == wanted


def test_a_file_that_was_changed_since_it_was_found_is_read_as_it_is_now(tmp_path: Path) -> None:
    (found,) = stats(tmp_path, 1)
    song(Path(found.path), 99, mtime_s=5.0)
    (read,) = read_chunk([found], (), SilentProgress(), CancelToken())
    assert isinstance(read, FileRecord)
    assert read.stat == stat_now(found.path) != found


def test_a_file_that_is_being_written_fails_for_this_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = stats(tmp_path, 1)

    def reading(stat: FileStat, *_: object) -> FileRecord:
        os.utime(stat.path, (7.0, 7.0))
        raise InputError(stat.path, "changed while it was read")

    monkeypatch.setattr(track_file, "read_track_file", reading)
    read = read_chunk([found], (), SilentProgress(), CancelToken())
    assert read == (FileFailure(None, found.path, "unreadable", "changed while it was read"),)


def test_what_the_system_refuses_says_nothing_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = stats(tmp_path, 1)

    def refused(stat: FileStat, *_: object) -> FileRecord:
        raise InputError(stat.path, "may not be read (permission denied)") from PermissionError(13, "no")

    monkeypatch.setattr(track_file, "read_track_file", refused)
    (read,) = read_chunk([found], (), SilentProgress(), CancelToken())
    assert isinstance(read, FileFailure)
    assert read.stat is None


def test_a_stop_is_no_failure_of_any_file(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(read_files(stats(tmp_path, 40), (), jobs=1, stall_s=30.0, cancel=cancel))


@pytest.mark.parametrize("blameless", [True, False])
def test_a_worker_that_was_ended_by_somebody_else_says_nothing_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, blameless: bool
) -> None:
    """Nor does one that cannot start: else every file would count as damaged until it changes."""

    class Losing(WorkerExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(WorkerLostError("crashed", stalled=False, blameless=blameless))
            return future

    monkeypatch.setattr(workers, "WorkerExecutor", Losing)
    wanted = stats(tmp_path, 3)
    chunks = read_files(wanted, (), jobs=1, stall_s=30.0, cancel=CancelToken())
    found = [one.stat for chunk in chunks for one in chunk]
    assert found == [None if blameless else stat for stat in wanted]


def test_a_file_that_stalls_is_remembered_but_is_no_damaged_one(tmp_path: Path) -> None:
    """The disk may be at fault: what is damaged may go to the trash, this may not."""
    (found,) = stats(tmp_path, 1)
    failed = failure_of(found, blamed(found.path, WorkerLostError("no progress for 60 s", stalled=True)))
    assert (failed.stat, failed.code) == (found, "stalled")
    assert not cleanup._is_damaged(failed.code)
