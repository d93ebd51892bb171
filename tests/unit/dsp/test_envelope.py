"""The outline of a waveform: true smallest and largest samples, in bounded memory, however the stream is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auralis_cli.dsp.envelope import WaveformEnvelope

WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("frames", [0, 1, 15, 65_536, 65_537, 300_001])
@pytest.mark.parametrize("cut", [997, 65_536])
def test_every_bin_holds_its_extremes(channels: int, frames: int, cut: int) -> None:
    audio = np.random.default_rng(frames).standard_normal((frames, channels)).astype(np.float32)
    envelope = WaveformEnvelope(channels)
    for start in range(0, frames, cut):
        envelope.process(audio[start : start + cut])
    lowest, highest = envelope.result()
    length = envelope.bin_frames
    assert len(lowest) == -(-frames // length) <= 4096
    assert frames < 65_536 or len(lowest) > 2048
    for index in range(0, len(lowest), max(1, len(lowest) // 50)):
        part = audio[index * length : (index + 1) * length]
        np.testing.assert_array_equal(lowest[index], part.min(axis=0))
        np.testing.assert_array_equal(highest[index], part.max(axis=0))


def test_one_frame_at_a_time_gives_the_same() -> None:
    audio = np.random.default_rng(0).standard_normal((70_000, 1)).astype(np.float32)
    whole, single = WaveformEnvelope(1), WaveformEnvelope(1)
    whole.process(audio)
    for start in range(len(audio)):
        single.process(audio[start : start + 1])
    np.testing.assert_array_equal(single.result(), whole.result())
    single.reset()
    assert len(single.result()[0]) == 0


@pytest.mark.invariant("S3-ENG-10")
def test_wrong_blocks_are_refused() -> None:
    for block in WRONG_BLOCKS:
        with pytest.raises(ValueError, match="block"):
            WaveformEnvelope(2).process(block)
    with pytest.raises(ValueError, match="channels"):
        WaveformEnvelope(0)
