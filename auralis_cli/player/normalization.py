"""By how much a track is made louder or quieter, so that all are equally loud. Pure arithmetic."""

from __future__ import annotations

import math

from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.units import gain_to_db

# ReplayGain 2's.
REFERENCE_LUFS = -18.0
CEILING_DBTP = -1.0
# While nothing is known, a track counts as loud as the loudest there are: what is corrected then rises, never blares.
_GUESSED = TrackLevels(integrated_lufs=-7.0)


def normalize_gain_db(track: PlayableTrack, mode: NormalizeMode, *, in_album_order: bool) -> float:
    """What the level of `track` is changed by.

    Of its album where that is asked for (`smart`: where an album plays in its order) and known, else of the track:
    stored or measured, else guessed on the quiet side. Peaks stay below −1 dBTP.
    """
    if mode is NormalizeMode.OFF:
        return 0.0
    by_album = mode is NormalizeMode.ALBUM or (mode is NormalizeMode.SMART and in_album_order)
    if by_album and track.album_levels is not None and track.album_levels.integrated_lufs is not None:
        return _gain_db(track.album_levels)
    return _gain_db(track.levels or _GUESSED)


def levels_of_tags(replaygain_db: float | None, peak: float | None) -> TrackLevels | None:
    """What ReplayGain says, relative to −18 LUFS (R128 tags stand in the library as ReplayGain); None where nothing."""
    if replaygain_db is None:
        return None
    return TrackLevels(REFERENCE_LUFS - replaygain_db, gain_to_db(peak) if peak else None)


def is_level_known(track: PlayableTrack) -> bool:
    """Whether `measure` has nothing to add."""
    return track.levels is not None


def _gain_db(levels: TrackLevels) -> float:
    loudness, peak = levels.integrated_lufs, levels.true_peak_dbtp
    gain = 0.0 if loudness is None or not math.isfinite(loudness) else REFERENCE_LUFS - loudness
    # A peak that nobody measured may be at full scale.
    return min(gain, CEILING_DBTP - (0.0 if peak is None else peak))
