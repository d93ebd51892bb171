"""Where the words of a song come from, and that nothing outside of its folder is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from tagged_files import NEEDS_FFMPEG, by_ffmpeg

from auralis_cli.errors import InputError
from auralis_cli.services.lyrics import MAX_FILE_BYTES, LyricsPlace, decoded_text, find_lyrics


@pytest.fixture
def song(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    path = folder / "song.flac"
    soundfile.write(path, np.zeros(4410), 44_100)
    return path


def tag(path: Path, **fields: str) -> None:
    audio = FLAC(path)
    for name, text in fields.items():
        audio[name] = text
    audio.save()


def won(path: Path) -> tuple[str, str, bool]:
    """The first line of what wins, its place, and whether it is timed."""
    best = find_lyrics(str(path)).found[0]
    return best.lyrics.lines[0], best.place, best.lyrics.is_timed


def test_what_is_timed_wins_and_then_the_file_beside_the_music(song: Path) -> None:
    assert find_lyrics(str(song)).found == ()
    tag(song, lyrics="plain of tags")
    assert won(song) == ("plain of tags", "tags", False)
    song.with_suffix(".txt").write_text("plain of file")
    assert won(song) == ("plain of file", "file", False)
    tag(song, syncedlyrics="[00:01]timed of tags")
    assert won(song) == ("timed of tags", "tags", True)
    song.with_suffix(".lrc").write_text("[00:01]timed of file")
    assert won(song) == ("timed of file", "file", True)
    assert len(find_lyrics(str(song)).found) == 4
    assert [one.place for one in find_lyrics(str(song), (LyricsPlace.TAGS,)).found] == ["tags", "tags"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Ψ café".encode(), "Ψ café"),
        ("Ψ café".encode("utf-8-sig"), "Ψ café"),
        ("Ψ café".encode("utf-16"), "Ψ café"),
        (b"\xfe\xff" + "Ψ café".encode("utf-16-be"), "Ψ café"),
        # Without a mark it is told by its zeros.
        ("plain words".encode("utf-16-le"), "plain words"),
        ("plain words".encode("utf-16-be"), "plain words"),
        ("café “so”".encode("cp1252"), "café “so”"),
        (b"\x81\x8d odd", "\ufffd\ufffd odd"),
    ],
)
def test_files_are_read_in_what_editors_write(data: bytes, text: str) -> None:
    assert decoded_text(data).removeprefix("\ufeff") == text


@pytest.mark.invariant("S1-H-13")
def test_a_link_out_of_the_folder_is_said_and_not_read(song: Path, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("[00:01]secret")
    song.with_suffix(".lrc").symlink_to("../private")
    song.with_suffix(".txt").symlink_to(tmp_path / "private")
    search = find_lyrics(str(song))
    assert search.found == ()
    assert ["leads out of its folder" in str(problem) for problem in search.problems] == [True, True]
    # One that stays within is fine.
    song.with_suffix(".lrc").unlink()
    (song.parent / "words").write_text("[00:01]ours")
    song.with_suffix(".lrc").symlink_to("words")
    assert won(song)[0] == "ours"


def test_files_beyond_all_measure_pipes_and_folders_are_not_read(song: Path) -> None:
    song.with_suffix(".lrc").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    song.with_suffix(".txt").mkdir()
    search = find_lyrics(str(song))
    assert search.found == ()
    assert ["is larger than" in str(search.problems[0]), len(search.problems)] == [True, 2]


def test_a_name_of_any_bytes_has_its_words(song: Path) -> None:
    odd = song.with_name("caf\udce9 \x1b[31m.flac")
    shutil.copy(song, odd)
    odd.with_suffix(".lrc").write_text("[00:01]here")
    assert won(odd) == ("here", "file", True)
    with pytest.raises(InputError, match="does not exist"):
        find_lyrics(str(song.with_name("none.flac")))


def test_id3_has_a_frame_for_words_and_one_for_their_moments(tmp_path: Path) -> None:
    mp3 = tmp_path / "song.mp3"
    soundfile.write(mp3, np.zeros((44_100, 1), np.float32), 44_100)
    tags = id3.ID3()
    tags.add(id3.USLT(encoding=1, lang="eng", desc="", text="plain\nwords"))
    tags.save(mp3)
    assert find_lyrics(str(mp3)).found[0].lyrics.lines == ("plain", "words")
    for kind, expected in ((1, ("one two", "three")), (5, ("plain", "words"))):
        pieces = [("one ", 1000), ("two", 1500), ("\nthree", 2000)]
        tags.setall("SYLT", [id3.SYLT(encoding=1, lang="eng", format=2, type=kind, desc="", text=pieces)])
        tags.save(mp3)
        assert find_lyrics(str(mp3)).found[0].lyrics.lines == expected
    # Moments counted in MPEG frames are no seconds.
    tags.setall("SYLT", [id3.SYLT(encoding=1, lang="eng", format=1, type=1, desc="", text=[("a", 7)])])
    tags.save(mp3)
    assert not find_lyrics(str(mp3)).found[0].lyrics.is_timed
    ape = APEv2()
    ape["Lyrics"] = "[00:03]of APE"
    ape.save(mp3)
    tags.delete(mp3)
    assert won(mp3) == ("of APE", "tags", True)


@NEEDS_FFMPEG
def test_mp4_keeps_words_in_an_atom(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    by_ffmpeg("-c:a", "aac")(path)
    audio = MP4(path)
    audio["\xa9lyr"] = ["[00:01]timed"]
    audio.save()
    assert won(path) == ("timed", "tags", True)


def test_tags_that_cannot_be_read_are_said_and_the_file_beside_is_used(song: Path) -> None:
    song.write_bytes(b"this is no music")
    song.with_suffix(".txt").write_text("words")
    search = find_lyrics(str(song))
    assert [one.lyrics.lines for one in search.found] == [("words",)]
    assert len(search.problems) == 1
