"""`auralis play`: what it takes, what it refuses, and how it goes without a device."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import REPOSITORY, Run, auralis
from library_of import NOW, put, record

from auralis_cli.commands.play_tracks import tracks_named
from auralis_cli.commands.verb import Session
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.play_request import PlayRequest
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.queue import QueueTrack
from auralis_cli.output import Output
from auralis_cli.settings import SETTINGS

RATE_HZ = 44_100


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, np.zeros((RATE_HZ // 10, 2), np.float32), RATE_HZ, subtype="PCM_16")
    return path


# No options: tests/cli/test_keys.py and tests/tui have them.
OF_THE_SCREEN = {"play.at_quit", "play.covers", "play.keys", "play.theme"}

REFUSED = {
    "without a terminal": ([], "play: needs a terminal that has a screen (--headless plays without)"),
    "a volume beyond its range": (["--headless", "--volume", "101"], "--volume: '101' is not a number from 0 to 100"),
    "a way of normalising that is none": (["--headless", "--normalize", "loud"], "--normalize: 'loud' is not one of"),
    "a preset that is none": (["--headless", "--preset", "nope"], "--preset: 'nope' is not one of adaptive"),
    "a way of repeating that is none": (["--headless", "--repeat", "twice"], "--repeat: 'twice' is not one of"),
    "a latency no device keeps": (["--headless", "--latency", "1"], "--latency: '1' is not a number from 5 to 2000"),
    "two ways to shuffle": (["--headless", "--shuffle", "--shuffle-smart"], "exclude each other"),
    "two rates": (["--headless", "--rate", "48000", "--exact-rate"], "--exact-rate: --rate says which rate it is"),
    "bits of what is not written": (["--headless", "--bits", "16"], "--bits: is for --output only"),
    "force for what is not written": (["--headless", "--force"], "--force: is for --output only"),
    "a device for a file": (["--output", "o.wav", "--device", "x"], "--device: is not for --output"),
    "a player and a file": (["--output", "o.wav", "--headless"], "--headless: is not for --output"),
    "another player and a file": (["--output", "o.wav", "--new"], "--new: is not for --output"),
    "an end of what is not there": (["--quit-at-end"], "--quit-at-end: is for --headless only"),
    "ends of names without names": (["--headless", "-0"], "--null: says how the names of --files-from end"),
    "a playlist and more": (["--headless", "--playlist", "Best"], "--playlist: excludes other names"),
    "a file that repeats for ever": (["--output", "o.wav", "--repeat", "all"], "--repeat: a file comes to an end"),
    "a format that is not written": (["--output", "o.mp3"], "o.mp3: is written as wav or flac"),
    "a folder": (["--output", "/"], "/: is a folder"),
    "a name with no folder": (["--output", "no/such/o.wav"], "no/such/o.wav: its folder does not exist"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_it_refuses(why: str, song: Path, run: Run) -> None:
    words, said = REFUSED[why]
    refused = run("play", *words, song)
    assert said in refused.err
    assert (refused.code, refused.out, refused.err.count("\n")) == (1 if "no/such/o.wav" in words else 2, "", 1)


def test_what_is_not_there_is_unreadable(run: Run, tmp_path: Path) -> None:
    gone = run("play", "--headless", tmp_path / "gone.wav")
    assert (gone.code, gone.err) == (4, f"auralis: error: {tmp_path}/gone.wav: does not exist\n")
    nothing = run("play", "--headless", tmp_path)
    assert (nothing.code, nothing.err) == (4, f"auralis: error: {tmp_path}: holds no audio files\n")


def test_an_existing_file_stays(run: Run, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"precious")
    refused = run("play", song, "--output", out)
    assert (refused.code, out.read_bytes()) == (2, b"precious")
    assert (
        refused.err == f"auralis: error: {out}: exists already (--force replaces it; the old file goes to the trash)\n"
    )
    itself = run("play", song, "--output", song, "--force")
    assert itself.code == 2
    assert "is what is played" in itself.err


# What words stand for


def session(library: Path, tmp_path: Path) -> Session:
    return Session(Output(io.StringIO(), io.StringIO(), {"AURALIS_HOME": str(tmp_path / "home")}), library_file=library)


def named(library: Path, tmp_path: Path, *words: str | Path) -> list[QueueTrack]:
    return list(tracks_named(session(library, tmp_path), [str(word) for word in words], None, names_end_in_nul=False))


def test_paths_are_absolute_and_folders_are_the_files_in_them(
    song: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    album = tmp_path / "album"
    album.mkdir()
    for name in ("2.flac", "1.flac", "cover.jpg"):
        (album / name).touch()
    assert named(library, tmp_path, "song.wav") == [QueueTrack(str(song))]
    assert named(library, tmp_path, "album", song) == [
        QueueTrack(f"{album}/1.flac"),
        QueueTrack(f"{album}/2.flac"),
        QueueTrack(str(song)),
    ]


def test_words_of_a_query_are_one_query_in_the_place_of_the_first(song: Path, library: Path, tmp_path: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        put(store, [record("/m/a.flac", genres=("Jazz",), year=1959), record("/m/b.flac", genres=("Jazz",), year=1999)])
    found = named(library, tmp_path, "genre:jazz", song, "year:1950..1960")
    assert [track.path for track in found] == ["/m/a.flac", str(song)]
    assert [track.track_id is None for track in found] == [False, True]
    with pytest.raises(InputError, match="holds no such tracks"):
        named(library, tmp_path, "genre:polka")


def test_tracks_of_a_sheet_are_queued_one_by_one(library: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((RATE_HZ * 3, 2), np.float32), RATE_HZ, subtype="PCM_16")
    sheet = tmp_path / "a.cue"
    sheet.write_text(
        'FILE "a.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:01:00\n'
    )
    assert named(library, tmp_path, sheet) == [QueueTrack(str(sheet), 1), QueueTrack(str(sheet), 2)]


@pytest.mark.invariant("S2-NEW-11")
def test_names_of_a_list_are_taken_byte_for_byte_and_not_opened(library: Path, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_bytes(b"/m/caf\xe9.flac\0/m/line\nbreak.flac\0\0")
    found = tracks_named(session(library, tmp_path), [], str(names), names_end_in_nul=True)
    assert [os.fsencode(track.path) for track in found] == [b"/m/caf\xe9.flac", b"/m/line\nbreak.flac"]


def test_a_list_with_nothing_in_it_is_nothing_to_play(library: Path, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.touch()
    with pytest.raises(InputError, match="names nothing to play"):
        tracks_named(session(library, tmp_path), [], str(names), names_end_in_nul=False)


def test_a_playlist_is_played_in_its_order_made_by_hand_or_by_a_query(library: Path, tmp_path: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        put(store, [record("/m/a.flac", year=1959), record("/m/b.flac", year=1999)])
        store.playlists.create("Best", now=NOW)
        store.playlists.add(store.playlists.named("Best"), [NewEntry("/m/b.flac"), NewEntry("/x/far.mp3")], now=NOW)
        store.playlists.create("Old", query="year:..1960", now=NOW)
        store.playlists.create("None", now=NOW)

    def tracks(name: str) -> list[QueueTrack]:
        return list(tracks_named(session(library, tmp_path), [], None, names_end_in_nul=False, playlist=name))

    assert [(one.path, one.track_id) for one in tracks("best")] == [("/m/b.flac", 2), ("/x/far.mp3", None)]
    assert [(one.path, one.track_id) for one in tracks("Old")] == [("/m/a.flac", 1)]
    with pytest.raises(InputError, match="None: holds no tracks"):
        tracks("None")
    with pytest.raises(UsageError, match="no playlist"):
        tracks("Worst")


def test_standard_input_is_no_track_of_a_queue(library: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be queued"):
        named(library, tmp_path, "-")


def test_a_setting_that_cannot_be_served_is_said_with_its_name(run: Run, song: Path) -> None:
    refused = auralis("play", "--headless", song, variables={"AURALIS_PLAY_VOLUME": "loud"})
    assert refused.code == 2
    assert refused.err.startswith("auralis: error: AURALIS_PLAY_VOLUME: 'loud' is not a number from 0 to 100")


# Setting → a word for it, and what it makes of the request.
SETTINGS_TAKEN: dict[str, tuple[str, object]] = {
    "play.volume": ("40", lambda request: request.wishes.volume == 40.0),
    "play.enhance": ("true", lambda request: request.wishes.is_enhanced is True),
    "play.preset": ("warm", lambda request: request.wishes.preset == "warm"),
    "play.intensity": ("0.25", lambda request: request.wishes.intensity == 0.25),
    "play.normalize": ("album", lambda request: request.wishes.normalize is NormalizeMode.ALBUM),
    "play.repeat": ("all", lambda request: request.wishes.repeat is RepeatMode.ALL),
    "play.crossfade": ("3", lambda request: request.wishes.crossfade_s == 3.0),
    "play.device": ("hifi", lambda request: request.device.device == "hifi"),
    "play.latency": ("250", lambda request: request.device.latency_s == 0.25),
    "play.exact_rate": ("true", lambda request: request.device.exact_rate is True),
}


@pytest.mark.invariant("S1-H-08")
@pytest.mark.parametrize("word", ["auto", "graphics", "blocks"])
def test_how_covers_are_drawn_is_what_the_terminal_is_asked_for(
    word: str, auralis_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auralis_cli.commands import play_ui
    from auralis_cli.services.terminal_graphics import BLOCKS, ScreenGraphics

    wishes: list[str] = []

    def note(_terminal: int | None, _variables: object, wish: str) -> ScreenGraphics:
        wishes.append(wish)
        return BLOCKS

    monkeypatch.setattr("auralis_cli.services.terminal_graphics.screen_graphics", note)
    monkeypatch.setattr("auralis_cli.services.remote_player.is_running", lambda *_: True)
    variables = {"AURALIS_HOME": str(auralis_home), "AURALIS_PLAY_COVERS": word}
    play_ui._app(Session(Output(io.StringIO(), io.StringIO(), variables)), (), None, new=False, stdin=0)
    assert wishes == [word]


@pytest.mark.invariant("S1-H-08")
@pytest.mark.parametrize("key", [key for key in SETTINGS if key.startswith("play.") and key not in OF_THE_SCREEN])
def test_a_setting_is_the_default_of_its_option(
    key: str, song: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[PlayRequest] = []

    def note(_context: object, _session: object, request: PlayRequest, **_: object) -> int:
        asked.append(request)
        return 0

    monkeypatch.setattr("auralis_cli.commands.play._play", note)
    word, is_taken = SETTINGS_TAKEN[key]
    assert callable(is_taken)
    for words, variables in (
        ([], {}),
        ([], {SETTINGS[key].variable: word}),
        ([SETTINGS[key].flag, *([] if SETTINGS[key].is_switch else [word])], {}),
    ):
        assert auralis("play", "--headless", *words, song, variables=variables).code == 0
    assert [is_taken(request) for request in asked] == [False, True, True]


def test_tilt_width_and_taste_are_asked_of_the_player(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[PlayRequest] = []

    def note(_context: object, _session: object, request: PlayRequest, **_: object) -> int:
        asked.append(request)
        return 0

    monkeypatch.setattr("auralis_cli.commands.play._play", note)
    for words in ([], ["--tilt", "-1.5", "--width", "2", "--no-preferences"], ["--preferences", "--tilt", "0"]):
        assert auralis("play", "--headless", *words, song).code == 0
    found = [(one.wishes.tilt_db, one.wishes.width_db, one.wishes.preferences) for one in asked]
    assert found == [(None, None, None), (-1.5, 2.0, False), (0.0, None, True)]
    assert [{*map(str, one.wishes.said)} for one in asked] == [set(), {"tilt_db", "width_db"}, {"tilt_db"}]
    assert auralis("play", "--headless", "--tilt", "4", song).code == 2
    assert auralis("play", "--output", "x.wav", "--no-preferences", song).code == 2


def test_a_terminal_of_lines_gets_no_screen(tmp_path: Path) -> None:
    """Kills: sequences that a dumb terminal shows as they are."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "TERM": "dumb", "AURALIS_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "auralis_cli", "play"]
    try:
        done = subprocess.run(
            command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, env=variables, timeout=60
        )
        assert (done.returncode, "needs a terminal that has a screen" in done.stderr) == (2, True)
        assert select.select([ours], [], [], 0.0)[0] == []
    finally:
        os.close(ours)
        os.close(theirs)
