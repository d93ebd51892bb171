"""Conversions between the units of the field, as tiny `a_to_b` functions on plain floats."""

from __future__ import annotations

import math
import time


def db_to_gain(level_db: float) -> float:
    """Decibels to a linear amplitude factor; −inf gives 0."""
    return math.pow(10.0, level_db / 20.0)


def gain_to_db(gain: float) -> float:
    """A linear amplitude factor to decibels; 0 gives −inf."""
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def power_to_db(power: float) -> float:
    """A power ratio to decibels; 0 gives −inf."""
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def seconds_to_clock(seconds: float) -> str:
    """`4:41` or `1:02:03`, as people read durations."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def moment_in_words(seconds: float) -> str:
    """Seconds since 1970 as local date and time to the minute; as they are where no calendar has them."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def bytes_in_words(size_bytes: int) -> str:
    """`32 GiB` or `1.5 MiB`, as people read sizes."""
    size, unit = float(size_bytes), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024.0:
            break
        size, unit = size / 1024.0, larger
    return f"{size:.3g} {unit}" if size < 1000.0 else f"{size:.0f} {unit}"


def count_in_words(count: int, thing: str, things: str | None = None) -> str:
    """`1 track`, `1,200 tracks`, `2 copies`: `things` where an s does not make more of it."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"
