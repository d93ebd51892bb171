"""Where masters are delivered: loudness, ceiling and tolerances of each named target."""

from __future__ import annotations

from auralis_cli.model.presets import figure
from auralis_cli.quick_dataclasses import dataclass

LOUDNESS_RANGE_LUFS = (-40.0, -5.0)
CEILING_RANGE_DBTP = (-20.0, 0.0)
DEFAULT_LOUDNESS_LUFS = -14.0
DEFAULT_CEILING_DBTP = -1.0


@dataclass(frozen=True, slots=True)
class Target:
    """One delivery specification; what is None is not asked for."""

    name: str
    loudness_lufs: float = figure(*LOUDNESS_RANGE_LUFS, "Integrated loudness, LUFS.")
    tolerance_lu: float = figure(
        0.1, 5.0, "What a delivered file may deviate from the loudness, plus or minus, LU.", default=1.0
    )
    ceiling_dbtp: float = figure(*CEILING_RANGE_DBTP, "Highest true peak, dBTP.", default=DEFAULT_CEILING_DBTP)
    max_lra_lu: float | None = figure(1.0, 40.0, "Largest loudness range, LU.", default=None)
    clip_db: float = figure(
        0.0, 3.0, "Depth of the soft clip that wins the last bit of loudness, dB; 0 is none.", default=0.0
    )
    max_short_term_lufs: float | None = figure(-40.0, 0.0, "Largest short-term loudness, LUFS.", default=None)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Loudness:
    """A loudness the user asks for, whatever preset and target say."""

    # None for "off": the level is left alone.
    lufs: float | None


_BUILT_IN = (
    Target("streaming", -14.0, 1.0, -1.0, source="Spotify, YouTube, Tidal, Amazon: -14 LUFS, -1 dBTP"),
    Target("apple", -16.0, 1.0, -1.0, source="Apple Sound Check: -16 LUFS, -1 dBTP"),
    Target("broadcast", -23.0, 0.5, -1.0, max_lra_lu=20.0, source="EBU R 128: -23 LUFS ±0.5 LU, -1 dBTP"),
    Target("podcast", -16.0, 1.0, -1.0, max_lra_lu=8.0, source="AES TD1008 for speech: -16…-18 LUFS, -1 dBTP"),
    Target("loud", -9.0, 1.0, -0.3, clip_db=1.5, source="as loud as loud records are"),
)

TARGETS: dict[str, Target] = {target.name: target for target in _BUILT_IN}
