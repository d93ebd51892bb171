"""Plans for what plays: from what is known at once, then solved in a process beside the player, and kept on disk."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.mastering.early_plans import can_plan, level_plan, predicted_plan
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.mastering import SolvedPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.presets import Preset
from auralis_cli.model.source import AudioSource
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.paths import cache_dir
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.file_keys import digest_of, file_key
from auralis_cli.services.known_analysis import known_analysis
from auralis_cli.services.live_jobs import Solved, SolveJob, levels_of, measure_levels, solve_live
from auralis_cli.services.newest_first import NewestFirst, Withdraw
from auralis_cli.services.plain_data import packed, unpacked
from auralis_cli.services.plan_cache import PlanCache
from auralis_cli.services.stored_analysis import analysis_to_bytes, undamaged_analysis
from auralis_cli.services.workers import WorkerExecutor

Value = TypeVar("Value")

_STALL_S = 300.0
# Tracks whose plans and analyses stay in memory: some kilobytes each.
_AT_HAND = 64


class LivePlans:
    """A `player.ports.PlanSource`.

    What is known of a file is known by what it is (its place on the disk, size and times, which change with every
    write), by every figure of the wish, and by the engine.
    """

    def __init__(
        self,
        presets: Mapping[str, Preset],
        folder: Path,
        library: Path | None = None,
        open_workers: Callable[[], Executor] = lambda: WorkerExecutor(1, stall_s=_STALL_S),
    ) -> None:
        """`folder` is for what is kept between runs; the `library`, where there is one, may have analyses."""
        self._presets, self._library = presets, library
        self._cache = PlanCache(folder)
        self._plans: _Recent[LivePlan] = _Recent(_AT_HAND)
        self._analyses: _Recent[TrackAnalysis] = _Recent(_AT_HAND)
        self._levels: _Recent[TrackLevels] = _Recent(_AT_HAND)
        self._lane = NewestFirst(open_workers)

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        """The best plan that is there at once; None where nothing is known. UsageError for an unknown preset."""
        preset = self._preset(wish)
        file = file_key(track.source)
        if file is not None and (plan := self._known_plan(track.source, file, wish, preset)) is not None:
            return plan
        levels = track.levels or (self._levels.get(file) if file is not None else None)
        return None if levels is None else level_plan(levels, wish, preset)

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Withdraw:
        """Asks for the SOLVED plan; a newer request goes first, and what is returned takes this one back.

        `done` is called from another thread, first with a PREDICTED plan where the track was analysed before.
        """
        preset = self._preset(wish)
        return self._asked(lambda: self._solve(track.source, wish, preset, done))

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Withdraw:
        """Asks for the loudness of a track of which nothing is known; as `request`."""
        return self._asked(lambda: self._measure(track.source, done))

    def close(self) -> None:
        """Stops what is under way and gives everything back."""
        self._lane.close()

    def _preset(self, wish: MasteringWish) -> Preset:
        preset = self._presets.get(wish.preset)
        if preset is None:
            raise UsageError(wish.preset, "is no preset", f"there are {', '.join(sorted(self._presets))}")
        return preset

    def _asked(self, ask: Callable[[], Withdraw | None]) -> Withdraw:
        """Has `ask` called on the lane's thread, and gives what takes it back there."""
        given: list[Withdraw] = []

        def serve() -> None:
            if (withdraw := ask()) is not None:
                given.append(withdraw)

        def take_back() -> None:
            for withdraw in given:
                withdraw()

        self._lane.post(serve)
        return lambda: self._lane.post(take_back)

    # ---- what is there ----------------------------------------------------------------------------------------------

    def _known_plan(self, source: AudioSource, file: str, wish: MasteringWish, preset: Preset) -> LivePlan | None:
        """Solved, else predicted; the same object as long as nothing better is known."""
        key = plan_key(file, wish, preset)
        if (plan := self._plans.get(key)) is not None:
            return plan
        kept = unpacked(_KeptPlan, self._cache.get(key))
        plan = None if kept is None else kept.of(wish)
        if plan is None and (analysis := self._known_analysis(source, file)) is not None and can_plan(analysis, wish):
            plan = predicted_plan(analysis, wish, preset)
        return plan and self._plans.add(key, plan)

    def _known_analysis(self, source: AudioSource, file: str) -> TrackAnalysis | None:
        """Measured here before, else what the library has of what seems to be this file.

        Not of more than two channels: the library's is of those, and what is heard is mixed down.
        """
        if (own := self._own_analysis(file)) is not None:
            return own
        known = known_analysis(self._library, source)
        return None if known is None or known.measurements.channels > 2 else known

    def _own_analysis(self, file: str) -> TrackAnalysis | None:
        analysis = self._analyses.get(file) or undamaged_analysis(self._cache.get(file))
        return analysis and self._analyses.add(file, analysis)

    def _known_levels(self, source: AudioSource, file: str) -> TrackLevels | None:
        levels = self._levels.get(file) or unpacked(TrackLevels, self._cache.get(_levels_key(file)))
        if levels is None and (analysis := self._known_analysis(source, file)) is not None:
            levels = levels_of(analysis.measurements, source.name)
        return levels and self._levels.add(file, levels)

    # ---- on the lane's thread ---------------------------------------------------------------------------------------

    def _solve(
        self, source: AudioSource, wish: MasteringWish, preset: Preset, done: Callable[[LivePlan | AuralisError], None]
    ) -> Withdraw | None:
        file = file_key(source)
        if file is None:
            done(InputError(source.name, "is no file that can be read twice"))
            return None
        known = self._known_plan(source, file, wish, preset)
        if known is not None:
            done(known)
            if known.stage is PlanStage.SOLVED:
                return None
        job = SolveJob(source, wish, preset, self._own_analysis(file), self._library)
        key = plan_key(file, wish, preset)
        return self._lane.ask(key, source.name, (solve_live, job), partial(self._keep_solved, source, file, key), done)

    def _keep_solved(self, source: AudioSource, file: str, key: str, solved: Solved) -> LivePlan:
        # What was written while it was read is another file now.
        if file_key(source) == file:
            self._analyses.put(file, solved.analysis)
            self._cache.put(file, analysis_to_bytes(solved.analysis))
            self._plans.put(key, solved.plan)
            self._cache.put(key, packed(_KeptPlan.made_of(solved.plan)))
        return solved.plan

    def _measure(self, source: AudioSource, done: Callable[[TrackLevels | AuralisError], None]) -> Withdraw | None:
        file = file_key(source)
        if file is None:
            done(InputError(source.name, "is no file that can be read twice"))
            return None
        if (known := self._known_levels(source, file)) is not None:
            done(known)
            return None
        keep, key = partial(self._keep_levels, source, file), _levels_key(file)
        return self._lane.ask(key, source.name, (measure_levels, source), keep, done)

    def _keep_levels(self, source: AudioSource, file: str, levels: TrackLevels) -> TrackLevels:
        if file_key(source) == file:
            self._levels.put(file, levels)
            self._cache.put(_levels_key(file), packed(levels))
        return levels


@dataclass(frozen=True, slots=True)
class _KeptPlan:
    """A solved plan as it lies on disk."""

    solved: SolvedPlan
    input_lufs: float | None
    input_true_peak_dbtp: float | None
    output_lufs: float | None
    kind: TrackKind | None

    @staticmethod
    def made_of(plan: LivePlan) -> _KeptPlan:
        return _KeptPlan(plan.solved, plan.input_lufs, plan.input_true_peak_dbtp, plan.output_lufs, plan.kind)

    def of(self, wish: MasteringWish) -> LivePlan:
        levels = (self.input_lufs, self.input_true_peak_dbtp, self.output_lufs)
        return LivePlan(wish, PlanStage.SOLVED, self.solved, *levels, self.kind)


class _Recent(Generic[Value]):
    """The values asked for last, for any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def add(self, key: str, value: Value) -> Value:
        """What stands under `key`: `value` only where nothing did."""
        with self._lock:
            return self._stand(key, self._values.get(key, value))

    def put(self, key: str, value: Value) -> None:
        """`value` in the place of what stood there."""
        with self._lock:
            self._stand(key, value)

    def _stand(self, key: str, value: Value) -> Value:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value


def plans_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where plans are kept between runs."""
    return cache_dir(environ) / "plans"


def plan_key(file: str, wish: MasteringWish, preset: Preset) -> str:
    """What a plan depends on: the file, and every figure of the wish."""
    said: dict[str, object] = {"file": file, "preset": preset, "intensity": wish.intensity}
    if wish.reference is not None:
        said |= {"mode": wish.mode, "reference": wish.reference}
    if wish.tilt_db or wish.width_db:
        said |= {"tilt_db": wish.tilt_db, "width_db": wish.width_db}
    if wish.taste is not None:
        said["taste"] = wish.taste
    return digest_of(said)


def _levels_key(file: str) -> str:
    return digest_of({"file": file, "levels": True})
