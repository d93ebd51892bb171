"""What paths stand for in a queue."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.queueable import queueable_at


def test_a_folder_is_all_the_music_below_it_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2.mp3", "b/1.mp3", "a.flac", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [one.path for one in queueable_at(str(tmp_path)) if isinstance(one, QueueTrack)] == [
        str(tmp_path / name) for name in ("a.flac", "b/1.mp3", "b/2.mp3")
    ]


def test_a_folder_without_music_says_so(tmp_path: Path) -> None:
    (only,) = queueable_at(str(tmp_path))
    assert isinstance(only, InputError)
    assert "no audio" in str(only)


def test_a_cue_sheet_is_its_tracks(tmp_path: Path) -> None:
    (tmp_path / "album.flac").write_bytes(b"")
    tracks = "".join(f"  TRACK 0{n} AUDIO\n    INDEX 01 0{n}:00:00\n" for n in (1, 2))
    sheet = tmp_path / "album.cue"
    sheet.write_text(f'FILE "album.flac" WAVE\n{tracks}')
    assert list(queueable_at(str(sheet))) == [QueueTrack(str(sheet), 1), QueueTrack(str(sheet), 2)]


def test_a_file_is_itself_whether_it_is_there_or_not() -> None:
    assert list(queueable_at("/nowhere/a.mp3")) == [QueueTrack("/nowhere/a.mp3")]
