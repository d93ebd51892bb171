"""Where masters are delivered: loudness, ceiling and tolerances of each named target."""

from __future__ import annotations

from dataclasses import dataclass

from auralis_cli.mastering.presets import PRESETS
from auralis_cli.model.mastering import Delivery, Preset, TargetName

DEFAULT_LOUDNESS_LUFS = -14.0
DEFAULT_CEILING_DBTP = -1.0


@dataclass(frozen=True, slots=True)
class Target:
    """One delivery specification."""

    loudness_lufs: float
    # What a delivered file may deviate from the loudness, ± LU.
    tolerance_lu: float
    ceiling_dbtp: float
    # Largest loudness range, None where the specification names none.
    max_lra_lu: float | None = None
    # Depth of the soft clip that wins the last bit of loudness, dB.
    clip_db: float = 0.0
    # Largest short-term loudness, None where the specification names none.
    max_short_term_lufs: float | None = None
    source: str = ""


TARGETS: dict[TargetName, Target] = {
    TargetName.STREAMING: Target(-14.0, 1.0, -1.0, source="Spotify, YouTube, Tidal, Amazon: -14 LUFS, -1 dBTP"),
    TargetName.APPLE: Target(-16.0, 1.0, -1.0, source="Apple Sound Check: -16 LUFS, -1 dBTP"),
    TargetName.BROADCAST: Target(-23.0, 0.5, -1.0, max_lra_lu=20.0, source="EBU R 128: -23 LUFS ±0.5 LU, -1 dBTP"),
    TargetName.PODCAST: Target(-16.0, 1.0, -1.0, max_lra_lu=8.0, source="AES TD1008 for speech: -16…-18 LUFS, -1 dBTP"),
    TargetName.LOUD: Target(-9.0, 1.0, -0.3, clip_db=1.5, source="as loud as loud records are"),
}


def choose_delivery(
    preset: Preset,
    *,
    loudness_lufs: float | None,
    level_off: bool,
    target: TargetName | None,
    ceiling_dbtp: float | None,
) -> Delivery:
    """A given loudness wins over the target, the target over the preset."""
    chosen = TARGETS[target] if target is not None else None
    ceiling = ceiling_dbtp if ceiling_dbtp is not None else chosen.ceiling_dbtp if chosen else DEFAULT_CEILING_DBTP
    if level_off:
        return Delivery(None, ceiling, explicit=True, target=target)
    if loudness_lufs is not None:
        return Delivery(loudness_lufs, ceiling, explicit=True, target=target)
    if chosen is not None:
        return Delivery(chosen.loudness_lufs, ceiling, explicit=True, target=target)
    return Delivery(DEFAULT_LOUDNESS_LUFS + PRESETS[preset].loudness_lu, ceiling, explicit=False, target=None)
