"""The terminal player in a real terminal, over a real player with a sound device that keeps real time."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from threading import Event

import library_of
import numpy as np
import pytest
import soundfile
from playing_process import player_environ, status
from process_figures import family
from sound_sinks import has_pulseaudio, pulse_sink, waited_for
from terminals import TMUX_MISSING, Tmux, has_tmux, tmux

from auralis_cli.db.store import Store
from auralis_cli.errors import NoPlayerError
from auralis_cli.services.remote_player import RemotePlayer

pytestmark = pytest.mark.skipif(not (has_tmux() and has_pulseaudio()), reason=f"{TMUX_MISSING} and pulseaudio")
RATE_HZ = 44_100
PLAY = f"{shlex.quote(sys.executable)} -m auralis_cli play"


def make_music(folder: Path) -> None:
    folder.mkdir()
    # Longer than all that is done while it plays, on a machine that is busy.
    time_s = np.arange(120 * RATE_HZ) / RATE_HZ
    for number, name in enumerate(("alpha", "beta", "gamma")):
        tone = 0.1 * np.sin(2 * np.pi * (220.0 + 110.0 * number) * time_s)
        soundfile.write(folder / f"{name}.flac", np.stack([tone, tone], 1), RATE_HZ, subtype="PCM_16")


def make_library(auralis_home: Path, music: Path) -> None:
    path = auralis_home / "data" / "library.db"
    path.parent.mkdir()
    with Store.open(path, program="test", now=library_of.NOW) as store:
        library_of.put(store, [library_of.record(str(file)) for file in sorted(music.iterdir())], root=str(music))


def test_opened_filtered_played_compared_queued_undone_put_to_sleep_and_left(
    auralis_home: Path, tmp_path: Path
) -> None:
    make_music(tmp_path / "music")
    make_library(auralis_home, tmp_path / "music")
    with pulse_sink(tmp_path) as sink:
        environ = player_environ(auralis_home, sink.variables)
        with tmux(tmp_path, environ, ["bash", "--norc", "-i"]) as screen, sink.recording() as heard:
            screen.type(f"{PLAY}\n")
            screen.shows("nothing is queued", for_s=40.0)
            screen.press("2")
            screen.shows("gamma")
            screen.press("/")
            screen.type("beta")
            # Once in the line that is typed, once in the list.
            screen.waits(
                lambda: screen.screen.count("beta") == 2 and "gamma" not in screen.screen, "what is looked for"
            )
            screen.press("Enter")
            # No hand is faster from the line to the list.
            Event().wait(0.3)
            screen.press("Enter")
            screen.waits(lambda: is_playing(environ, "beta"), "what was found, playing")
            screen.shows("▶")
            screen.press("x", "c")
            screen.waits(lambda: status(environ).compare == "mastered", "one side of the comparison")
            screen.press("c")
            screen.waits(lambda: status(environ).compare == "original", "the other side")
            queued = status(environ).queue_length
            screen.press("e")
            screen.waits(lambda: status(environ).queue_length == queued + 1, "one more in the queue")
            screen.press("3")
            screen.shows("3 Queue")
            screen.shows("save-queue")
            screen.press("u")
            screen.waits(lambda: status(environ).queue_length == queued, "the queue as it was")
            plays_on_while_the_screen_sleeps(screen, environ)
            screen.press("q")
            screen.shows("leave it playing")
            screen.press("q")
            screen.shows("LEFT 0")
            screen.waits(lambda: is_gone(environ), "the end of the player")
            # The shell has its terminal back: what is typed is seen and done.
            screen.type("echo $((6 * 7))\n")
            screen.shows("42")
        assert np.abs(heard()).max() > 0.05


def plays_on_while_the_screen_sleeps(screen: Tmux, environ: dict[str, str]) -> None:
    """Kills: a screen that wakes up with lines that stay blank."""
    before = lines_around(screen)
    screen.press("C-z")
    screen.shows("Stopped")
    slept_at_s = status(environ).position_s
    screen.waits(lambda: status(environ).position_s > slept_at_s + 0.2, "the music behind the sleeping screen")
    screen.type("fg; echo LEFT $?\n")
    screen.waits(lambda: lines_around(screen) == before, f"all lines as before the sleep, {before},")
    assert is_playing(environ, "beta")


def lines_around(screen: Tmux) -> tuple[str, str]:
    lines = screen.screen.splitlines()
    return lines[0], lines[-1]


def test_a_screen_whose_terminal_is_lost_ends_and_the_music_plays_on(auralis_home: Path, tmp_path: Path) -> None:
    make_music(tmp_path / "music")
    with pulse_sink(tmp_path) as sink:
        environ = player_environ(auralis_home, sink.variables)
        with tmux(tmp_path, environ, [*shlex.split(PLAY), str(tmp_path / "music")]) as screen:
            screen.shows("▶", for_s=40.0)
            playing = RemotePlayer(environ=environ)
            # The first that the shell has started.
            screen_id = family(screen.process_id)[1]
        waited_for(lambda: not is_running(screen_id), "the end of the screen")
        with playing:
            now_s = playing.status().position_s
            waited_for(lambda: playing.status().position_s > now_s, "the music")


def is_running(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


def is_playing(environ: dict[str, str], name: str) -> bool:
    now = status(environ)
    return now.state == "playing" and now.track is not None and Path(now.track.path).stem == name


def is_gone(environ: dict[str, str]) -> bool:
    try:
        status(environ)
    except NoPlayerError:
        return True
    return False
