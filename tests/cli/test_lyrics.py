"""`auralis lyrics`: of files, of what a query finds, of what plays, and in time with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import soundfile
from command_line import Finished, auralis
from controlled_player import Controlled, controlled, short_home
from library_of import NOW, put, record
from patience import PATIENCE_S, SteadyClock, until

from auralis_cli.db.store import Store
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services import lyrics_following
from auralis_cli.services.lyrics import LyricsPlace
from auralis_cli.services.lyrics_following import LookAround, SongMoment, Watching


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder of three songs: timed words, plain ones, none."""
    folder = tmp_path / "m"
    folder.mkdir()
    for name in "abc":
        soundfile.write(folder / f"{name}.flac", np.zeros(441), 44_100)
    (folder / "a.lrc").write_text("[ti:A]\n[00:00.10]one\n[00:00.30]two\n")
    (folder / "b.txt").write_bytes(b"caf\xe9\r\nplain\r\n")
    return folder


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def playing(home: dict[str, str], music: Path) -> Iterator[Controlled]:
    with controlled(home) as one:
        one.player.set_queue([QueueTrack(str(music / f"{name}.flac")) for name in "abc"], play=False)
        yield one


def lyrics(*words: str | Path, **how: object) -> Finished:
    return auralis("lyrics", *words, **how)  # type: ignore[arg-type]


def test_words_of_a_file_in_every_form(music: Path) -> None:
    song = music / "a.flac"
    assert lyrics(song).out == "one\ntwo\n"
    assert lyrics(song, "--synced").out == "00:00.10  one\n00:00.30  two\n"
    assert lyrics(song, "--lrc").out == "[ti:A]\n[00:00.10]one\n[00:00.30]two\n"
    assert f"{song}: timed words from file ({music / 'a.lrc'})" in lyrics(song, "-v").err
    (item,) = lyrics(song, "--json").document["items"]
    assert item == {
        "path": str(song), "cue_number": 0, "place": "file", "source": str(music / "a.lrc"), "synced": True,
        "lines": ["one", "two"], "stated": {"ti": "A"},
        "timed": [{"at_s": 0.1, "text": "one", "words": []}, {"at_s": 0.3, "text": "two", "words": []}],
    }  # fmt: skip
    assert lyrics(song, "--jsonl").lines == [item]
    assert "no words" in lyrics(song, "--from", "tags").err


def test_a_folder_and_a_query_mean_several_songs(music: Path, tmp_path: Path) -> None:
    done = lyrics(music)
    assert done.code == 0
    assert done.out.splitlines() == [f"{music}/a.flac", "one", "two", "", f"{music}/b.flac", "café", "plain", ""]
    assert done.err == f"{music}/c.flac: no words\n"
    items = lyrics(music, "--json").document["items"]
    assert [(item["place"], item["synced"]) for item in items] == [("file", True), ("file", False), (None, False)]
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=NOW) as store:
        put(store, [record(f"{music}/{name}.flac") for name in "ab"], root=str(music))
    assert auralis("--library", library, "lyrics", "title:b").out == "café\nplain\n"
    (music / "b.flac").unlink()
    gone = auralis("--library", library, "lyrics", "title+", "--jsonl")
    assert (gone.code, "error" in gone.lines[1]) == (3, True)


def test_a_file_that_cannot_be_read_fails_unless_words_lie_beside_it(music: Path) -> None:
    (music / "broken.mp3").write_bytes(b"no music")
    done = lyrics(music / "a.flac", music / "broken.mp3", "--jsonl")
    assert (done.code, done.lines[1]["error"]["code"]) == (3, "unsupported")
    assert done.err.count("broken.mp3: is not audio of a kind read here") == 1
    assert lyrics(music / "broken.mp3").code == 4
    (music / "broken.txt").write_text("all the same")
    assert lyrics(music / "broken.mp3").out == "all the same\n"


def test_without_a_name_it_is_what_plays(playing: Controlled, home: dict[str, str]) -> None:
    assert lyrics(variables=home).out == "one\ntwo\n"
    playing.player.jump(1)
    assert lyrics("--synced", variables=home).out == ""
    playing.player.clear()
    assert lyrics(variables=home).code == 6
    assert lyrics("--player", "other", variables=home).code == 6


def followed(playing: Controlled, home: dict[str, str], *words: str, **how: object) -> Finished:
    """The player plays the first song until its two lines were sung, the second, and ends."""
    done: list[Finished] = []
    moments: list[SongMoment] = []
    follow = lyrics_following.follow

    def noted(watching: Watching, look_around: LookAround, places: tuple[LyricsPlace, ...]) -> Iterator[SongMoment]:
        # However long a turn takes, its few looks at the clock do not pass two lines.
        for moment in follow(watching, look_around, places, SteadyClock(0.03).monotonic):
            moments.append(moment)
            yield moment

    with mock.patch.object(lyrics_following, "follow", noted):
        thread = threading.Thread(target=lambda: done.append(lyrics("--follow", *words, variables=home, **how)))
        thread.start()
        until(lambda: len(moments) == 1)
        playing.player.play()
        until(lambda: len(moments) == 3)
        playing.player.jump(1)
        until(lambda: len(moments) == 4)
        playing.server.close()
        thread.join(PATIENCE_S)
    assert done, "it did not end with the player"
    return done[0]


@pytest.mark.alone
def test_lines_are_shown_when_they_are_sung_until_the_player_ends(playing: Controlled, home: dict[str, str]) -> None:
    done = followed(playing, home)
    assert done.out.splitlines() == ["Somebody - a.flac", "one", "two", "Somebody - b.flac", "café", "plain", ""]
    assert done.code == 0


@pytest.mark.alone
def test_they_are_told_as_json(playing: Controlled, home: dict[str, str]) -> None:
    lines = followed(playing, home, "--jsonl").lines
    assert [(line["line"], line["text"], line["synced"]) for line in lines] == [
        (None, None, True), (0, "one", True), (1, "two", True), (None, None, False),
    ]  # fmt: skip
    assert 0.3 <= lines[2]["position_s"] < 0.5


@pytest.mark.alone
def test_on_a_terminal_the_line_is_drawn_bright_among_the_others(playing: Controlled, home: dict[str, str]) -> None:
    done = followed(playing, {**home, "TERM": "xterm-256color"}, terminal=True)
    assert "\x1b[1mtwo\x1b[0m" in done.out
    assert "\x1b[2mone\x1b[0m" in done.out
    # Drawn over what was there.
    assert "A\x1b[J" in done.out


@pytest.mark.invariant("S0-L06")
def test_words_of_hostile_files_are_shown_and_not_obeyed(music: Path) -> None:
    (music / "a.lrc").write_text("[ti:\x1b]0;x\x07]\n[00:01][red]\x1b[2J\x1b]52;c;x\x07boo\x9b31m\n")
    for words in ((), ("--synced",), ("--lrc",), ("--json",)):
        done = lyrics(music / "a.flac", *words, terminal=True)
        assert "boo" in done.out
        assert not {"\x1b", "\x07", "\x9b"} & set(done.out), words
    assert "[red]" in lyrics(music / "a.flac").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("/nowhere/a.flac",), 4), (("x.flac", "--follow"), 2), (("--follow", "--lrc"), 2), (("--json", "--lrc"), 2),
        (("--follow", "--synced"), 2), (("--from", "web"), 2), (("x.flac", "--player", "y"), 2), (("-",), 2),
        (("--follow",), 6),
    ],
)  # fmt: skip
def test_usage_is_checked(words: tuple[str, ...], code: int, home: dict[str, str]) -> None:
    assert lyrics(*words, variables=home).code == code
