"""A cue sheet and its file, from end to end: tracks are measured, mastered and tagged as if each had its own file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import demo_piece
import numpy as np
import pytest
import soundfile
from master_requests import master_request
from mutagen.flac import FLAC

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.file_names import output_name
from auralis_cli.errors import InputError
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.analyze import analyze_file
from auralis_cli.services.master import master_file

RATE_HZ = 44_100
SHEET = """\
PERFORMER "The Band"
TITLE "The Album"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Sec/ond"
    PERFORMER "The Guest"
    INDEX 00 00:04:50
    INDEX 01 00:05:37
  TRACK 03 AUDIO
    INDEX 01 00:08:01
"""
# The starts of the tracks, and the end of the file.
CUTS = (0, round(5 * RATE_HZ + 37 * RATE_HZ / 75), 8 * RATE_HZ + RATE_HZ // 75, 11 * RATE_HZ + 17)


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> tuple[AudioSource, ...]:
    """Eleven seconds of music in a tagged flac file, with a sheet that calls it wav."""
    folder = tmp_path_factory.mktemp("album")
    audio = np.clip(demo_piece.compose()[5 * RATE_HZ : 5 * RATE_HZ + CUTS[-1]], -1, 1)
    soundfile.write(folder / "album.flac", audio, RATE_HZ, subtype="PCM_16")
    tagged = FLAC(folder / "album.flac")
    tagged.update(
        {
            "title": "The whole album",
            "artist": "Somebody else",
            "genre": "Rock",
            "cuesheet": SHEET,
            "lyrics": "La la",
            "tracknumber": "9",
        }
    )
    tagged.save()
    (folder / "album.cue").write_text(SHEET, encoding="utf-8")
    return tracks_of(folder / "album.cue")


def analyze(source: AudioSource) -> AnalysisReport:
    return analyze_file(source, SilentProgress(), CancelToken())


def master(source: AudioSource, destination: Path, intensity: float = 1.0) -> MasterReport:
    request = master_request(source, Destination(destination), intensity=intensity)
    return master_file(request, SilentProgress(), CancelToken())


def tags_of(path: Path) -> dict[str, str]:
    audio: Any = FLAC(path)
    return {name.lower(): value for name, value in audio.tags}


def test_tracks_measure_like_files_of_their_own(tracks: tuple[AudioSource, ...], tmp_path: Path) -> None:
    audio, _ = soundfile.read(tracks[0].path, dtype="int16")
    assert sum(analyze(track).analysis.measurements.frames for track in tracks) == len(audio)
    for track, (start, end) in zip(tracks, pairwise(CUTS), strict=True):
        own = tmp_path / "own.wav"
        soundfile.write(own, audio[start:end], RATE_HZ, subtype="PCM_16")
        report = analyze(track)
        assert report.analysis.measurements == analyze(AudioSource(own)).analysis.measurements
        assert report.source.name == str(tmp_path.parent / track.name)
        assert report.faults == ()
        assert report.warnings == ("the cue sheet names album.wav, which is not there: album.flac is used",)


def test_a_mastered_track_is_as_long_as_the_sheet_says_and_bears_its_tags(
    tracks: tuple[AudioSource, ...], tmp_path: Path
) -> None:
    source = tracks[1]
    assert source.cue is not None
    out = tmp_path / output_name(source.cue, ".flac")
    report = master(source, out)
    assert out.name == "02 - Sec_ond.flac"
    assert soundfile.info(out).frames == CUTS[2] - CUTS[1]
    assert tags_of(out) == {
        "title": "Sec/ond",
        "artist": "The Guest",
        "album": "The Album",
        "albumartist": "The Band",
        "genre": "Rock",
        "tracknumber": "2",
        "tracktotal": "3",
    }
    assert "the cue sheet names album.wav, which is not there: album.flac is used" in report.warnings


def test_a_track_that_is_left_as_it_is_holds_the_samples_of_its_span(
    tracks: tuple[AudioSource, ...], tmp_path: Path
) -> None:
    audio, _ = soundfile.read(tracks[0].path, dtype="int16")
    master(tracks[2], tmp_path / "3.flac", intensity=0.0)
    written, _ = soundfile.read(tmp_path / "3.flac", dtype="int16")
    np.testing.assert_array_equal(written, audio[CUTS[2] :])


def test_a_track_without_a_title_does_not_take_that_of_the_album(
    tracks: tuple[AudioSource, ...], tmp_path: Path
) -> None:
    master(tracks[2], tmp_path / "3.flac", intensity=0.0)
    assert {"title", "cuesheet", "lyrics"} & tags_of(tmp_path / "3.flac").keys() == set()


def test_a_file_that_is_one_track_keeps_what_the_sheet_does_not_tell(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.full((RATE_HZ, 1), 0.1), RATE_HZ, subtype="PCM_16")
    tagged = FLAC(tmp_path / "a.flac")
    tagged.update({"title": "Of the file", "lyrics": "La la", "tracknumber": "9"})
    tagged.save()
    sheet = tmp_path / "a.cue"
    sheet.write_text('PERFORMER "The Band"\nFILE "a.flac" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n', encoding="utf-8")
    master(tracks_of(sheet)[0], tmp_path / "out.flac", intensity=0.0)
    tags = tags_of(tmp_path / "out.flac")
    assert (tags["title"], tags["lyrics"], tags["artist"], tags["tracknumber"]) == (
        "Of the file",
        "La la",
        "The Band",
        "1",
    )


def test_a_missing_file_is_found_out_by_its_tracks(tmp_path: Path) -> None:
    sheet = tmp_path / "a.cue"
    sheet.write_text(SHEET, encoding="utf-8")
    for track in tracks_of(sheet):
        with pytest.raises(InputError, match=r"album\.wav: does not exist"):
            analyze(track)
