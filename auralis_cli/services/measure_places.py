"""Everything there is to know of a track's audio, from one decoding in a worker process, stored as it comes.

`scan --analyze`, `scan --fingerprint` and `fingerprint` are the same work on different tracks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.fingerprint import FingerprintedTrack
from auralis_cli.model.landmarks import Landmarks
from auralis_cli.model.library import FileFailure, FileStat, MeasuredLoudness, TrackPlace
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.scan_work import stat_now
from auralis_cli.services.track_work import failed_at, source_of

_BATCH = 16
# How much of the work a process that is killed may lose.
_LONGEST_WAIT_S = 2.0
# Of a track that has none: known, so that they are not looked for again.
_NO_LANDMARKS = Landmarks(b"", b"")
_NAMELESS = "unknown:"


@dataclass(frozen=True, slots=True)
class MeasuredTrack:
    """What a worker hands back: compact, and all of it to be stored."""

    loudness: MeasuredLoudness
    # A failure where the samples are no numbers.
    fingerprint: FingerprintedTrack | FileFailure
    landmarks: Landmarks
    # Bytes of `services/stored_analysis.py`.
    analysis: bytes | None
    # Of all of the audio of its file, which is what was measured; None where that has no content to be known by.
    audio_hash: str | None = None


Measured = tuple[TrackPlace, MeasuredTrack | FileFailure]


def measure_place(place: TrackPlace, progress: ProgressSink, cancel: CancelToken) -> MeasuredTrack | FileFailure:
    """Job of a worker: decodes a track and measures it. What cannot be decoded is a failure."""
    from auralis_cli.services.analyze import analyze_file

    stat = None
    try:
        stat = stat_now(place.path)
        audio_hash = _checked_hash(place, progress, cancel)
        analysis = analyze_file(source_of(place), progress, cancel, in_turn=True).analysis
        if stat_now(place.path) != stat:
            raise _ChangedError(place.path, "changed while it was measured")
    except InputError as error:
        return _failed(place, stat, error)
    meaningless = analysis.measurements.meaningless
    if meaningless is not None:
        failure = _failed(place, stat, InputError(place.path, meaningless))
        return MeasuredTrack(MeasuredLoudness(*[None] * 9), failure, _NO_LANDMARKS, None, audio_hash)
    return _measured(analysis, audio_hash)


def _failed(place: TrackPlace, stat: FileStat | None, error: InputError) -> FileFailure:
    failed = failed_at(place, stat, error, passing=isinstance(error, _ChangedError))
    return replace(failed, message=f"cannot be measured: {failed.message}")


class _ChangedError(InputError):
    """The file is not the one that was scanned."""


def _checked_hash(place: TrackPlace, progress: ProgressSink, cancel: CancelToken) -> str | None:
    """The hash of all of the file's audio.

    What is measured is filed under the content that the last scan saw, so that has to be there still.
    """
    from auralis_cli.audio.track_file import content_of, full_hash
    from auralis_cli.db.content_keys import content_of_key, quick_id

    known = content_of_key(place.content_key)
    if known.startswith(_NAMELESS):
        return None

    def going_on() -> None:
        cancel.raise_if_cancelled()
        progress.step("reading", None)

    if quick_id(known) != content_of(place.path):
        raise _ChangedError(place.path, "has changed since it was scanned", "auralis scan")
    found = full_hash(place.path, going_on)
    if place.audio_hash not in (None, found):
        raise _ChangedError(place.path, "has changed since it was scanned", "auralis scan --full")
    return found


def _measured(analysis: TrackAnalysis, audio_hash: str | None) -> MeasuredTrack:
    from auralis_cli.services.stored_analysis import analysis_to_bytes

    loudness, landmarks = _loudness(analysis.measurements), analysis.landmarks or _NO_LANDMARKS
    return MeasuredTrack(loudness, analysis.fingerprinted, landmarks, analysis_to_bytes(analysis), audio_hash)


def _loudness(measured: Measurements) -> MeasuredLoudness:
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


def outcome_of(measured: MeasuredTrack | FileFailure) -> FingerprintedTrack | FileFailure:
    """What became of the fingerprint."""
    return measured.fingerprint if isinstance(measured, MeasuredTrack) else measured


def stored(
    store: Store, results: Iterable[Measured], transaction: Callable[[], AbstractContextManager[None]], *, now: int
) -> Generator[Measured]:
    """Stores what was measured, a few tracks at a time, and gives each once it is stored.

    Also what there is when an exception ends them is stored; a track is stored whole or not at all.
    """
    waiting: list[Measured] = []
    since_s = time.monotonic()
    try:
        for measured in results:
            waiting.append(measured)
            if len(waiting) >= _BATCH or time.monotonic() - since_s > _LONGEST_WAIT_S:
                batch, waiting = waiting, []
                _store(store, batch, transaction, now)
                since_s = time.monotonic()
                yield from batch
    finally:
        _store(store, waiting, transaction, now)
    yield from waiting


def _store(
    store: Store, batch: Iterable[Measured], transaction: Callable[[], AbstractContextManager[None]], now: int
) -> None:
    measured = [(place.content_key, one) for place, one in batch if isinstance(one, MeasuredTrack)]
    found = [(place.content_key, outcome_of(one)) for place, one in batch]
    # What the system refused, and what changed meanwhile, says nothing of the content.
    failed = [(key, one) for key, one in found if isinstance(one, FileFailure) and one.stat is not None]
    if not (measured or failed):
        return
    from auralis_cli.db.content_keys import content_of_key
    from auralis_cli.services.stored_analysis import ANALYSIS_VERSION

    with transaction():
        store.audio_hashes.put((content_of_key(key), one.audio_hash) for key, one in measured if one.audio_hash)
        store.loudness.put([(key, one.loudness) for key, one in measured], now=now)
        store.fingerprints.put(
            [
                (key, one.fingerprint, one.landmarks)
                for key, one in measured
                if isinstance(one.fingerprint, FingerprintedTrack)
            ],
            now=now,
        )
        bodies = [(key, one.analysis) for key, one in measured if one.analysis is not None]
        store.analyses.put(bodies, version=ANALYSIS_VERSION, now=now)
        for key, failure in failed:
            store.fingerprints.fail(key, failure, now=now)
