"""The terminal player in a real terminal, over a real player with a sound device that keeps real time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import player_environ, status
from sound_sinks import has_pulseaudio, pulse_sink, waited_for
from terminals import TMUX_MISSING, has_tmux, tmux

from auralis_cli.errors import NoPlayerError

pytestmark = pytest.mark.skipif(not (has_tmux() and has_pulseaudio()), reason=f"{TMUX_MISSING} and pulseaudio")
RATE_HZ = 44_100


def make_music(folder: Path) -> None:
    folder.mkdir()
    time_s = np.arange(30 * RATE_HZ) / RATE_HZ
    for number, name in enumerate(("alpha", "beta", "gamma")):
        tone = 0.1 * np.sin(2 * np.pi * (220.0 + 110.0 * number) * time_s)
        soundfile.write(folder / f"{name}.flac", np.stack([tone, tone], 1), RATE_HZ, subtype="PCM_16")


def test_opened_filtered_played_compared_queued_undone_and_left(auralis_home: Path, tmp_path: Path) -> None:
    make_music(tmp_path / "music")
    with pulse_sink(tmp_path) as sink:
        environ = player_environ(auralis_home, sink.variables)
        auralis = [sys.executable, "-m", "auralis_cli"]
        subprocess.run([*auralis, "scan", str(tmp_path / "music")], env=environ, check=True, capture_output=True)
        with no_player_left(environ), tmux(tmp_path, environ, [*auralis, "play"]) as screen, sink.recording() as heard:
            screen.shows("nothing is queued", for_s=40.0)
            screen.press("2")
            screen.shows("gamma")
            screen.press("/")
            screen.type("beta")
            # Once in the line that is typed, once in the list.
            waited_for(lambda: screen.screen.count("beta") == 2 and "gamma" not in screen.screen, "what is looked for")
            screen.press("Enter")
            screen.press("Enter")
            waited_for(lambda: is_playing(environ, "beta"), "what was found, playing")
            screen.shows("▶")
            screen.press("x", "c")
            waited_for(lambda: status(environ).compare == "mastered", "one side of the comparison")
            screen.press("c")
            waited_for(lambda: status(environ).compare == "original", "the other side")
            queued = status(environ).queue_length
            screen.press("e")
            waited_for(lambda: status(environ).queue_length == queued + 1, "one more in the queue")
            screen.press("3")
            screen.press("u")
            waited_for(lambda: status(environ).queue_length == queued, "the queue as it was")
            screen.press("q")
            screen.shows("leave it playing")
            screen.press("q")
            screen.shows("LEFT 0")
            waited_for(lambda: is_gone(environ), "the end of the player")
            # The shell has its terminal back: what is typed is seen and done.
            screen.type("echo $((6 * 7))")
            screen.press("Enter")
            screen.shows("42")
        assert np.abs(heard()).max() > 0.05


@contextmanager
def no_player_left(environ: dict[str, str]) -> Iterator[None]:
    """The player is a process of its own, which outlives its screen: also that of a test that failed."""
    try:
        yield
    finally:
        subprocess.run([sys.executable, "-m", "auralis_cli", "ctl", "quit"], env=environ, capture_output=True)


def is_playing(environ: dict[str, str], name: str) -> bool:
    now = status(environ)
    return now.state == "playing" and now.track is not None and Path(now.track.path).stem == name


def is_gone(environ: dict[str, str]) -> bool:
    try:
        status(environ)
    except NoPlayerError:
        return True
    return False
