"""The characters a master can be given: small biases around what the music itself asks for."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What a number of a preset or target may be, and what it means."""

    low: float
    high: float
    meaning: str


def figure(low: float, high: float, meaning: str, **default: float | None) -> Any:
    """A dataclass field that carries its `Figure`."""
    return field(metadata={"figure": Figure(low, high, meaning)}, **default)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Preset:
    """What a preset adds to the adaptive decision; the adaptive preset adds nothing.

    Tone gains are dB at full intensity, inside the tonal caps plus 1 dB.
    """

    name: str
    loudness_lu: float = figure(
        -6.0, 6.0, "Loudness relative to -14 LUFS, LU; an explicit loudness or target overrides it.", default=0.0
    )
    low_db: float = figure(-4.0, 4.0, "Tone below 120 Hz, dB.", default=0.0)
    low_mid_db: float = figure(-4.0, 4.0, "Tone of 200 to 500 Hz, dB.", default=0.0)
    presence_db: float = figure(-4.0, 4.0, "Tone of 2 to 5 kHz, dB.", default=0.0)
    air_db: float = figure(-4.0, 4.0, "Tone above 8 kHz, dB.", default=0.0)
    tone_factor: float = figure(0.0, 2.0, "Scales the adaptive tonal move.", default=1.0)
    compression_factor: float = figure(0.0, 2.0, "Scales the compressor's ratio beyond 1.", default=1.0)
    transient_db: float = figure(-4.0, 4.0, "Onsets of the 60 to 500 Hz band, dB; negative softens them.", default=0.0)
    side_db: float = figure(-3.0, 3.0, "Side level from 300 Hz to 16 kHz, dB.", default=0.0)
    fast_release_ms: float = figure(2.0, 200.0, "Fast release of the limiter, ms.", default=5.0)
    clip_db: float = figure(0.0, 3.0, "Depth of the soft clip, dB; 0 is none.", default=0.0)
    limiting_factor: float = figure(0.25, 2.0, "Scales how much limiting is allowed.", default=1.0)


ADAPTIVE = Preset("adaptive")

_BUILT_IN = (
    ADAPTIVE,
    Preset(
        "gentle", loudness_lu=-2.0, low_db=-0.6, presence_db=-1.5, air_db=-1.3, tone_factor=0.6,
        compression_factor=0.6, transient_db=-1.0, fast_release_ms=7.5, limiting_factor=0.7,
    ),
    Preset(
        "warm", low_db=1.8, low_mid_db=1.0, presence_db=-0.4, air_db=-1.4, compression_factor=1.2,
        transient_db=-0.3, fast_release_ms=7.5,
    ),
    Preset(
        "bright", low_db=-0.6, low_mid_db=-0.3, presence_db=0.6, air_db=2.0, transient_db=0.3, side_db=0.3,
    ),
    Preset(
        "punchy", loudness_lu=1.0, low_db=1.3, low_mid_db=-0.9, presence_db=0.4, air_db=0.3, compression_factor=0.8,
        transient_db=2.0, fast_release_ms=4.0, clip_db=1.5, limiting_factor=1.2,
    ),
    Preset(
        "live", low_mid_db=-1.4, presence_db=1.3, air_db=0.2, compression_factor=0.6,
        transient_db=0.7, side_db=0.8, fast_release_ms=6.0, limiting_factor=0.9,
    ),
)  # fmt: skip

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _BUILT_IN}
