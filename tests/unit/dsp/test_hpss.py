"""What lasts against what strikes, held to medians as NumPy sorts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.hpss import HarmonicShare

BINS = 513


def ratio(powers: NDArray[np.float32], cut: int = 0) -> float:
    share = HarmonicShare(BINS)
    cut = cut or max(1, len(powers))
    for start in range(0, len(powers), cut):
        share.process(powers[start : start + cut])
    share.flush()
    return share.ratio()


def spectra(hops: int, seed: int = 0) -> NDArray[np.float32]:
    return (np.random.default_rng(seed).standard_normal((hops, BINS)) ** 2).astype(np.float32)


@pytest.mark.parametrize("hops", [1, 4, 5, 9, 40])
def test_it_is_the_share_by_medians_of_nine(hops: int) -> None:
    powers = spectra(hops)
    silence = np.zeros((4, BINS), np.float32)
    in_time = np.lib.stride_tricks.sliding_window_view(np.vstack([silence, powers, silence]), 9, axis=0)
    lasting = np.median(in_time, axis=-1)[:, 5:509]
    struck = np.median(np.lib.stride_tricks.sliding_window_view(powers, 9, axis=1), axis=-1)[:, 1:505]
    amplitudes = np.sqrt(powers[:, 5:509])
    wanted = (amplitudes * lasting / (lasting + struck)).sum() / amplitudes.sum()
    assert ratio(powers) == pytest.approx(wanted, rel=1e-5)


def test_lines_in_time_last_and_lines_in_frequency_strike() -> None:
    steady, strokes = np.zeros((60, BINS), np.float32), np.zeros((60, BINS), np.float32)
    steady[:, 20::20] = 1.0
    strokes[10::20] = 1.0
    assert ratio(steady) == pytest.approx(1.0)
    assert ratio(strokes) == 0.0
    assert 0.3 < ratio(np.maximum(steady, strokes)) < 0.9


def test_silence_is_0() -> None:
    assert ratio(np.zeros((20, BINS), np.float32)) == 0.0
    assert ratio(spectra(0)) == 0.0


@pytest.mark.parametrize("cut", [1, 3, 16])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    powers = spectra(50)
    assert ratio(powers, cut) == ratio(powers)


def test_a_gain_changes_nothing() -> None:
    powers = spectra(50)
    assert ratio(powers * np.float32(2.0**-20)) == ratio(powers)


def test_a_reset_share_reads_as_a_fresh_one() -> None:
    share = HarmonicShare(BINS)
    share.process(spectra(13, seed=1))
    share.reset()
    share.process(spectra(30))
    share.flush()
    assert share.ratio() == ratio(spectra(30))


def test_wrong_powers_are_refused() -> None:
    wrong: list[Any] = [np.zeros((2, BINS)), np.zeros((2, BINS - 1), np.float32), np.zeros(BINS, np.float32)]
    for powers in wrong:
        with pytest.raises(ValueError, match="powers"):
            HarmonicShare(BINS).process(powers)
    with pytest.raises(ValueError, match="bins"):
        HarmonicShare(10)
