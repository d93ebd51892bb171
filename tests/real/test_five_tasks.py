"""Five things somebody new does, from the screen alone: over real music, in a real terminal, with a real sink."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import soundfile
from mutagen.oggvorbis import OggVorbis
from playing_process import player_environ, status
from sound_sinks import has_pulseaudio, pulse_sink
from terminals import TMUX_MISSING, Tmux, has_tmux, tmux

from auralis_cli.errors import NoPlayerError
from auralis_cli.services.queue_pages import whole_queue
from auralis_cli.services.remote_player import RemotePlayer

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not (has_tmux() and has_pulseaudio()), reason=f"{TMUX_MISSING} and pulseaudio"),
]
# Short pieces of one album by four people.
PIECES = ("elf-land", "transience", "main_menu", "battle-epic", "revelation", "love_theme")
STARTS_WITHIN_S = 60.0
RENDERED_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True)
class Desk:
    """A terminal in front of somebody whose music is in ~/Music, and what they hear."""

    environ: Mapping[str, str]
    music: Path
    screen: Tmux
    heard: Callable[[], np.ndarray]

    def has(self, state: str, length: int, title: str = "") -> Callable[[], bool]:
        """Whether the player is at that, with so long a queue."""

        def holds() -> bool:
            try:
                now = status(self.environ)
            except NoPlayerError:
                return False
            is_that = now.track is not None and title in (now.track.title or "")
            return now.state == state and now.queue_length == length and is_that

        return holds

    def queued(self) -> list[str]:
        """The files in the queue."""
        with RemotePlayer(environ=self.environ) as player:
            return [Path(item.track.path).stem for item in whole_queue(player).items]

    def artists(self) -> set[str]:
        """Whom the files in the folder are by."""
        return {OggVorbis(path)["artist"][0] for path in self.music.glob("*.ogg")}

    def pause(self) -> None:
        """As long as a hand takes from one thing to the next."""
        Event().wait(0.5)


@pytest.fixture
def desk(auralis_home: Path, tmp_path: Path, corpus: Path) -> Iterator[Desk]:
    with pulse_sink(tmp_path, for_s=300) as sink, sink.recording() as heard:
        music = tmp_path / "home" / "Music"
        music.mkdir()
        for name in PIECES:
            shutil.copy(next(corpus.glob(f"wesnoth-*/**/{name}.ogg")), music)
        environ = player_environ(auralis_home, sink.variables)
        with tmux(tmp_path, environ, [sys.executable, "-m", "auralis_cli", "play"]) as screen:
            yield Desk(environ, music, screen, heard)


def add_folder(desk: Desk) -> None:
    """What everybody does first."""
    desk.screen.shows("Enter adds the chosen folder", for_s=STARTS_WITHIN_S)
    desk.screen.shows("Add ~/Music")
    desk.screen.press("Enter")
    desk.screen.shows("Elf Land", for_s=STARTS_WITHIN_S)
    desk.screen.shows(f"{len(PIECES)} tracks", for_s=STARTS_WITHIN_S)


def choose_album(desk: Desk) -> None:
    """The footer says that Tab goes to the next pane; the album is below all albums."""
    desk.screen.shows("tab pane")
    desk.screen.press("Tab", "Down")
    desk.pause()


def find(desk: Desk, words: str) -> None:
    """The one track of which that is part of the title is in the list."""
    desk.screen.press("/")
    desk.screen.type(words)
    desk.screen.shows("1 track ")
    desk.screen.press("Enter")
    desk.pause()


def play_album(desk: Desk) -> None:
    choose_album(desk)
    desk.screen.press("Enter")
    desk.screen.waits(desk.has("playing", len(PIECES)), "the album, playing", for_s=STARTS_WITHIN_S)


def test_a_folder_is_added_and_an_album_played(desk: Desk) -> None:
    add_folder(desk)
    play_album(desk)
    desk.screen.shows("▶")
    desk.screen.waits(lambda: bool(np.abs(desk.heard()).max() > 0.01), "sound")


def test_a_track_is_found_by_part_of_its_title_and_queued_next_and_that_taken_back(desk: Desk) -> None:
    add_folder(desk)
    play_album(desk)
    before = desk.queued()
    find(desk, "batt epic")
    desk.screen.press("E")
    desk.screen.shows("u takes that back")
    desk.screen.waits(lambda: desk.queued()[1] == "battle-epic", "the track behind the one that plays")
    desk.screen.press("u")
    desk.screen.shows("the queue is as it was before")
    desk.screen.waits(lambda: desk.queued() == before, "the queue as it was")
    assert desk.has("playing", len(PIECES))()


def test_the_master_is_compared_with_the_original_and_rendered(desk: Desk) -> None:
    add_folder(desk)
    find(desk, "main theme")
    desk.screen.press("Enter")
    desk.screen.waits(desk.has("playing", 1, "Main Theme"), "the track", for_s=STARTS_WITHIN_S)
    desk.screen.press("6")
    desk.screen.shows("w render")
    desk.screen.press("x", "c")
    desk.screen.shows("A/B mastered")
    desk.screen.press("c")
    desk.screen.shows("A/B original")
    desk.screen.press("w")
    desk.screen.shows("Render what is heard")
    desk.screen.press("Enter")
    desk.screen.shows("is being rendered")
    desk.screen.waits(lambda: bool(list(desk.music.glob("*mastered*.flac"))), "the file", for_s=RENDERED_WITHIN_S)
    (rendered,) = desk.music.glob("*mastered*.flac")
    original = soundfile.info(str(desk.music / "main_menu.ogg"))
    assert soundfile.info(str(rendered)).frames == original.frames


def test_marked_tracks_become_a_playlist_that_is_found_again_while_the_music_plays_on(desk: Desk) -> None:
    add_folder(desk)
    play_album(desk)
    desk.screen.press("Tab")
    desk.pause()
    for _ in range(3):
        desk.screen.press("v")
        desk.pause()
    desk.screen.shows("3 marked")
    # The help says what the footer has no room for.
    desk.screen.press("?")
    desk.screen.shows("add-to-playlist")
    desk.screen.press("Escape")
    desk.pause()
    desk.screen.press("y")
    desk.screen.shows("or a new name")
    desk.screen.type("Evening")
    desk.screen.press("Enter")
    desk.screen.shows("3 tracks put into Evening")
    desk.screen.press("q")
    desk.screen.shows("leave it playing")
    desk.screen.press("l")
    desk.screen.shows("LEFT 0")
    assert status(desk.environ).state == "playing"
    desk.screen.type(f"{sys.executable} -m auralis_cli play\n")
    desk.screen.shows("4 Playlists", for_s=STARTS_WITHIN_S)
    desk.screen.shows("▶")
    desk.screen.press("4")
    desk.screen.shows("Evening · 3 tracks")
    desk.screen.press("Enter")
    desk.screen.waits(desk.has("playing", 3), "the playlist")


def test_the_artist_of_an_album_is_corrected_and_that_taken_back(desk: Desk) -> None:
    before = {path: path.read_bytes() for path in desk.music.iterdir()}
    add_folder(desk)
    choose_album(desk)
    desk.screen.shows("t tags")
    desk.screen.press("t")
    desk.screen.shows("differs")
    desk.pause()
    desk.screen.press("Tab")
    desk.screen.type("Wesnoth")
    desk.screen.press("Enter")
    desk.screen.shows("enter writes it")
    desk.screen.press("Enter")
    desk.screen.shows(f"tags of {len(PIECES)} files changed; u takes that back")
    assert desk.artists() == {"Wesnoth"}
    desk.screen.press("u")
    desk.screen.shows("Undo tag set")
    desk.screen.press("u")
    desk.screen.waits(lambda: {path: path.read_bytes() for path in before} == before, "the files as they were")
    desk.screen.shows("Aleksi")
