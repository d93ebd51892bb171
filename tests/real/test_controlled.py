"""Every action on the real player over its socket, and what that player listens on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import PlayingProcess, player_environ, playing
from sound_sinks import file_sink, waited_for

from auralis_cli.errors import AuralisError
from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.remote_player import RemotePlayer

RATE_HZ = 44_100
# Arguments for the actions that need some.
ARGUMENTS: dict[str, dict[str, object]] = {
    "seek": {"to": "50%"},
    "volume": {"level": "-5"},
    "normalize": {"mode": "track"},
    "crossfade": {"seconds": 2},
    "device": {"name": "default"},
    "preset": {"name": "warm"},
    "rate": {"rating": 4},
    "intensity": {"amount": 0.5},
    "tilt": {"tilt_db": 1},
    "reference": {"profile": "off"},
    "width": {"width_db": -1},
    "repeat": {"mode": "all"},
    "jump": {"position": 1},
    "remove": {"positions": [1]},
    "move": {"origin": 1, "target": 2},
}
INTERNET = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "1 Song.flac"
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 330.0 * time_s), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture
def player(song: Path, auralis_home: Path, tmp_path: Path) -> Iterator[PlayingProcess]:
    with file_sink(tmp_path) as sink, playing(player_environ(auralis_home, sink.variables), tmp_path, song) as running:
        yield running


def internet_sockets(pid: int) -> list[str]:
    """Sockets of the process that others than this machine's processes could reach."""
    held = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            held.add(os.readlink(f"/proc/{pid}/fd/{number}"))
        except FileNotFoundError:
            continue
    tables = [(table, Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]) for table in INTERNET]
    return [line for _, lines in tables for line in lines if f"socket:[{line.split()[9]}]" in held]


@pytest.mark.invariant("S1-M-25")
def test_every_action_is_taken_and_nothing_listens_on_a_network(player: PlayingProcess, song: Path) -> None:
    refused: dict[str, AuralisError] = {}
    with RemotePlayer(environ=player.environ) as remote:
        remote.do("pause")
        for action in ACTIONS.values():
            if action.id == "quit":
                continue
            names = [one.name for one in action.arguments]
            arguments = dict(ARGUMENTS.get(action.id, {}))
            if "tracks" in names:
                arguments["tracks"] = [{"path": str(song)}, {"path": str(song)}]
            if action.id == "insert":
                arguments["position"] = 1
            try:
                remote.do(action.id, **arguments)
            except AuralisError as error:
                refused[action.id] = error
            assert internet_sockets(player.pid) == []
        status = remote.status()
        assert (status.normalize, status.crossfade_s, status.preset, status.intensity, status.repeat) == (
            "track", 2.0, "warm", 0.5, "all",
        )  # fmt: skip
        # The song is in no library, where alone that could be kept.
        assert refused.keys() == {"rate", "favourite"}
        assert all(error.why.endswith("is not in the library") for error in refused.values())
        remote.set_queue([QueueTrack(str(song))] * 3, play=False)
        waited_for(lambda: len(remote.queue().items) == 3, "the queue")
        remote.quit()
    assert player.wait() == 0
    assert not list((Path(player.environ["AURALIS_HOME"]) / "run").iterdir())
