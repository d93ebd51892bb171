"""Reference mastering where it is hard: odd targets and references, and whether what must not happen happens.

Each is a minute of music made odd in one way (see reference_inputs.py), matched to another minute by Auralis and by
matchering; shown are loudness and true peak, and one figure of what is odd about it.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from documents import BUILD, keep
from gates import Document, Gate, at_most, none_of
from master_metrics import features_of
from numpy.typing import NDArray
from reference_contestants import CEILING_DBTP, OURS, THEIRS, RefusedError, auralis, matchering, measured, read
from reference_inputs import SEED, Inputs, torture
from rendering import markdown

Audio = NDArray[np.float32]
SILENT_DBFS = -140.0
_FLOOR = 1e-15


def power_db(signal: Audio) -> float:
    return 10.0 * math.log10(float(np.mean(np.square(signal, dtype=np.float64))) + _FLOOR)


def side_over_middle_db(audio: Audio, _: int) -> float:
    return power_db(audio[:, 0] - audio[:, -1]) - power_db(audio[:, 0] + audio[:, -1])


def head_peak_dbfs(audio: Audio, rate_hz: int) -> float:
    """Of the first nine of ten silent seconds."""
    return 20.0 * math.log10(float(np.max(np.abs(audio[: 9 * rate_hz]))) + _FLOOR)


def offset_percent(audio: Audio, _: int) -> float:
    return 100.0 * float(np.abs(audio.mean(axis=0, dtype=np.float64)).max())


def rate_khz(_: Audio, rate_hz: int) -> float:
    return rate_hz / 1e3


def minutes(audio: Audio, rate_hz: int) -> float:
    return len(audio) / rate_hz / 60.0


def quieter_channel_db(audio: Audio, _: int) -> float:
    levels = sorted(power_db(channel) for channel in audio.T)
    return levels[0] - levels[-1]


def top_over_rest_db(audio: Audio, rate_hz: int) -> float:
    """Above 16.5 kHz against all of it."""
    size = 8192
    window = np.hanning(size)
    power = np.zeros(size // 2 + 1)
    middle = audio.mean(axis=1)
    for start in range(0, len(middle) - size + 1, size):
        power += np.abs(np.fft.rfft(middle[start : start + size] * window)) ** 2
    top = power[np.fft.rfftfreq(size, 1.0 / rate_hz) > 16_500].sum()
    return 10.0 * math.log10(float(top / power.sum()) + _FLOOR)


def samples_at_top(audio: Audio, _: int) -> float:
    """Share of samples within a thousandth of the highest, percent: flat tops."""
    heights = np.abs(audio)
    return 100.0 * float(np.mean(heights > 0.999 * heights.max()))


# By case: what is odd about it, and how that is measured.
FIGURES: dict[str, tuple[str, Callable[[Audio, int], float]]] = {
    "near mono": ("side over middle, dB", side_over_middle_db),
    "10 s of silence first": ("peak in the silence, dBFS", head_peak_dbfs),
    "30 minutes": ("length, minutes", minutes),
    "6 dB over, clipped": ("samples at the highest, %", samples_at_top),
    "offset": ("offset, % of full scale", offset_percent),
    "96 kHz": ("rate, kHz", rate_khz),
    "one channel only": ("other channel, dB", quieter_channel_db),
    "speech at 8 kHz": ("rate, kHz", rate_khz),
    "reference cut at 16 kHz": ("above 16.5 kHz, dB", top_over_rest_db),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a contestant made of a case, or why nothing."""

    loudness_error_lu: float
    true_peak_dbtp: float
    figure: float
    problem: str | None = None


def made_of(case: str, contestant: str, inputs: Inputs) -> Made:
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        made = Path(folder) / "made.flac"
        try:
            if contestant == OURS:
                auralis(inputs, made)
            else:
                made, _ = matchering(inputs)
        except RefusedError as refused:
            return Made(math.nan, math.nan, math.nan, str(refused))
        features = features_of(made)
        audio, rate_hz = read(made)
    error = features.integrated_lufs - measured(inputs.reference).integrated_lufs
    return Made(error, features.true_peak_dbtp, FIGURES[case][1](audio, rate_hz))


def rows(case: str, before: float, made: dict[str, Made]) -> list[list[object]]:
    def cells(value: Callable[[Made], float]) -> list[str]:
        return ["nothing" if one.problem else f"{value(one):.2f}" for one in made.values()]

    return [
        [case, FIGURES[case][0], f"{before:.2f}", *cells(lambda one: one.figure)],
        ["", "louder than the reference, LU", "", *cells(lambda one: one.loudness_error_lu)],
        ["", "true peak, dBTP", "", *cells(lambda one: one.true_peak_dbtp)],
    ]


def gates_of(document: Document) -> list[Gate]:
    """What must not happen to what is odd, and that it is as loud as its reference, below the ceiling."""
    cases = document["cases"]
    made = [one[OURS] for one in cases.values() if one[OURS]["problem"] is None]
    loudness = max((abs(one["loudness_error_lu"]) for one in made), default=None)
    peak = max((one["true_peak_dbtp"] for one in made), default=None)

    def figure(case: str) -> float | None:
        found: float | None = cases.get(case, {}).get(OURS, {}).get("figure")
        return found

    def moved(case: str) -> float | None:
        now = figure(case)
        return None if now is None else now - cases[case]["before"]

    def astray(case: str) -> float | None:
        by = moved(case)
        return None if by is None else abs(by)

    return [
        none_of("odd cases that are missing, or of which nothing was made", len(FIGURES) - len(made)),
        at_most("of all: farthest from the reference's loudness, LU", loudness, 0.1, "ffmpeg's ebur128"),
        at_most("of all: highest true peak, dBTP", peak, CEILING_DBTP + 0.05, "ffmpeg's ebur128"),
        at_most("near mono: side over middle, raised by dB", moved("near mono"), 1),
        at_most("silence first: peak in it, dBFS", figure("10 s of silence first"), SILENT_DBFS),
        at_most("30 minutes: minutes too many or too few", astray("30 minutes"), 0),
        at_most("clipped: samples at the highest, % more than before", moved("6 dB over, clipped"), 0),
        at_most("offset: left of it, % of full scale", figure("offset"), 0.1),
        at_most("96 kHz: kHz too many or too few", astray("96 kHz"), 0),
        at_most("one channel only: the silent one, raised by dB", moved("one channel only"), 1),
        at_most("8 kHz: kHz too many or too few", astray("speech at 8 kHz"), 0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "reference-torture.json")
    parser.add_argument("--only", action="append", metavar="WORD", help="cases whose name contains this")
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    table: list[list[object]] = []
    document: dict[str, dict[str, object]] = {}
    problems: list[str] = []
    for case in torture():
        if asked.only and not any(word in case.name for word in asked.only):
            continue
        made = {name: made_of(case.name, name, case.inputs) for name in (OURS, THEIRS)}
        before = FIGURES[case.name][1](*read(case.inputs.target))
        table += rows(case.name, before, made)
        problems += [f"{name} made nothing of {case.name}: {one.problem}" for name, one in made.items() if one.problem]
        document[case.name] = {"before": before, **{name: asdict(one) for name, one in made.items()}}
    text = markdown(["", "figure", "as it was", OURS, THEIRS], table)
    tools = ("matchering", "ffmpeg")
    keep("\n\n".join([text, *problems]), {"cases": document}, asked.json, gates_of, tools=tools, seeds={"noise": SEED})


if __name__ == "__main__":
    main()
