"""Mastering with what the library has measured: the same master to the last byte, without a second measurement."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import demo_piece
import numpy as np
import pytest
import soundfile
from master_requests import master_request
from mutagen.flac import FLAC
from numpy.typing import NDArray

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.track_file import content_of, full_hash
from auralis_cli.db.content_keys import content_key
from auralis_cli.db.library_lock import LibraryLock
from auralis_cli.db.store import Store
from auralis_cli.model.master_reports import MasterPreview, MasterReport
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, DecodeLimits, Destination, RawEncoding, RawPcm
from auralis_cli.services import passes
from auralis_cli.services.analyze import analyze_file
from auralis_cli.services.known_analysis import known_analysis
from auralis_cli.services.master import master_file, preview_master
from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, analysis_to_bytes

Audio = NDArray[np.float32]
RATE = 44_100


@pytest.fixture(scope="module")
def piece() -> Audio:
    """Six seconds of drums, bass, chords and lead."""
    return np.ascontiguousarray(demo_piece.compose()[5 * RATE : 11 * RATE] * np.float32(0.4))


@pytest.fixture
def song(piece: Audio, tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    soundfile.write(path, piece, RATE, subtype="PCM_16")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where the library is, or would be."""
    return tmp_path / "library.db"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for every track that is measured from here on."""
    measurements: list[str] = []
    measure = passes.measure_track

    def noted(*arguments: Any, **more: Any) -> TrackAnalysis:
        measurements.append("measured")
        return measure(*arguments, **more)

    monkeypatch.setattr(passes, "measure_track", noted)
    return measurements


def key_of(source: AudioSource) -> str:
    assert source.path is not None
    return content_key(content_of(str(source.path)), source.cue.number if source.cue is not None else 0)


def keep(library: Path, source: AudioSource, *, version: int = ANALYSIS_VERSION, body: bytes | None = None) -> None:
    """Puts the analysis of `source`, or `body` in its place, into the library."""
    if body is None:
        body = analysis_to_bytes(analyze_file(source, SilentProgress(), CancelToken()).analysis)
    with Store.open(library, program="test", now=1) as store:
        store.analyses.put([(key_of(source), body)], version=version, now=1)
        store.audio_hashes.put([(content_of(str(source.path)), full_hash(str(source.path)))])


def master(source: AudioSource, out: Path, library: Path | None = None, **wishes: Any) -> MasterReport:
    request = master_request(source, Destination(out), **wishes)
    return master_file(request, SilentProgress(), CancelToken(), library=library)


def preview(source: AudioSource, out: Path, library: Path | None = None) -> MasterPreview:
    return preview_master(MasterRequest(source, Destination(out)), SilentProgress(), CancelToken(), library=library)


def same(with_library: MasterReport, without: MasterReport) -> bool:
    """Whether both say and wrote the same, but for where, when and by what analysis."""
    paths = (with_library.destination.path, without.destination.path)
    assert paths[0] is not None
    assert paths[1] is not None
    alike = [
        replace(
            report, destination=Destination(None), seconds=0.0, published=None, is_stored=False,
            analysis=replace(report.analysis, landmarks=None),
        )
        for report in (with_library, without)
    ]  # fmt: skip
    return alike[0] == alike[1] and paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("name", ["song.flac", "song.wav", "song.ogg", "song.mp3"])
@pytest.mark.parametrize("memory_bytes", [100 << 20, 1 << 16])
def test_what_the_library_has_measured_is_mastered_alike_without_a_second_measurement(
    name: str, memory_bytes: int, piece: Audio, library: Path, tmp_path: Path, measured: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("auralis_cli.audio.replay.MEMORY_BYTES", memory_bytes)
    source = AudioSource(tmp_path / name)
    soundfile.write(source.path, piece, RATE)
    keep(library, source)
    measured.clear()
    known = master(source, tmp_path / "known.flac", library, loudness_lufs=-16.0)
    assert known.is_stored
    assert measured == []
    unknown = master(source, tmp_path / "unknown.flac", loudness_lufs=-16.0)
    assert measured == ["measured"]
    assert not unknown.is_stored
    assert same(known, unknown)


def test_the_plan_of_a_dry_run_is_the_same(song: Path, library: Path, tmp_path: Path, measured: list[str]) -> None:
    keep(library, AudioSource(song))
    measured.clear()
    known, unknown = (preview(AudioSource(song), tmp_path / "out.flac", one) for one in (library, None))
    assert known.is_stored
    assert measured == ["measured"]
    assert replace(known, is_stored=False) == unknown


def test_another_name_and_other_tags_are_the_same_audio(song: Path, library: Path, tmp_path: Path) -> None:
    keep(library, AudioSource(song))
    moved = tmp_path / "elsewhere.flac"
    song.rename(moved)
    tags = FLAC(moved)
    tags["title"], tags["comment"] = "Another", "x" * 100_000
    tags.save()
    assert master(AudioSource(moved), tmp_path / "out.flac", library).is_stored


def test_every_track_of_a_sheet_has_its_own(song: Path, library: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "song.cue"
    sheet.write_text(
        'FILE "song.flac" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n  INDEX 01 00:02:00\n'
    )
    first, second = (one for one in tracks_of(sheet, DecodeLimits()) if isinstance(one, AudioSource))
    keep(library, second)
    known = master(second, tmp_path / "known.flac", library)
    assert known.is_stored
    assert same(known, master(second, tmp_path / "unknown.flac"))
    assert not master(first, tmp_path / "first.flac", library).is_stored
    # The sheet now cuts elsewhere: its second track is other audio under the same key.
    sheet.write_text(sheet.read_text().replace("00:02:00", "00:03:00"))
    _, cut = (one for one in tracks_of(sheet, DecodeLimits()) if isinstance(one, AudioSource))
    assert key_of(cut) == key_of(second)
    moved = master(cut, tmp_path / "moved.flac", library)
    assert not moved.is_stored
    assert same(moved, master(cut, tmp_path / "moved again.flac"))


def edited(song: Path, piece: Audio) -> Path:
    """A copy with a few samples changed where no content id looks."""
    path = song.with_name("edited.wav")
    changed = piece.copy()
    changed[40_000:44_000] *= 0.5
    soundfile.write(path, changed, RATE, subtype="PCM_16")
    return path


def cut_short(song: Path, _piece: Audio) -> Path:
    """A copy that ends early, and whose header still tells the checksum of all of it."""
    path = song.with_name("short.flac")
    path.write_bytes(song.read_bytes()[: song.stat().st_size * 2 // 3])
    return path


def damaged(song: Path, _piece: Audio) -> Path:
    """A copy with a damaged frame within."""
    path = song.with_name("damaged.flac")
    data = bytearray(song.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    path.write_bytes(data)
    return path


@pytest.mark.invariant("S1-M-12")
@pytest.mark.parametrize("change", [edited, cut_short, damaged])
def test_audio_that_only_seems_to_be_the_same_is_measured_anew(
    change: Callable[[Path, Audio], Path], song: Path, piece: Audio, library: Path, tmp_path: Path, measured: list[str]
) -> None:
    original = song
    if change is edited:
        original = tmp_path / "song.wav"
        soundfile.write(original, piece, RATE, subtype="PCM_16")
    keep(library, AudioSource(original))
    other = AudioSource(change(song, piece))
    assert key_of(other) == key_of(AudioSource(original))
    measured.clear()
    known = master(other, tmp_path / "known.flac", library)
    assert measured == ["measured"]
    assert not known.is_stored
    assert same(known, master(other, tmp_path / "unknown.flac"))
    assert not preview(other, tmp_path / "preview.flac", library).is_stored


@pytest.mark.invariant("S1-M-12")
def test_a_file_replaced_between_asking_and_reading_is_measured_anew(
    song: Path, piece: Audio, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(library, AudioSource(song))
    found = content_of(str(song))
    soundfile.write(song, piece[::-1], RATE, subtype="PCM_16")
    monkeypatch.setattr("auralis_cli.services.known_analysis.content_key_of", lambda *_: found)
    known = master(AudioSource(song), tmp_path / "known.flac", library)
    assert not known.is_stored
    assert same(known, master(AudioSource(song), tmp_path / "unknown.flac"))


def test_what_is_resampled_raw_or_comes_through_a_pipe_is_never_asked_for(
    song: Path, library: Path, tmp_path: Path
) -> None:
    keep(library, AudioSource(song))
    with open_audio(AudioSource(song), None) as reader:
        info = reader.info
    assert known_analysis(library, AudioSource(song), info) is not None
    assert known_analysis(library, AudioSource(song), replace(info, sample_rate_hz=48_000)) is None
    assert known_analysis(library, AudioSource(song), replace(info, channels=1)) is None
    assert known_analysis(library, AudioSource(song, RawPcm(RawEncoding.S16LE, RATE, 2)), info) is None
    assert known_analysis(library, AudioSource(None), info) is None
    resampled = [master(AudioSource(song), tmp_path / f"{one}.flac", one, rate_hz=48_000) for one in (library, None)]
    assert not resampled[0].is_stored
    assert same(*resampled)


def missing(library: Path, _song: Path) -> None:
    library.unlink()


def no_library(library: Path, _song: Path) -> None:
    library.write_bytes(b"no database at all" * 1_000)


def torn(library: Path, _song: Path) -> None:
    data = bytearray(library.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 1024] = bytes(range(256)) * 4
    library.write_bytes(data)


def a_folder(library: Path, _song: Path) -> None:
    library.unlink()
    library.mkdir()


def old(library: Path, _song: Path) -> None:
    sql(library, "DROP TABLE analyses", "PRAGMA user_version = 3")


def without_its_table(library: Path, _song: Path) -> None:
    sql(library, "DROP TABLE analyses")


def too_new(library: Path, _song: Path) -> None:
    sql(library, "PRAGMA user_version = 999")


def other_version(library: Path, song: Path) -> None:
    keep(library, AudioSource(song), version=ANALYSIS_VERSION + 1)


def rubbish(library: Path, song: Path) -> None:
    keep(library, AudioSource(song), body=b"rubbish")


def sql(library: Path, *statements: str) -> None:
    with sqlite3.connect(library) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "trouble",
    [missing, no_library, torn, a_folder, old, without_its_table, too_new, other_version, rubbish],
)
def test_a_library_that_cannot_be_used_fails_no_master(
    trouble: Callable[[Path, Path], None], song: Path, library: Path, tmp_path: Path
) -> None:
    keep(library, AudioSource(song))
    assert master(AudioSource(song), tmp_path / "before.flac", library).is_stored
    trouble(library, song)
    before = library.read_bytes() if library.is_file() else None
    after = master(AudioSource(song), tmp_path / "after.flac", library)
    assert not after.is_stored
    assert after.warnings == ()
    assert (tmp_path / "after.flac").read_bytes() == (tmp_path / "before.flac").read_bytes()
    assert (library.read_bytes() if library.is_file() else None) == before


@pytest.fixture
def taken(library: Path) -> Generator[Callable[[], None]]:
    """Takes the library for itself, as who migrates or restores it, until the test ends."""
    locks: list[LibraryLock] = []

    def take() -> None:
        locks.append(LibraryLock(library))
        assert locks[0].try_to_take()

    yield take
    for lock in locks:
        lock.close()


def test_a_library_in_somebodys_hands_is_not_waited_for(
    song: Path, library: Path, taken: Callable[[], None], tmp_path: Path
) -> None:
    keep(library, AudioSource(song))
    taken()
    with open_audio(AudioSource(song), None) as reader:
        assert known_analysis(library, AudioSource(song), reader.info) is None
    assert not master(AudioSource(song), tmp_path / "out.flac", library).is_stored


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_library_that_may_only_be_read_is_read(song: Path, library: Path, tmp_path: Path) -> None:
    keep(library, AudioSource(song))
    folder = tmp_path / "fixed"
    folder.mkdir()
    shutil.copy(library, folder / "library.db")
    folder.chmod(0o500)
    try:
        assert master(AudioSource(song), tmp_path / "out.flac", folder / "library.db").is_stored
    finally:
        folder.chmod(0o700)
