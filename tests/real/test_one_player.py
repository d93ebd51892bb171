"""The life of the real player: it begins at once, is the only one, and ends cleanly whatever ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import PlayingProcess, asked, player_environ, playing
from process_figures import figures
from sound_sinks import PulseSink, waited_for

RATE_HZ = 44_100
# What cannot be told apart from a queue of one track.
BEGINS_NO_LATER_BY_S = 1.5


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Half a minute."""
    wave = 0.2 * np.sin(np.arange(30 * RATE_HZ) * 0.05)
    path = tmp_path / "song.flac"
    soundfile.write(path, np.stack((wave, wave), axis=1), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture
def environ(pulse_sink: PulseSink, auralis_home: Path) -> Mapping[str, str]:
    return player_environ(auralis_home, pulse_sink.variables)


def begun(player: PlayingProcess) -> None:
    waited_for(lambda: "[1/" in player.said(), "the first track")


def children_of(pid: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = place.read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid:
            found.append(int(place.parent.name))
    return found


@pytest.mark.invariant("S2-NEW-13")
@pytest.mark.invariant("S2-NEW-11")
def test_a_second_play_hands_its_tracks_to_the_player_that_runs_and_many_delay_nothing(
    environ: Mapping[str, str], song: Path, tmp_path: Path
) -> None:
    # 13,000 names, of which only the first is there to be opened.
    names = tmp_path / "names"
    names.write_bytes(os.fsencode(song) + b"\0" + b"".join(b"/gone/%d.flac\0" % number for number in range(12_999)))
    with playing(environ, tmp_path, "--files-from", names, "-0", ready=False) as player:
        begun(player)
        # Of the processor: what else the machine does is not to be measured.
        took_s = figures(player.pid).processor_s
        assert player.status().queue_length == 13_000
        second = asked(environ, "play", "--volume", "35", "--headless", str(song), str(song))
        assert (second.returncode, second.stdout) == (0, "")
        assert second.stderr == "2 tracks handed to the player that runs\n"
        waited_for(lambda: player.status().queue_index == 13_000, "the tracks handed over")
        waited_for(lambda: player.status().state == "playing", "their sound")
        now = player.status()
        assert (now.queue_length, now.volume) == (13_002, 35.0)
        refused = asked(environ, "play", "--latency", "50", str(song))
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        player.ctl("pause")
        # Without tracks it plays on.
        onward = asked(environ, "play")
        assert (onward.returncode, onward.stderr) == (0, "the player that runs plays on\n")
        waited_for(lambda: player.status().state == "playing", "that it plays on")
        player.ctl("quit")
        assert player.wait() == 0
    with playing(environ, tmp_path, "--new", song, ready=False) as other:
        begun(other)
        alone_s = figures(other.pid).processor_s
    assert took_s < 1.5 * alone_s + BEGINS_NO_LATER_BY_S


@pytest.mark.invariant("S4-D3.5")
def test_a_terminal_that_hangs_up_ends_it_cleanly_and_it_goes_on_from_there(
    environ: Mapping[str, str], song: Path, auralis_home: Path, tmp_path: Path
) -> None:
    with playing(environ, tmp_path, "--enhance", song, ready=False) as player:
        begun(player)
        player.ctl("seek", "12")
        waited_for(lambda: player.status().position_s > 12.2, "the seek")
        children = children_of(player.pid)
        ends(player, signal.SIGHUP, -signal.SIGHUP)
        assert len(player.said().splitlines()) == 1
    # Neither socket nor lock nor a process that makes plans is left.
    assert [path.name for path in (auralis_home / "run").iterdir()] == []
    waited_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the end of its processes")
    with playing(environ, tmp_path, ready=False) as again:
        begun(again)
        found = again.status()
        # It has played on since it began again.
        assert found.position_s > 11.5
        assert found.enhance
        ends(again, signal.SIGTERM, -signal.SIGTERM)


def test_what_plays_beside_the_player_keeps_nothing_and_ctrl_c_ends_it_without_a_word(
    environ: Mapping[str, str], song: Path, auralis_home: Path, tmp_path: Path
) -> None:
    with playing(environ, tmp_path, "--new", song, ready=False) as player:
        begun(player)
        ends(player, signal.SIGINT, 130)
        assert len(player.said().splitlines()) == 1
    assert not (auralis_home / "data" / "library.db").exists()


def ends(player: PlayingProcess, number: signal.Signals, code: int) -> None:
    player.process.send_signal(number)
    assert player.wait() == code


def test_without_a_device_it_ends_with_6_and_a_hint(auralis_home: Path, song: Path, tmp_path: Path) -> None:
    environ = player_environ(auralis_home, {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)})
    for name in ("ALSA_CONFIG_PATH", "PULSE_SERVER"):
        environ.pop(name, None)
    done = asked(environ, "play", "--headless", str(song))
    assert done.returncode == 6
    assert done.stderr.startswith("auralis: error: ")
    assert done.stderr.endswith(")\n")
    assert done.stderr.count("\n") == 1


def test_names_and_tags_are_shown_and_never_obeyed(environ: Mapping[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "a\x1b[31m\nb.flac"
    broken.write_bytes(b"fLaC\1")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\x07.wav"))
    # On a device that plays in real time: what is over before anybody looks nobody is told of.
    soundfile.write(os.fsencode(odd), np.full((30 * RATE_HZ, 2), 0.1), RATE_HZ, subtype="PCM_16", format="WAV")
    with playing(environ, tmp_path, "--quit-at-end", broken, odd, ready=False) as player:
        waited_for(lambda: len(player.said().splitlines()) == 2, "what is told of both")
        player.ctl("next")
        assert player.wait() == 0
    first, second = player.said().splitlines()
    assert first.startswith("auralis: warning: ")
    assert "a\\x1b[31m\\nb.flac" in first
    assert second.startswith("[2/2] ")
    # The tags are made of the name here.
    assert second.isprintable()
