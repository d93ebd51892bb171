"""A master while it plays is the one that is rendered, from any frame on, and belongs to one stream."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from patience import PATIENCE_S

from auralis_cli.dsp.limiter import Limiter
from auralis_cli.dsp.truepeak import TruePeakMeter
from auralis_cli.errors import StageError
from auralis_cli.mastering.chain import Chain
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.early_plans import level_plan, live_delivery
from auralis_cli.mastering.live import LiveMaster
from auralis_cli.mastering.render import limited_blocks, measure_control
from auralis_cli.mastering.stages import build_stages
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.mastering import (
    BalancePlan,
    CompressorPlan,
    LevellerCurve,
    LimitedBy,
    MasteringPlan,
    PeakExpansionPlan,
    SectionKind,
    SectionPlan,
    SoftClipPlan,
    SolvedPlan,
    ToneCurve,
    TransientPlan,
)
from auralis_cli.model.playback import TrackLevels
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.repair_plans import OffsetRemovalPlan, PolarityRepairPlan
from auralis_cli.model.sound_wishes import SoundWishes

Block = NDArray[np.float32]

RATE_HZ = 44_100
SECONDS = 14


def everything(*, limited: bool = True) -> SolvedPlan:
    """A plan with every stage, each moving the sound by a dB and more."""
    level = level_plan(TrackLevels(-23.0, -3.0), MasteringWish(), ADAPTIVE).solved.plan
    plan: MasteringPlan = replace(
        level,
        polarity_repair=PolarityRepairPlan(channel=2),
        offset_removal=OffsetRemovalPlan(window_ms=80.0),
        tone=ToneCurve((100.0, 1_000.0, 8_000.0), (3.0, 0.0, -2.0), (-3.0, 0.0, 2.0), taps_doublings=1),
        balance=BalancePlan(left_db=1.0, right_db=-1.0),
        sections=SectionPlan(
            (100.0, 1_000.0, 8_000.0),
            (SectionKind((1.0, 0.0, -1.0), 0.0), SectionKind((-1.0, 0.0, 1.5), 0.5)),
            (0, 1, 0),
            (5.0, 10.0),
            (2.0, 3.0),
        ),
        leveller=LevellerCurve(0.1, tuple(np.sin(np.arange(10 * SECONDS + 1) / 9.0).tolist())),
        compressor=CompressorPlan(-24.0, 1.6, 8.0, 30.0, 200.0, 3.0),
        transient=TransientPlan(gain_db=2.0),
        soft_clip=SoftClipPlan(threshold_dbfs=-6.0, ceiling_dbfs=-2.0),
        range=LevellerCurve(0.1, tuple((2.0 * np.cos(np.arange(10 * SECONDS + 1) / 15.0)).tolist())),
        peaks=PeakExpansionPlan(threshold_dbtp=-20.0, full_dbtp=-6.0, gain_db=3.0),
        limiter=level.limiter if limited else None,
    )
    return SolvedPlan(plan, 9.0, LimitedBy.NONE, None, None, -14.0, 0.0, 0.0, 0)


@pytest.fixture(scope="module")
def music() -> Block:
    """Two sides of noise and tones that come and go, with beats: something for every stage to do."""
    rng = np.random.default_rng(5)
    time_s = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * time_s / 4.3)
    beat = np.exp(-8.0 * (time_s % 0.5)) * np.sin(2 * np.pi * 110.0 * time_s)
    sides = rng.standard_normal((len(time_s), 2)) * 0.05 + np.sin(2 * np.pi * 440.0 * time_s)[:, None] * 0.1
    return np.asarray(swell[:, None] * sides + 0.35 * beat[:, None] + 0.01, np.float32)


def rendered(solved: SolvedPlan, audio: Block, folder: Path) -> Block:
    """As `mastering/render.py` renders it: every stage by itself, the limiter from its control track."""
    stages = build_stages(solved.plan, RATE_HZ, audio.shape[1])
    blocks = [audio]
    for stage in stages:
        blocks = list(Chain((stage,), audio.shape[1]).run(blocks, 1 << 16))
    track = ControlTrack(RATE_HZ, audio.shape[1], folder)
    measure_control(blocks, track)
    return np.concatenate(list(limited_blocks(blocks, track, solved)))


def live(solved: SolvedPlan, audio: Block, start_frame: int = 0, block_frames: int = 4096) -> Block:
    master = LiveMaster(solved, RATE_HZ, audio.shape[1], start_frame)
    return run(master, audio, block_frames)


def run(master: LiveMaster, audio: Block, block_frames: int = 4096) -> Block:
    starts = range(master.first_frame, len(audio), block_frames)
    return np.concatenate([*(master.process(audio[s : s + block_frames]) for s in starts), master.flush()])


def level_db(audio: Block) -> float:
    return float(10.0 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-30))


def test_from_its_start_it_is_the_rendered_master_bit_by_bit(music: Block, tmp_path: Path) -> None:
    solved = everything()
    expected = rendered(solved, music, tmp_path)
    assert np.array_equal(live(solved, music), expected)
    assert np.array_equal(live(solved, music, block_frames=2_756), expected)
    assert level_db(expected - music) > level_db(music) - 10.0


@pytest.mark.parametrize("start_s", [0.3, 6.9, 7.77])
def test_two_seconds_after_a_seek_it_is_the_rendered_master(music: Block, tmp_path: Path, start_s: float) -> None:
    solved = everything()
    start, settled = round(start_s * RATE_HZ), round((start_s + 2.0) * RATE_HZ)
    expected = rendered(solved, music, tmp_path)
    heard = live(solved, music, start)
    assert len(heard) == len(music) - start
    difference = heard[settled - start :] - expected[settled:]
    assert level_db(difference) - level_db(expected[settled:]) < -90.0


def test_a_short_track_and_one_sought_to_its_end_keep_their_length(music: Block) -> None:
    solved = everything()
    for frames in (0, 1, 300, 9_000):
        assert live(solved, music[:frames]).shape == (frames, 2)
    assert live(solved, music, len(music)).shape == (0, 2)
    assert live(solved, music, len(music) - 1).shape == (1, 2)


def test_mono_runs_in_mono(music: Block, tmp_path: Path) -> None:
    solved = everything()
    solved = replace(solved, plan=replace(solved.plan, polarity_repair=None, balance=None))
    mono = np.ascontiguousarray(music[:, :1])
    assert np.array_equal(live(solved, mono), rendered(solved, mono, tmp_path))


def test_a_plan_that_changes_nothing_gives_what_it_was_given(music: Block) -> None:
    untouched = level_plan(TrackLevels(-23.0, -3.0), MasteringWish(intensity=0.0), ADAPTIVE).solved
    assert np.array_equal(live(untouched, music, 1_000), music[1_000:])


def test_before_anything_was_analysed_the_level_is_set_by_one_gain_below_the_ceiling(music: Block) -> None:
    meter = TruePeakMeter(2)
    meter.process(music)
    peak_db = float(20.0 * np.log10(meter.peak()))
    for loudness in (-30.0, -23.0, -8.0):
        plan = level_plan(TrackLevels(loudness, peak_db), MasteringWish(), ADAPTIVE)
        gain_db = plan.solved.gain_db
        room_db = live_delivery(SoundWishes()).ceiling_dbtp - 0.08 - peak_db
        assert gain_db == pytest.approx(min(-14.0 - loudness, room_db))
        assert plan.output_lufs == pytest.approx(loudness + gain_db)
        assert np.allclose(live(plan.solved, music), music * 10.0 ** (gain_db / 20.0), atol=1e-6)


@pytest.mark.invariant("S4-D3.1")
@pytest.mark.invariant("S4-D3.2")
def test_two_tracks_with_different_plans_at_once_sound_as_each_alone(music: Block) -> None:
    """Kills processors that are kept per plan, or for the whole program."""
    other = everything(limited=False)
    plans = [everything(), other, everything(), everything()]
    alone = [live(plan, music[: 4 * RATE_HZ]) for plan in plans[:2]]
    gate = threading.Barrier(len(plans))

    def play(plan: SolvedPlan) -> Block:
        master = LiveMaster(plan, RATE_HZ, 2)
        gate.wait(PATIENCE_S)
        return run(master, music[: 4 * RATE_HZ])

    with ThreadPoolExecutor(len(plans)) as threads:
        heard = list(threads.map(play, plans))
    assert np.array_equal(heard[1], alone[1])
    for one in (0, 2, 3):
        assert np.array_equal(heard[one], alone[0])


@pytest.mark.invariant("S4-D3.3")
def test_masters_that_are_made_at_once_own_their_processors() -> None:
    """Kills a pool that hands one out twice."""
    solved = everything()
    with ThreadPoolExecutor(8) as threads:
        built = list(threads.map(lambda _: build_stages(solved.plan, RATE_HZ, 2), range(16)))
    owned = [id(stage.processor) for stages in built for stage in stages]
    assert len(set(owned)) == len(owned) == 16 * 11


@pytest.mark.invariant("S0-M03")
def test_a_second_thread_is_refused_and_never_gets_into_a_processor(
    music: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills a master that relies on its callers to keep apart."""
    inside, met, refused = [0], [0], [0]
    entered, met_another = threading.Event(), threading.Event()
    original = Limiter.process

    def watched(self: Limiter, block: Block) -> Block:
        inside[0] += 1
        met[0] = max(met[0], inside[0])
        if inside[0] > 1:
            met_another.set()
        # Whoever is to come in while this one is at work has the time to.
        met_another.wait(PATIENCE_S)
        entered.wait(0.002)
        out = original(self, block)
        inside[0] -= 1
        return out

    monkeypatch.setattr(Limiter, "process", watched)
    master = LiveMaster(level_plan(TrackLevels(-23.0, -3.0), MasteringWish(), ADAPTIVE).solved, RATE_HZ, 2)
    gate = threading.Barrier(8)

    def feed(_number: int) -> None:
        gate.wait(PATIENCE_S)
        for _ in range(20):
            try:
                master.process(music[:441])
            except StageError:
                refused[0] += 1
                met_another.set()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(feed, range(8)))
    assert met[0] == 1
    assert refused[0] > 0
