"""Meters beside a player that really plays: a process taps it, computes, and ends with whoever looks."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import STARTS_WITHIN_S, player_environ, playing
from sound_sinks import has_pulseaudio, pulse_sink, waited_for

from auralis_cli.model.sound_frame import SoundFrame
from auralis_cli.player.control_place import socket_path, tap_path
from auralis_cli.services.sound_feed import SoundFeed

RATE_HZ = 44_100

pytestmark = [pytest.mark.alone, pytest.mark.skipif(not has_pulseaudio(), reason="needs pulseaudio")]


class Looking:
    """A feed and what it told."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.frames: list[SoundFrame] = []
        self.came = threading.Event()
        self.feed = SoundFeed("player", environ, self._come)

    def _come(self) -> None:
        frame = self.feed.take()
        if frame is not None:
            self.frames.append(frame)


def test_meters_show_what_plays_and_are_still_while_it_does_not(
    tmp_path: Path, auralis_home: Path, request: pytest.FixtureRequest
) -> None:
    wave = 0.25 * np.sin(2.0 * np.pi * 997.0 * np.arange(30 * RATE_HZ) / RATE_HZ)
    soundfile.write(tmp_path / "tone.wav", np.stack([wave, wave], axis=1), RATE_HZ, "FLOAT")
    with pulse_sink(tmp_path) as sink:
        environ = player_environ(auralis_home, sink.variables)
        with playing(environ, tmp_path, tmp_path / "tone.wav") as player:
            looking = Looking(environ)
            looking.feed.begin()
            # Kernels are compiled first where no run has done so.
            waited_for(lambda: len(looking.frames) > 30, "frames", for_s=STARTS_WITHIN_S)
            newest = looking.frames[-1]
            assert newest.is_sounding
            assert newest.original.momentary_lufs == pytest.approx(-12.0, abs=0.2)
            assert newest.original.true_peak_dbtp == pytest.approx(-12.0, abs=0.2)
            assert newest.gain_db == 0.0
            assert tap_path(socket_path("player", environ)).exists()
            player.ctl("pause")
            waited_for(lambda: not looking.frames[-1].is_sounding, "silence")
            looking.feed.end()
            waited_for(lambda: not tap_path(socket_path("player", environ)).exists(), "the tap gone")
            if request.config.getoption("--soak"):
                # A machine that halts for longer than the player plays ahead makes a gap of its own.
                assert player.status().underruns == 0
            looking.feed.begin()
            player.ctl("quit")
            waited_for(lambda: not looking.feed.is_running, "the end")
