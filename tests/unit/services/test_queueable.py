"""What paths stand for in a queue."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.errors import AuralisError, InputError
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


def _list(path: Path, text: str) -> list[QueueTrack | AuralisError]:
    path.write_text(text)
    return list(queueable_at(str(path)))


def test_a_playlist_is_what_it_lists_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "album.flac").write_bytes(b"")
    (tmp_path / "album.cue").write_text('FILE "album.flac" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n')
    found = _list(tmp_path / "best.m3u8", "#EXTM3U\nb/2.mp3\nalbum.cue\nb/1.mp3\nb/2.mp3\n")
    assert found == [
        QueueTrack(str(tmp_path / "b/2.mp3")),
        QueueTrack(str(tmp_path / "album.cue"), 1),
        QueueTrack(str(tmp_path / "b/1.mp3")),
        QueueTrack(str(tmp_path / "b/2.mp3")),
    ]
    assert _list(tmp_path / "best.PLS", "[playlist]\nFile1=b/1.mp3\n") == [QueueTrack(str(tmp_path / "b/1.mp3"))]


def test_what_a_playlist_cannot_give_is_said_behind_the_rest(tmp_path: Path) -> None:
    track, problem = _list(tmp_path / "radio.m3u", "http://example.org/stream\na.mp3\n")
    assert track == QueueTrack(str(tmp_path / "a.mp3"))
    assert isinstance(problem, InputError)
    assert "no files of this machine" in str(problem)


def test_a_playlist_of_nothing_says_so(tmp_path: Path) -> None:
    (only,) = _list(tmp_path / "empty.m3u", "#EXTM3U\n")
    assert isinstance(only, InputError)
    assert "lists no files" in str(only)


def test_playlists_that_list_each_other_are_no_loop(tmp_path: Path) -> None:
    (only,) = _list(tmp_path / "a.m3u", "a.m3u\n")
    assert only == QueueTrack(str(tmp_path / "a.m3u"))


def test_a_folder_that_is_called_like_a_playlist_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "best.m3u").mkdir()
    (tmp_path / "best.m3u" / "a.flac").write_bytes(b"")
    assert list(queueable_at(str(tmp_path / "best.m3u"))) == [QueueTrack(str(tmp_path / "best.m3u" / "a.flac"))]
