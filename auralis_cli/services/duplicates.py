"""`auralis duplicates`: which tracks of the library are one recording, and which copy of it is worth keeping.

The same audio is told by its content, or by the digest of its samples; the same recording by its landmarks. Silence is
the same as nothing, and tags say nothing of what is heard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.defects import Defect
from auralis_cli.model.duplicates import DuplicateReport, RecordingMatch
from auralis_cli.model.fingerprint import FingerprintedTrack, FingerprintFlag
from auralis_cli.model.landmarks import LANDMARK_HOP_S
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.duplicate_groups import Resemblance, groups_of, ignored_pair
from auralis_cli.services.kept_copy import CopyFacts

# So many matches are found between two looks at whether to stop.
_MATCHES_AT_ONCE = 1_000
# What encoders make of two channels that are the same.
_MOST_WIDTH_OF_MONO = 1e-4


def find_duplicates(
    store: Store, progress: ProgressSink, cancel: CancelToken, *, chosen: Collection[int] | None = None
) -> DuplicateReport:
    """All recordings that are there more than once; of `chosen` tracks, those that one of them is a copy of.

    Only chosen tracks are proposed for the trash. Raises LibraryError where the store cannot be used, CancelledError
    when asked to stop.
    """
    search = _Search(store, progress, cancel)
    likeness = search.likeness()
    facts = search.facts(likeness)
    progress.step("choosing", None)
    groups, ignored = groups_of(facts, likeness, store.not_duplicates.all(), chosen)
    return DuplicateReport(tuple(groups), ignored, len(store.fingerprints.places()))


def ignore(store: Store, first: Track, second: Track, clock: Callable[[], int]) -> None:
    """Remembers that two tracks are no duplicates of each other. Raises UsageError where they are one track."""
    if first.id == second.id:
        raise UsageError(first.path, "is one track, and no duplicate of itself", "name two")
    keys = store.fingerprints.keys_of([first.id, second.id])
    names = ignored_pair((first.id, keys[first.id]), (second.id, keys[second.id]))
    summary = f"no duplicates: {first.path} and {second.path}"
    with changes(store, "duplicates --ignore", summary, clock) as change, change.transaction():
        store.not_duplicates.add(*names, now=clock())


class _Search:
    """What has to be read for one search."""

    def __init__(self, store: Store, progress: ProgressSink, cancel: CancelToken) -> None:
        self._store, self._progress, self._cancel = store, progress, cancel

    def likeness(self) -> Resemblance:
        """What of all contents is like what."""
        from auralis_cli.analysis.duplicates import Recordings

        self._step("reading landmarks")
        recordings = Recordings(self._store.landmarks.stream())
        self._step("comparing")
        matches: dict[frozenset[str], RecordingMatch] = {}
        for match in recordings.matches():
            matches[frozenset((match.first_key, match.second_key))] = match
            if len(matches) % _MATCHES_AT_ONCE == 0:
                self._step("comparing")
        return Resemblance(matches, set(self._same_samples()), recordings.match)

    def facts(self, likeness: Resemblance) -> list[CopyFacts]:
        """What is known of every track that may be a copy, each file once."""
        self._step("looking")
        of_one_content = self._store.copies.of_one_content()
        keys = {key for pair in (*likeness.matches, *likeness.same_samples) for key in pair}
        ids = {number for numbers in self._store.fingerprints.tracks_of(sorted(keys)).values() for number in numbers}
        ids.update(number for numbers in of_one_content.values() for number in numbers)
        ordered = sorted(ids)
        fingerprints = self._store.fingerprints.of_tracks(ordered)
        silent = {number for number, one in fingerprints.items() if FingerprintFlag.SILENT in one.flags}
        tracks = [track for track in self._store.tracks.by_ids(ordered) if track.id not in silent]
        of_tracks = self._store.fingerprints.keys_of(ordered)
        return list(self._facts_of(list(_each_file_once(tracks)), of_tracks, fingerprints))

    def _facts_of(
        self, found: Sequence[_Found], keys: dict[int, str], fingerprints: dict[int, FingerprintedTrack]
    ) -> Iterator[CopyFacts]:
        heard = self._heard_s([keys[one.track.id] for one in found])
        tracks_in = self._store.copies.tracks_in_files([one.track.path for one in found])
        for one in found:
            self._cancel.raise_if_cancelled()
            key = keys[one.track.id]
            defects, cutoff_hz = _measured(self._store, one.track, key)
            yield CopyFacts(
                one.track,
                key,
                heard.get(key, one.track.duration_s or 0.0),
                defects,
                cutoff_hz,
                _bound(one, tracks_in.get(one.track.path, 1)),
                _voices(one.track, fingerprints.get(one.track.id)),
                _is_whole(fingerprints.get(one.track.id)),
            )

    def _heard_s(self, keys: Sequence[str]) -> dict[str, float]:
        landmarks = self._store.landmarks.get(list(dict.fromkeys(keys)))
        return {key: int.from_bytes(one.valid, "little").bit_count() * LANDMARK_HOP_S for key, one in landmarks.items()}

    def _same_samples(self) -> Iterator[frozenset[str]]:
        """Contents that decode to the same samples, whatever they are in."""
        for keys in self._store.copies.measured_alike():
            self._cancel.raise_if_cancelled()
            of_digest: dict[tuple[str, int], list[str]] = {}
            for key in keys:
                analysis = _analysis(self._store, key)
                if analysis is not None and analysis.sample_digest and not analysis.measurements.silent:
                    rate_hz = analysis.measurements.sample_rate_hz
                    of_digest.setdefault((analysis.sample_digest, rate_hz), []).append(key)
            for same in of_digest.values():
                yield from map(frozenset, combinations(same, 2))

    def _step(self, task: str) -> None:
        self._cancel.raise_if_cancelled()
        self._progress.step(task, None)


@dataclass(frozen=True, slots=True)
class _Found:
    """A track whose file is there, the other names by which the library knows that, and how many it has at all."""

    track: Track
    other_names: tuple[str, ...]
    links: int


def _each_file_once(tracks: Iterable[Track]) -> Iterator[_Found]:
    """The tracks whose files are there; what links lead to more than once is one, by its own name or the first."""
    of_file: dict[tuple[int, int, int], list[Track]] = {}
    links: dict[tuple[int, int, int], int] = {}
    for track in tracks:
        if track.status is not FileStatus.PRESENT:
            continue
        try:
            status = os.stat(track.path)
        except OSError:
            continue
        file = status.st_dev, status.st_ino, track.cue_number
        of_file.setdefault(file, []).append(track)
        links[file] = status.st_nlink
    for file, same in of_file.items():
        first, *others = sorted(same, key=lambda track: (os.path.realpath(track.path) != track.path, track.path))
        yield _Found(first, tuple(track.path for track in others), links[file])


def _bound(found: _Found, tracks_in_file: int) -> str | None:
    """Why a file stays, whatever its track is a copy of."""
    if found.track.cue_number:
        return "a track of a cue sheet, its file holds others"
    if tracks_in_file > 1:
        return "its file is divided by a cue sheet as well"
    if found.other_names:
        return f"its file has another name here: {found.other_names[0]}"
    if found.links > 1:
        return f"its file has {found.links} names (hard links)"
    return None


def _is_whole(fingerprinted: FingerprintedTrack | None) -> bool:
    return fingerprinted is None or FingerprintFlag.DAMAGED not in fingerprinted.flags


def _voices(track: Track, fingerprinted: FingerprintedTrack | None) -> int:
    """How many channels there are to hear: one where two are the same, none where they cancel each other."""
    channels = min(2, track.channels or 1)
    if channels == 1 or fingerprinted is None:
        return channels
    if FingerprintFlag.ANTIPHASE in fingerprinted.flags:
        return 0
    return 2 if fingerprinted.fingerprint.stereo_width > _MOST_WIDTH_OF_MONO else 1


def _measured(store: Store, track: Track, key: str) -> tuple[tuple[Defect, ...], float | None]:
    """What its analysis, where there is one, tells of its real quality."""
    analysis = _analysis(store, key)
    if analysis is None:
        return (), None
    from auralis_cli.analysis.defects import find_defects

    return find_defects(analysis, _stream_of(track), ()), analysis.tone.cutoff_hz


def _analysis(store: Store, key: str) -> TrackAnalysis | None:
    """What was measured of a content; None where nothing is kept of it that can be read."""
    from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, undamaged_analysis

    return undamaged_analysis(store.analyses.get(key, version=ANALYSIS_VERSION))


def _stream_of(track: Track) -> StreamInfo:
    """The stream as the library knows it."""
    subtype = Subtype.LOSSY
    if track.lossless:
        named = f"PCM_{track.bits}"
        subtype = Subtype(named) if named in list(Subtype) else Subtype.FLOAT
    return StreamInfo(
        track.sample_rate_hz or 0, track.channels or 0, None, track.format or "", track.codec or "", subtype
    )
