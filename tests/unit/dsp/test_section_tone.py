"""Filters that cross over from section to section: what sounds at every instant, and how it moves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.fir import LinearPhaseFir, design_linear_phase
from auralis_cli.dsp.section_tone import SectionTone

RATE = 8_000
POINTS_HZ = np.array([100.0, 400.0, 1_600.0])
FLAT = np.zeros(3)


def taps_of(gains_db: NDArray[np.float64]) -> NDArray[np.float64]:
    return design_linear_phase(POINTS_HZ, gains_db, RATE, taps=255)


BRIGHT, DARK = taps_of(np.array([-1.0, 0.0, 1.0])), taps_of(np.array([1.0, 0.0, -1.0]))


def render(processor: SectionTone | LinearPhaseFir, audio: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([processor.process(audio), processor.flush()])[processor.latency_frames :]


@pytest.fixture
def noise() -> NDArray[np.float32]:
    return np.random.default_rng(3).uniform(-0.5, 0.5, (6 * RATE, 2)).astype(np.float32)


def test_within_a_section_it_is_the_filter_of_its_kind(noise: NDArray[np.float32]) -> None:
    out = render(SectionTone([BRIGHT, DARK], (0, 1, 0), (2.0, 4.0), (1.0, 1.0), RATE, 2), noise)
    for taps, start_s, end_s in ((BRIGHT, 0.0, 1.5), (DARK, 2.5, 3.5), (BRIGHT, 4.5, 6.0)):
        alone = render(LinearPhaseFir(taps, None, 2), noise)
        span = slice(int(start_s * RATE), int(end_s * RATE))
        np.testing.assert_allclose(out[span], alone[span], atol=1e-7)


def test_weights_sum_to_one_at_every_frame_and_move_without_a_step() -> None:
    """Kills: a crossing that dips or swells, and one that jumps."""
    tone = SectionTone([BRIGHT, DARK, BRIGHT], (0, 1, 2), (2.0, 3.5), (1.0, 2.0), RATE, 1)
    weights = np.zeros((3, 6 * RATE))
    for start in range(0, 6 * RATE, 700):
        count = min(700, 6 * RATE - start)
        for kind, weight in tone.weights(start, count).items():
            weights[kind, start : start + count] += weight
    np.testing.assert_allclose(weights.sum(axis=0), 1.0, atol=1e-12)
    assert weights.min() >= -1e-12
    assert np.abs(np.diff(weights, axis=1)).max() <= np.pi / 2.0 / RATE * 1.01
    assert weights[:, 2 * RATE].tolist() == pytest.approx([0.5, 0.5, 0.0])


def test_filters_alike_are_one_filter_throughout(noise: NDArray[np.float32]) -> None:
    """Kills: weights that do not sum to one: where all kinds are one, borders must not be heard."""
    out = render(SectionTone([DARK, DARK.copy()], (0, 1, 0), (2.0, 4.0), (1.0, 2.0), RATE, 2), noise)
    np.testing.assert_allclose(out, render(LinearPhaseFir(DARK, None, 2), noise), atol=1e-7)


def test_a_kind_without_change_leaves_every_sample(noise: NDArray[np.float32]) -> None:
    tone = SectionTone([taps_of(FLAT), DARK], (0, 1), (4.0,), (1.0,), RATE, 2)
    out = render(tone, noise)
    # Up to where the segment of the crossing begins.
    np.testing.assert_array_equal(out[: 3 * RATE], noise[: 3 * RATE])
    flat = render(SectionTone([taps_of(FLAT)] * 2, (0, 1), (4.0,), (1.0,), RATE, 2), noise)
    np.testing.assert_array_equal(flat, noise)


@pytest.mark.parametrize("first", [1, 12_345, 16_001, 30_000])
def test_it_begins_at_any_frame(first: int, noise: NDArray[np.float32]) -> None:
    tone = SectionTone([BRIGHT, DARK], (0, 1, 0), (2.0, 4.0), (1.0, 1.0), RATE, 2)
    whole = render(tone, noise)
    tone.begin_at(first)
    part = render(tone, noise[first:])
    # Only what lies before the start, which the filter has not heard, is missing.
    np.testing.assert_allclose(part[127:], whole[first + 127 :], atol=1e-7)
    with pytest.raises(ValueError, match="negative"):
        tone.begin_at(-1)


def test_at_every_instant_the_sound_is_linear_phase() -> None:
    """An impulse in the middle of a crossing comes out symmetric."""
    audio = np.zeros((4 * RATE, 1), np.float32)
    audio[2 * RATE] = 1.0
    # So slow that the weights stand still over the length of the filter.
    out = render(SectionTone([BRIGHT, DARK], (0, 1), (2.0,), (3.9,), RATE, 1), audio)[:, 0]
    around = out[2 * RATE - 127 : 2 * RATE + 128]
    np.testing.assert_allclose(around, around[::-1], atol=2e-4)
    assert np.argmax(np.abs(out)) == 2 * RATE


@pytest.mark.parametrize(
    ("kinds", "borders_s", "crossings_s"),
    [((0,), (1.0,), (0.5,)), ((0, 2), (1.0,), (0.5,)), ((0, 1), (1.0,), (3.0,)), ((0, 1, 0), (2.0, 2.5), (1.0, 1.0)),
     ((0, 1), (1.0,), (0.0,))],
)  # fmt: skip
def test_sections_that_cannot_be_are_refused(
    kinds: tuple[int, ...], borders_s: tuple[float, ...], crossings_s: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"section|crossing"):
        SectionTone([BRIGHT, DARK], kinds, borders_s, crossings_s, RATE, 1)
