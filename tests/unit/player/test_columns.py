"""What the ring holds of a track: both sides aligned to the frame, gains, and what becomes of a broken master."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from feeding import Block, Feeding, Plans, Shelf, Tape

from auralis_cli.dsp.limiter import Limiter
from auralis_cli.mastering.early_plans import level_plan
from auralis_cli.mastering.live import LiveMaster
from auralis_cli.model.live_mastering import LivePlan, MasteringWish
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.source import AudioSource
from auralis_cli.player.columns import TrackColumns, TrackSound, sound_of
from auralis_cli.player.feed_request import FeedSettings, ReportKind

RATE_HZ = 44_100
WISH = MasteringWish()


def plan(loudness: float = -30.0) -> LivePlan:
    """16 dB louder, through a limiter."""
    return level_plan(TrackLevels(loudness, -20.0), WISH, ADAPTIVE)


def music(seconds: float, channels: int = 2) -> Block:
    rng = np.random.default_rng(4)
    return rng.normal(0, 0.02, (int(seconds * RATE_HZ), channels)).astype(np.float32)


def fed(columns: TrackColumns, sound: Block, size: int = 3_001) -> Block:
    """From where it wants to be fed to the end."""
    rest = sound[columns.first_frame :]
    parts = [columns.process(rest[start : start + size]) for start in range(0, len(rest), size)]
    return np.concatenate((*parts, columns.flush()))


@pytest.mark.parametrize("channels", [1, 2])
def test_both_sides_are_aligned_to_the_frame_and_as_long_as_the_track(channels: int) -> None:
    sound = music(3.0, channels)
    columns = fed(TrackColumns(TrackSound(plan(), 0.0, 0.0), RATE_HZ, channels), sound)
    assert len(columns) == len(sound)
    assert np.array_equal(columns[:, :2], np.repeat(sound, 2, axis=1) if channels == 1 else sound)
    master = LiveMaster(plan().solved, RATE_HZ, channels)
    whole = np.concatenate((master.process(sound), master.flush()))
    assert np.array_equal(columns[:, 2:4], np.repeat(whole, 2, axis=1) if channels == 1 else whole)
    # The gain of the plan is what the match says.
    assert np.abs(20 * np.log10(columns[:, 4]) - plan().solved.gain_db).max() < 0.1


def test_from_the_middle_it_is_what_it_is_from_the_start() -> None:
    sound = music(12.0)
    sounding = TrackSound(plan(), 0.0, 0.0)
    whole = fed(TrackColumns(sounding, RATE_HZ, 2), sound)
    start = 9 * RATE_HZ + 17
    part = fed(TrackColumns(sounding, RATE_HZ, 2, start), sound)
    assert np.array_equal(part[:, :2], sound[start:])
    assert np.abs(part[:, 2:4] - whole[start:, 2:4]).max() < 1e-6


def test_without_a_plan_both_sides_are_the_original() -> None:
    sound = music(0.5)
    columns = fed(TrackColumns(TrackSound(None, -6.0, -6.0), RATE_HZ, 2), sound)
    assert np.allclose(columns[:, :2], sound * 10 ** (-6 / 20))
    assert np.array_equal(columns[:, :2], columns[:, 2:4])
    assert np.array_equal(columns[:, 4], np.ones(len(sound), np.float32))


def test_each_side_is_made_as_loud_as_normalising_asks_for() -> None:
    track = PlayableTrack(AudioSource(Path("a")), "a", levels=TrackLevels(-30.0, -20.0))
    assert sound_of(track, plan(), NormalizeMode.OFF, in_album_order=False) == TrackSound(plan(), 0.0, 0.0)
    quiet = sound_of(track, plan(), NormalizeMode.TRACK, in_album_order=False)
    assert quiet.original_db == pytest.approx(12.0)
    output = plan().output_lufs
    assert output is not None
    # By the gain of the original the master would be beyond full scale.
    assert quiet.mastered_db == pytest.approx(-18.0 - output)
    unknown = sound_of(PlayableTrack(AudioSource(Path("a")), "a"), None, NormalizeMode.SMART, in_album_order=True)
    assert unknown.original_db < 0.0


def test_a_match_speaks_of_the_sides_as_they_are_heard() -> None:
    sound = music(3.0)
    columns = fed(TrackColumns(TrackSound(plan(), 12.0, -4.0), RATE_HZ, 2), sound)
    assert np.abs(20 * np.log10(columns[:, 4]) - (plan().solved.gain_db - 16.0)).max() < 0.1


@pytest.mark.invariant("S3-ENG-09")
def test_a_master_that_breaks_is_muted_for_that_block_told_once_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = music(2.0)
    blocks = [0]
    process = Limiter.process

    def spoilt(limiter: Limiter, block: Block) -> Block:
        out = process(limiter, block)
        blocks[0] += 1
        if blocks[0] == 5:
            out[3] = np.nan
        return out

    monkeypatch.setattr(Limiter, "process", spoilt)
    shelf = Shelf({"a": Tape(0, rate_hz=RATE_HZ, sound=sound)})
    playing = Feeding(shelf, ["a"], rate_hz=RATE_HZ, settings=FeedSettings(wish=WISH), plans=Plans({"a": plan()}))
    heard = playing.all()
    assert np.isfinite(heard).all()
    assert np.array_equal(heard[:, :2], sound)
    mastered = heard[:, 2:4]
    silent = np.flatnonzero(~mastered.any(axis=1))
    assert 0 < len(silent) < 0.25 * RATE_HZ
    assert np.array_equal(silent, np.arange(silent[0], silent[-1] + 1))
    assert np.array_equal(mastered[silent[-1] + 1 :], sound[silent[-1] + 1 :])
    assert len(playing.told(ReportKind.WARNED)) == 1


def test_tracks_are_mastered_each_by_itself_and_joined_to_the_frame() -> None:
    sound = music(4.0)
    cut = int(1.7 * RATE_HZ)
    shelf = Shelf({"a": Tape(0, rate_hz=RATE_HZ, sound=sound[:cut]), "b": Tape(0, rate_hz=RATE_HZ, sound=sound[cut:])})
    plans = Plans({"a": plan(-30.0), "b": plan(-24.0)})
    playing = Feeding(shelf, ["a", "b"], rate_hz=RATE_HZ, settings=FeedSettings(wish=WISH), plans=plans)
    heard = playing.all()
    assert np.array_equal(heard[:, :2], sound)
    alone = [
        fed(TrackColumns(TrackSound(plans.plans[name], 0.0, 0.0), RATE_HZ, 2), shelf.tapes[name].samples)
        for name in "ab"
    ]
    assert np.array_equal(heard[:, 2:4], np.concatenate(alone)[:, 2:4])
    assert [mark[0] for mark in playing.marks] == [0, cut]
    assert [mark.plan_stage for mark in playing.feed.marks] == [plan().stage] * 2
