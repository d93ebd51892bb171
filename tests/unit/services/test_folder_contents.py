"""What is shown of a folder: folders and music, hidden things not, in the order people expect."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auralis_cli.errors import InputError
from auralis_cli.services.folder_contents import EntryKind, folder_contents


def _made(folder: Path, *names: str) -> None:
    for name in names:
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(b"x")


def test_folders_come_first_and_two_before_ten(tmp_path: Path) -> None:
    _made(tmp_path, "10 b.flac", "2 a.FLAC", "zoo/", "Disc 10/", "disc 2/", "album.cue")
    assert [one.name for one in folder_contents(str(tmp_path))] == [
        "disc 2",
        "Disc 10",
        "zoo",
        "2 a.FLAC",
        "10 b.flac",
        "album.cue",
    ]


def test_playlists_are_told_from_music(tmp_path: Path) -> None:
    _made(tmp_path, "a.mp3", "a.cue", "Best.M3U8", "old.pls", "list.txt")
    assert [(one.name, one.kind.value) for one in folder_contents(str(tmp_path))] == [
        ("a.cue", "sheet"),
        ("a.mp3", "file"),
        ("Best.M3U8", "playlist"),
        ("old.pls", "playlist"),
    ]


def test_what_is_hidden_or_no_music_is_left_out(tmp_path: Path) -> None:
    _made(tmp_path, ".hidden.flac", ".git/", "@eaDir/", "cover.jpg", "song.mp3")
    assert [one.name for one in folder_contents(str(tmp_path))] == ["song.mp3"]
    shown = [one.name for one in folder_contents(str(tmp_path), hidden=True)]
    assert shown == [".git", "@eaDir", ".hidden.flac", "song.mp3"]


def test_links_to_nothing_and_devices_named_as_music_are_left_out(tmp_path: Path) -> None:
    _made(tmp_path, "there.ogg")
    (tmp_path / "gone.ogg").symlink_to(tmp_path / "nothing.ogg")
    os.mkfifo(tmp_path / "pipe.ogg")
    assert [(one.name, one.kind, one.size_bytes) for one in folder_contents(str(tmp_path))] == [
        ("there.ogg", EntryKind.FILE, 1)
    ]


def test_names_that_are_no_utf_8_come_back_as_they_are(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.mp3"
    Path(os.fsdecode(path)).write_bytes(b"x")
    (entry,) = folder_contents(str(tmp_path))
    assert os.fsencode(entry.path) == path


def test_a_folder_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        folder_contents(str(tmp_path / "nowhere"))
