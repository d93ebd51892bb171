"""The real player as users drive it: `auralis ctl`, `playerctl`, and the power that goes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import PlayingProcess, player_environ, playing
from session_bus import BUS_MISSING, SessionBus, has_session_bus, session_bus
from sound_sinks import PulseSink, waited_for

from auralis_cli.services.player_memory import remembered

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

    waited_for(is_so, f"{wanted} of {player.status()}")


def told(bus: SessionBus, wanted: str, *words: str) -> None:
    """Waits for playerctl to say so: the bus is told what the player does on a thread of its own."""
    waited_for(
        lambda: bus.asked("playerctl", *words).stdout.rstrip("\n") == wanted, f"{wanted} of playerctl {' '.join(words)}"
    )


def kept_s(environ: Mapping[str, str]) -> float:
    """How far the track has played, as the library keeps it."""
    return remembered(Path(environ["AURALIS_HOME"]) / "data" / "library.db", 0).queue.position_s


def test_ctl_and_playerctl_drive_one_player(
    environ: Mapping[str, str], bus: SessionBus, album: list[Path], tmp_path: Path
) -> None:
    with playing({**environ, **bus.variables}, tmp_path, *album) as player:
        reached(player, state="playing", queue_index=0, queue_length=TRACKS)
        told(bus, "Playing", "status")
        assert json.loads(player.ctl("status", "--json"))["track"]["path"] == str(album[0])
        told(bus, album[0].as_uri(), "metadata", "xesam:url")
        bus.playerctl("next")
        reached(player, queue_index=1, state="playing")
        told(bus, album[1].as_uri(), "metadata", "xesam:url")
        player.ctl("pause")
        told(bus, "Paused", "status")
        # It stands there, however late it is looked at.
        bus.playerctl("position", "12.5")
        waited_for(lambda: player.status().position_s == pytest.approx(12.5, abs=0.1), "the seek")
        stands_at = player.status().position_s
        waited_for(lambda: float(bus.playerctl("position")) == pytest.approx(stands_at, abs=0.3), "the place")
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
        assert player.wait() == 0
    waited_for(lambda: bus.asked("playerctl", "-l").stdout == "", "a bus without a player")


def test_after_a_kill_the_player_goes_on_where_it_was(
    environ: Mapping[str, str], album: list[Path], tmp_path: Path
) -> None:
    with playing(environ, tmp_path, *album) as player:
        player.ctl("jump", "2")
        player.ctl("seek", "10")
        player.ctl("volume", "55")
        waited_for(lambda: kept_s(environ) > 11.5, "a second more, kept")
        waited_for(lambda: player.status().position_s - kept_s(environ) < RESUMES_WITHIN_S, "what plays, kept")
        player.kill()
    left_s, begun_s = kept_s(environ), time.monotonic()
    with playing(environ, tmp_path) as again:
        found = again.status()
        assert (found.queue_index, found.queue_length, found.volume) == (1, TRACKS, 55.0)
        waited_for(lambda: again.status().state == "playing", "the sound")
        found_s = again.status().position_s
    # It has played on since it began again.
    assert left_s - 0.1 <= found_s <= left_s + time.monotonic() - begun_s
