"""What would be heard, rendered: every sample of it, however fast, and nothing for a consumer who left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from patience import PATIENCE_S, until

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.errors import AuralisError, CancelledError, InputError
from auralis_cli.mastering.early_plans import level_plan
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, PlayerSettings, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.queue import Queue, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.player.volume import volume_to_gain
from auralis_cli.services import playback_rendering
from auralis_cli.services.playback_rendering import PlaybackRender, RenderedPlayback

RATE_HZ = 44_100
Block = NDArray[np.float32]


class Lookup:
    """Tracks of files without a library; notes what it was asked for."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        if "gone" in track.path:
            raise InputError(track.path, "does not exist")
        return PlayableTrack(AudioSource(Path(track.path)), Path(track.path).stem)

    def open(self, track: PlayableTrack) -> AudioReader:
        self.opened.append(track.title)
        return open_audio(track.source)


class SlowPlans:
    """Knows nothing at once, something wrong soon, and what is right a moment later."""

    def __init__(self, *, solved_lufs: float = -20.0, delay_s: float = 0.05) -> None:
        self._solved_lufs, self._delay_s = solved_lufs, delay_s
        self.asked = 0

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        return None

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Callable[[], None]:
        self.asked += 1
        predicted = replace(level_plan(TrackLevels(-30.0, -12.0), wish, ADAPTIVE), stage=PlanStage.PREDICTED)
        solved = replace(level_plan(TrackLevels(self._solved_lufs, -12.0), wish, ADAPTIVE), stage=PlanStage.SOLVED)
        done(predicted)
        self._later(lambda: done(solved))
        return lambda: None

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Callable[[], None]:
        self._later(lambda: done(TrackLevels(-24.0, -6.0)))
        return lambda: None

    def _later(self, call: Callable[[], None]) -> None:
        timer = threading.Timer(self._delay_s, call)
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        pass


class Kept:
    """Keeps what is written, however slowly."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.blocks: list[Block] = []
        self._pause = threading.Event()
        self._pause_s = pause_s

    def write(self, block: Block) -> None:
        self._pause.wait(self._pause_s)
        self.blocks.append(block.copy())

    @property
    def heard(self) -> Block:
        return np.concatenate(self.blocks)


@pytest.fixture
def album(tmp_path: Path) -> tuple[list[Path], Block]:
    """Four tracks of odd lengths cut from one noise, and that noise."""
    rng = np.random.default_rng(5)
    whole = (rng.integers(-3_000, 3_000, (2 * RATE_HZ + 17, 2)) / 32_768).astype(np.float32)
    cuts = [0, 20_001, 20_018, 61_111, len(whole)]
    paths = []
    for number, (start, end) in enumerate(pairwise(cuts), 1):
        path = tmp_path / f"{number}.{'flac' if number % 2 else 'wav'}"
        soundfile.write(path, whole[start:end], RATE_HZ, subtype="PCM_16")
        paths.append(path)
    return paths, whole


def rendered(
    paths: Sequence[Path | str],
    sink: Kept,
    settings: PlayerSettings | None = None,
    *,
    cancel: CancelToken | None = None,
    plans: SlowPlans | None = None,
    lookup: Lookup | None = None,
    rate_hz: int = RATE_HZ,
) -> RenderedPlayback:
    queue = Queue().set([QueueTrack(str(path)) for path in paths])
    render = PlaybackRender(
        queue,
        settings or PlayerSettings(),
        lookup or Lookup(),
        plans or SlowPlans(),
        SilentProgress(),
        cancel or CancelToken(),
    )
    return render.write(rate_hz, sink)


def test_an_album_is_its_tracks_end_to_end_sample_for_sample(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    sink = Kept()
    result = rendered(paths, sink)
    assert np.array_equal(sink.heard, whole)
    assert (result.frames, result.begun, result.failures, result.warnings) == (len(whole), 4, (), ())


@pytest.mark.parametrize("block_frames", [61, 44_100])
def test_neither_speed_nor_the_size_of_blocks_changes_a_sample(
    block_frames: int, album: tuple[list[Path], Block], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, _ = album
    settings = PlayerSettings(volume=70.0, is_enhanced=True, crossfade_s=0.2, normalize=NormalizeMode.TRACK)
    usual = Kept()
    rendered(paths[2:], usual, settings)
    monkeypatch.setattr(playback_rendering, "BLOCK_FRAMES", block_frames)
    other = Kept(pause_s=0.0 if block_frames == 61 else 0.02)
    rendered(paths[2:], other, settings, plans=SlowPlans(delay_s=0.1))
    assert np.array_equal(other.heard, usual.heard)


def test_every_track_is_heard_by_its_solved_plan_from_its_first_sample(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    sink = Kept()
    plans = SlowPlans(solved_lufs=-20.0)
    rendered(paths, sink, PlayerSettings(is_enhanced=True), plans=plans)
    # To -14 LUFS from -20: 6 dB, not the 11 that the ceiling leaves of the 16 predicted at first.
    assert np.allclose(sink.heard, whole * np.float32(10.0**0.3), atol=2e-3)
    assert plans.asked >= len(paths)


def test_loudness_that_nobody_knows_is_measured_before_a_sample_is_heard(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    sink = Kept()
    rendered(paths, sink, PlayerSettings(normalize=NormalizeMode.TRACK))
    # By 6 dB, from the -24 LUFS that are measured to -18, but to no more than -1 dBTP.
    assert np.allclose(sink.heard, whole * np.float32(10.0 ** (5.0 / 20.0)), atol=1e-6)


def test_the_volume_is_heard_too(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    sink = Kept()
    rendered(paths, sink, PlayerSettings(volume=50.0))
    assert np.array_equal(sink.heard, whole * np.float32(volume_to_gain(50.0)))
    muted = Kept()
    rendered(paths, muted, PlayerSettings(is_muted=True))
    assert not muted.heard.any()


def test_what_cannot_be_played_is_told_and_left_out(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    sink = Kept()
    result = rendered([paths[0], "/gone.flac", *paths[1:]], sink)
    assert np.array_equal(sink.heard, whole)
    assert [str(report.error) for report in result.failures] == ["/gone.flac: does not exist"]
    with pytest.raises(InputError, match="does not exist"):
        rendered(["/gone.flac"], Kept())


class Left(Kept):
    """A consumer who is gone after some blocks."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self._most = blocks

    def write(self, block: Block) -> None:
        if len(self.blocks) == self._most:
            raise BrokenPipeError
        super().write(block)


class Leaving(CancelToken):
    """Notices at the n-th look that nobody takes anything any more."""

    def __init__(self, looks: int, error: type[BaseException]) -> None:
        super().__init__()
        self._left, self._error = looks, error

    def raise_if_cancelled(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise self._error


@pytest.mark.invariant("S0-H09")
@pytest.mark.parametrize("error", [BrokenPipeError, CancelledError])
def test_once_the_consumer_has_left_no_further_block_is_rendered(
    error: type[BaseException], album: tuple[list[Path], Block]
) -> None:
    paths, _ = album
    before = set(threading.enumerate())
    sink, lookup = Kept(), Lookup()
    with pytest.raises(error):
        rendered(paths * 200, sink, cancel=Leaving(3, error), lookup=lookup)
    assert len(sink.blocks) <= 2
    # Nobody is left who goes on, and what was ahead is no more than the ring holds.
    until(lambda: set(threading.enumerate()) <= before, "it goes on")
    assert len(lookup.opened) <= 8


@pytest.mark.invariant("S0-H09")
def test_a_pipe_that_breaks_in_the_middle_ends_the_feeder_too(album: tuple[list[Path], Block]) -> None:
    paths, _ = album
    before = set(threading.enumerate())
    lookup = Lookup()
    with pytest.raises(BrokenPipeError):
        rendered(paths * 200, Left(2), lookup=lookup)
    until(lambda: set(threading.enumerate()) <= before, "it goes on")
    assert len(lookup.opened) <= 8


def test_a_plan_that_never_comes_can_be_cancelled(album: tuple[list[Path], Block]) -> None:
    paths, _ = album
    cancel = CancelToken()
    before = set(threading.enumerate())
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        rendered(paths, Kept(), PlayerSettings(is_enhanced=True), cancel=cancel, plans=SlowPlans(delay_s=60.0))
    timer.join()
    until(lambda: {one for one in threading.enumerate() if not isinstance(one, threading.Timer)} <= before)


def test_the_rate_is_that_of_the_first_track_that_opens(album: tuple[list[Path], Block], tmp_path: Path) -> None:
    paths, _ = album
    other = tmp_path / "other.wav"
    soundfile.write(other, np.zeros((4800, 1), np.float32), 48_000)

    def rate_of(*named: Path | str) -> int:
        queue = Queue().set([QueueTrack(str(path)) for path in named])
        render = PlaybackRender(queue, PlayerSettings(), Lookup(), SlowPlans(), SilentProgress(), CancelToken())
        return render.natural_rate_hz()

    assert rate_of("/gone.wav", other, paths[0]) == 48_000
    assert rate_of(paths[0], other) == RATE_HZ
    with pytest.raises(InputError, match="does not exist"):
        rate_of("/gone.wav")
    sink = Kept()
    # A tenth of a second of silence, in mono and at another rate, between two tracks.
    result = rendered([paths[1], other, paths[1]], sink)
    assert result.frames == 17 + 4410 + 17


@pytest.mark.invariant("S4-D3.1")
def test_two_at_once_are_each_what_they_are_alone(album: tuple[list[Path], Block]) -> None:
    paths, whole = album
    backwards = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in reversed(paths)])
    sinks = [Kept(pause_s=0.005), Kept()]
    threads = [
        threading.Thread(target=rendered, args=(paths, sinks[0], PlayerSettings(volume=60.0))),
        threading.Thread(target=rendered, args=(paths[::-1], sinks[1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert np.array_equal(sinks[0].heard, whole * np.float32(volume_to_gain(60.0)))
    assert np.array_equal(sinks[1].heard, backwards)
