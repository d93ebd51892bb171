"""Which tracks are one album to be mastered, and in what order."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from master_requests import master_request
from mutagen.flac import FLAC

from auralis_cli.audio.cue import tracks_of
from auralis_cli.errors import AuralisError, InputError, RefusedError
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.album_grouping import albums_of


@pytest.fixture(scope="module")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("silence") / "silence.flac"
    soundfile.write(path, np.zeros((4_410, 2)), 44_100)
    return path


def track(silence: Path, path: Path, **tags: str) -> MasterRequest:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(silence, path)
    if tags:
        file = FLAC(path)
        file.update(tags)
        file.save()
    return of(AudioSource(path))


def of(source: AudioSource) -> MasterRequest:
    return master_request(source, Destination(Path("/out") / f"{source.name.replace('/', ' ')}.flac"))


def told(albums: Sequence[AlbumRequest | AuralisError]) -> list[tuple[str, list[str]]]:
    return [
        (one.title, [Path(track.source.name).stem for track in one.tracks])
        for one in albums
        if isinstance(one, AlbumRequest)
    ]


def test_numbers_of_discs_and_tracks_come_before_names(silence: Path, tmp_path: Path) -> None:
    """Kills: tracks in the order of their names."""
    places = [("a", "2", "1"), ("b", "1", "10"), ("c", "1", "2"), ("d", "2", "3")]
    requests = [
        track(silence, tmp_path / f"{name}.flac", album="X", discnumber=disc, tracknumber=number)
        for name, disc, number in places
    ]
    assert told(albums_of(requests)) == [("X", ["c", "b", "a", "d"])]


@pytest.mark.parametrize("numbers", [("1", "1", "1"), ("3", "2", "")])
def test_where_numbers_say_too_little_names_do(numbers: tuple[str, ...], silence: Path, tmp_path: Path) -> None:
    requests = [
        track(silence, tmp_path / f"{name}.flac", album="X", **({"tracknumber": number} if number else {}))
        for name, number in zip(("take 10", "take 9", "Take 1"), numbers, strict=True)
    ]
    assert told(albums_of(requests)) == [("X", ["Take 1", "take 9", "take 10"])]


def test_albums_are_told_apart_by_tags_and_what_has_none_by_folder(silence: Path, tmp_path: Path) -> None:
    requests = [
        track(silence, tmp_path / "B" / "1.flac", album="Two"),
        track(silence, tmp_path / "B" / "2.flac", album="One"),
        track(silence, tmp_path / "B" / "3.flac", album="Two"),
        track(silence, tmp_path / "C" / "5.flac"),
        track(silence, tmp_path / "D" / "CD1" / "6.flac", album="Discs"),
        track(silence, tmp_path / "D" / "CD2" / "7.flac", album="Discs"),
    ]
    assert told(albums_of(requests)) == [("Two", ["1", "3"]), ("One", ["2"]), ("C", ["5"]), ("Discs", ["6", "7"])]


def test_what_cannot_be_read_belongs_to_an_album_in_its_folder(silence: Path, tmp_path: Path) -> None:
    good = track(silence, tmp_path / "1.flac", album="X")
    (tmp_path / "2.flac").write_bytes(b"fLaC")
    (album,) = albums_of([of(AudioSource(tmp_path / "2.flac")), good])
    assert isinstance(album, AlbumRequest)
    assert len(album.tracks) == 2
    # What is not even there fails the album, and only that.
    other = track(silence, tmp_path / "other" / "1.flac", album="Y")
    missing = InputError(str(tmp_path / "3.flac"), "does not exist")
    first, second = albums_of([missing, good, other])
    assert isinstance(first, InputError)
    assert str(first) == f"{tmp_path / '3.flac'}: does not exist; nothing of the album X is written"
    assert isinstance(second, AlbumRequest)
    (alone,) = albums_of([missing])
    assert alone is missing


def test_a_result_in_the_place_of_an_input_is_refused_before_anything(silence: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        albums_of([track(silence, tmp_path / "1.flac"), RefusedError("1.flac", "its result would take its place")])


def test_the_tracks_of_a_sheet_are_one_album_in_its_order(silence: Path, tmp_path: Path) -> None:
    shutil.copyfile(silence, tmp_path / "side.flac")
    sheet = tmp_path / "side.cue"
    times = "".join(f"  TRACK {n:02} AUDIO\n    INDEX 01 00:00:{n - 1:02}\n" for n in range(1, 4))
    sheet.write_text(f'FILE "side.flac" WAVE\n{times}')
    (album,) = albums_of([of(source) for source in reversed(tracks_of(sheet))])
    assert isinstance(album, AlbumRequest)
    assert [one.source.cue.number for one in album.tracks if one.source.cue] == [1, 2, 3]
    assert album.source.name == str(sheet)
