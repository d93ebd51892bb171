"""The real player, mastering what it plays towards another recording."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playing_process import PlayingProcess, asked, player_environ, playing
from sound_sinks import PulseSink, waited_for

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.model.player_status import PlayerStatus

RATE_HZ = 44_100


def write_music(path: Path, level: float, seconds: float) -> Path:
    rng = np.random.default_rng(1)
    at = np.arange(round(seconds * RATE_HZ))
    beats = np.exp(-((at % (RATE_HZ // 2)) / (0.1 * RATE_HZ)))
    audio = level * (0.3 * np.sin(2 * np.pi * 330.0 * at / RATE_HZ) + 0.1 * rng.standard_normal(len(at))) * beats
    soundfile.write(path, np.stack((audio, 0.8 * np.roll(audio, 30)), axis=1), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture
def environ(pulse_sink: PulseSink, auralis_home: Path) -> Mapping[str, str]:
    return player_environ(auralis_home, pulse_sink.variables)


def solved(player: PlayingProcess, mode: str, reference: str | None) -> PlayerStatus:
    """The status, once what plays is mastered in this way for good."""

    def is_so() -> bool:
        status = player.status()
        return (status.mastering_mode, status.reference, status.plan_stage) == (mode, reference, "solved")

    waited_for(is_so, f"{mode} by {reference}", for_s=60.0)
    return player.status()


def test_what_plays_is_mastered_by_a_reference_by_half_of_it_and_without_again(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    song = write_music(tmp_path / "song.wav", 0.1, 20.0)
    loud, soft = (write_music(tmp_path / f"{level}.wav", level, 6.0) for level in (0.9, 0.15))
    meter = LoudnessMeter(RATE_HZ, 2)
    meter.add(soundfile.read(soft, dtype="float32")[0])
    # Over and over: it is to be mastered in three ways, each of which takes its time.
    with playing(environ, tmp_path, "--repeat", "one", "--reference", soft, song) as player:
        # Named is heard, without --enhance as well.
        status = solved(player, "reference", str(soft))
        assert status.enhance
        assert status.mastered_lufs == pytest.approx(meter.result().integrated_lufs, abs=0.3)
        player.ctl("reference", str(loud), "hybrid")
        assert solved(player, "hybrid", str(loud)).mastered_lufs is not None
        missing = asked(environ, "ctl", "reference", str(tmp_path / "missing.wav"))
        assert missing.returncode == 4
        assert player.status().reference == str(loud)
        player.ctl("reference", "off")
        solved(player, "adaptive", None)
