"""The analysis of a track as the library keeps it: bytes from which the same analysis is made again, bit for bit.

What lies beside it in the library (landmarks) and what only plots need (the picture) is left out.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import fields

from auralis_cli.model.fingerprint import FINGERPRINT_VERSION
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.services.plain_data import as_plain, field_types, from_plain

# To be raised with every change of what is measured, or of how: what an older program measured is measured again.
MEASURED_VERSION = 2
# The fingerprint, which has a version of its own, is part of the analysis.
ANALYSIS_VERSION = 1000 * MEASURED_VERSION + FINGERPRINT_VERSION

_LEFT_OUT = ("picture", "profile", "landmarks")
_LINE = "short_term_lufs"
_HUNDREDTHS = 100
# Short-term loudness of some days: what claims to be longer is none of ours.
_MOST_BYTES = 64 << 20


def analysis_to_bytes(analysis: TrackAnalysis) -> bytes:
    """Some 6 kB for 4 minutes. ValueError where short-term loudness is not in whole hundredths."""
    values = [as_plain(getattr(analysis, name)) for name in _names() if name != _LINE]
    body = json.dumps([_steps(analysis.short_term_lufs), *values], separators=(",", ":"))
    return zlib.compress(body.encode("ascii"), zlib.Z_BEST_COMPRESSION)


def analysis_from_bytes(data: bytes) -> TrackAnalysis:
    """The analysis that these bytes were made of; ValueError where they are damaged."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, _MOST_BYTES)
        if not unpacker.eof:
            raise ValueError("is cut short, or too long")
        steps, *values = json.loads(text)
        names = [name for name in _names() if name != _LINE]
        hints = field_types(TrackAnalysis)
        made = {name: from_plain(hints[name], value) for name, value in zip(names, values, strict=True)}
        made[_LINE] = _levels(steps)
        return TrackAnalysis(**made)
    except (zlib.error, TypeError, RecursionError) as error:
        raise ValueError(f"is no analysis ({error})") from error


def undamaged_analysis(data: bytes | None) -> TrackAnalysis | None:
    """The same; None where there are no bytes, or damaged ones."""
    try:
        return None if data is None else analysis_from_bytes(data)
    except ValueError:
        return None


def _names() -> list[str]:
    return [field.name for field in fields(TrackAnalysis) if field.name not in _LEFT_OUT]


def _steps(levels: tuple[float, ...]) -> list[int | None]:
    """Hundredths, each against the one before it, hence small; None for silence."""
    steps: list[int | None] = []
    last = 0
    for level in levels:
        if level == -math.inf:
            steps.append(None)
            continue
        hundredth = round(level * _HUNDREDTHS)
        if hundredth / _HUNDREDTHS != level:
            raise ValueError(f"short-term loudness must be in whole hundredths, not {level!r}")
        steps.append(hundredth - last)
        last = hundredth
    return steps


def _levels(steps: list[int | None]) -> tuple[float, ...]:
    levels = []
    last = 0
    for step in steps:
        if step is not None:
            last += step
        levels.append(-math.inf if step is None else last / _HUNDREDTHS)
    return tuple(levels)
