"""What may be wished for: each value is judged here before the player takes it, whoever asks."""

from __future__ import annotations

import math
from collections.abc import Collection

from auralis_cli.errors import UsageError
from auralis_cli.model.playback import CROSSFADE_RANGE_S, INTENSITY_RANGE, VOLUME_RANGE


def checked_volume(volume: float) -> float:
    """0 to 100."""
    return _within("volume", volume, VOLUME_RANGE)


def checked_intensity(intensity: float) -> float:
    """0 to 1."""
    return _within("intensity", intensity, INTENSITY_RANGE)


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
