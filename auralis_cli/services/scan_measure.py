"""`scan --analyze`: the loudness of what has none yet, measured in worker processes and stored as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.model.library import FileFailure, MeasuredLoudness, TrackPlace
from auralis_cli.model.progress import BatchProgressSink, CancelToken, ProgressSink
from auralis_cli.model.source import SECTORS_PER_SECOND, AudioSource, CueTrack
from auralis_cli.services.scan_work import as_done, blamed
from auralis_cli.services.worker_process import Sign
from auralis_cli.services.workers import WorkerExecutor, WorkerLostError

_AHEAD = 2
# Kernels are compiled at their first use on a machine, which gives no sign of life.
_LEAST_STALL_S = 300.0

Measured = tuple[TrackPlace, MeasuredLoudness | FileFailure]


def measure_loudness(place: TrackPlace, progress: ProgressSink, cancel: CancelToken) -> MeasuredLoudness:
    """Job of a worker: decodes a track and measures it. Raises InputError for what cannot be decoded."""
    from auralis_cli.services.analyze import analyze_file

    measured = analyze_file(source_of(place), progress, cancel).analysis.measurements
    if measured.meaningless is not None:
        return MeasuredLoudness(*[None] * 9)
    return MeasuredLoudness(
        measured.integrated_lufs,
        measured.momentary_max_lufs,
        measured.short_term_max_lufs,
        measured.lra_lu,
        measured.true_peak_dbtp,
        measured.sample_peak_dbfs,
        measured.plr_db,
        measured.crest_db,
        measured.dc_offset,
    )


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


def measure_places(
    places: Sequence[TrackPlace], *, jobs: int, stall_s: float, sink: BatchProgressSink, cancel: CancelToken
) -> Generator[Measured]:
    """Measures all `places` and yields each as it is done; closing the generator ends the work."""
    if not places:
        return
    notes: SimpleQueue[str] = SimpleQueue()
    said: set[str] = set()

    def hear(_future: Future[Any], sign: Sign) -> None:
        if sign.note is not None:
            notes.put(sign.note)

    executor = WorkerExecutor(min(jobs, len(places)), stall_s=max(stall_s, _LEAST_STALL_S), on_sign=hear)
    through = 0
    sink.overall(0, len(places), None)
    try:
        waiting = deque(places)
        submitting = as_done(waiting, lambda place: executor.submit(measure_loudness, place), jobs * _AHEAD, cancel)
        for place, future in submitting:
            while not notes.empty():
                if (note := notes.get()) not in said:
                    said.add(note)
                    sink.note(note)
            through += 1
            sink.overall(through, len(places), place.path)
            yield place, _outcome(place, future)
    finally:
        executor.shutdown(cancel_futures=True)


def _outcome(place: TrackPlace, future: Future[Any]) -> MeasuredLoudness | FileFailure:
    try:
        measured: MeasuredLoudness = future.result()
    except CancelledError:
        raise
    except (WorkerLostError, AuralisError) as error:
        failed = blamed(place.path, error)
        return FileFailure(None, place.path, failed.code, f"cannot be measured: {failed.why}", failed.hint)
    return measured
