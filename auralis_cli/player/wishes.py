"""What may be wished for: each value is judged here before the player takes it, whoever asks."""

from __future__ import annotations

import math
from collections.abc import Collection

from auralis_cli.errors import UsageError
from auralis_cli.model.player_choices import CROSSFADE_RANGE_S, INTENSITY_RANGE, VOLUME_RANGE
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB


def checked_volume(volume: float) -> float:
    """0 to 100."""
    return _within("volume", volume, VOLUME_RANGE)


def checked_intensity(intensity: float) -> float:
    """0 to 1."""
    return _within("intensity", intensity, INTENSITY_RANGE)


def checked_tilt_db(tilt_db: float | None) -> float | None:
    """-3 to 3, None as it is; so below."""
    return None if tilt_db is None else _within("tilt", tilt_db, TILT_RANGE_DB)


def checked_width_db(width_db: float | None) -> float | None:
    """-3 to 3."""
    return None if width_db is None else _within("width", width_db, WIDTH_RANGE_DB)


def checked_crossfade_s(seconds: float) -> float:
    """0 to 12 s."""
    return _within("crossfade", seconds, CROSSFADE_RANGE_S)


def checked_preset(name: str, presets: Collection[str]) -> str:
    """One of those there are."""
    if name not in presets:
        raise UsageError(name, "there is no such preset", f"one of {', '.join(presets)}")
    return name


def _within(what: str, value: float, allowed: tuple[float, float]) -> float:
    low, high = allowed
    if not math.isfinite(value) or not low <= value <= high:
        raise UsageError(what, f"{value:g} is not within {low:g} to {high:g}")
    return float(value)


def switched(was: bool, *, on: bool | None) -> bool:
    """What is said; None is the other way round than it was."""
    return not was if on is None else on
