"""A real player, and what is said beside it of the track that it plays: words in time, ratings in the library."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from patience import PATIENCE_S
from playing_process import asked, player_environ, playing
from sound_sinks import PulseSink, waited_for

RATE_HZ, LASTS_S = 44_100, 3.0
SUNG_S = (0.8, 1.3, 1.35, 2.0)
# A line is drawn this late at most; people notice a tenth of a second.
LATE_S = 0.1


@pytest.fixture
def environ(pulse_sink: PulseSink, auralis_home: Path) -> Mapping[str, str]:
    return player_environ(auralis_home, pulse_sink.variables)


@pytest.mark.soak
def test_lines_come_in_time_and_the_rating_is_in_the_library(environ: Mapping[str, str], tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    tone = 0.1 * np.sin(2 * np.pi * 330.0 * np.arange(int(LASTS_S * RATE_HZ)) / RATE_HZ)
    soundfile.write(music / "song.flac", np.stack([tone, tone], axis=1), RATE_HZ)
    lines = [f"[00:{at_s:05.2f}]line {number}" for number, at_s in enumerate(SUNG_S)]
    (music / "song.lrc").write_text("\n".join(lines))
    assert asked(environ, "scan", str(music)).returncode == 0
    with playing(environ, tmp_path, str(music)) as player:
        player.ctl("seek", "0")
        player.ctl("pause")
        player.ctl("seek", "0")
        command = [sys.executable, "-m", "auralis_cli", "lyrics", "--follow", "--jsonl"]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as following:
            assert following.stdout is not None
            first = json.loads(following.stdout.readline())
            player.ctl("rate", "4.5")
            player.ctl("favourite", "on")
            player.ctl("play")
            told = [json.loads(following.stdout.readline()) for _ in SUNG_S]
            player.ctl("quit")
            assert following.wait(PATIENCE_S) == 0
        assert player.wait() == 0
    assert (first["line"], first["synced"], first["source"]) == (None, True, str(music / "song.lrc"))
    assert [one["line"] for one in told] == [0, 1, 2, 3]
    late_s = [one["position_s"] - at_s for one, at_s in zip(told, SUNG_S, strict=True)]
    assert all(-0.001 <= late <= LATE_S for late in late_s), late_s
    waited_for(
        lambda: asked(environ, "list", "favourite:yes", "-f", "$rating").stdout == "4.5\n", "the rating", for_s=10.0
    )
