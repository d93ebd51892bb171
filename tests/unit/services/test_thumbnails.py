"""Thumbnails are made once for a picture, whichever track asks, and stay within their bounds."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from images import image, png_bomb
from PIL import Image
from tagged_files import encoded

from auralis_cli.audio.cover_editing import EmbedCover
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.services.thumbnails import THUMBNAIL_SIZES_PX, Thumbnails, cover_url

FRONT = image(900, 600)


def song(path: Path, picture: bytes | None = FRONT) -> Path:
    encoded("FLAC", "PCM_16")(path)
    if picture is not None:
        with path.open("r+b") as file:
            EmbedCover(CoverPicture(3, "image/jpeg", "", picture)).apply(file, "flac")
    return path


def test_tracks_with_one_picture_share_their_thumbnail(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "cache")
    paths = {thumbnails.of_track(song(tmp_path / f"{number}.flac"), 200) for number in range(2)}
    assert len(paths) == 1
    (path,) = paths
    assert path is not None
    with Image.open(path) as small:
        assert small.size == (256, 171)
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_the_folders_cover_serves_where_the_file_has_none_or_its_tags_cannot_be_read(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "cache")
    assert thumbnails.of_track(song(tmp_path / "1.flac", None), 64) is None
    (tmp_path / "cover.png").write_bytes(image(80, 80, "PNG"))
    made = thumbnails.of_track(tmp_path / "1.flac", 64)
    assert made is not None
    (tmp_path / "2.flac").write_bytes(b"fLaC\x04\0\0\x08" + bytes([255] * 8))
    assert thumbnails.of_track(tmp_path / "2.flac", 64) == made
    assert thumbnails.of_track(tmp_path / "gone.flac", 64) is None


def test_a_picture_that_cannot_be_decoded_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thumbnails = Thumbnails(tmp_path / "cache")
    cut = image(500, 500)[:-4000]
    assert thumbnails.of_picture(cut, 64) is None
    monkeypatch.setattr("auralis_cli.services.cover_images.scaled_image", None)
    assert thumbnails.of_picture(cut, 64) is None
    assert thumbnails.of_picture(cut, 60) is None


def test_a_bomb_is_no_cover(tmp_path: Path) -> None:
    assert Thumbnails(tmp_path / "cache").of_picture(png_bomb(), 256) is None


def test_any_size_becomes_one_of_a_few(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "cache")
    assert len({thumbnails.of_picture(FRONT, size) for size in range(1, 3000, 50)}) == len(THUMBNAIL_SIZES_PX)


def test_the_cache_stays_within_its_bound_and_keeps_what_was_asked_for_last(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "cache", max_bytes=20_000)
    pictures = [image(128, 64 + number, "PNG") for number in range(40)]
    first = thumbnails.of_picture(pictures[0], 128)
    assert first is not None
    for moment, picture in enumerate(pictures[1:], 1):
        made = thumbnails.of_picture(picture, 128)
        assert made is not None
        os.utime(made, (moment, moment))
        assert thumbnails.of_picture(pictures[0], 128) == first
        assert sum(entry.stat().st_size for entry in (tmp_path / "cache").iterdir()) <= 20_000
    assert first.exists()


def test_many_threads_that_ask_at_once_see_whole_pictures_only(tmp_path: Path) -> None:
    """Kills the fault of writing the file under its own name."""
    thumbnails, problems = Thumbnails(tmp_path / "cache"), list[Exception]()

    def ask() -> None:
        try:
            for size in (64, 128, 256):
                path = thumbnails.of_picture(FRONT, size)
                assert path is not None
                with Image.open(path) as small:
                    small.load()
        except (OSError, AssertionError) as error:
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_a_cache_that_cannot_be_written_costs_the_picture_only(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    assert Thumbnails(tmp_path / "cache").of_picture(FRONT, 64) is None


def test_desktops_are_given_the_address_of_a_thumbnail(tmp_path: Path) -> None:
    path = song(tmp_path / "ä.flac")
    url = cover_url(path, {"AURALIS_HOME": str(tmp_path / "hö me")})
    assert url is not None
    assert url.startswith("file:///")
    assert "h%C3%B6%20me/cache/covers/" in url
    assert cover_url(tmp_path / "gone.flac", {"AURALIS_HOME": str(tmp_path / "home")}) is None
