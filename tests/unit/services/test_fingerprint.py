"""Fingerprinting the library: whole tracks or nothing, in the order asked for, once; what fails is remembered."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import music_records
import numpy as np
import pytest
import soundfile
from fingerprints import fingerprinted, landmarks
from patience import PATIENCE_S
from scanned_folders import SilentBatchProgress, song

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.opening import open_audio
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, LibraryError
from auralis_cli.model import fingerprint as definitions
from auralis_cli.model.fingerprint import FingerprintedTrack
from auralis_cli.model.library import FileFailure, FileStat, TrackPlace
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.model.source import AudioSource
from auralis_cli.services import measure_places, track_work
from auralis_cli.services.fingerprint import FingerprintRequest, TrackFingerprint, fingerprint
from auralis_cli.services.measure_places import Measured, MeasuredTrack, stored
from auralis_cli.services.scan import ScanRequest, scan
from auralis_cli.services.stored_analysis import ANALYSIS_VERSION
from auralis_cli.services.track_work import source_of, work_on_places

PATHS = tuple(f"/music/{name}.flac" for name in "cabdefghij")
STAT = FileStat("/music/c.flac", 1, 1, 1, 1)
TABLES = ("loudness", "fingerprints", "landmarks", "analyses")


def measured(place: TrackPlace) -> MeasuredTrack:
    """What a worker would find, the same for the same content."""
    seed = int(place.content_key.removeprefix("flac:"))
    return MeasuredTrack(music_records.LOUD, fingerprinted(seed), landmarks(20, seed), b"analysis of %d" % seed)


class Work:
    """Stands for the worker processes: does its jobs here, in any order, and fails where told."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failing: dict[str, FileFailure] = {}
        self.backwards = False
        self.ends_after: int | None = None

    def __call__(
        self, places: Sequence[TrackPlace], job: object, **_: object
    ) -> Generator[tuple[TrackPlace, MeasuredTrack | FileFailure]]:
        for place in reversed(places) if self.backwards else places:
            if self.ends_after is not None and len(self.done) == self.ends_after:
                raise CancelledError
            self.done.append(place.path)
            yield place, self.failing.get(place.path) or measured(place)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/music", now=1)
        store.files.apply(
            [
                music_records.record(path, number=at, content=f"flac:{at}", title=path[7])
                for at, path in enumerate(PATHS)
            ],
            root_id=root.id,
            now=2,
        )
        yield store


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    monkeypatch.setattr(track_work, "work_on_places", work)
    return work


def told(store: Store, *words: str, cancel: CancelToken | None = None, **options: Any) -> list[TrackFingerprint]:
    request = FingerprintRequest(parse_query(words, Surroundings(now=1)), **options)
    return list(fingerprint(store, request, SilentBatchProgress(), cancel or CancelToken(), now=9))


def rows_of(store: Store, key: str) -> list[int]:
    """How many rows each table has of a content."""
    counted = []
    for table in TABLES:
        row = store.database.one(f"SELECT count(*) FROM {table} WHERE content_key = ?", (key,))
        counted.append(0 if row is None else row[0])
    return counted


def test_tracks_are_told_in_the_order_asked_for_whatever_is_done_first(store: Store, work: Work) -> None:
    work.backwards = True
    found = told(store, "title-")
    assert [one.track.path for one in found] == sorted(PATHS, reverse=True)
    assert all(one.is_new and isinstance(one.result, FingerprintedTrack) for one in found)
    assert [one.result for one in found if one.track.path == PATHS[3]] == [fingerprinted(3)]


def test_what_is_known_is_told_and_not_computed_again(store: Store, work: Work) -> None:
    told(store, "title:=c")
    assert work.done == [PATHS[0]]
    found = told(store)
    assert len(work.done) == len(PATHS)
    assert [one.is_new for one in found].count(False) == 1
    assert told(store, again=True)
    assert len(work.done) == 2 * len(PATHS)


def test_all_that_one_decoding_tells_is_stored_together(store: Store, work: Work) -> None:
    told(store)
    assert store.loudness.get("flac:4") == music_records.LOUD
    assert store.fingerprints.get("flac:4") == fingerprinted(4)
    assert store.landmarks.get(["flac:4"]) == {"flac:4": landmarks(20, 4)}
    assert store.analyses.get("flac:4", version=ANALYSIS_VERSION) == b"analysis of 4"


def test_a_dry_run_computes_nothing(store: Store, work: Work) -> None:
    told(store, "title:=c")
    found = told(store, dry_run=True)
    assert len(work.done) == 1
    assert [(one.result is None, one.is_new) for one in found].count((True, True)) == len(PATHS) - 1


def test_what_failed_is_remembered_and_told_until_it_is_tried_again(store: Store, work: Work) -> None:
    work.failing[PATHS[0]] = FileFailure(STAT, PATHS[0], "unreadable", "is poisoned")
    assert [one.result for one in told(store) if isinstance(one.result, FileFailure)] == [work.failing[PATHS[0]]]
    done = len(work.done)
    (again,) = (one.result for one in told(store) if isinstance(one.result, FileFailure))
    assert (again.path, again.message, again.hint) == (PATHS[0], "is poisoned", "--force tries again")
    assert len(work.done) == done
    work.failing.clear()
    told(store, again=True)
    assert store.fingerprints.failures() == []


def test_what_was_no_fault_of_the_file_is_tried_by_every_run(store: Store, work: Work) -> None:
    work.failing[PATHS[0]] = FileFailure(None, PATHS[0], "unreadable", "was ended from outside")
    told(store)
    assert store.fingerprints.failures() == []
    assert [place.path for place in store.fingerprints.places()] == [PATHS[0]]


def test_later_definitions_compute_everything_again(store: Store, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    told(store)
    monkeypatch.setattr("auralis_cli.db.fingerprints.FINGERPRINT_VERSION", definitions.FINGERPRINT_VERSION + 1)
    assert len(store.fingerprints.places()) == len(PATHS)


@pytest.mark.invariant("S3-ENG-03")
def test_a_stop_keeps_what_is_done_and_the_next_run_goes_on(store: Store, work: Work) -> None:
    work.ends_after = 6
    with pytest.raises(CancelledError):
        told(store, "path+")
    assert sorted(work.done) == sorted(PATHS)[:6]
    assert len(store.fingerprints.places()) == len(PATHS) - 6
    (entry,) = store.journal.entries()
    work.ends_after = None
    told(store)
    assert sorted(work.done) == sorted(PATHS)
    assert entry.verb == "fingerprint"


@pytest.mark.invariant("S3-ENG-03")
def test_wherever_storing_is_stopped_a_track_is_stored_whole_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred stops, each at some statement or other."""
    rng = random.Random(20_261_121)
    places = store.fingerprints.places()
    run_many = LibraryDatabase.run_many
    stopped = 0
    for _ in range(200):
        left = rng.randrange(0, 14)

        def stopping(self: LibraryDatabase, *arguments: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise CancelledError
            run_many(self, *arguments)

        some = rng.sample(places, 3)
        monkeypatch.setattr(LibraryDatabase, "run_many", stopping)
        try:
            for _ in stored(store, ((place, measured(place)) for place in some), store.database.write, now=3):
                pass
        except CancelledError:
            stopped += 1
        monkeypatch.setattr(LibraryDatabase, "run_many", run_many)
        for place in some:
            assert rows_of(store, place.content_key) in ([0] * 4, [1] * 4)
        for table in TABLES:
            store.database.run(f"DELETE FROM {table}")
    assert 50 < stopped < 200


def slow(place: TrackPlace, progress: Any, cancel: CancelToken) -> str:
    """Job of a worker that takes a minute for all tracks but the first, unless it is asked to stop."""
    for _ in range(10 if place.path == min(PATHS) else 6000):
        cancel.raise_if_cancelled()
        threading.Event().wait(0.01)
    return place.path


def crash_at_third(place: TrackPlace, progress: Any, cancel: CancelToken) -> str:
    """Job of a worker that dies of one of ten tracks."""
    if place.content_key == "flac:3":
        os.kill(os.getpid(), signal.SIGSEGV)
    if place.content_key == "flac:5":
        raise ZeroDivisionError("of this one")
    return place.path


def doing(store: Store, job: Callable[..., Any]) -> Generator[tuple[TrackPlace, Any]]:
    places = store.fingerprints.places()
    return work_on_places(places, job, jobs=2, stall_s=60.0, sink=SilentBatchProgress(), cancel=CancelToken())


@pytest.mark.invariant("S2-u6")
def test_a_job_that_crashes_its_worker_or_raises_costs_itself_alone(store: Store) -> None:
    results = {place.content_key: result for place, result in doing(store, crash_at_third)}
    assert len(results) == 10
    failed = {key: result for key, result in results.items() if isinstance(result, FileFailure)}
    assert failed.keys() == {"flac:3", "flac:5"}
    assert "crashed (SIGSEGV)" in failed["flac:3"].message
    assert "of this one" in failed["flac:5"].message


@pytest.mark.invariant("S3-ENG-16")
@pytest.mark.alone
def test_a_failure_that_ends_the_run_ends_the_work_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of a minute: what is there first cannot be stored, and none of those under way is waited for."""

    def full() -> AbstractContextManager[None]:
        raise LibraryError("library.db", "the disk is full")

    threads = threading.active_count()
    given: list[float] = []

    def timed() -> Generator[Measured]:
        with closing(doing(store, slow)) as working:
            for place, _ in working:
                given.append(time.monotonic())
                yield place, measured(place)

    with pytest.raises(LibraryError, match="the disk is full"), closing(timed()) as results:
        # Storing begins with the first.
        monkeypatch.setattr(measure_places, "_LONGEST_WAIT_S", 0.0)
        for _ in stored(store, results, full, now=3):
            pass
    assert time.monotonic() - given[-1] < PATIENCE_S
    assert len(given) == 1
    # One of an earlier test may have ended meanwhile.
    assert threading.active_count() <= threads


def test_a_file_that_changed_since_the_scan_is_not_filed_under_what_it_was(tmp_path: Path) -> None:
    place = TrackPlace("wav:another", str(song(tmp_path / "a.wav", 1)), 0, None, None, None, None)
    failed = measure_places.measure_place(place, SilentProgress(), CancelToken())
    assert isinstance(failed, FileFailure)
    assert (failed.stat, failed.hint) == (None, "auralis scan")
    assert failed.message == "cannot be measured: has changed since it was scanned"


@pytest.mark.invariant("S4-D2.5")
def test_tracks_of_a_cue_sheet_are_as_long_as_those_that_analyze_finds_in_it(tmp_path: Path) -> None:
    """At 16 kHz no sector is a whole number of frames: starts are rounded, and rounded back."""
    rate_hz, frames = 16_000, 100_003
    wave = np.random.default_rng(1).normal(0.0, 0.05, frames).astype(np.float32)
    soundfile.write(tmp_path / "album.flac", wave, rate_hz, subtype="PCM_16")
    starts = ("00:00:00", "00:01:13", "00:02:38", "00:03:01")
    rows = [f"  TRACK {number:02} AUDIO\n    INDEX 01 {start}\n" for number, start in enumerate(starts, 1)]
    sheet = tmp_path / "album.cue"
    sheet.write_text('FILE "album.flac" WAVE\n' + "".join(rows))
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        scan(store, ScanRequest((tmp_path,)), SilentBatchProgress(), CancelToken(), now=2)
        places = sorted(store.fingerprints.places(), key=lambda place: place.cue_number)
    assert len(places) == len(starts)

    def length(source: AudioSource) -> int:
        with open_audio(source) as reader:
            return sum(len(block) for block in reader.blocks(4096))

    found = [length(source_of(place)) for place in places]
    assert found == [length(source) for source in tracks_of(sheet)]
    assert sum(found) == frames
