"""The level of the master against that of its original, moment by moment."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights, short_term_lufs
from auralis_cli.player.level_match import LevelMatch, Matched

Block = NDArray[np.float32]

RATE_HZ = 44_100


def whole(original: Block, mastered: Block, block_frames: int = 4096, expected_db: float = 0.0) -> Matched:
    match = LevelMatch(RATE_HZ, original.shape[1], expected_db)
    starts = range(0, len(original), block_frames)
    ends = [start + block_frames for start in starts]
    parts = [match.process(original[a:b], mastered[a:b]) for a, b in zip(starts, ends, strict=True)]
    parts.append(match.flush())
    return Matched(*(np.concatenate(side) for side in zip(*parts, strict=True)))


def music(seconds: float = 9.0) -> Block:
    """Loud, quiet and very quiet passages, one breaking off into the other."""
    rng = np.random.default_rng(3)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    level = np.where(time_s % 3.0 < 1.4, 0.3, np.where(time_s % 3.0 < 2.5, 0.02, 0.001))
    return np.asarray(level[:, None] * rng.standard_normal((len(time_s), 2)), np.float32)


def short_term(side: Block) -> NDArray[np.float64]:
    energies = WeightedEnergy(RATE_HZ, channel_weights(2), (RATE_HZ, 100)).process(np.ascontiguousarray(side))
    return short_term_lufs(energies, RATE_HZ / 100)


def test_both_sides_come_out_as_they_went_in_however_they_were_cut() -> None:
    original = music(2.0)
    mastered = np.tanh(3.0 * original)
    expected = whole(original, mastered)
    assert np.array_equal(expected.original, original)
    assert np.array_equal(expected.mastered, mastered)
    for block_frames in (17, 441, len(original), len(original) + 1):
        again = whole(original, mastered, block_frames)
        assert np.array_equal(again.original, original)
        assert np.allclose(again.match, expected.match, atol=1e-6)


@pytest.mark.parametrize("gain", [0.25, 1.0, 2.0])
def test_one_gain_is_found_exactly_where_there_is_music(gain: float) -> None:
    original = music(1.4)
    match = whole(original, (original * np.float32(gain)).astype(np.float32)).match
    assert np.allclose(match, gain, rtol=1e-3)


def test_before_anything_is_heard_it_is_what_is_expected() -> None:
    silence = np.zeros((RATE_HZ, 2), np.float32)
    assert np.allclose(whole(silence, silence, expected_db=-6.0).match, 10.0 ** (-6.0 / 20.0), rtol=1e-6)
    assert len(whole(silence[:0], silence[:0]).match) == 0


def test_sides_that_are_compared_are_equally_loud_though_their_dynamics_differ() -> None:
    """Kills one gain for the whole track, and a window that looks back only."""
    original = music()
    mastered = np.tanh(4.0 * original).astype(np.float32)
    matched = whole(original, mastered)
    match = matched.match[:, None]
    sides = [short_term(original * np.minimum(1.0, match)), short_term(mastered * np.minimum(1.0, 1.0 / match))]
    assert np.abs(sides[0] - sides[1]).max() < 0.5
    assert np.abs(short_term(mastered) - short_term(original)).max() > 4.0
    # Without steps: 1 dB takes more than 1 ms, also where music breaks off.
    assert np.abs(np.diff(20.0 * np.log10(matched.match))).max() < 1.0 / (0.001 * RATE_HZ)
