"""Work on the audio of tracks in worker processes: each track by itself, as it is done, whatever one of them does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.library import FileFailure, FileStat, TrackPlace
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.source import SECTORS_PER_SECOND, AudioSource, CueTrack
from auralis_cli.services.executors import open_executor
from auralis_cli.services.scan_work import as_done, blamed, failure_of, stat_if_any
from auralis_cli.services.shared_storage import NotSharedError, on_shared_storage, seen_here
from auralis_cli.services.worker_process import Sign
from auralis_cli.services.workers import WorkerLostError

# So many tracks are one message to a cluster, at most.
_CHUNK = 8
# Kernels are compiled at their first use on a machine, which gives no sign of life.
_LEAST_STALL_S = 300.0

Result = TypeVar("Result")


def source_of(place: TrackPlace) -> AudioSource:
    """What is to be decoded of a track: its file, or its span of that."""
    path = Path(place.path)
    if place.sheet_path is None or place.start_frame is None or place.sample_rate_hz is None:
        return AudioSource(path)
    start = _sector_of_frame(place.start_frame, place.sample_rate_hz)
    end = None if place.end_frame is None else _sector_of_frame(place.end_frame, place.sample_rate_hz)
    return AudioSource(path, cue=CueTrack(Path(place.sheet_path), place.cue_number, start, end))


def _sector_of_frame(frame: int, sample_rate_hz: int) -> int:
    """The sector that `frame_of_sector` made the frame of."""
    return (2 * frame * SECTORS_PER_SECOND + sample_rate_hz) // (2 * sample_rate_hz)


def work_on_places(
    places: Sequence[TrackPlace],
    job: Callable[..., Result | FileFailure],
    *,
    jobs: int,
    stall_s: float,
    sink: BatchProgressSink,
    cancel: CancelToken,
    cluster: ClusterAddress | None = None,
) -> Generator[tuple[TrackPlace, Result | FileFailure]]:
    """Does `job(place, progress, cancel)`, importable elsewhere, for every place; yields each result as it is there.

    What crashes its worker, or holds it up for `stall_s`, is a failure; one without a stat is no fault of the file's.
    Closing the generator ends the work.
    """
    if not places:
        return
    notes: SimpleQueue[str] = SimpleQueue()
    said: set[str] = set()

    def hear(_future: Future[Any], sign: Sign) -> None:
        if sign.note is not None:
            notes.put(sign.note)

    stall_s = max(stall_s, _LEAST_STALL_S)
    through = 0
    sink.overall(0, len(places), None)
    with open_executor(cluster, min(jobs, len(places)), stall_s=stall_s, most=_CHUNK, on_sign=hear) as workers:

        def submit(place: TrackPlace) -> Future[Result | FileFailure]:
            if cluster is None:
                return workers.executor.submit(job, place)
            return workers.executor.submit(on_shared_storage, seen_here((place.path,)), job, place)

        for place, future in as_done(deque(places), submit, workers.ahead, cancel):
            while not notes.empty():
                if (note := notes.get()) not in said:
                    said.add(note)
                    sink.note(note)
            through += 1
            sink.overall(through, len(places), place.path)
            yield place, _outcome(place, future, is_elsewhere=cluster is not None)


def failed_at(place: TrackPlace, stat: FileStat | None, error: AuralisError, *, passing: bool = False) -> FileFailure:
    """The failure of the work on a place, whose file was `stat` before it, None where it could not even be found."""
    return failure_of(stat or FileStat(place.path, 0, 0, 0, 0), error, passing=passing or stat is None)


def _outcome(place: TrackPlace, future: Future[Result | FileFailure], *, is_elsewhere: bool) -> Result | FileFailure:
    try:
        found = future.result()
    except CancelledError:
        raise
    except (WorkerLostError, AuralisError) as error:
        passing = isinstance(error, NotSharedError) or (isinstance(error, WorkerLostError) and error.blameless)
        return failed_at(place, stat_if_any(place.path), blamed(place.path, error), passing=passing)
    if is_elsewhere and isinstance(found, FileFailure) and found.stat is not None:
        # Another machine has other numbers for the same file.
        return replace(found, stat=stat_if_any(place.path))
    return found
