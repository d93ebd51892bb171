"""By what a failure is known later: the file as it was when it was worked on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.library import FileFailure, TrackPlace
from auralis_cli.model.progress import CancelToken, SilentBatchProgress
from auralis_cli.services import track_work
from auralis_cli.services.executors import OpenExecutor
from auralis_cli.services.scan_work import stat_now


class Here(Executor):
    """Does every job at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, None, CancelToken()))
        return future


@contextmanager
def open_here(*_: object, **__: object) -> Iterator[OpenExecutor]:
    yield OpenExecutor(Here(), 1)


@pytest.mark.parametrize("cluster", [None, ClusterAddress("there", 8786)])
def test_a_failure_is_of_the_file_that_was_read_or_of_what_another_machine_read_as_it_is_here(
    cluster: ClusterAddress | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: what was written since by this machine counts as what failed, and is never read."""
    monkeypatch.setattr(track_work, "open_executor", open_here)
    file = tmp_path / "song.flac"
    file.write_bytes(b"broken")
    before = stat_now(str(file))

    def job(place: TrackPlace, _progress: object, _cancel: CancelToken) -> FileFailure:
        os.utime(file, (1.0, 1.0))
        of_there = before if cluster is None else before._replace(device=99)
        return FileFailure(of_there, place.path, "input", "cannot be decoded")

    place = TrackPlace("flac:1", str(file), 0, None, None, None, None)
    places = track_work.work_on_places(
        [place], job, jobs=1, stall_s=1.0, sink=SilentBatchProgress(), cancel=CancelToken(), cluster=cluster
    )
    ((_, failure),) = places
    assert isinstance(failure, FileFailure)
    assert failure.stat == (before if cluster is None else stat_now(str(file)))
