"""The real player as users drive it: `auralis ctl`, `playerctl`, and the power that goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import PlayingProcess, player_environ, playing
from session_bus import BUS_MISSING, SessionBus, has_session_bus, session_bus
from sound_sinks import PulseSink, waited_for

RATE_HZ = 44_100
TRACKS, LENGTH_S = 3, 30.0
RESUMES_WITHIN_S = 2.0


@pytest.fixture
def album(tmp_path: Path) -> list[Path]:
    """Three tracks of half a minute."""
    folder = tmp_path / "album"
    folder.mkdir()
    made = [folder / f"{number} Track.flac" for number in range(1, TRACKS + 1)]
    for number, path in enumerate(made, 1):
        time_s = np.arange(int(LENGTH_S * RATE_HZ)) / RATE_HZ
        wave = 0.2 * np.sin(2 * np.pi * 220.0 * number * time_s)
        soundfile.write(path, np.stack((wave, wave), axis=1), RATE_HZ, subtype="PCM_16")
    return made


@pytest.fixture
def environ(pulse_sink: PulseSink, auralis_home: Path) -> Mapping[str, str]:
    return player_environ(auralis_home, pulse_sink.variables)


@pytest.fixture
def bus() -> Iterator[SessionBus]:
    if not has_session_bus():
        pytest.skip(BUS_MISSING)
    with session_bus() as running:
        yield running


def reached(player: PlayingProcess, **wanted: object) -> None:
    """Waits for the status to say so."""

    def is_so() -> bool:
        status = player.status()
        return all(getattr(status, name) == value for name, value in wanted.items())

    waited_for(is_so, f"{wanted} of {player.status()}", for_s=15.0)


def test_ctl_and_playerctl_drive_one_player(
    environ: Mapping[str, str], bus: SessionBus, album: list[Path], tmp_path: Path
) -> None:
    with playing({**environ, **bus.variables}, tmp_path, *album) as player:
        reached(player, state="playing", queue_index=0, queue_length=TRACKS)
        assert bus.playerctl("status") == "Playing"
        assert json.loads(player.ctl("status", "--json"))["track"]["path"] == str(album[0])
        assert bus.playerctl("metadata", "xesam:url") == album[0].as_uri()
        bus.playerctl("next")
        reached(player, queue_index=1, state="playing")
        assert bus.playerctl("metadata", "xesam:url") == album[1].as_uri()
        bus.playerctl("position", "12.5")
        waited_for(lambda: 12.5 <= player.status().position_s < 16.0, "the seek")
        player.ctl("pause")
        waited_for(lambda: bus.playerctl("status") == "Paused", "the pause")
        stands_at = player.status().position_s
        assert float(bus.playerctl("position")) == pytest.approx(stands_at, abs=0.3)
        bus.playerctl("volume", "0.4")
        reached(player, volume=40.0)
        player.ctl("volume", "+10")
        waited_for(lambda: float(bus.playerctl("volume")) == pytest.approx(0.5), "the volume")
        bus.playerctl("loop", "Track")
        reached(player, repeat="one")
        bus.playerctl("play-pause")
        reached(player, state="playing")
        assert player.status().position_s >= stands_at
        bus.playerctl("stop")
        reached(player, state="stopped")
        player.ctl("quit")
        assert player.wait(10) == 0
    assert bus.asked("playerctl", "-l").stdout == ""


def test_after_a_kill_the_player_goes_on_where_it_was(
    environ: Mapping[str, str], album: list[Path], tmp_path: Path
) -> None:
    with playing(environ, tmp_path, *album) as player:
        player.ctl("jump", "2")
        player.ctl("seek", "10")
        player.ctl("volume", "55")
        waited_for(lambda: player.status().position_s > 11.5, "a second more")
        left = player.status()
        player.kill()
    with playing(environ, tmp_path) as again:
        found = again.status()
        assert (found.queue_index, found.queue_length, found.volume) == (1, TRACKS, 55.0)
        waited_for(lambda: again.status().state == "playing", "the sound")
        began = again.status().position_s
    # It has played on since it began again.
    assert left.position_s - RESUMES_WITHIN_S <= began <= left.position_s + RESUMES_WITHIN_S
