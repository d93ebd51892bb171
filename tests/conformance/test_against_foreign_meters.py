"""Our meters against libebur128 and ffmpeg, on the same decoded float audio of open music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.model.measurements import Measurements
from open_music import OpenTrack, open_tracks
from second_opinion import Opinion, by_ebur128, by_ffmpeg

# What the two may differ by: loudness (tracks ≥ 3 s), LRA (≥ 30 s), true peak.
INTEGRATED_LU, LRA_LU, TRUE_PEAK_DB = 0.05, 0.1, 0.2
EXCERPT_S = 60


def measured(audio: NDArray[np.float32], rate_hz: int) -> Measurements:
    meter = LoudnessMeter(rate_hz, audio.shape[1])
    for start in range(0, len(audio), 1 << 17):
        meter.add(audio[start : start + (1 << 17)])
    return meter.result()


def excerpt(track: OpenTrack, seconds: float | None = EXCERPT_S) -> NDArray[np.float32]:
    frames = -1 if seconds is None else round(seconds * track.sample_rate_hz)
    audio, _ = sf.read(track.path, frames=frames, dtype="float32", always_2d=True)
    # ffmpeg's resampler mirrors the first samples and libebur128's starts cold: music does not start at full level.
    return np.ascontiguousarray(audio)


def a_few(root: Path) -> list[OpenTrack]:
    """One track in twelve of ≥ 30 s: every package is among them."""
    return open_tracks(root)[::12]


def differences(ours: Measurements, theirs: Opinion) -> tuple[float, float, float]:
    """Integrated, LRA, true peak: ours − theirs."""
    return (
        ours.integrated_lufs - theirs.integrated_lufs,
        ours.lra_lu - theirs.lra_lu,
        ours.true_peak_dbtp - theirs.true_peak_dbtp,
    )


def check(name: str, difference: tuple[float, float, float]) -> None:
    for value, bound, what in zip(
        difference, (INTEGRATED_LU, LRA_LU, TRUE_PEAK_DB), ("integrated", "LRA", "true peak"), strict=True
    ):
        assert abs(value) <= bound, f"{name}: {what} differs by {value:+.3f}"


@pytest.mark.corpus
@pytest.mark.ebur128
def test_libebur128_reads_the_same_on_open_music(corpus: Path) -> None:
    for track in a_few(corpus):
        audio = excerpt(track)
        ours = measured(audio, track.sample_rate_hz)
        check(track.name, differences(ours, by_ebur128(audio, track.sample_rate_hz)))


@pytest.mark.corpus
@pytest.mark.ffmpeg
def test_ffmpeg_reads_the_same_on_open_music(corpus: Path) -> None:
    for track in a_few(corpus)[::2]:
        audio = excerpt(track)
        ours = measured(audio, track.sample_rate_hz)
        check(track.name, differences(ours, by_ffmpeg(audio, track.sample_rate_hz)))


@pytest.mark.corpus
@pytest.mark.ebur128
@pytest.mark.soak
def test_libebur128_reads_the_same_on_all_open_tracks(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = []
    for track in open_tracks(corpus, min_duration_s=3.0):
        audio = excerpt(track, None)
        difference = differences(measured(audio, track.sample_rate_hz), by_ebur128(audio, track.sample_rate_hz))
        rows.append((track, difference))
    with capsys.disabled():
        print(f"\n{len(rows)} tracks; worst difference to libebur128:")
        for index, what in enumerate(("integrated LU", "LRA LU (≥ 30 s)", "true peak dB")):
            counted = [row for row in rows if index != 1 or row[0].duration_s >= 30.0]
            track, difference = max(counted, key=lambda row: abs(row[1][index]))
            print(f"  {what:18} {difference[index]:+.4f}  {track.name}")
    for track, (integrated, lra, peak) in rows:
        check(track.name, (integrated, lra if track.duration_s >= 30.0 else 0.0, peak))
