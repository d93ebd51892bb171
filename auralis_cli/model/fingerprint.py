"""What a fingerprint says: one table of dimensions, from which values, JSON keys and documents come.

The dimensions that need tempo, pitch, harmony and flatness join this table with their own issue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Content(StrEnum):
    """A hint, by documented rules (`analysis/content.py`), at what is heard."""

    MUSIC = "music"
    SPEECH = "speech"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One number of the fingerprint; `silence` is what digital silence is given."""

    name: str
    unit: str
    lowest: float
    highest: float
    silence: float
    # Share in the similarity of two tracks.
    weight: float
    definition: str


_SHARE = "power of mid and side {} ÷ power 20 Hz–20 kHz (or Nyquist), whole track"
_SPREAD = "(P90 − P10)/2.563"

DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("sub_bass_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("20–60 Hz")),
    Dimension("bass_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("60–250 Hz")),
    Dimension("low_mid_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("250–500 Hz")),
    Dimension("mid_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("500 Hz–2 kHz")),
    Dimension("upper_mid_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("2–4 kHz")),
    Dimension("presence_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("4–8 kHz")),
    Dimension("air_pct", "", 0.0, 1.0, 0.0, 1.0, _SHARE.format("8–20 kHz")),
    Dimension("lufs", "LUFS", -70.0, 20.0, -70.0, 0.4, "gated integrated loudness, BS.1770-4; −70 where undefined"),
    Dimension("crest_db", "dB", 0.0, 40.0, 0.0, 0.5, "median over active seconds of peak − RMS"),
    Dimension("bass_mid_ratio", "dB", -40.0, 40.0, 0.0, 1.0, "power 20–200 Hz against 200 Hz–2 kHz, clipped"),
    Dimension("transient_density", "1/s", 0.0, 15.0, 0.0, 1.0, "onsets per second"),
    Dimension("silence_ratio", "", 0.0, 1.0, 1.0, 0.5, "share of 50 ms frames over 40 dB below the loudest"),
    Dimension(
        "spectral_centroid", "Hz", 0.0, 10_000.0, 0.0, 1.0,
        "2^mean of log2 Σ√P·f/Σ√P, 20 Hz–10 kHz, 93 ms windows weighted by amplitude",
    ),
    Dimension(
        "spectral_rolloff", "Hz", 0.0, 10_000.0, 0.0, 1.0,
        "2^mean of log2 of where 85 % of the power below 10 kHz is reached, windows weighted by amplitude",
    ),
    Dimension(
        "dynamic_range_variation", "", 0.0, 1.0, 0.0, 0.5,
        f"x/(x + 6), x = {_SPREAD} of the crest of active seconds in dB",
    ),
    Dimension(
        "loudness_variation_std", "dB", 0.0, 20.0, 0.0, 1.0,
        f"{_SPREAD} of the RMS of active seconds in dB: a robust standard deviation",
    ),
    Dimension(
        "peak_consistency", "", 0.0, 1.0, 1.0, 0.5,
        f"1/(1 + x), x = {_SPREAD} ÷ median of the peaks of active seconds",
    ),
    Dimension("stereo_width", "", 0.0, 1.0, 0.0, 0.6, "side energy ÷ (mid + side) energy, whole track"),
    Dimension(
        "phase_correlation", "", -1.0, 1.0, 1.0, 0.6,
        "ΣLR/√(ΣLL·ΣRR); 0 where one channel is silent, 1 where both are",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FingerprintCore:
    """The dimensions of the table above, in its order, and the hint.

    An active second has an RMS within 40 dB of the loudest one; less than a second counts as one.
    Nothing here but `lufs` changes with gain, and nothing when left and right are swapped.
    """

    sub_bass_pct: float
    bass_pct: float
    low_mid_pct: float
    mid_pct: float
    upper_mid_pct: float
    presence_pct: float
    air_pct: float
    lufs: float
    crest_db: float
    bass_mid_ratio: float
    transient_density: float
    silence_ratio: float
    spectral_centroid: float
    spectral_rolloff: float
    dynamic_range_variation: float
    loudness_variation_std: float
    peak_consistency: float
    stereo_width: float
    phase_correlation: float
    content: Content
