"""The analysis of a track as the library keeps it: bytes from which the same analysis is made again, bit for bit.

What lies beside it in the library (landmarks) and what only plots need (the picture) is left out.
"""

from __future__ import annotations

import json
import math
import types
import zlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from auralis_cli.model.fingerprint import FINGERPRINT_VERSION
from auralis_cli.model.measurements import TrackAnalysis

# To be raised with every change of what is measured, or of how: what an older program measured is measured again.
MEASURED_VERSION = 1
# The fingerprint, which has a version of its own, is part of the analysis.
ANALYSIS_VERSION = 1000 * MEASURED_VERSION + FINGERPRINT_VERSION

_LEFT_OUT = ("picture", "landmarks")
_LINE = "short_term_lufs"
_HUNDREDTHS = 100
# Short-term loudness of some days: what claims to be longer is none of ours.
_MOST_BYTES = 64 << 20


def analysis_to_bytes(analysis: TrackAnalysis) -> bytes:
    """Some 4 kB for 4 minutes. ValueError where short-term loudness is not in whole hundredths."""
    values = [_plain(getattr(analysis, name)) for name in _names() if name != _LINE]
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
        hints = _hints(TrackAnalysis)
        made = {name: _made(hints[name], value) for name, value in zip(names, values, strict=True)}
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


def _plain(value: Any) -> Any:
    """A value of the model as JSON has it; Python's own writes floats so that they are read back as they were."""
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def _made(hint: Any, value: Any) -> Any:
    """A value of type `hint` from its JSON; ValueError or TypeError where it is none."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (of_value,) = (one for one in inner if one is not types.NoneType)
        return None if value is None else _made(of_value, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError("a list is missing")
        return tuple(_made(inner[0], one) for one in value)
    if is_dataclass(hint):
        return _of_fields(hint, value)
    if issubclass(hint, Enum):
        return hint(value)
    if type(value) is not hint and not (hint is float and type(value) is int):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


def _of_fields(kind: Any, values: Any) -> Any:
    return kind(*(_made(hint, value) for hint, value in zip(_hints(kind).values(), values, strict=True)))


@cache
def _hints(of: Any) -> dict[str, Any]:
    hints = get_type_hints(of)
    return {field.name: hints[field.name] for field in fields(of)}
