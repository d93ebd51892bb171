"""What each kernel costs against decoding the same audio from FLAC, in one run (`make bench`).

`extra_info` holds how many times faster than the music plays, and the ratio to the decoder's time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from processors import PROCESSORS
from pytest_benchmark.fixture import BenchmarkFixture

from auralis_cli.dsp.dither import quantize
from auralis_cli.dsp.fir import LinearPhaseFir, design_linear_phase
from auralis_cli.dsp.levels import LevelMeter
from auralis_cli.dsp.limiter import GainCurve, LimiterSettings
from auralis_cli.dsp.loudness import WeightedEnergy
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.dsp.truepeak import TruePeakEnvelope, TruePeakMeter

RATE_HZ = demo_piece.RATE_HZ
BLOCK_FRAMES = 1 << 16
Audio = NDArray[np.float32]
Work = Callable[[Audio], object]


def full_size_fir() -> LinearPhaseFir:
    points_hz, gains_db = np.array([60.0, 1_000.0, 9_000.0]), np.array([1.5, 0.0, 1.0])
    mid = design_linear_phase(points_hz, gains_db, RATE_HZ)
    return LinearPhaseFir(mid, design_linear_phase(points_hz, -gains_db, RATE_HZ), 2)


def _limited(audio: Audio) -> object:
    peaks = np.abs(audio[::8, 0])
    return GainCurve(LimiterSettings(-1.0), RATE_HZ, 6.0).nodes(np.ascontiguousarray(peaks))


# name: a fresh worker for blocks of the demo piece.
KERNELS: dict[str, Callable[[], Work]] = {
    "K-weighted energy": lambda: WeightedEnergy(RATE_HZ, (1.0, 1.0), (RATE_HZ, 100)).process,
    "true-peak meter": lambda: TruePeakMeter(2).process,
    "true-peak envelope": lambda: TruePeakEnvelope(2, 8).process,
    "levels": lambda: LevelMeter(RATE_HZ, 2).process,
    "spectrum": lambda: LongTermSpectrum(RATE_HZ, 2).process,
    "linear-phase FIR pair, 4095 taps": lambda: full_size_fir().process,
    "gain curve": lambda: _limited,
    "quantise with dither": lambda: lambda block: quantize(block, 24, dither=True),
    **{
        name: lambda name=name: PROCESSORS[name](RATE_HZ, 2).process  # type: ignore[misc]
        for name in ("offset removal", "gain automation", "compressor", "transient enhancer", "soft clip", "limiter")
    },
}


@pytest.fixture(scope="module")
def piece() -> Audio:
    return demo_piece.compose()


@pytest.fixture(scope="module")
def decoding_s(piece: Audio, tmp_path_factory: pytest.TempPathFactory) -> float:
    """What libsndfile takes to decode the piece from 16-bit FLAC: the floor."""
    path: Path = tmp_path_factory.mktemp("floor") / "piece.flac"
    soundfile.write(path, np.clip(piece, -1.0, 1.0), RATE_HZ, subtype="PCM_16")
    times = []
    for _ in range(7):
        started = time.perf_counter()
        soundfile.read(path, dtype="float32")
        times.append(time.perf_counter() - started)
    return sorted(times)[3]


@pytest.mark.parametrize("name", KERNELS)
def test_cost_against_decoding(name: str, piece: Audio, decoding_s: float, benchmark: BenchmarkFixture) -> None:
    work = KERNELS[name]()
    blocks = [piece[start : start + BLOCK_FRAMES] for start in range(0, len(piece), BLOCK_FRAMES)]

    def run() -> int:
        for block in blocks:
            work(block)
        return len(blocks)

    done = benchmark.pedantic(run, rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call]
    assert done == len(blocks)
    assert benchmark.stats is not None
    median_s = benchmark.stats.stats.median
    benchmark.extra_info["times_real_time"] = round(len(piece) / RATE_HZ / median_s)
    benchmark.extra_info["ratio_to_decoding"] = round(median_s / decoding_s, 3)
