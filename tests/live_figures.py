"""Live mastering measured on what a device is given: nulls, times from a wish to its sound, the level of both sides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from master_requests import master_request
from numpy.typing import NDArray

from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights, short_term_lufs
from auralis_cli.errors import AuralisError
from auralis_cli.mastering.render import limited_blocks
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, PlayerSettings
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.queue import Queue, QueueTrack, ShuffleMode
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.player.columns import TrackColumns, TrackSound
from auralis_cli.player.player import Player
from auralis_cli.player.ports import OutputOpener, Render
from auralis_cli.player.world import PlayerWorld
from auralis_cli.services.forgetful_memory import ForgetfulMemory
from auralis_cli.services.live_plans import LivePlans
from auralis_cli.services.passes import Rendering, decide, measure_track
from auralis_cli.services.track_lookup import LibraryTrackLookup

Frames = NDArray[np.float32]
Outputs = Callable[[str | None], OutputOpener]

BLOCK = 512
PATIENCE_S = 60.0


def rms_db(frames: NDArray[np.floating]) -> float:
    """Root mean square, dB; −300 for silence."""
    return float(10.0 * np.log10(np.mean(np.square(frames, dtype=np.float64)) + 1e-30))


def null_db(heard: Frames, expected: Frames) -> float:
    """How far below what was expected the difference lies."""
    return rms_db(heard.astype(np.float64) - expected) - rms_db(expected)


def original_of(path: Path) -> Frames:
    """All of a file."""
    with open_reader(path) as reader:
        return np.concatenate(list(reader.blocks(BLOCK_FRAMES)))


def rendered_of(path: Path, preset: str) -> Frames:
    """What `auralis master` gives its encoder for the preset, at full intensity."""
    request = master_request(AudioSource(path), Destination(None), preset=PRESETS[preset])
    audio = ReplayableAudio(lambda: open_reader(path), str(path))
    analysis = measure_track(audio.blocks(BLOCK_FRAMES), audio.info, SilentProgress(), CancelToken(), in_turn=True)
    rendering = Rendering(audio, decide(analysis, request), request, SilentProgress(), CancelToken())
    solved = rendering.solve()
    whole = np.concatenate(list(limited_blocks(rendering._blocks("rendering"), rendering._track, solved)))
    rendering.close()
    audio.close()
    return whole


class PacedOutput:
    """A device without latency that plays in real time and keeps what it was given, and when."""

    device, latency_s = "paced", 0.0

    def __init__(self, sample_rate_hz: int, render: Render) -> None:
        self.sample_rate_hz, self._render = sample_rate_hz, render
        self.blocks: list[tuple[float, Frames]] = []
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._play, daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _play(self) -> None:
        due_s = time.monotonic()
        while not self._stopped.wait(max(0.0, due_s - time.monotonic())):
            block = np.empty((BLOCK, 2), np.float32)
            self._render(block, 0.0)
            self.blocks.append((due_s, block))
            due_s += BLOCK / self.sample_rate_hz

    def has_come_to(self, end_s: float) -> bool:
        """Whether all was given until then, if not always in time; or it is closed."""
        return self._stopped.is_set() or bool(self.blocks and self.blocks[-1][0] >= end_s)

    def between(self, start_s: float, end_s: float) -> tuple[float, Frames]:
        """What was given from about `start_s` to `end_s`, and when its first frame was heard."""
        chosen = [(at, block) for at, block in tuple(self.blocks) if start_s - 0.02 <= at < end_s]
        return chosen[0][0], np.concatenate([block for _, block in chosen])


class Stage:
    """A player with one track, its plans solved, on a paced device or on the one that `outputs` opens."""

    def __init__(self, path: Path, folder: Path, presets: tuple[str, ...], outputs: Outputs | None = None) -> None:
        self.path = path
        self.plans = LivePlans(PRESETS, folder / "plans")
        for preset in presets:
            solved_plan(self.plans, path, MasteringWish(preset))
        self.output: PacedOutput | None = None
        lookup = LibraryTrackLookup(None)
        world = PlayerWorld(lookup, self.plans, ForgetfulMemory(), outputs or self._outputs, _in_order)
        settings = PlayerSettings(is_enhanced=True, wish=MasteringWish(presets[0]))
        self.player = Player(world, settings=settings)
        self.player.start()

    def _outputs(self, _name: str | None) -> OutputOpener:
        def opened(sample_rate_hz: int, render: Render, lost: Callable[[str], None]) -> PacedOutput:
            self.output = PacedOutput(sample_rate_hz, render)
            return self.output

        return opened

    def play(self) -> float:
        """Plays the track from its start; returns when that was asked for."""
        asked_s = time.monotonic()
        self.player.set_queue([QueueTrack(str(self.path))], start=0)
        return asked_s

    def heard(self, start_s: float, seconds: float) -> tuple[float, Frames]:
        """Waits until so much was heard after `start_s`, however late the device is."""
        pause = threading.Event()
        while self.output is None or not self.output.has_come_to(start_s + seconds):
            pause.wait(0.01)
        return self.output.between(start_s, start_s + seconds)

    def close(self) -> None:
        self.player.close()
        self.plans.close()


@contextmanager
def staged(path: Path, folder: Path, *presets: str, outputs: Outputs | None = None) -> Iterator[Stage]:
    """A player of one track, mastered by the first preset, that is there until the end."""
    stage = Stage(path, folder, presets, outputs)
    try:
        yield stage
    finally:
        stage.close()


def _in_order(queue: Queue, mode: ShuffleMode) -> tuple[int, ...]:
    return tuple(item.ticket for item in queue.items)


def solved_plan(plans: LivePlans, path: Path, wish: MasteringWish) -> LivePlan:
    """The plan of stage SOLVED."""
    there, found = threading.Event(), list[LivePlan | AuralisError]()

    def done(plan: LivePlan | AuralisError) -> None:
        found.append(plan)
        if isinstance(plan, AuralisError) or plan.stage is PlanStage.SOLVED:
            there.set()

    plans.request(PlayableTrack(AudioSource(path), path.stem), wish, done)
    assert there.wait(10 * PATIENCE_S)
    plan = found[-1]
    assert isinstance(plan, LivePlan), plan
    return plan


def place_in(heard: Frames, whole: Frames, about: int, reach: int) -> int:
    """Where in `whole` the first quarter of a second of `heard` lies, to the frame, within `reach` of `about`."""
    piece = heard[:11_025].astype(np.float64).sum(axis=1)
    first = max(0, about - reach)
    area = whole[first : about + reach + len(piece)].astype(np.float64).sum(axis=1)
    size = 1 << (len(area) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(area, size) * np.conj(np.fft.rfft(piece, size)), size)
    sums = np.concatenate(([0.0], np.cumsum(np.square(area))))
    energies = sums[len(piece) :] - sums[: -len(piece)]
    # Least squares: the loudest place need not be the right one.
    return first + int(np.argmin(energies - 2.0 * products[: len(energies)]))


def settles_on(heard: Frames, expected: Frames, *, below_db: float = -45.0, window: int = 441) -> int:
    """From which frame on what is heard is what is expected, window for window; its length where it never is."""
    windows = len(heard) // window
    off = (heard[: windows * window] - expected[: windows * window]).astype(np.float64)
    error = np.square(off).reshape(windows, -1).mean(axis=1)
    level = np.square(expected[: windows * window].astype(np.float64)).reshape(windows, -1).mean(axis=1)
    wrong = np.flatnonzero(error > 10.0 ** (below_db / 10.0) * (level + 1e-9))
    return (int(wrong[-1]) + 1) * window if len(wrong) else 0


def roughness(frames: Frames) -> float:
    """The largest bend between neighbouring frames: a click makes it rise."""
    return float(np.abs(np.diff(frames.astype(np.float64), n=2, axis=0)).max())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Short-term loudness of the two sides as they are compared, LU, where music is to be heard."""

    worst_lu: float
    mean_lu: float
    # Without lowering the louder one.
    before_lu: float


def compared(path: Path, plan: LivePlan) -> Comparison:
    """Original against master over all of a track, by what the ring holds of it."""
    audio = original_of(path)
    with open_reader(path) as reader:
        rate_hz = reader.info.sample_rate_hz
    columns = TrackColumns(TrackSound(plan, 0.0, 0.0), rate_hz, audio.shape[1])
    pieces = [columns.process(audio[start : start + 4096]) for start in range(0, len(audio), 4096)]
    rows = np.concatenate([*pieces, columns.flush()])
    original, mastered, match = rows[:, 0:2], rows[:, 2:4], rows[:, 4:5]
    sides = [original * np.minimum(1.0, match), mastered * np.minimum(1.0, 1.0 / match)]
    short_term = [_short_term(np.ascontiguousarray(side, np.float32), rate_hz) for side in (*sides, original, mastered)]
    audible = short_term[0] > max(-50.0, float(np.max(short_term[0])) - 20.0)
    apart = np.abs(short_term[1][audible] - short_term[0][audible])
    before = np.abs(short_term[3][audible] - short_term[2][audible])
    return Comparison(float(apart.max()), float(apart.mean()), float(before.max()))


def _short_term(side: Frames, rate_hz: int) -> NDArray[np.float64]:
    segments = WeightedEnergy(rate_hz, channel_weights(2), (rate_hz, 100)).process(side)
    levels: NDArray[np.float64] = short_term_lufs(segments, rate_hz / 100)
    return levels
