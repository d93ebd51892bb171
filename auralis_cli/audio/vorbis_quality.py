"""Bit rates of Vorbis: it knows qualities only, and states in its header what each comes to."""

from __future__ import annotations

import io
import struct
from functools import cache

import soundfile

from auralis_cli.audio.lossy import BitrateRange

_IDENTIFICATION = b"\x01vorbis"
_NOMINAL_AT = 20
_HALVINGS = 14


def vorbis_bitrates(sample_rate_hz: int, channels: int) -> BitrateRange:
    """Nominal bit rates from the lowest quality to the highest."""
    return BitrateRange(
        nominal_bps(sample_rate_hz, channels, 1.0),
        # A few bits below the round figure everybody asks for (499.8 for 500).
        -(-nominal_bps(sample_rate_hz, channels, 0.0) // 1000) * 1000,
    )


def vorbis_level(sample_rate_hz: int, channels: int, bitrate_bps: int) -> float:
    """libsndfile's compression level (1 − quality) that comes nearest to `bitrate_bps`."""
    best, worst = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (best + worst)
        if nominal_bps(sample_rate_hz, channels, middle) >= bitrate_bps:
            best = middle
        else:
            worst = middle
    return best


@cache
def nominal_bps(sample_rate_hz: int, channels: int, level: float) -> int:
    """What the header of an empty stream of this quality states; 2 ms."""
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", sample_rate_hz, channels, subtype="VORBIS", format="OGG", compression_level=level
    ):
        pass
    header = file.getvalue()
    at = header.index(_IDENTIFICATION) + _NOMINAL_AT
    return int(struct.unpack_from("<i", header, at)[0])
