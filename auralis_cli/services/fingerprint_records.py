"""A fingerprint as a line of JSON: what `fingerprint --export` writes, `--import` reads, and sidecars hold.

What is read may come from anywhere: nothing of a line is believed before all of it is checked.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from typing import Any

from auralis_cli.json_form import FORMAT_VERSION, Json, json_text, to_json
from auralis_cli.model.fingerprint import (
    DIMENSIONS,
    FINGERPRINT_VERSION,
    Dimension,
    Fingerprint,
    FingerprintedTrack,
    FingerprintFlag,
)
from auralis_cli.model.landmarks import LANDMARKS_VERSION, Landmarks
from auralis_cli.quick_dataclasses import dataclass

_LONGEST_KEY = 220
_MOST = 1e6
# Of the width of a dimension, so much beyond its ends is rounding.
_SLACK = 1e-6
_WORD_BYTES = 4
_BYTE_BITS = 8
_FLAGS = {flag.value: flag for flag in FingerprintFlag}


@dataclass(frozen=True, slots=True)
class FingerprintRecord:
    """What is known of a content; no landmarks where they are not known, or of another version."""

    content_key: str
    track: FingerprintedTrack
    landmarks: Landmarks | None
    # Of all of the audio of the file; None where it is not known.
    audio_hash: str | None = None


def figures_of(track: FingerprintedTrack) -> dict[str, Json]:
    """The keys by which JSON everywhere says what a fingerprint is."""
    named = zip(DIMENSIONS, track.fingerprint.values(), strict=True)
    return {
        "version": track.version,
        "dims": {dimension.name: value for dimension, value in named},
        "flags": to_json(track.flags),
        "tempo_confidence": track.tempo_confidence,
    }


def line_of(record: FingerprintRecord, named: Mapping[str, Json]) -> bytes:
    """One line; `named` says of which track it is, for people."""
    document = {
        "auralis": FORMAT_VERSION,
        **named,
        "content": record.content_key,
        "audio": record.audio_hash,
        **figures_of(record.track),
        "landmarks": None if record.landmarks is None else _landmarks_document(record.landmarks),
    }
    return json_text(document).encode("ascii") + b"\n"


def record_of(line: bytes) -> FingerprintRecord:
    """The record that a line holds; ValueError says why it is none."""
    document = _object(line)
    if document.get("auralis") != FORMAT_VERSION:
        raise ValueError(f"is no fingerprint of this program (auralis: {FORMAT_VERSION} is missing)")
    version = document.get("version")
    if type(version) is not int or version != FINGERPRINT_VERSION:
        raise ValueError(f"is of version {_shown(version)}; this program computes version {FINGERPRINT_VERSION}")
    key = document.get("content")
    if not isinstance(key, str) or not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise ValueError("content: says of no audio")
    audio_hash = document.get("audio")
    if audio_hash is not None and (not isinstance(audio_hash, str) or not 1 <= len(audio_hash) <= _LONGEST_KEY):
        raise ValueError("audio: is no hash")
    confidence = _number(document.get("tempo_confidence", 0.0), "tempo_confidence", 0.0, 1.0)
    track = FingerprintedTrack(_fingerprint(document.get("dims")), _flags(document.get("flags", [])), confidence)
    return FingerprintRecord(key, track, _landmarks(document.get("landmarks")), audio_hash)


def _object(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ValueError("is no JSON object")
    return document


def _fingerprint(dims: object) -> Fingerprint:
    if not isinstance(dims, dict):
        raise ValueError("dims: is missing")
    names = [dimension.name for dimension in DIMENSIONS]
    if missing := [name for name in names if name not in dims]:
        raise ValueError(f"dims: {', '.join(missing)} missing")
    if len(dims) > len(names):
        raise ValueError(f"dims: holds {len(dims)} dimensions, and there are {len(names)}")
    return Fingerprint(*(_value(dims[dimension.name], dimension) for dimension in DIMENSIONS))


def _value(value: object, dimension: Dimension) -> float:
    slack = _SLACK * (dimension.highest - dimension.lowest)
    return _number(value, dimension.name, dimension.lowest - slack, dimension.highest + slack)


def _number(value: object, name: str, lowest: float, highest: float) -> float:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST:
        value = float(value)
    if not isinstance(value, float) or not math.isfinite(value):
        raise ValueError(f"{name}: is no finite number")
    if not lowest <= value <= highest:
        raise ValueError(f"{name}: {value:g} cannot be")
    return value


def _flags(words: object) -> tuple[FingerprintFlag, ...]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word in _FLAGS for word in words):
        raise ValueError(f"flags: are {', '.join(_FLAGS)}, or none of them")
    return tuple(_FLAGS[word] for word in dict.fromkeys(words))


def _landmarks(described: object) -> Landmarks | None:
    if described is None:
        return None
    if not isinstance(described, dict):
        raise ValueError("landmarks: are none")
    if described.get("version") != LANDMARKS_VERSION:
        # They will be found again; the fingerprint is good without them.
        return None
    words, valid = _bytes(described.get("words")), _bytes(described.get("valid"))
    if len(words) % _WORD_BYTES or len(valid) != math.ceil(len(words) / _WORD_BYTES / _BYTE_BITS):
        raise ValueError("landmarks: words and the mask of valid ones do not fit")
    return Landmarks(words, valid)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("landmarks: are no base64") from None


def _landmarks_document(landmarks: Landmarks) -> dict[str, Json]:
    return {
        "version": LANDMARKS_VERSION,
        "words": base64.b64encode(landmarks.words).decode("ascii"),
        "valid": base64.b64encode(landmarks.valid).decode("ascii"),
    }


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int) and abs(value) < _MOST else "?"
