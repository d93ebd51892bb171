"""The rules of `auralis recommend`, as one table: what speaks for a preset, and what against doing much.

A sign says nothing where its value `begins`, all where it is `plain`. The bounds lie about the 50th and the 90th
percentile of the open music, of which they leave half to `adaptive`; that holds no recordings of concerts, and nobody
has listened to what comes of the rules.
"""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TellingSign:
    """Something measured, with what it says; `text` is given the value times `factor`."""

    measured: str
    begins: float
    plain: float
    text: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Restraint:
    """What speaks against doing much: where all `signs` are plain, the intensity is `less` by this."""

    less: float
    signs: tuple[TellingSign, ...]


# A preset is worth what its weakest sign says.
SIGNS: dict[str, tuple[TellingSign, ...]] = {
    "punchy": (
        TellingSign("transient_density", 1.5, 3.5, "{:.1f} onsets a second carry a stronger beat"),
        TellingSign("rhythm_stability", 0.15, 0.5, "the beat keeps its time ({:.2f} of 1)"),
        TellingSign("plr_db", 9.0, 13.0, "peaks {:.1f} dB above the loudness leave room for it"),
    ),
    "gentle": (
        TellingSign("transient_density", 1.5, 0.4, "{:.1f} onsets a second: nothing to sharpen"),
        TellingSign("harmonic_ratio", 0.6, 0.78, "{:.0f} % of the sound is lasting tones", 100.0),
        TellingSign("lra_lu", 6.0, 12.0, "a loudness range of {:.1f} LU is worth keeping"),
    ),
    "warm": (
        TellingSign("spectral_centroid", 1_300.0, 2_300.0, "the sound is centred high, at {:.0f} Hz"),
        TellingSign("bass_mid_ratio", 0.0, -8.0, "bass lies {:+.1f} dB against the middle"),
    ),
    "bright": (
        TellingSign("spectral_centroid", 1_000.0, 600.0, "the sound is centred low, at {:.0f} Hz"),
        TellingSign("presence_pct", 0.01, 0.001, "{:.2f} % of the power is in 4 to 8 kHz", 100.0),
        TellingSign("cutoff_hz", 10_000.0, 15_000.0, "there is treble to raise, up to {:.1f} kHz", 0.001),
    ),
    "live": (
        TellingSign("low_mid_pct", 0.25, 0.45, "{:.0f} % of the power is in 250 to 500 Hz: the room", 100.0),
        TellingSign("presence_pct", 0.015, 0.003, "{:.2f} % of it is in 4 to 8 kHz: far away", 100.0),
        TellingSign("stereo_width", 0.3, 0.1, "the image is narrow ({:.2f} of 1)"),
    ),
}

RESTRAINTS: tuple[Restraint, ...] = (
    Restraint(0.3, (TellingSign("integrated_lufs", -14.0, -8.0, "at {:.1f} LUFS it is loud already"),)),
    Restraint(0.3, (TellingSign("plr_db", 11.0, 7.0, "peaks {:.1f} dB above the loudness: it is dense already"),)),
    Restraint(
        0.3,
        (
            TellingSign("transient_density", 1.0, 0.2, "{:.1f} onsets a second hide little of what is done"),
            TellingSign("plr_db", 14.0, 19.0, "peaks {:.1f} dB above the loudness are to stay"),
        ),
    ),
    Restraint(
        0.2, (TellingSign("clipped_per_minute", 0.0, 10.0, "{:.0f} clipped peaks a minute would be heard more"),)
    ),
    Restraint(0.2, (TellingSign("cutoff_hz", 16_000.0, 11_000.0, "nothing is left above {:.1f} kHz", 0.001),)),
)

# For speech, which no preset's lean helps.
SPEECH_LESS = 0.2
LEAST_INTENSITY = 0.3
INTENSITY_STEP = 0.05
# What is shorter says less of a track than it seems to.
SURE_S = (5.0, 30.0)
