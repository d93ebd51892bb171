"""The six presets: one table of small biases around what the music itself asks for."""

from __future__ import annotations

from dataclasses import dataclass

from auralis_cli.model.mastering import Preset


@dataclass(frozen=True, slots=True)
class PresetBias:
    """What a preset adds to the adaptive decision; the adaptive preset adds nothing.

    Tone gains are dB at full intensity, inside the tonal caps plus 1 dB.
    """

    # Loudness relative to the default, LU; an explicit loudness or target overrides it.
    loudness_lu: float = 0.0
    # Below 120 Hz.
    low_db: float = 0.0
    # 200–500 Hz.
    low_mid_db: float = 0.0
    # 2–5 kHz.
    presence_db: float = 0.0
    # Above 8 kHz.
    air_db: float = 0.0
    # Scales the adaptive tonal move.
    tone_factor: float = 1.0
    # Scales the compressor's ratio beyond 1.
    compression_factor: float = 1.0
    # Onsets of the 60–500 Hz band, dB; negative softens them.
    transient_db: float = 0.0
    # Side level from 300 Hz to 16 kHz, dB.
    side_db: float = 0.0
    fast_release_ms: float = 40.0
    # Depth of the soft clip, dB; 0 = none.
    clip_db: float = 0.0
    # Scales how much limiting is allowed.
    limiting_factor: float = 1.0


PRESETS: dict[Preset, PresetBias] = {
    Preset.ADAPTIVE: PresetBias(),
    Preset.GENTLE: PresetBias(
        loudness_lu=-2.0, low_db=-0.6, presence_db=-1.5, air_db=-1.3, tone_factor=0.6, compression_factor=0.6,
        transient_db=-1.0, fast_release_ms=60.0, limiting_factor=0.7,
    ),
    Preset.WARM: PresetBias(
        low_db=1.8, low_mid_db=1.0, presence_db=-0.4, air_db=-1.4, compression_factor=1.2,
        transient_db=-0.3, fast_release_ms=60.0,
    ),
    Preset.BRIGHT: PresetBias(
        low_db=-0.6, low_mid_db=-0.3, presence_db=0.6, air_db=2.0, transient_db=0.3, side_db=0.3,
    ),
    Preset.PUNCHY: PresetBias(
        loudness_lu=1.0, low_db=1.3, low_mid_db=-0.9, presence_db=0.4, air_db=0.3, compression_factor=0.8,
        transient_db=2.0, fast_release_ms=30.0, clip_db=1.5, limiting_factor=1.2,
    ),
    Preset.LIVE: PresetBias(
        low_mid_db=-1.4, presence_db=1.3, air_db=0.2, compression_factor=0.6,
        transient_db=0.7, side_db=0.8, fast_release_ms=50.0, limiting_factor=0.9,
    ),
}  # fmt: skip
