"""Masters open tracks in this process and reads the written files with foreign meters, for the tables."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import numpy as np
import soundfile as sf
import soxr
from documents import BUILD
from numpy.typing import NDArray
from open_music import OpenTrack, open_tracks
from second_opinion import by_ebur128, by_ffmpeg, oversampled_peak_dbtp

from auralis_cli.mastering.plan import make_plan
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import MasteringPlan, MasterRequest
from auralis_cli.model.presets import ADAPTIVE, Preset
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.master import master_file

Job = TypeVar("Job")
Result = TypeVar("Result")

# The colouring stages of a plan, as its fields are called.
STAGES = ("polarity_repair", "offset_removal", "tone", "leveller", "compressor", "transient", "soft_clip")
BAND_EDGES_HZ = (40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480)


@dataclass(frozen=True, slots=True)
class Master:
    """One rendering: what the program reports, and what was written."""

    report: MasterReport
    audio: NDArray[np.float32]


def render(
    track: OpenTrack,
    *,
    loudness_lufs: float,
    preset: Preset = ADAPTIVE,
    intensity: float = 1.0,
    without: str | None = None,
) -> Master:
    """Masters to 24-bit FLAC; `without` names a stage that is taken out of the plan."""

    def plan(*arguments: Any, **words: Any) -> MasteringPlan:
        removed: dict[str, Any] = {} if without is None else {without: None}
        return dataclasses.replace(make_plan(*arguments, **words), **removed)

    with tempfile.TemporaryDirectory(dir=BUILD) as folder, mock.patch("auralis_cli.services.passes.make_plan", plan):
        request = MasterRequest(
            source=AudioSource(track.path),
            destination=Destination(Path(folder) / "master.flac"),
            sound=SoundWishes(preset, intensity),
            loudness_lufs=loudness_lufs,
            ceiling_dbtp=-1.0,
        )
        report = master_file(request, SilentProgress(), CancelToken())
        audio, _ = sf.read(request.destination.name, dtype="float32", always_2d=True)
    return Master(report, audio)


@dataclass(frozen=True, slots=True)
class Reading:
    """What foreign meters find in a written file."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float
    ffmpeg_peak_dbtp: float
    peak_16x_dbtp: float


def read(master: Master) -> Reading:
    """libebur128 on the decoded float audio, and the peak on a 16 times finer grid.

    Below 44.1 kHz libebur128 (and ffmpeg) bend the K-weighting: at 8 kHz they read speech 0.20 LU too loud. There
    the audio is brought to 48 kHz first, for which the standard's table is written.
    """
    audio, rate_hz = master.audio, master.report.source_info.sample_rate_hz
    if rate_hz < 44_100:
        audio, rate_hz = soxr.resample(audio, rate_hz, 48_000, "VHQ"), 48_000
    opinion = by_ebur128(audio, rate_hz)
    return Reading(
        integrated_lufs=opinion.integrated_lufs,
        lra_lu=opinion.lra_lu,
        true_peak_dbtp=opinion.true_peak_dbtp,
        ffmpeg_peak_dbtp=by_ffmpeg(audio, rate_hz).true_peak_dbtp,
        peak_16x_dbtp=oversampled_peak_dbtp(master.audio),
    )


def band_levels_db(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float64]:
    """Mean power per octave, relative to the whole, of the channels' mean power."""
    size = 8192
    window = np.hanning(size)
    power = np.zeros(size // 2 + 1)
    for start in range(0, len(audio) - size + 1, size):
        piece = audio[start : start + size] * window[:, None]
        power += np.mean(np.abs(np.fft.rfft(piece, axis=0)) ** 2, axis=1)
    frequencies = np.fft.rfftfreq(size, 1.0 / sample_rate_hz)
    edges = np.searchsorted(frequencies, BAND_EDGES_HZ)
    bands = np.array([power[low:high].sum() for low, high in pairwise(edges)])
    levels: NDArray[np.float64] = 10.0 * np.log10((bands + 1e-30) / (power.sum() + 1e-30))
    return levels


def crest_db(audio: NDArray[np.float32]) -> float:
    """Sample peak over RMS of the whole."""
    power = float(np.mean(np.square(audio, dtype=np.float64)))
    return 20.0 * math.log10(float(np.max(np.abs(audio)))) - 10.0 * math.log10(power)


def chosen_tracks(only: list[str] | None = None) -> list[OpenTrack]:
    """The open tracks of at least 30 s, or those whose name contains one of the words."""
    root = Path(os.environ.get("AURALIS_CORPUS", ""))
    tracks = open_tracks(root) if str(root) != "." and root.is_dir() else []
    if not tracks:
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    return [track for track in tracks if not only or any(word in track.name for word in only)]


def each(work: Callable[[Job], Result], jobs: Iterable[Job], processes: int) -> Iterator[Result]:
    """`work` over jobs in worker processes, in order."""
    BUILD.mkdir(exist_ok=True)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, jobs)


def markdown(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table: words to the left, numbers to the right with two decimals."""

    def cell(value: object) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value).replace("|", "/")

    made = [list(row) for row in rows]
    head = list(head)
    numeric = [bool(made) and isinstance(made[0][column], (int, float)) for column in range(len(head))]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---:' if number else '---' for number in numeric)}|"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in made]
    return "\n".join(lines)
