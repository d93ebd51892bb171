"""Tracks as loud as each other, their peaks below the ceiling, and never loud by mistake."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.source import AudioSource
from auralis_cli.player.normalization import CEILING_DBTP, REFERENCE_LUFS, levels_of_tags, normalize_gain_db

TRACK = PlayableTrack(AudioSource(None), "one", levels=TrackLevels(-10.0, -0.5), album_levels=TrackLevels(-14.0, -0.2))
UNKNOWN = replace(TRACK, levels=None, album_levels=None)


def gain_db(track: PlayableTrack, mode: NormalizeMode, *, in_order: bool = False) -> float:
    return normalize_gain_db(track, mode, in_album_order=in_order)


def test_each_mode_goes_by_its_own_levels() -> None:
    assert gain_db(TRACK, NormalizeMode.OFF) == 0.0
    assert gain_db(TRACK, NormalizeMode.TRACK) == pytest.approx(-8.0)
    assert gain_db(TRACK, NormalizeMode.ALBUM) == pytest.approx(-4.0)
    assert gain_db(TRACK, NormalizeMode.SMART) == pytest.approx(-8.0)
    assert gain_db(TRACK, NormalizeMode.SMART, in_order=True) == pytest.approx(-4.0)


def test_an_album_that_is_not_known_falls_back_to_the_track() -> None:
    lone = replace(TRACK, album_levels=None)
    assert gain_db(lone, NormalizeMode.ALBUM) == pytest.approx(-8.0)
    assert gain_db(replace(TRACK, album_levels=TrackLevels(None, -3.0)), NormalizeMode.ALBUM) == pytest.approx(-8.0)


def test_what_nobody_knows_yet_is_quieter_than_any_other_track() -> None:
    """Kills playing at full level until the measure is there."""
    for mode in (NormalizeMode.TRACK, NormalizeMode.ALBUM, NormalizeMode.SMART):
        assert gain_db(UNKNOWN, mode) <= min(gain_db(TRACK, mode), -10.0)
    # Silence, or too short: known, and there is no loudness to correct.
    assert gain_db(replace(UNKNOWN, levels=TrackLevels(None, -6.0)), NormalizeMode.TRACK) == 0.0


@given(
    loudness=st.floats(-70.0, 0.0),
    peak=st.one_of(st.none(), st.floats(-60.0, 6.0)),
    mode=st.sampled_from([mode for mode in NormalizeMode if mode is not NormalizeMode.OFF]),
)
def test_peaks_stay_below_the_ceiling_and_loudness_is_missed_only_for_them(
    loudness: float, peak: float | None, mode: NormalizeMode
) -> None:
    levels = TrackLevels(loudness, peak)
    gain = gain_db(replace(TRACK, levels=levels, album_levels=levels), mode)
    assert (peak or 0.0) + gain <= CEILING_DBTP + 1e-9
    assert loudness + gain <= REFERENCE_LUFS + 1e-9
    if (peak or 0.0) + gain < CEILING_DBTP - 1e-9:
        assert loudness + gain == pytest.approx(REFERENCE_LUFS)


def test_tags_say_what_the_measure_would_have_said() -> None:
    assert levels_of_tags(None, 0.9) is None
    levels = levels_of_tags(-8.0, 0.5)
    assert levels is not None
    assert levels.integrated_lufs == pytest.approx(-10.0)
    assert levels.true_peak_dbtp == pytest.approx(-6.0206, abs=1e-3)
    for gain, peak in itertools.product((3.0, -3.0), (None, 0.0)):
        assert levels_of_tags(gain, peak) == TrackLevels(-18.0 - gain, None)
