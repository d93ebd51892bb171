"""Renders into a file. What is lossy is decoded and measured, and rendered again until its peaks hold the ceiling.

A lossy codec moves peaks by up to some dB, not by as much each time; so the limiter's ceiling is lowered by what
was too much, the gain solved again for the same loudness, and the outcome measured again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auralis_cli.errors import InputError, OutputError
from auralis_cli.model.audio import OutputFormat
from auralis_cli.model.master_reports import Encoding
from auralis_cli.model.mastering import LimitedBy, LimiterPlan, SolvedPlan
from auralis_cli.model.measurements import Measurements
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.passes import Rendering

# After these the gain is lowered with the ceiling: the result is quieter, its peaks follow for certain.
_ROUNDS = 6
_LAST_ROUNDS = 3
# What the next encoding may add to what this one did.
_MARGIN_DB = 0.05
_LOUDNESS_TOLERANCE_LU = 0.05


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was rendered and written, measured as it will be heard."""

    measured: Measurements
    # As rendered in the last round.
    solved: SolvedPlan
    # None where samples are stored.
    encoding: Encoding | None = None
    warnings: tuple[str, ...] = ()


class Writing(Protocol):
    """One file, or the files of an album, as the audio comes into them."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`."""
        ...

    def close_audio(self) -> None:
        """Ends the audio."""
        ...

    def restart(self) -> None:
        """Throws away what was written."""
        ...


def encode(
    rendering: Rendering,
    solved: SolvedPlan,
    writer: Writing,
    output: OutputFormat,
    measure_written: Callable[[], Measurements],
) -> Encoded:
    """Renders `solved` into `writer` and closes its audio; raises OutputError where that fails.

    `measure_written` decodes what is lossy and measures it.
    """
    if output.bitrate_bps is None:
        measured = rendering.write(solved, writer)
        writer.close_audio()
        return Encoded(measured, solved)
    rounds = 1
    measured = _round(rendering, solved, writer, measure_written)
    wanted = _Wanted(solved)
    while rounds < _ROUNDS + _LAST_ROUNDS and (following := wanted.follow(rendering, solved, measured, rounds)):
        solved = following
        rounds += 1
        writer.restart()
        measured = _round(rendering, solved, writer, measure_written)
    limiter = solved.plan.limiter
    encoding = Encoding(output.bitrate_bps, rounds, limiter.ceiling_dbtp if limiter is not None else None)
    return Encoded(measured, solved, encoding, wanted.warnings(measured))


def _round(
    rendering: Rendering, solved: SolvedPlan, writer: Writing, measure_written: Callable[[], Measurements]
) -> Measurements:
    rendering.write(solved, writer)
    writer.close_audio()
    try:
        return measure_written()
    except InputError as error:
        raise OutputError(writer.name, f"cannot be read again ({error.why})") from error


class _Wanted:
    """The ceiling and the loudness of the first solution, and what to do where decoding misses them."""

    def __init__(self, first: SolvedPlan) -> None:
        self._plan = first.plan
        self._ceiling_dbtp = first.plan.delivery.ceiling_dbtp
        self._loudness_lufs = first.expected_lufs
        self._goal_lufs = first.plan.goal_lufs

    def follow(
        self, rendering: Rendering, solved: SolvedPlan, measured: Measurements, rounds: int
    ) -> SolvedPlan | None:
        """What to render next, None where nothing is missed or nothing can be done."""
        limiter = solved.plan.limiter
        if limiter is None:
            return None
        excess_db = measured.true_peak_dbtp - self._ceiling_dbtp
        error_lu = measured.integrated_lufs - self._loudness_lufs
        over = excess_db > 0.0
        if rounds >= _ROUNDS:
            return self._quieter(solved, limiter, measured.true_peak_dbtp) if over else None
        # What holds the loudness back would hold it back again.
        off = self._goal_lufs is not None and solved.limited_by is LimitedBy.NONE
        off = off and abs(error_lu) > _LOUDNESS_TOLERANCE_LU
        if not (over or off):
            return None
        if off and self._goal_lufs is not None:
            self._goal_lufs -= error_lu
        lowered_dbtp = limiter.ceiling_dbtp - (excess_db + _MARGIN_DB if over else 0.0)
        asked = replace(self._plan, goal_lufs=self._goal_lufs, limiter=replace(limiter, ceiling_dbtp=lowered_dbtp))
        found = rendering.solve_again(asked)
        # What the codec takes is made good for, and is no other goal.
        return replace(found, plan=replace(found.plan, goal_lufs=self._plan.goal_lufs))

    def _quieter(self, solved: SolvedPlan, limiter: LimiterPlan, peak_dbtp: float) -> SolvedPlan:
        """Exactly the same sound at a lower level: gain and ceiling fall together."""
        by_db = peak_dbtp - self._ceiling_dbtp + _MARGIN_DB
        return replace(
            solved,
            plan=replace(solved.plan, limiter=replace(limiter, ceiling_dbtp=limiter.ceiling_dbtp - by_db)),
            gain_db=solved.gain_db - by_db,
            expected_lufs=solved.expected_lufs - by_db,
            limited_by=LimitedBy.ENCODING,
            bound=self._ceiling_dbtp,
            value=peak_dbtp,
        )

    def warnings(self, measured: Measurements) -> tuple[str, ...]:
        """What could not be had."""
        if self._plan.limiter is None or measured.true_peak_dbtp <= self._ceiling_dbtp:
            return ()
        return (f"decoded, its true peak is {measured.true_peak_dbtp:.1f} dBTP: above the ceiling",)
