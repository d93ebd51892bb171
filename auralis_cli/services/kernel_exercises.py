"""Two seconds of a sweep, put through all that a first master goes through: what is used there is compiled.

In halves that take as long as each other and share hardly a kernel, for two processes. The second is

    python -m auralis_cli.services.kernel_exercises
"""

from __future__ import annotations

import numpy as np

from auralis_cli.analysis.evidence import EvidencePart
from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.analysis.music import MusicPart
from auralis_cli.dsp.dither import quantize
from auralis_cli.dsp.limited_loudness import LimitedLoudnessMeter
from auralis_cli.dsp.limiter import Limiter, LimiterSettings
from auralis_cli.dsp.sample_digest import SampleDigest
from auralis_cli.dsp.spectrum import LongTermSpectrum

_RATE_HZ = 44_100
_CHANNELS = 2
_FRAMES = 2 * _RATE_HZ
# Through all frequencies, in the second channel at half the pace, so that there is side.
_TURNS = 0.25 * np.arange(_FRAMES)[:, np.newaxis] ** 2 / _FRAMES / np.array([1.0, 2.0])
_SWEEP = (0.5 * np.sin(2.0 * np.pi * _TURNS)).astype(np.float32)


def exercise_rhythm_and_spectra() -> None:
    """Onsets, harmony and long-term spectra."""
    music = MusicPart(_RATE_HZ, _CHANNELS)
    music.add(_SWEEP)
    music.flush()
    LongTermSpectrum(_RATE_HZ, _CHANNELS).process(_SWEEP)


def exercise_levels_and_limiter() -> None:
    """Loudness, peaks and signs of defects, then what a master is limited, measured and rounded by."""
    meter = LoudnessMeter(_RATE_HZ, _CHANNELS)
    meter.add(_SWEEP)
    meter.result()
    EvidencePart(_RATE_HZ, _CHANNELS).add(_SWEEP)
    SampleDigest(_CHANNELS).process(_SWEEP)
    limited = Limiter(LimiterSettings(ceiling_dbtp=-6.0), _RATE_HZ, _CHANNELS).process(_SWEEP)
    blocks, block_frames = 100, 8
    meter_behind = LimitedLoudnessMeter(_RATE_HZ, block_frames, 0.0, blocks * block_frames)
    meter_behind.add(np.ones(blocks + 1), np.ones(blocks, np.float32))
    quantize(limited, 16, dither=True)


if __name__ == "__main__":
    exercise_levels_and_limiter()
