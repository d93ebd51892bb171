"""Every processor of `auralis_cli.dsp`, made small, for tests that hold for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auralis_cli.dsp.automation import GainAutomation
from auralis_cli.dsp.channel_gains import ChannelGains
from auralis_cli.dsp.dc import OffsetRemoval
from auralis_cli.dsp.declip import Declipper
from auralis_cli.dsp.dynamics import Compressor, CompressorSettings
from auralis_cli.dsp.expansion import PeakExpansion, PeakExpansionSettings
from auralis_cli.dsp.fir import LinearPhaseFir, design_linear_phase
from auralis_cli.dsp.limiter import Limiter, LimiterSettings
from auralis_cli.dsp.polarity import PolarityFlip
from auralis_cli.dsp.section_tone import SectionTone
from auralis_cli.dsp.softclip import SoftClip, SoftClipSettings
from auralis_cli.dsp.transient import TransientEnhancer, TransientSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from auralis_cli.dsp.processor import Processor

RATE_HZ = 44_100


def _fir(rate_hz: int, channels: int) -> LinearPhaseFir:
    points_hz = np.array([100.0, 1_000.0, 10_000.0])
    mid = design_linear_phase(points_hz, np.array([3.0, 0.0, -2.0]), rate_hz, taps=31)
    side = design_linear_phase(points_hz, np.array([-6.0, 0.0, 1.0]), rate_hz, taps=31)
    return LinearPhaseFir(mid, side if channels == 2 else None, channels)


def _sections(rate_hz: int, channels: int) -> SectionTone:
    points_hz = np.array([100.0, 1_000.0, 10_000.0])
    taps = [
        design_linear_phase(points_hz, np.array(gains_db), rate_hz, taps=31)
        for gains_db in ([1.0, 0.0, -1.0], [-1.0, 0.5, 1.0], [0.0, 0.0, 0.0])
    ]
    return SectionTone(taps, (0, 1, 0, 2), (0.01, 0.04, 0.06), (0.008, 0.02, 0.01), rate_hz, channels)


# name: factory of (sample_rate_hz, channels); a new processor is tested by standing here.
PROCESSORS: dict[str, Callable[[int, int], Processor]] = {
    "declip": lambda rate_hz, channels: Declipper((0.6,) * channels, 6.0, rate_hz, channels),
    "polarity flip": lambda rate_hz, channels: PolarityFlip(channels - 1, rate_hz, channels),
    "offset removal": lambda rate_hz, channels: OffsetRemoval(10.0, rate_hz, channels),
    "fir": _fir,
    "section tone": _sections,
    "channel gains": lambda rate_hz, channels: ChannelGains(([1.5, -2.0] * channels)[:channels], rate_hz),
    "peak expansion": lambda rate_hz, channels: PeakExpansion(
        PeakExpansionSettings(-20.0, -3.0, 4.0), rate_hz, channels
    ),
    "gain automation": lambda rate_hz, channels: GainAutomation(
        np.array([0.0, 2.0, -3.0, 1.0]), 0.02, rate_hz, channels
    ),
    "compressor": lambda rate_hz, channels: Compressor(
        CompressorSettings(-30.0, 3.0, 8.0, 10.0, 50.0, 12.0), rate_hz, channels
    ),
    "transient enhancer": lambda rate_hz, channels: TransientEnhancer(TransientSettings(3.0), rate_hz, channels),
    "soft clip": lambda rate_hz, channels: SoftClip(SoftClipSettings(0.3, 0.5), rate_hz, channels),
    "limiter": lambda rate_hz, channels: Limiter(LimiterSettings(-6.0), rate_hz, channels, gain_db=3.0),
}
