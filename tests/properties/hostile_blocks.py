"""Every kernel that takes audio, fed what no audio is: run as a program of its own, because it might die of it.

Prints one JSON object: what was tried, and everything that came out other than an answer or a ValueError.
"""

from __future__ import annotations

import faulthandler
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from processors import PROCESSORS  # noqa: E402

from auralis_cli.dsp.channels import ChannelDifference  # noqa: E402
from auralis_cli.dsp.clipping import FlatTopMeter  # noqa: E402
from auralis_cli.dsp.dither import quantize  # noqa: E402
from auralis_cli.dsp.envelope import WaveformEnvelope  # noqa: E402
from auralis_cli.dsp.gated_spectrum import GatedSpectrum  # noqa: E402
from auralis_cli.dsp.harmony import HarmonyMeter  # noqa: E402
from auralis_cli.dsp.hpss import HarmonicShare  # noqa: E402
from auralis_cli.dsp.levels import LevelMeter  # noqa: E402
from auralis_cli.dsp.limiter import ControlledGain, GainCurve, LimiterSettings, apply_gain_nodes  # noqa: E402
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights  # noqa: E402
from auralis_cli.dsp.onset import OnsetDetector  # noqa: E402
from auralis_cli.dsp.sample_digest import SampleDigest  # noqa: E402
from auralis_cli.dsp.sliding_spectra import SlidingSpectra  # noqa: E402
from auralis_cli.dsp.spectrum import LongTermSpectrum  # noqa: E402
from auralis_cli.dsp.truepeak import TruePeakEnvelope, TruePeakMeter  # noqa: E402

RATE_HZ, CHANNELS, FRAMES = 48_000, 2, 5000
F32 = np.finfo(np.float32)

# What takes `(frames, CHANNELS)`, block after block.
METERS: dict[str, Callable[[], Any]] = {
    "ChannelDifference": lambda: ChannelDifference(CHANNELS, 1e-3),
    "FlatTopMeter": lambda: FlatTopMeter(CHANNELS),
    "LevelMeter": lambda: LevelMeter(RATE_HZ, CHANNELS),
    "SampleDigest": lambda: SampleDigest(CHANNELS),
    "WeightedEnergy": lambda: WeightedEnergy(RATE_HZ, channel_weights(CHANNELS), (480, 1)),
    "ControlledGain": lambda: ControlledGain(GainCurve(LimiterSettings(-1.0), RATE_HZ, 0.0), RATE_HZ, CHANNELS),
    "GatedSpectrum": lambda: GatedSpectrum(np.array([20.0, 200.0, 2000.0, 20_000.0]), RATE_HZ, CHANNELS),
    "LongTermSpectrum": lambda: LongTermSpectrum(RATE_HZ, CHANNELS),
    "WaveformEnvelope": lambda: WaveformEnvelope(CHANNELS),
    "TruePeakEnvelope": lambda: TruePeakEnvelope(CHANNELS, 8),
    "TruePeakMeter": lambda: TruePeakMeter(CHANNELS),
}
TAKERS: dict[str, Callable[[], Any]] = {
    **METERS,
    **{name: lambda make=make: make(RATE_HZ, CHANNELS) for name, make in PROCESSORS.items()},  # type: ignore[misc]
}


def right_shapes() -> dict[str, np.ndarray]:
    """Blocks of the right shape and type with values that no music has."""
    rng = np.random.default_rng(3)
    line = np.zeros((FRAMES, CHANNELS), np.float32)
    return {
        "NaN": np.full_like(line, np.nan),
        "infinity": np.full_like(line, np.inf),
        "both infinities in turn": np.where(np.arange(FRAMES)[:, None] % 2, np.inf, -np.inf).astype(np.float32) + line,
        "the largest": np.full_like(line, F32.max),
        "the smallest": np.full_like(line, 1e-45),
        "any bits": rng.integers(0, 2**32, (FRAMES, CHANNELS), dtype=np.uint32).view(np.float32),
        "no frames": line[:0],
        "one frame": line[:1] + 1,
    }


def wrong_shapes() -> dict[str, Any]:
    """What must be refused."""
    line = np.zeros((64, CHANNELS), np.float32)
    return {
        "one dimension": line[:, 0].copy(),
        "three dimensions": line[None],
        "a channel too few": line[:, :1].copy(),
        "a channel too many": np.zeros((64, CHANNELS + 1), np.float32),
        "no channels": np.zeros((64, 0), np.float32),
        "float64": line.astype(np.float64),
        "whole numbers": line.astype(np.int16),
        "objects": line.astype(object),
        "Fortran order": np.asfortranarray(line),
        "every other frame": np.zeros((128, CHANNELS), np.float32)[::2],
        "backwards": line[::-1],
        "a list": line.tolist(),
        "nothing": None,
    }


class Trial:
    """Counts what was tried, and keeps what went wrong."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.wrong: list[str] = []

    def call(self, what: str, work: Callable[[], object], *, must_refuse: bool = False) -> None:
        """An answer or a ValueError; where it must refuse, a ValueError."""
        self.tried.append(what)
        print(what, file=sys.stderr, flush=True)  # the last one before a crash
        try:
            work()
        except ValueError:
            return
        except BaseException as error:
            self.wrong.append(f"{what}: {type(error).__name__}: {error}")
            return
        if must_refuse:
            self.wrong.append(f"{what}: taken")


def feed(taker: Any, block: Any) -> None:
    """Two blocks, and everything that can be asked afterwards."""
    taker.process(block)
    taker.process(block)
    for question in ("flush", "result", "peak", "reset"):
        if hasattr(taker, question):
            getattr(taker, question)()


def main() -> None:
    """Tries everything."""
    faulthandler.enable()
    np.seterr(all="ignore")
    trial = Trial()
    for name, make in TAKERS.items():
        for kind, block in right_shapes().items():
            trial.call(f"{name} with {kind}", lambda make=make, block=block: feed(make(), block))  # type: ignore[misc]
        for kind, block in wrong_shapes().items():
            trial.call(
                f"{name} with {kind}",
                lambda make=make, block=block: make().process(block),  # type: ignore[misc]
                must_refuse=True,
            )
    for kind, block in right_shapes().items():
        trial.call(f"quantize with {kind}", lambda block=block: quantize(block, 16, dither=True))  # type: ignore[misc]
        curve = GainCurve(LimiterSettings(-1.0), RATE_HZ)
        envelope = np.ascontiguousarray(block[:, 0])
        trial.call(
            f"GainCurve with {kind}",
            lambda curve=curve, envelope=envelope: (curve.nodes(envelope), curve.flush()),  # type: ignore[misc]
        )
        trial.call(f"OnsetDetector with {kind}", partial(listen, OnsetDetector(), envelope))
        trial.call(f"HarmonyMeter with {kind}", partial(listen, HarmonyMeter(), envelope))
        trial.call(f"SlidingSpectra with {kind}", partial(listen, Windows(1024, 256, 4), envelope))
        powers = np.resize(envelope, (10, 500))
        trial.call(f"HarmonicShare with {kind}", partial(HarmonicShare(500).process, powers))
    short = np.zeros((100, CHANNELS), np.float32)
    trial.call("too few nodes", lambda: apply_gain_nodes(short, np.ones(3), 8, short), must_refuse=True)
    trial.call("out too short", lambda: apply_gain_nodes(short, np.ones(99), 8, short[:50]), must_refuse=True)
    for kind, block in wrong_shapes().items():
        if not kind.startswith("a channel"):
            trial.call(f"quantize with {kind}", partial(quantize, block, 16, dither=True), must_refuse=True)
    print(json.dumps({"tried": trial.tried, "wrong": trial.wrong}))


class Windows(SlidingSpectra):
    """Spectra that are looked at as they come."""

    def process(self, block: np.ndarray) -> Any:
        """All of them."""
        return list(super().process(block))

    def flush(self) -> Any:
        """The last."""
        return list(super().flush())


def listen(meter: OnsetDetector | HarmonyMeter | Windows, line: np.ndarray) -> None:
    """These take a column."""
    meter.process(line[:, np.newaxis])
    meter.flush()


if __name__ == "__main__":
    main()
