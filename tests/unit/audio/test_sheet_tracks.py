"""Cue sheets in the library: the audio file a sheet names has its tracks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import soundfile
from encoders import piece
from mutagen.flac import FLAC
from track_files import record_of, stat_of

from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.errors import InputError
from auralis_cli.model.library import FileRecord

_RATE_HZ = 44_100
_SECONDS = 3
_SHEET = """PERFORMER "The Band"
TITLE "The Album"
REM DATE 1977
FILE "{file}" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    PERFORMER "A Guest"
    INDEX 01 00:01:37
"""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    path = tmp_path / "album.flac"
    soundfile.write(path, piece(_SECONDS * _RATE_HZ, _RATE_HZ), _RATE_HZ)
    file = FLAC(path)
    file["title"], file["album"], file["genre"], file["isrc"] = ["All of it"], ["Other"], ["Rock"], ["X"]
    file["replaygain_album_gain"], file["replaygain_track_gain"] = ["-6 dB"], ["-5 dB"]
    file.save()
    return path


def sheet(path: Path, text: str = _SHEET, file: str = "album.flac") -> Path:
    path.write_text(text.format(file=file))
    return path


def numbers(record: FileRecord) -> list[int]:
    return [track.cue_number for track in record.tracks]


def test_the_tracks_of_a_file_are_those_of_its_sheet(album: Path) -> None:
    cue = sheet(album.with_name("a.cue"))
    one, two = record_of(album).tracks
    assert (one.tags.title, one.tags.artist, one.tags.track, one.tags.track_total) == ("One", "The Band", 1, 2)
    assert (two.tags.title, two.tags.artist, two.tags.albumartist) == ("Track 02", "A Guest", "The Band")
    assert (one.start_frame, one.end_frame) == (0, 112 * _RATE_HZ // 75)
    assert (two.start_frame, two.end_frame) == (one.end_frame, None)
    assert {track.sheet_path for track in (one, two)} == {os.fspath(cue)}
    assert one.duration_s is not None
    assert two.duration_s is not None
    assert one.duration_s + two.duration_s == pytest.approx(_SECONDS)


def test_the_sheet_wins_over_the_file_which_adds_what_is_of_the_album(album: Path) -> None:
    sheet(album.with_name("a.cue"))
    tags = record_of(album).tracks[0].tags
    assert (tags.album, tags.year, tags.genres, tags.isrc) == ("The Album", 1977, ("Rock",), None)
    assert (tags.replaygain_album_gain_db, tags.replaygain_track_gain_db) == (-6.0, None)


def test_a_sheet_beside_that_names_another_file_changes_nothing(album: Path) -> None:
    sheet(album.with_name("a.cue"), file="other.flac")
    soundfile.write(album.with_name("other.flac"), piece(_RATE_HZ, _RATE_HZ), _RATE_HZ)
    assert numbers(record_of(album)) == [0]


def test_a_broken_sheet_fails_by_itself_and_its_file_is_one_track(album: Path) -> None:
    cue = sheet(album.with_name("a.cue"), "FILE {file} WAVE\nTRACK 01 AUDIO\nTRACK 02 AUDIO\n")
    with pytest.raises(InputError, match="damaged cue sheet"):
        record_of(cue)
    assert numbers(record_of(album)) == [0]


def test_of_two_sheets_the_first_by_name_counts_and_the_other_is_told_of(album: Path) -> None:
    sheet(album.with_name("b.cue"))
    first = sheet(album.with_name("a.cue"))
    record = record_of(album)
    assert {track.sheet_path for track in record.tracks} == {os.fspath(first)}
    assert record.warnings == ("b.cue describes it too: a.cue counts",)


def test_a_track_behind_the_end_of_the_file_is_left_out(album: Path) -> None:
    sheet(album.with_name("a.cue"), _SHEET + "  TRACK 03 AUDIO\n    INDEX 01 01:00:00\n")
    record = record_of(album)
    assert numbers(record) == [1, 2]
    assert record.tracks[1].end_frame is None
    assert record.warnings == ("a.cue: track 3 begins behind the end",)


def test_a_sheet_of_a_file_for_each_track_only_adds_to_what_they_say(album: Path) -> None:
    sheet(
        album.with_name("a.cue"), 'PERFORMER "Who"\nFILE "{file}" WAVE\nTRACK 01 AUDIO\nTITLE "T"\nINDEX 01 00:00:00\n'
    )
    (track,) = record_of(album).tracks
    assert (track.cue_number, track.sheet_path, track.tags.title, track.tags.artist) == (0, None, "All of it", "Who")


def test_a_sheet_in_the_folder_above_names_files_in_those_of_discs(album: Path) -> None:
    (album.parent / "CD1").mkdir()
    moved = album.rename(album.parent / "CD1" / "album.flac")
    sheet(album.parent / "a.cue", file="CD1/album.flac")
    assert numbers(record_of(moved)) == [1, 2]


def test_a_finder_lists_each_folder_once(album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet(album.with_name("a.cue"))
    listed: list[str] = []
    listdir = os.listdir

    def counted(folder: str) -> list[str]:
        listed.append(folder)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", counted)
    finder = SheetFinder()
    for _ in range(3):
        assert numbers(read_track_file(stat_of(album), None, finder)) == [1, 2]
    assert len(listed) == 2


def test_a_sheet_whose_name_is_no_unicode_is_found(album: Path) -> None:
    cue = os.path.join(os.fspath(album.parent), "\udcff.cue")
    with open(cue, "w", encoding="utf-8") as file:
        file.write(_SHEET.format(file="album.flac"))
    assert record_of(album).tracks[0].sheet_path == cue
    assert record_of(cue).warnings == ()
