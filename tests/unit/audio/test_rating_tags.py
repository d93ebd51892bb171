"""Ratings and counts as other players leave them in tags."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.asf import ASF
from mutagen.flac import FLAC
from mutagen.mp4 import MP4, MP4FreeForm
from tagged_files import NEEDS_FFMPEG, SOURCES

from auralis_cli.audio.rating_tags import TaggedPlayData, read_play_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ratings")


def bare(folder: Path, name: str, tmp_path: Path) -> Path:
    made = folder / name
    if not made.exists():
        SOURCES[name].make(made)
    return Path(shutil.copy(made, tmp_path / name))


def play_data(path: Path, key: str) -> TaggedPlayData:
    with path.open("rb") as file:
        return read_play_data(file, key)


@pytest.mark.parametrize(
    ("email", "rating", "stars"),
    [
        *(("Windows Media Player 9 Series", *pair) for pair in ((1, 1), (64, 2), (128, 3), (196, 4), (255, 5))),
        *(("no@email", *pair) for pair in ((13, 0.5), (54, 1.5), (118, 2.5), (186, 3.5), (242, 4.5), (0, None))),
        ("quodlibet@lists.sacredchao.net", 204, 4.0), ("rating@winamp.com", 200, 4.0), ("other", 160, 3.5),
    ],
)  # fmt: skip
def test_stars_of_id3_are_those_of_the_player_that_gave_them(
    email: str, rating: int, stars: float | None, folder: Path, tmp_path: Path
) -> None:
    path = bare(folder, "mp3", tmp_path)
    tag = id3.ID3()
    tag.add(id3.POPM(email=email, rating=rating, count=7))
    tag.add(id3.PCNT(count=9))
    tag.save(path)
    assert play_data(path, "mp3") == TaggedPlayData(stars, 9)


@pytest.mark.parametrize(
    ("name", "value", "stars"),
    [
        ("RATING", "4", 4.0), ("rating", "90", 4.5), ("RATING", "204", 4.0), ("RATING", "0.7", 3.5),
        ("RATING", "0", None), ("FMPS_RATING", "0.9", 4.5), ("FMPS_Rating", "1.0", 5.0),
        ("rating:me@example.org", "0.5", 2.5),
        ("RATING", "-3", None), ("RATING", "nan", None), ("RATING", "999", None), ("RATING", "great", None),
    ],
)  # fmt: skip
def test_stars_of_comments_are_told_by_how_large_they_are(
    name: str, value: str, stars: float | None, folder: Path, tmp_path: Path
) -> None:
    path = bare(folder, "flac", tmp_path)
    file: Any = FLAC(path)
    file[name] = [value]
    file.save()
    assert play_data(path, "flac") == TaggedPlayData(stars)


def test_counts_and_favourites_are_read_by_their_usual_names(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "flac", tmp_path)
    file: Any = FLAC(path)
    file["FMPS_PLAYCOUNT"], file["playcount:me@example.org"], file["PLAYCOUNT"] = ["12.0"], ["3"], ["x"]
    file["LOVE RATING"] = ["L"]
    file.save()
    assert play_data(path, "flac") == TaggedPlayData(None, 12, True)
    file["LOVE RATING"], file["FMPS_PLAYCOUNT"], file["playcount:me@example.org"] = ["B"], ["inf"], ["-3"]
    file.save()
    assert play_data(path, "flac") == TaggedPlayData(None, None, False)


@NEEDS_FFMPEG
def test_ratings_of_mp4_and_wma_are_read(folder: Path, tmp_path: Path) -> None:
    m4a, wma = bare(folder, "m4a", tmp_path), bare(folder, "wma", tmp_path)
    file: Any = MP4(m4a)
    file["----:com.apple.iTunes:RATING"] = [MP4FreeForm(b"60")]
    file.save()
    assert play_data(m4a, "m4a").rating == 3.0
    for shared, stars in ((1, 1.0), (25, 2.0), (50, 3.0), (75, 4.0), (99, 5.0), (0, None)):
        other: Any = ASF(wma)
        other["WM/SharedUserRating"] = [shared]
        other.save()
        assert play_data(wma, "wma").rating == stars


def test_a_file_without_play_data_says_nothing(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "mp3", tmp_path)
    SOURCES["mp3"].tag(path)
    assert play_data(path, "mp3") == TaggedPlayData()
