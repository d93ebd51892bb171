"""The part of the tour that needs ears: the terminal player, and what drives it from another terminal."""

from __future__ import annotations

import os
from pathlib import Path

import library_of
import numpy as np
import pytest
import soundfile
from playing_process import player_environ, status
from printed_commands import Answer, answers, fits, own_program, printed_commands
from sound_sinks import has_pulseaudio, pulse_sink
from terminals import TMUX_MISSING, has_tmux, tmux

from auralis_cli.db.store import Store
from auralis_cli.manual_tour import PLAYED, TOUR

pytestmark = pytest.mark.skipif(not (has_tmux() and has_pulseaudio()), reason=f"{TMUX_MISSING} and pulseaudio")
RATE_HZ = 44_100
# Longer than all that is done while a track plays, on a machine that is busy.
PLAYS_S = 120
# Played by every command line of the README and of the tour that plays.
TITLES = ("Slow Lake", "Blue Heron")
ARTIST = "Ada Lindqvist Trio"


def make_jazz(home: Path, music: Path) -> None:
    music.mkdir()
    (home / "data").mkdir()
    tone = 0.1 * np.sin(2 * np.pi * 220.0 * np.arange(PLAYS_S * RATE_HZ) / RATE_HZ)
    with Store.open(home / "data" / "library.db", program="test", now=library_of.NOW) as store:
        records = []
        for number, title in enumerate(TITLES, 1):
            path = str(music / f"{number}.flac")
            soundfile.write(path, np.stack([tone, tone], 1), RATE_HZ, subtype="PCM_16")
            about = library_of.record(path, title=title, track=number, artist=ARTIST, album=TITLES[0], genres=("Jazz",))
            records.append(about)
        library_of.put(store, records, root=str(music))


def test_the_player_of_the_tour_is_opened_and_driven_as_printed(auralis_home: Path, tmp_path: Path) -> None:
    make_jazz(auralis_home, tmp_path / "music")
    bin_folder = own_program(tmp_path / "bin")
    opened, *driven = printed_commands(dict(TOUR)[PLAYED])
    with pulse_sink(tmp_path) as sink:
        environ = player_environ(auralis_home, sink.variables, {"PATH": f"{bin_folder}:{os.environ['PATH']}"})
        with tmux(tmp_path, environ, ["sh", "-c", opened.command]) as screen:
            screen.shows("▶", for_s=40.0)
            screen.waits(lambda: status(environ).state == "playing", "the music")
            assert status(environ).queue_length == len(TITLES)
            given: list[Answer] = []
            for one in driven:
                # As one who types does: what was begun is there before the next is asked.
                screen.waits(lambda: status(environ).state != "loading", "the music")
                given += answers([one.command], environ, tmp_path)
            # The player is gone; the screen says so, and goes when it is told to.
            screen.shows("no player runs")
            screen.press("q")
            screen.shows("LEFT 0")
    different = [
        answer for one, answer in zip(driven, given, strict=True) if answer.code or not fits(one.answer, answer.lines)
    ]
    assert different == []
