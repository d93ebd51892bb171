"""Plans for what plays: at once from what is known, solved once, kept as long as file, wish and engine are the same."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import soundfile
from master_requests import master_request
from patience import until

from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.replay import ReplayableAudio
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.preferences import KindTaste, LearntFigure, LearntPreset, Taste
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.source import AudioSource, CueTrack, Destination
from auralis_cli.services import file_keys, live_plans
from auralis_cli.services.live_jobs import SolveJob, solve_live
from auralis_cli.services.live_plans import LivePlans
from auralis_cli.services.master import analysis_of
from auralis_cli.services.passes import Rendering, decide, measure_track
from auralis_cli.services.reference_profiles import ReferenceProfiles

WAIT_S = 60.0
RATE_HZ = 22_050
PUNCHY = MasteringWish("punchy")


class Inline(Executor):
    """Does jobs in this process, on a thread, and counts them."""

    def __init__(self, begin: threading.Event | None = None) -> None:
        self.jobs = 0
        self._begin = begin
        self._thread = ThreadPoolExecutor(1)

    def submit(self, fn: Any, /, *args: Any, **_kwargs: Any) -> Future[Any]:
        self.jobs += 1
        return self._thread.submit(self._run, fn, *args)

    def _run(self, fn: Any, *args: Any) -> Any:
        if self._begin is not None:
            assert self._begin.wait(WAIT_S)
        return fn(*args, SilentProgress(), CancelToken())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._thread.shutdown(wait=wait, cancel_futures=cancel_futures)


class Answers:
    """What `done` was called with."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._last = threading.Event()

    def __call__(self, answer: Any) -> None:
        self.all.append(answer)
        if getattr(answer, "stage", None) is not PlanStage.PREDICTED:
            self._last.set()

    def last(self) -> Any:
        """What comes after a predicted plan, where there is one."""
        assert self._last.wait(WAIT_S)
        return self.all[-1]


def solved(plans: LivePlans, track: PlayableTrack, wish: MasteringWish = PUNCHY) -> LivePlan:
    """The solved plan, once it is there."""
    answers = Answers()
    plans.request(track, wish, answers)
    plan = answers.last()
    assert isinstance(plan, LivePlan), plan
    assert plan.stage is PlanStage.SOLVED
    return plan


def stage_of(plan: LivePlan | None) -> PlanStage | None:
    return None if plan is None else plan.stage


def write_music(path: Path, seed: int = 1, seconds: float = 4.0, channels: int = 2) -> Path:
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = 0.2 * np.sin(2 * np.pi * 220.0 * seed * time_s) * (1.2 + np.sin(2 * np.pi * time_s))
    audio = tone[:, None] + rng.standard_normal((len(time_s), channels)) * 0.03
    soundfile.write(path, audio.astype(np.float32), RATE_HZ, subtype="PCM_16")
    return path


def track_of(path: Path, **known: Any) -> PlayableTrack:
    return PlayableTrack(AudioSource(path), path.stem, **known)


@pytest.fixture(scope="module", autouse=True)
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Kernels are compiled before anybody waits for them."""
    source = AudioSource(write_music(tmp_path_factory.mktemp("music") / "first.wav"))
    solve_live(SolveJob(source, PUNCHY, PRESETS["punchy"], None, None), SilentProgress(), CancelToken())


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_music(tmp_path / "song.wav")


@pytest.fixture
def workers() -> Inline:
    return Inline()


@pytest.fixture
def plans(tmp_path: Path, workers: Inline) -> Iterator[LivePlans]:
    made = LivePlans(PRESETS, tmp_path / "plans", open_workers=lambda: workers)
    yield made
    made.close()


def reopened(plans: LivePlans, tmp_path: Path) -> LivePlans:
    plans.close()
    return LivePlans(PRESETS, tmp_path / "plans", open_workers=Inline)


def test_the_solved_plan_is_what_master_would_render(plans: LivePlans, song: Path) -> None:
    plan = solved(plans, track_of(song))
    request = master_request(AudioSource(song), Destination(None), preset=PRESETS["punchy"])
    with closing(ReplayableAudio(lambda: open_reader(song))) as audio:
        analysis = measure_track(audio.blocks(1 << 16), audio.info, SilentProgress(), CancelToken(), in_turn=True)
        with closing(
            Rendering(audio, decide(analysis, request), request, SilentProgress(), CancelToken())
        ) as rendering:
            assert plan.solved == rendering.solve()
    assert plan.input_lufs == analysis.measurements.integrated_lufs
    assert plan.output_lufs == plan.solved.expected_lufs


@pytest.mark.parametrize("mode", [MasteringMode.REFERENCE, MasteringMode.HYBRID])
def test_with_a_reference_too_the_plan_is_masters_also_after_a_restart(
    plans: LivePlans, song: Path, tmp_path: Path, mode: MasteringMode
) -> None:
    other = AudioSource(write_music(tmp_path / "other.wav", seed=3))
    profile = ReferenceProfiles(tmp_path / "profiles").profile(other, SilentProgress(), CancelToken())
    wish = replace(PUNCHY, mode=mode, reference=Reference("other", 1, replace(profile, plr_db=profile.plr_db + 6.0)))
    # What is known without a profile is not enough.
    solved(plans, track_of(song))
    plan = solved(plans, track_of(song), wish)
    sound = wish.sound(PRESETS["punchy"])
    request = replace(master_request(AudioSource(song), Destination(None)), sound=sound)
    assert plan.solved.plan.is_drawn
    with closing(ReplayableAudio(lambda: open_reader(song))) as audio:
        analysis = analysis_of(audio, request, None, SilentProgress(), CancelToken())[0]
        with closing(
            Rendering(audio, decide(analysis, request), request, SilentProgress(), CancelToken())
        ) as rendering:
            assert plan.solved == rendering.solve()
    with closing(reopened(plans, tmp_path)) as later:
        assert later.ready(track_of(song), wish) == plan


@pytest.mark.invariant("S1-M-05")
def test_a_taste_goes_into_what_plays_as_it_goes_into_a_master_and_another_taste_is_another_plan(
    plans: LivePlans, song: Path, tmp_path: Path
) -> None:
    """Kills a plan that is kept under a key that knows of no taste."""
    plain = solved(plans, track_of(song), MasteringWish())
    assert plain.kind is not None
    liked = KindTaste(
        plain.kind,
        LearntPreset("warm", 0.8, 20),
        tilt_db=LearntFigure(-2.0, 0.8, 20),
        loudness_lu=LearntFigure(2.0, 0.8, 20),
    )
    wish = MasteringWish(taste=Taste((liked,), (PRESETS["warm"],)))
    predicted = plans.ready(track_of(song), wish)
    plan = solved(plans, track_of(song), wish)
    request = replace(master_request(AudioSource(song), Destination(None)), sound=wish.sound(PRESETS["adaptive"]))
    with closing(ReplayableAudio(lambda: open_reader(song))) as audio:
        analysis = analysis_of(audio, request, None, SilentProgress(), CancelToken())[0]
        with closing(
            Rendering(audio, decide(analysis, request), request, SilentProgress(), CancelToken())
        ) as rendering:
            assert plan.solved == rendering.solve()
    assert plan.solved.plan.taste is not None
    assert plan.solved.plan != plain.solved.plan
    assert predicted is not None
    assert replace(predicted.solved.plan, goal_lufs=None) == replace(plan.solved.plan, goal_lufs=None)
    with closing(reopened(plans, tmp_path)) as later:
        assert later.ready(track_of(song), wish) == plan


def test_what_is_known_at_once_gets_better_and_another_wish_is_predicted_at_once(plans: LivePlans, song: Path) -> None:
    assert plans.ready(track_of(song), PUNCHY) is None
    assert stage_of(plans.ready(track_of(song, levels=TrackLevels(-20.0, -3.0)), PUNCHY)) is PlanStage.LEVEL
    plan = solved(plans, track_of(song))
    assert plans.ready(track_of(song), PUNCHY) is plan
    predicted = plans.ready(track_of(song), MasteringWish("bright"))
    assert stage_of(predicted) is PlanStage.PREDICTED
    answers = Answers()
    plans.request(track_of(song), MasteringWish("bright"), answers)
    assert stage_of(answers.last()) is PlanStage.SOLVED
    assert answers.all[0] is predicted


def test_plans_and_levels_are_there_after_a_restart(plans: LivePlans, song: Path, tmp_path: Path) -> None:
    plan = solved(plans, track_of(song))
    with closing(reopened(plans, tmp_path)) as again:
        assert again.ready(track_of(song), PUNCHY) == plan
        assert stage_of(again.ready(track_of(song), MasteringWish("warm", 0.5))) is PlanStage.PREDICTED
        assert measured(again, song) == TrackLevels(plan.input_lufs, plan.input_true_peak_dbtp)


def measured(plans: LivePlans, path: Path) -> Any:
    answers = Answers()
    plans.measure(track_of(path), answers)
    return answers.last()


def test_levels_are_measured_where_nothing_is_known(plans: LivePlans, workers: Inline, song: Path) -> None:
    levels = measured(plans, song)
    assert levels.integrated_lufs == pytest.approx(solved(plans, track_of(song)).input_lufs)
    jobs = workers.jobs
    assert measured(plans, song) == levels
    assert workers.jobs == jobs
    assert plans.ready(track_of(song), MasteringWish("live")) is not None


def test_more_than_two_channels_are_planned_as_they_are_played(plans: LivePlans, tmp_path: Path) -> None:
    surround = write_music(tmp_path / "surround.wav", channels=6)
    plan = solved(plans, track_of(surround))
    assert plan.solved.plan.tone is not None or "gain and linked limiter only" not in str(plan.solved.plan.reasons)


def test_what_is_damaged_or_gone_is_an_error_as_a_value(plans: LivePlans, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"RIFF????WAVEjunk")
    for name in ("noise.wav", "gone.wav"):
        answers = Answers()
        plans.request(track_of(tmp_path / name), PUNCHY, answers)
        assert isinstance(answers.last(), InputError)
        assert plans.ready(track_of(tmp_path / name), PUNCHY) is None
    with pytest.raises(UsageError):
        plans.ready(track_of(tmp_path / "noise.wav"), MasteringWish("no such"))


@pytest.mark.invariant("S2-NEW-9")
def test_fifty_who_ask_at_once_cause_one_computation_and_get_one_plan(tmp_path: Path, song: Path) -> None:
    """Kills looking and then computing, each for oneself."""
    begin = threading.Event()
    workers = Inline(begin)
    gate, found, came = threading.Barrier(50), list[Any](), threading.Semaphore(0)

    def done(plan: Any) -> None:
        found.append(plan)
        came.release()

    with closing(LivePlans(PRESETS, tmp_path / "plans", open_workers=lambda: workers)) as plans:

        def ask(_number: int) -> None:
            gate.wait(WAIT_S)
            plans.request(track_of(song), PUNCHY, done)

        with ThreadPoolExecutor(50) as threads:
            list(threads.map(ask, range(50)))
        begin.set()
        for _ in range(50):
            assert came.acquire(timeout=WAIT_S)
    assert workers.jobs == 1
    assert all(plan is found[0] for plan in found)
    assert found[0].stage is PlanStage.SOLVED


@pytest.mark.invariant("S2-NEW-10")
def test_the_second_track_starts_as_fast_as_the_first(tmp_path: Path, plans: LivePlans, song: Path) -> None:
    """Kills an instance that has had its fast start."""
    second = write_music(tmp_path / "second.wav", seed=2)
    for path in (song, second):
        known = track_of(path, levels=TrackLevels(-20.0, -3.0))
        for _ in range(2):
            assert stage_of(plans.ready(known, PUNCHY)) is PlanStage.LEVEL
        assert solved(plans, known).stage is PlanStage.SOLVED
        assert stage_of(plans.ready(known, MasteringWish("warm"))) is PlanStage.PREDICTED


@pytest.mark.invariant("S1-M-12")
@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(PRESETS["punchy"])])
def test_every_figure_of_a_preset_is_part_of_the_key(field: str) -> None:
    preset = PRESETS["punchy"]
    value = getattr(preset, field)
    changes: dict[str, Any] = {field: "other" if field == "name" else value + 0.25}
    other = dataclasses.replace(preset, **changes)
    keys = {live_plans.plan_key("file", PUNCHY, one) for one in (preset, other)}
    assert len(keys) == 2


@pytest.mark.invariant("S1-M-12")
def test_another_intensity_span_or_engine_is_another_plan(song: Path) -> None:
    preset = PRESETS["punchy"]
    assert live_plans.plan_key("file", PUNCHY, preset) != live_plans.plan_key(
        "file", MasteringWish("punchy", 0.9), preset
    )
    sources = [AudioSource(song)] + [
        AudioSource(song, cue=CueTrack(song.with_suffix(".cue"), number, start, end))
        for number, start, end in ((1, 0, 75), (1, 0, 76), (1, 1, 75), (2, 0, 75))
    ]
    keys = {file_keys.file_key(source) for source in sources}
    with mock.patch.object(file_keys, "engine", return_value="another"):
        keys.add(file_keys.file_key(sources[0]))
    assert len(keys) == 6


@pytest.mark.invariant("S1-M-12")
def test_a_file_of_the_same_size_and_time_is_another_one_when_it_was_written(
    plans: LivePlans, song: Path, tmp_path: Path
) -> None:
    old = solved(plans, track_of(song))
    before = song.stat()
    with open(song, "r+b") as file:
        file.seek(44)
        samples = np.frombuffer(file.read(), np.int16)
        file.seek(44)
        file.write((samples // 2).astype(np.int16).tobytes())
    os.utime(song, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (song.stat().st_size, song.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert plans.ready(track_of(song), PUNCHY) is None
    new = solved(plans, track_of(song))
    assert old.input_lufs is not None
    assert new.input_lufs is not None
    assert new.input_lufs < old.input_lufs - 5.0


@pytest.mark.invariant("S1-M-12")
def test_a_file_that_was_written_while_it_was_measured_is_not_kept(tmp_path: Path, song: Path) -> None:
    begin = threading.Event()
    workers = Inline(begin)
    with closing(LivePlans(PRESETS, tmp_path / "plans", open_workers=lambda: workers)) as plans:
        answers = Answers()
        plans.request(track_of(song), PUNCHY, answers)
        # By then it is known which file is to be measured.
        until(lambda: workers.jobs == 1)
        write_music(song, seed=3)
        begin.set()
        assert isinstance(answers.last(), LivePlan)
        assert plans.ready(track_of(song), PUNCHY) is None
