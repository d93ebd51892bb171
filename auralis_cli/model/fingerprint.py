"""What a fingerprint says: one table of dimensions, from which values, JSON keys and documents come.

Columns of the library, JSON, documents and the normalisation of `similar` are all made from it.
"""

from __future__ import annotations

import math
from enum import StrEnum

from auralis_cli.quick_dataclasses import dataclass


class Content(StrEnum):
    """A hint, by documented rules (`analysis/content.py`), at what is heard."""

    MUSIC = "music"
    SPEECH = "speech"
    SILENCE = "silence"


class FingerprintFlag(StrEnum):
    """What has to be known to read a fingerprint."""

    # Nothing is heard: every value is that of silence, and the track is like no other.
    SILENT = "silent"
    # Below 0.4 s, where loudness is undefined, or too short for a window of some dimension.
    SHORT = "short"
    # No pulse was found: `tempo_bpm` is 0.
    NO_TEMPO = "no_tempo"
    # Mid all but cancels: rhythm, harmony and landmarks are those of side.
    ANTIPHASE = "antiphase"
    # The file is damaged or cut short: it is the fingerprint of what could be decoded.
    DAMAGED = "damaged"


class Transform(StrEnum):
    """What is made of a value before it is normalised, so that equal steps sound equal."""

    AS_IS = "x"
    LOG2 = "log2(x)"
    ROOT = "√x"
    # 10·lg(x + 0.01), of a share.
    SHARE_DB = "10·lg(x + 0.01)"
    # 10·lg(x + 0.001), of a small share.
    SMALL_SHARE_DB = "10·lg(x + 0.001)"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One number of the fingerprint; `silence` is what digital silence is given."""

    name: str
    unit: str
    lowest: float
    highest: float
    silence: float
    # Share in the distance of two tracks, against that of the others.
    weight: float
    transform: Transform
    # What is normalised by where a library has too few tracks to say (see below).
    typical: tuple[float, float]
    definition: str
    # Whether it depends on what comes after what.
    of_order: bool = False


_SHARE = "power of mid and side {} ÷ power 20 Hz–20 kHz (or Nyquist), whole track"
_SPREAD = "(P90 − P10)/2.563"
_AS_IS, _LOG2, _ROOT, _DB, _SMALL_DB = Transform

# In the order in which they are stored. `typical` are the 5th and 95th percentile, after the transform, of 40 tracks
# (1.9 h) of five open soundtracks (Wesnoth, Singularity, HyperRogue, Frets on Fire, ASC: those of 20 s and more whose
# file name has an even SHA-256), a quarter of their distance further apart, since those are not all music; loudness
# alone spans what is released, of which games use a part.
DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("sub_bass_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.0, 0.52), _SHARE.format("20–60 Hz")),
    Dimension("bass_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.095, 1.0), _SHARE.format("60–250 Hz")),
    Dimension("low_mid_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.065, 0.55), _SHARE.format("250–500 Hz")),
    Dimension("mid_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.02, 0.87), _SHARE.format("500 Hz–2 kHz")),
    Dimension("upper_mid_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.0, 0.33), _SHARE.format("2–4 kHz")),
    Dimension("presence_pct", "", 0.0, 1.0, 0.0, 1.0, _DB, (0.0, 0.052), _SHARE.format("4–8 kHz")),
    Dimension("air_pct", "", 0.0, 1.0, 0.0, 1.0, _SMALL_DB, (0.0, 0.014), _SHARE.format("8–20 kHz")),
    Dimension(
        "lufs", "LUFS", -70.0, 20.0, -70.0, 0.4, _AS_IS, (-30.0, -6.0),
        "gated integrated loudness, BS.1770-4, clipped; −70 where undefined",
    ),
    Dimension(
        "crest_db", "dB", 0.0, 40.0, 0.0, 0.5, _AS_IS, (10.4, 15.8),
        "median over active seconds of peak − RMS, clipped",
    ),
    Dimension(
        "bass_mid_ratio", "dB", -40.0, 40.0, 0.0, 1.0, _AS_IS, (-12.4, 8.0),
        "power 20–200 Hz against 200 Hz–2 kHz, clipped",
    ),
    Dimension(
        "tempo_bpm", "BPM", 0.0, 240.0, 0.0, 0.5, _LOG2, (51.0, 178.0),
        "of the beat, 40–240; 0 where there is none", of_order=True,
    ),
    Dimension(
        "rhythm_stability", "", 0.0, 1.0, 0.0, 1.0, _AS_IS, (0.0, 0.82),
        "mean over windows of 11.9 s of the onsets' normalised autocorrelation at the beat", of_order=True,
    ),
    Dimension("transient_density", "1/s", 0.0, 15.0, 0.0, 1.0, _AS_IS, (0.0, 4.3), "onsets per second"),
    Dimension(
        "silence_ratio", "", 0.0, 1.0, 1.0, 0.5, _ROOT, (0.0, 0.25),
        "share of 50 ms frames over 40 dB below the loudest",
    ),
    Dimension(
        "spectral_centroid", "Hz", 0.0, 10_000.0, 0.0, 1.0, _LOG2, (570.0, 2_850.0),
        "2^mean of log2 Σ√P·f/Σ√P, 20 Hz–10 kHz, 93 ms windows weighted by amplitude",
    ),
    Dimension(
        "spectral_rolloff", "Hz", 0.0, 10_000.0, 0.0, 1.0, _LOG2, (215.0, 2_260.0),
        "2^mean of log2 of where 85 % of the power below 10 kHz is reached, windows weighted by amplitude",
    ),
    Dimension(
        "spectral_flatness", "", 0.0, 1.0, 0.0, 1.0, _AS_IS, (0.01, 0.39),
        "geometric ÷ arithmetic mean of the power in each octave 250 Hz–8 kHz, windows weighted by amplitude",
    ),
    Dimension(
        "harmonic_ratio", "", 0.0, 1.0, 0.0, 1.0, _AS_IS, (0.52, 0.84),
        "amplitude of what lasts ÷ amplitude of all: medians in time and in frequency (HPSS)",
    ),
    Dimension(
        "pitch_stability", "", 0.0, 1.0, 0.0, 1.0, _AS_IS, (0.0, 0.85),
        "share of weight in which the pitch stays within ±⅓ semitone for 0.37 s",
    ),
    Dimension(
        "chroma_energy", "", 0.0, 1.0, 0.0, 1.0, _AS_IS, (0.083, 0.24),
        "mean of Σp² of the twelve pitch classes: 1/12 for noise, 1 for one class",
    ),
    Dimension(
        "dynamic_range_variation", "", 0.0, 1.0, 0.0, 0.5, _AS_IS, (0.11, 0.26),
        f"x/(x + 6), x = {_SPREAD} of the crest of active seconds in dB",
    ),
    Dimension(
        "loudness_variation_std", "dB", 0.0, 20.0, 0.0, 1.0, _AS_IS, (0.0, 12.3),
        f"{_SPREAD} of the RMS of active seconds in dB: a robust standard deviation",
    ),
    Dimension(
        "peak_consistency", "", 0.0, 1.0, 1.0, 1.0, _AS_IS, (0.44, 1.0),
        f"1/(1 + x), x = {_SPREAD} ÷ median of the peaks of active seconds",
    ),
    Dimension(
        "stereo_width", "", 0.0, 1.0, 0.0, 0.6, _AS_IS, (0.0, 0.63), "side energy ÷ (mid + side) energy, whole track",
    ),
    Dimension(
        "phase_correlation", "", -1.0, 1.0, 1.0, 0.6, _AS_IS, (-0.27, 1.0),
        "ΣLR/√(ΣLL·ΣRR); 0 where one channel is silent, 1 where both are",
    ),
)  # fmt: skip

# Of the definitions: what an older one computed is computed again.
FINGERPRINT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The 25 dimensions of the table above, in its order.

    An active second has an RMS within 40 dB of the loudest one; less than a second counts as one.
    Nothing but `lufs` changes with gain, and nothing when left and right are swapped.
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
    tempo_bpm: float
    rhythm_stability: float
    transient_density: float
    silence_ratio: float
    spectral_centroid: float
    spectral_rolloff: float
    spectral_flatness: float
    harmonic_ratio: float
    pitch_stability: float
    chroma_energy: float
    dynamic_range_variation: float
    loudness_variation_std: float
    peak_consistency: float
    stereo_width: float
    phase_correlation: float

    def values(self) -> tuple[float, ...]:
        """All of them, in the order of the table."""
        return tuple(getattr(self, dimension.name) for dimension in DIMENSIONS)

    @property
    def not_finite(self) -> tuple[str, ...]:
        """The dimensions that are no number."""
        named = zip(DIMENSIONS, self.values(), strict=True)
        return tuple(dimension.name for dimension, value in named if not math.isfinite(value))


@dataclass(frozen=True, slots=True)
class FingerprintedTrack:
    """What is stored of a content's fingerprint; ValueError names a dimension that is no number."""

    fingerprint: Fingerprint
    flags: tuple[FingerprintFlag, ...] = ()
    # 0…1.
    tempo_confidence: float = 0.0
    version: int = FINGERPRINT_VERSION

    def __post_init__(self) -> None:
        """Nothing that is not finite is ever stored."""
        if self.fingerprint.not_finite:
            raise ValueError(f"{', '.join(self.fingerprint.not_finite)}: no finite number")
