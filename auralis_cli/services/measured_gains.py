"""What tracks were measured at, kept by what their audio is, so that tags can be written again without decoding.

They are found by what a look at the audio tells, and given out only to who holds all of it (`audio_hash`). Kept are
only whole measurements: what is damaged is decoded, and said, each time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from auralis_cli.model.block_levels import BlockLevels
from auralis_cli.model.replaygain import GainMeasurement
from auralis_cli.paths import cache_dir
from auralis_cli.services.plan_cache import PlanCache

# To be raised with every change of how loudness or peaks are measured.
_VERSION = 2
_FOLDER = "gains"
_SUFFIX = ".gain"
# Of some 2 kB each.
_MOST_ENTRIES = 30_000
_DIGEST_BYTES = 16


def gains_folder() -> Path:
    """Where measurements are kept."""
    return cache_dir() / _FOLDER


class MeasuredGains:
    """Measurements by content ids."""

    def __init__(self, folder: Path) -> None:
        self._kept = PlanCache(folder, _MOST_ENTRIES, _SUFFIX)

    def get(self, content_id: str, audio_hash: Callable[[], str | None]) -> GainMeasurement | None:
        """What this audio was measured at; None where that is not known.

        The hash is asked for only where audio of this look is known.
        """
        data = self._kept.get(_key(content_id))
        try:
            found = None if data is None else _measurement(data)
        except (ValueError, TypeError):
            return None
        return found if found is not None and found.audio_hash == audio_hash() else None

    def put(self, content_id: str, measured: GainMeasurement) -> None:
        """Keeps what was measured, unless some of it could not be."""
        if measured.audio_hash is not None and not measured.warnings:
            self._kept.put(_key(content_id), _data(measured))


def _key(content_id: str) -> str:
    return blake2b(f"{_VERSION}:{content_id}".encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _data(measured: GainMeasurement) -> bytes:
    """A line of figures, and the levels of the blocks behind it."""
    loudness = measured.integrated_lufs if math.isfinite(measured.integrated_lufs) else None
    return (
        json.dumps([loudness, measured.true_peak, measured.audio_hash]).encode("ascii") + b"\n" + measured.blocks.packed
    )


def _measurement(data: bytes) -> GainMeasurement:
    figures, _, packed = data.partition(b"\n")
    loudness, peak, audio_hash = json.loads(figures)
    blocks = BlockLevels(packed)
    # They are read only once an album is complete: what is damaged is to be found out before.
    blocks.counts()
    lufs = -math.inf if loudness is None else float(loudness)
    return GainMeasurement(lufs, float(peak), blocks, audio_hash=str(audio_hash))
