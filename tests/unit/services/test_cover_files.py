"""Images beside music are read within their folder, whatever their names lead to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from images import image

from auralis_cli.errors import InputError
from auralis_cli.services.cover_files import cover_names_in, read_in_folder
from auralis_cli.services.covers import covers_beside

SECRET = image(9, 9, "PNG")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder of music beside which something private lies."""
    (tmp_path / "secret.png").write_bytes(SECRET)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "cover.png").write_bytes(SECRET)
    folder = tmp_path / "Album"
    folder.mkdir()
    return folder


@pytest.mark.invariant("S1-H-13")
@pytest.mark.parametrize(
    "name", ["../secret.png", "x/../../secret.png", "..", ".", "", "/etc/passwd", "../Album2/cover.png"]
)
def test_a_name_that_was_stored_reads_nothing_outside_the_folder(name: str, album: Path) -> None:
    sibling = album.parent / "Album2"
    sibling.mkdir()
    (sibling / "cover.png").write_bytes(SECRET)
    (album / "x").mkdir()
    with pytest.raises(InputError, match=r"leads out of its folder|cannot be read"):
        read_in_folder(album, name)


@pytest.mark.invariant("S1-H-13")
def test_a_link_out_of_the_folder_is_no_cover(album: Path) -> None:
    (album / "cover.png").symlink_to("../secret.png")
    (album / "folder.png").symlink_to(album.parent / "private" / "cover.png")
    (album / "scans").symlink_to(album.parent / "private")
    for name in ("cover.png", "folder.png", "scans/cover.png"):
        with pytest.raises(InputError, match="leads out of its folder"):
            read_in_folder(album, name)
    assert covers_beside(album / "song.flac") == ()


@pytest.mark.invariant("S1-H-13")
def test_a_link_put_in_the_way_between_question_and_opening_is_not_followed(
    album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills the fault of opening by name what was resolved before."""
    (album / "scans").mkdir()
    (album / "scans" / "cover.png").write_bytes(image(5, 5, "PNG"))
    real = os.path.realpath

    def swapped(path: str | Path, *, strict: bool = False) -> str:
        found = real(path, strict=strict)
        if found.endswith("cover.png") and not (album / "scans").is_symlink():
            (album / "scans").rename(album / "moved")
            (album / "scans").symlink_to(album.parent / "private")
        return found

    monkeypatch.setattr(os.path, "realpath", swapped)
    with pytest.raises(InputError, match="cannot be read"):
        read_in_folder(album, "scans/cover.png")


def test_links_within_the_folder_and_a_folder_that_is_a_link_itself_are_read(album: Path) -> None:
    (album / "scan 1.png").write_bytes(SECRET)
    (album / "cover.png").symlink_to("scan 1.png")
    linked = album.parent / "Linked"
    linked.symlink_to(album)
    assert read_in_folder(linked, "cover.png") == SECRET


def test_what_is_no_file_or_too_large_is_refused_without_waiting(album: Path) -> None:
    os.mkfifo(album / "cover.png")
    (album / "folder.jpg").mkdir()
    (album / "front.jpg").write_bytes(bytes(100))
    assert cover_names_in(album) == ("front.jpg",)
    with pytest.raises(InputError, match="is not a file"):
        read_in_folder(album, "cover.png")
    with pytest.raises(InputError, match="is larger than"):
        read_in_folder(album, "front.jpg", 99)
    for name in ("nothing.jpg", "a\0b"):
        with pytest.raises(InputError):
            read_in_folder(album, name)


def test_covers_are_told_by_their_names_else_by_being_alone(album: Path) -> None:
    for name in ("back.jpg", ".cover.jpg", "Folder.PNG", "COVER.jpeg", "cover.txt", "AlbumArt_{1}_Large.jpg"):
        (album / name).write_bytes(image())
    (album / "AlbumArt_{1}_Small.jpg").write_bytes(image())
    assert cover_names_in(album) == ("COVER.jpeg", "Folder.PNG", "AlbumArt_{1}_Large.jpg")
    lone = album.parent / "lone"
    lone.mkdir()
    (lone / "Artist - Album (2001).webp").write_bytes(image(kind="WEBP"))
    assert cover_names_in(lone) == ("Artist - Album (2001).webp",)
    (lone / "another.jpg").write_bytes(image())
    assert cover_names_in(lone) == ()
    assert cover_names_in(album / "nowhere") == ()
