"""What it takes to play a queued track: of the library, of tags, of a cue sheet, and while a scan changes it all."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import library_of
import numpy as np
import pytest
import soundfile
from libraries import open_files
from mutagen.flac import FLAC
from numpy.typing import NDArray
from track_files import record_of

from auralis_cli.analysis.measure import LoudnessMeter, album_lufs
from auralis_cli.audio.reader import AudioReader
from auralis_cli.db.library_lock import LibraryLock
from auralis_cli.db.queued_tracks import AlbumPart
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.library import MeasuredLoudness
from auralis_cli.model.playback import TrackLevels
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack
from auralis_cli.services.track_lookup import LibraryTrackLookup, album_levels

RATE_HZ = 8_000
REPLAYGAIN = {
    "replaygain_track_gain": "-6.00 dB",
    "replaygain_track_peak": "0.5",
    "replaygain_album_gain": "-4.00 dB",
    "replaygain_album_peak": "1.0",
}


def noise(seconds: float, channels: int = 2) -> NDArray[np.float64]:
    return np.random.default_rng(7).uniform(-0.5, 0.5, (round(seconds * RATE_HZ), channels))


def near(value: float) -> float:
    """Equal to it but for rounding."""
    about: Any = pytest.approx(value)
    return about  # type: ignore[no-any-return]


def tagged(path: Path, seconds: float = 1.0, channels: int = 2, tags: Mapping[str, str] | None = None) -> Path:
    soundfile.write(path, noise(seconds, channels), RATE_HZ, subtype="PCM_16")
    if tags:
        file = FLAC(path)
        file.update(tags)
        file.save()
    return path


def loudness(integrated: float | None, true_peak: float | None) -> MeasuredLoudness:
    return MeasuredLoudness(integrated, None, None, None, true_peak, None, None, None, None)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


def scanned(library: Path, *paths: Path) -> None:
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [record_of(path) for path in paths], root=str(paths[0].parent))


def measured(library: Path, *values: MeasuredLoudness) -> None:
    """Of the tracks in the order of their ids."""
    with Store.open(library, program="test", now=1) as store:
        keys = [key for (key,) in store.database.all("SELECT content_key FROM tracks ORDER BY id")]
        store.loudness.put(zip(keys, values, strict=False), now=1)


def read_all(reader: AudioReader) -> NDArray[np.float32]:
    out = np.zeros((20 * RATE_HZ, reader.info.channels), np.float32)
    return out[: reader.read_into(out)]


def test_a_file_that_no_library_has_is_played_by_its_own_tags(tmp_path: Path) -> None:
    names = {"title": "T", "artist": "A", "album": "B", "tracknumber": "3/9", "discnumber": "2"}
    path = tagged(tmp_path / "a.flac", tags={**names, **REPLAYGAIN})
    found = LibraryTrackLookup(tmp_path / "none.db").look_up(QueueTrack(str(path)))
    assert (found.title, found.artist, found.album, found.track, found.disc) == ("T", "A", "B", 3, 2)
    assert (found.duration_s, found.track_id) == (1.0, None)
    assert found.levels == TrackLevels(-12.0, near(20 * math.log10(0.5)))
    assert found.album_levels == TrackLevels(-14.0, 0.0)
    assert not (tmp_path / "none.db").exists()


def test_what_is_no_audio_or_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    lookup = LibraryTrackLookup(None)
    (tmp_path / "text.flac").write_text("no music")
    with pytest.raises(InputError, match="does not exist"):
        lookup.look_up(QueueTrack(str(tmp_path / "gone.flac")))
    for name in ("text.flac", "."):
        with pytest.raises(InputError):
            lookup.look_up(QueueTrack(str(tmp_path / name)))


def test_of_the_library_come_names_place_and_loudness_and_stored_values_win_over_tags(
    tmp_path: Path, library: Path
) -> None:
    folder = tmp_path / "Album"
    folder.mkdir()
    shared = {"artist": "A", "album": "B", **REPLAYGAIN}
    paths = [
        tagged(folder / f"{n}.flac", float(n), tags={**shared, "title": f"T{n}", "tracknumber": f"{n}"}) for n in (1, 2)
    ]
    scanned(library, *paths)
    lookup = LibraryTrackLookup(library)
    first, second = (lookup.look_up(QueueTrack(str(path))) for path in paths)
    assert (first.title, first.track, first.track_id) == ("T1", 1, 1)
    assert first.album_key == second.album_key is not None
    assert first.levels == TrackLevels(-12.0, near(20 * math.log10(0.5)))
    assert first.album_levels == TrackLevels(-14.0, 0.0)

    with Store.open(library, program="test", now=1) as store:
        # Equal noise is one content: told apart by hand.
        store.database.run("UPDATE tracks SET content_key = 'key' || id")
    measured(library, loudness(-9.0, -0.5))
    found = lookup.look_up(QueueTrack(str(paths[0])))
    assert found.levels == TrackLevels(-9.0, -0.5)
    assert found.album_levels == TrackLevels(-14.0, 0.0)
    measured(library, loudness(-9.0, -0.5), loudness(-12.0, -3.0))
    expected = 10 * math.log10((10**-0.9 * 1.0 + 10**-1.2 * 2.0) / 3.0)
    assert lookup.look_up(QueueTrack(str(paths[1]))).album_levels == TrackLevels(near(expected), -0.5)


def test_of_an_album_the_tags_are_believed_that_say_nearly_what_was_measured(tmp_path: Path, library: Path) -> None:
    """✗ the mean of the tracks, which is a little off, though a gate over all of the album stands in the tags."""
    path = tagged(tmp_path / "a.flac", tags={"album": "B", **REPLAYGAIN})
    scanned(library, path)
    lookup = LibraryTrackLookup(library)
    for measured_lufs, expected_lufs in ((-14.5, -14.0), (-13.3, -14.0), (-15.5, -15.5)):
        measured(library, loudness(measured_lufs, -2.0))
        # No peak but that of decoding is known for sure.
        assert lookup.look_up(QueueTrack(str(path))).album_levels == TrackLevels(near(expected_lufs), -2.0)


def test_the_loudness_of_an_album_is_the_mean_of_energies_without_what_a_gate_leaves_out() -> None:
    assert album_levels([]) is None
    assert album_levels([AlbumPart(True, 60.0, -10.0, -1.0), AlbumPart(False, 60.0, None, None)]) is None
    assert album_levels([AlbumPart(True, 60.0, None, None)]) is None
    loud = [AlbumPart(True, 200.0, -10.0, -1.0)] * 8
    quiet = [AlbumPart(True, 200.0, -25.0, -12.0)] * 2
    assert album_levels([*loud, *quiet]) == TrackLevels(near(-10.0), -1.0)
    assert album_levels([*loud, AlbumPart(True, 5.0, None, None)]) == TrackLevels(near(-10.0), -1.0)


def test_the_loudness_of_an_album_is_near_that_of_all_its_tracks_in_one_measurement() -> None:
    chance = np.random.default_rng(3)
    meters, parts = [], []
    for seconds, level_db in ((4, -14), (6, -20), (3, -17), (5, -33)):
        meter = LoudnessMeter(44_100, 2)
        meter.add((chance.standard_normal((seconds * 44_100, 2)) * 10 ** (level_db / 20)).astype(np.float32))
        meters.append(meter)
        parts.append(AlbumPart(True, float(seconds), meter.result().integrated_lufs, -1.0))
    levels = album_levels(parts)
    assert levels is not None
    assert levels.integrated_lufs == pytest.approx(album_lufs(meters), abs=0.1)


def test_more_than_two_channels_come_as_two_and_one_stays_one(tmp_path: Path) -> None:
    lookup = LibraryTrackLookup(None)
    for channels, heard in ((1, 1), (2, 2), (6, 2)):
        found = lookup.look_up(QueueTrack(str(tagged(tmp_path / f"{channels}.flac", channels=channels))))
        reader = lookup.open(found)
        assert reader.info.channels == heard
        assert len(read_all(reader)) == RATE_HZ
        reader.close()


@pytest.mark.parametrize("channels", [2, 6])
def test_levels_of_what_is_mixed_down_are_those_of_nobody_until_it_is_measured_as_heard(
    tmp_path: Path, library: Path, channels: int
) -> None:
    """✗ six channels are played at the gain of their own loudness, 8 dB too quiet."""
    path = tagged(tmp_path / "a.flac", channels=channels, tags=REPLAYGAIN)
    is_known = channels == 2
    found = LibraryTrackLookup(None).look_up(QueueTrack(str(path)))
    assert ((found.levels is not None), (found.album_levels is not None)) == (is_known, is_known)
    scanned(library, path)
    measured(library, loudness(-9.0, -0.5))
    found = LibraryTrackLookup(library).look_up(QueueTrack(str(path)))
    assert ((found.levels is not None), (found.album_levels is not None)) == (is_known, is_known)


SHEET = """\
PERFORMER "The Band"
TITLE "The Album"
FILE "album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Second"
    PERFORMER "The Guest"
    INDEX 01 00:01:00
"""


@pytest.mark.parametrize("is_scanned", [False, True])
def test_a_track_of_a_cue_sheet_is_its_part_of_the_file(tmp_path: Path, library: Path, is_scanned: bool) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    audio, sheet = tagged(folder / "album.flac", 3.0, tags={"album": "Other"}), folder / "album.cue"
    sheet.write_text(SHEET)
    if is_scanned:
        scanned(library, audio, sheet)
    # The library knows the track by the audio file, who has no library by the sheet.
    queued = QueueTrack(str(audio if is_scanned else sheet), 2)
    lookup = LibraryTrackLookup(library)
    found = lookup.look_up(queued)
    assert (found.title, found.artist, found.album, found.track) == ("Second", "The Guest", "The Album", 2)
    assert found.duration_s == pytest.approx(2.0)
    reader = lookup.open(found)
    np.testing.assert_allclose(read_all(reader), noise(3.0)[RATE_HZ:], atol=1e-4)
    reader.close()
    with pytest.raises(InputError, match=r"album.cue#7: is not in the cue sheet"):
        lookup.look_up(QueueTrack(str(sheet), 7))


def test_a_file_that_moved_since_it_was_queued_is_found_and_another_with_its_old_id_is_not(
    tmp_path: Path, library: Path
) -> None:
    first, second = tagged(tmp_path / "a.flac"), tagged(tmp_path / "b.flac", 2.0)
    scanned(library, first, second)
    queued = QueueTrack(str(first), 0, 1)
    with Store.open(library, program="test", now=1) as store:
        store.queue.save(Queue().set([queued]), QueueEdit.SET, now=1)
        moved = first.rename(tmp_path / "moved.flac")
        store.database.run("UPDATE files SET path = ? WHERE id = 1", (os.fsencode(moved),))
    lookup = LibraryTrackLookup(library)
    assert lookup.look_up(queued).source.path == moved
    with Store.open(library, program="test", now=1) as store:
        store.tracks.remove([1])
        store.database.run("UPDATE tracks SET id = 1 WHERE id = 2")
    with pytest.raises(InputError, match="does not exist"):
        lookup.look_up(queued)


@pytest.mark.invariant("S4-D4.5")
def test_a_scan_may_change_and_remove_what_plays(tmp_path: Path, library: Path) -> None:
    """The fault: what plays is still tied to the library, which is kept open for it."""
    path = tagged(tmp_path / "a.flac", 2.0, tags={"title": "Before", "album": "B"})
    scanned(library, path)
    lookup = LibraryTrackLookup(library)
    playing = lookup.look_up(QueueTrack(str(path), 0, 1))
    before = replace(playing)
    assert open_files(library) == []
    lock = LibraryLock(library)
    assert lock.try_to_take()
    lock.close()

    reader = lookup.open(playing)
    first = np.zeros((RATE_HZ, 2), np.float32)
    assert reader.read_into(first) == RATE_HZ
    # Tagged anew where there is room for it, scanned, and forgotten.
    file = FLAC(path)
    file["title"] = "After"
    file.save()
    scanned(library, path)
    assert lookup.look_up(QueueTrack(str(path), 0, 1)).title == "After"
    with Store.open(library, program="test", now=1) as store:
        store.tracks.remove([1])
    rest = np.zeros((RATE_HZ, 2), np.float32)
    assert reader.read_into(rest) == RATE_HZ
    reader.close()
    np.testing.assert_allclose(np.concatenate([first, rest]), noise(2.0), atol=1e-4)
    assert playing == before
    assert playing.title == "Before"
