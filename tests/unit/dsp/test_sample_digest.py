"""The digest of samples: every bit counts, cuts do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.sample_digest import SampleDigest

Audio = NDArray[np.float32]


def noise(frames: int, channels: int) -> Audio:
    # As 16 bits are: the lowest bits of every float are zero.
    steps = np.random.default_rng(5).integers(-32_768, 32_768, (frames, channels))
    return np.ascontiguousarray(steps / np.float32(32_768), np.float32)


def digest(*blocks: Audio) -> str:
    taken = SampleDigest(blocks[0].shape[1])
    for block in blocks:
        taken.process(block)
    return taken.result()


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_it_does_not_depend_on_how_the_stream_is_cut(channels: int) -> None:
    audio = noise(3_001, channels)
    whole = digest(audio)
    for size in (1, 17, 64, 509, 3_000):
        assert digest(*(audio[start : start + size] for start in range(0, len(audio), size))) == whole
    assert digest(audio[:0], audio, audio[:0]) == whole


@pytest.mark.parametrize("frame", [0, 1, 31, 32, 63, 64, 1_999, 2_000])
@pytest.mark.parametrize("channel", [0, 1])
def test_a_single_step_of_16_bits_anywhere_changes_it(frame: int, channel: int) -> None:
    audio = noise(2_001, 2)
    changed = audio.copy()
    changed[frame, channel] += np.float32(1 / 32_768)
    assert digest(changed) != digest(audio)


def test_neither_length_nor_channels_nor_order_are_lost() -> None:
    audio = noise(1_024, 2)
    others = (
        audio[:-1],
        np.concatenate((audio, np.zeros((32, 2), np.float32))),
        np.ascontiguousarray(audio.reshape(-1, 1)),
        np.ascontiguousarray(audio[:, ::-1]),
        np.ascontiguousarray(audio[::-1]),
        np.concatenate((audio[512:], audio[:512])),
        np.concatenate((audio[32:64], audio[:32], audio[64:])),
        -audio,
        np.zeros_like(audio),
    )
    assert len({digest(audio), *map(digest, others)}) == len(others) + 1
    assert digest(np.zeros((10, 1), np.float32)) != digest(np.zeros((11, 1), np.float32))


def test_a_reset_digest_is_a_fresh_one_and_the_input_is_not_written() -> None:
    audio = noise(100, 2)
    audio.flags.writeable = False
    used = SampleDigest(2)
    used.process(audio)
    used.reset()
    used.process(audio)
    assert used.result() == digest(audio)


def test_wrong_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="block must be"):
        SampleDigest(2).process(noise(10, 1))
