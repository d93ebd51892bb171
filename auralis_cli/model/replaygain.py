"""ReplayGain 2.0 and R128: by how much tracks and albums are to be made louder or quieter, and the tags that say so.

ReplayGain relates to −18 LUFS and has a peak with each gain. Opus has gains of its own (RFC 7845), which relate to
−23 LUFS and come on top of the gain in its header: what is measured is what comes out with that. Pure arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

from auralis_cli.model.block_levels import BlockLevels, album_lufs
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import db_to_gain, gain_to_db

REFERENCE_LUFS = -18.0
R128_REFERENCE_LUFS = -23.0
# The registry's key of the format that has gains of its own.
OPUS_KEY = "opus"
CLIP_SAFE_DBTP = -1.0

# What is written, by the names of Vorbis comments.
TRACK_NAMES = ("replaygain_track_gain", "replaygain_track_peak", "r128_track_gain")
ALBUM_NAMES = ("replaygain_album_gain", "replaygain_album_peak", "r128_album_gain")
# Said of gains that others wrote: to what they relate.
REFERENCE_NAME = "replaygain_reference_loudness"
# Everything that goes with --remove.
GAIN_NAMES = (*TRACK_NAMES, *ALBUM_NAMES, REFERENCE_NAME, "replaygain_track_range", "replaygain_album_range")

_R128_UNITS_PER_DB = 256
_R128_LOWEST, _R128_HIGHEST = -(1 << 15), (1 << 15) - 1
_GAIN_DIGITS, _PEAK_DIGITS = 2, 6


class OpusTags(StrEnum):
    """What Opus files are given."""

    R128 = "r128"
    REPLAYGAIN = "rg"
    BOTH = "both"


class AlbumBy(StrEnum):
    """What makes files one album."""

    TAGS = "tags"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class GainMeasurement:
    """What gains are computed from."""

    # −inf for silence and below 0.4 s.
    integrated_lufs: float
    # Linear, of the decoder's own floats: above 1.0 where a lossy file overshoots.
    true_peak: float
    blocks: BlockLevels
    # What of the file could not be measured.
    warnings: tuple[str, ...] = ()
    # Of all of the audio that was measured; None where it changed meanwhile.
    audio_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much a track or an album is made louder, and the highest peak in it."""

    gain_db: float
    peak: float


@dataclass(frozen=True, slots=True)
class Gains:
    """Those of a track and of its album; None where there is nothing to be heard, or none was asked for."""

    track: Gain | None = None
    album: Gain | None = None


def track_gain(track: GainMeasurement, *, clip_safe: bool = False) -> Gain | None:
    """The gain of a track; None for silence and what is too short to be measured."""
    return _gain(track.integrated_lufs, track.true_peak, clip_safe=clip_safe)


def album_gain(tracks: Iterable[GainMeasurement], *, clip_safe: bool = False) -> Gain | None:
    """The gain of tracks as one programme, with the highest of their peaks."""
    tracks = tuple(tracks)
    peak = max((track.true_peak for track in tracks), default=0.0)
    return _gain(album_lufs(track.blocks for track in tracks), peak, clip_safe=clip_safe)


def _gain(integrated_lufs: float, peak: float, *, clip_safe: bool) -> Gain | None:
    if not math.isfinite(integrated_lufs):
        return None
    wanted_db = round(REFERENCE_LUFS - integrated_lufs, _GAIN_DIGITS)
    if clip_safe and peak > 0.0:
        # Downwards to the last digit that is written, or the peak were above again.
        steps = 10**_GAIN_DIGITS
        wanted_db = min(wanted_db, math.floor((CLIP_SAFE_DBTP - gain_to_db(peak)) * steps) / steps)
    return Gain(wanted_db, peak)


def gain_texts(gains: Gains, format_key: str, opus: OpusTags = OpusTags.R128) -> dict[str, str]:
    """The tags of a file of the registry's kind `format_key`, by the names of Vorbis comments."""
    texts: dict[str, str] = {}
    has_r128 = format_key == OPUS_KEY and opus is not OpusTags.REPLAYGAIN
    has_replaygain = format_key != OPUS_KEY or opus is not OpusTags.R128
    for gain, names in ((gains.track, TRACK_NAMES), (gains.album, ALBUM_NAMES)):
        if gain is None:
            continue
        gain_name, peak_name, r128_name = names
        if has_replaygain:
            texts[gain_name] = f"{gain.gain_db:z.{_GAIN_DIGITS}f} dB"
            texts[peak_name] = f"{gain.peak:.{_PEAK_DIGITS}f}"
        if has_r128:
            texts[r128_name] = str(_r128_units(gain.gain_db))
    return texts


def _r128_units(gain_db: float) -> int:
    """In 1/256 dB, relative to −23 LUFS, rounded downwards: what is clip-safe stays so."""
    units = math.floor((gain_db + R128_REFERENCE_LUFS - REFERENCE_LUFS) * _R128_UNITS_PER_DB)
    return min(max(units, _R128_LOWEST), _R128_HIGHEST)


def gain_changes(texts: Mapping[str, str], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What each of `names` holds after the change; nothing where it is to go."""
    return {name: (texts[name],) if name in texts else () for name in names}


def peak_of(true_peak_dbtp: float) -> float:
    """A true peak as tags have it: linear, 1.0 for full scale."""
    return db_to_gain(true_peak_dbtp)
