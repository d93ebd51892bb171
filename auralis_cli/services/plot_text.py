"""Draws a track's picture in the terminal: waveform, spectrum, loudness over time, in Braille dots.

One character holds 2 × 4 dots. plotext was tried and left: it keeps its state in the module, loads in
0.18 s, and cannot colour the columns in which something clips.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.picture import LoudnessLine, TrackPicture, WaveformLine
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.plot_scales import clip_level, frequency_ticks, loudness_range, spectrum_range, time_ticks

NARROWEST_COLUMNS = 40
_GUTTER = 7
_LANE_ROWS, _PANEL_ROWS = 4, 8
_MAX_LANES = 8
# Dots of a character, as bits: two columns of four, from the top.
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line and the styles it is shown in, as `output.styled` knows them."""

    text: str
    styles: tuple[str, ...] = ()


Line = tuple[Span, ...]


class _Canvas:
    """Dots on characters; a character has one style, that of its last dot."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.width, self.height = 2 * columns, 4 * rows
        self._dots = np.zeros((rows, columns), np.int32)
        self._letters: dict[tuple[int, int], str] = {}
        self._styles: dict[tuple[int, int], tuple[str, ...]] = {}

    def fill(self, x: int, top: float, bottom: float, *styles: str) -> None:
        """All dots of column `x` between two heights, 0 being the top and 1 the bottom; at least one."""
        first, last = (round(min(1.0, max(0.0, height)) * (self.height - 1)) for height in (top, bottom))
        for y in range(first, last + 1):
            place = (y // 4, x // 2)
            self._dots[place] |= _BITS[y % 4][x % 2]
            self._styles[place] = styles

    def letter(self, row: int, column: int, letter: str, *styles: str, over: bool = False) -> None:
        """A letter where there are no dots, or over them."""
        if over or self._dots[row, column] == 0:
            self._letters[row, column] = letter
            self._styles[row, column] = styles

    def lines(self, labels: dict[int, str]) -> list[Line]:
        """The rows, each with its label to the left."""
        lines = []
        for row in range(self.rows):
            cells = [
                (self._styles.get((row, column), ()), self._letters.get((row, column), self._dot(row, column)))
                for column in range(self.columns)
            ]
            spans = [
                Span("".join(letter for _, letter in group), styles)
                for styles, group in groupby(cells, key=lambda cell: cell[0])
            ]
            lines.append((Span(f"{labels.get(row, ''):>{_GUTTER - 1}} ", ("dim",)), *spans))
        return lines

    def _dot(self, row: int, column: int) -> str:
        dots = int(self._dots[row, column])
        return chr(_BLANK + dots) if dots else " "


def text_plot(report: AnalysisReport, columns: int) -> list[Line]:
    """The picture in lines of at most `columns`; `report.analysis.picture` must be there."""
    picture = report.analysis.picture
    if picture is None:
        raise ValueError("the analysis was made without a picture")
    wide = max(NARROWEST_COLUMNS, columns) - _GUTTER
    return [
        *_waveform(report, picture.waveform, wide),
        (),
        *_spectrum(report, picture, wide),
        (),
        *_loudness(report, picture, wide),
    ]


def _axis(wide: int, ticks: Sequence[tuple[float, str]], place: Callable[[float], float], first: str = "") -> Line:
    """Labels below a panel where there is room for them; `place` turns a tick into 0…1."""
    letters = [" "] * wide
    free = 0
    for value, label in ticks:
        start = min(wide - len(label), max(0, round(place(value) * (wide - 1)) - len(label) // 2))
        if start >= free and start >= 0:
            letters[start : start + len(label)] = label
            free = start + len(label) + 2
    return (Span(f"{first:>{_GUTTER - 1}} " + "".join(letters).rstrip(), ("dim",)),)


def _time_axis(report: AnalysisReport, wide: int) -> Line:
    duration_s = report.analysis.measurements.duration_s
    return _axis(wide, time_ticks(duration_s, wide // 9), lambda time_s: time_s / duration_s)


def _waveform(report: AnalysisReport, waveform: WaveformLine, wide: int) -> list[Line]:
    channels = waveform.lowest.shape[1]
    names = {1: ["mono"], 2: ["left", "right"]}.get(channels) or [f"ch {index + 1}" for index in range(channels)]
    lines: list[Line] = [(Span("waveform", ("bold",)),)]
    for lane in range(min(channels, _MAX_LANES)):
        canvas = _Canvas(wide, _LANE_ROWS)
        low, high = waveform.lowest[:, lane], waveform.highest[:, lane]
        reach = max(1.0, float(high.max(initial=0.0)), -float(low.min(initial=0.0)))
        clipped = clip_level(report, lane)
        for x in range(canvas.width):
            part = slice(
                x * len(low) // canvas.width, max(x * len(low) // canvas.width + 1, (x + 1) * len(low) // canvas.width)
            )
            bottom, top = float(low[part].min(initial=0.0)), float(high[part].max(initial=0.0))
            clips = clipped is not None and max(-bottom, top) >= clipped
            canvas.fill(x, 0.5 - 0.5 * top / reach, 0.5 - 0.5 * bottom / reach, "red" if clips else "cyan")
        lines += canvas.lines({0: f"{reach:.1f}" if reach >= 1.05 else "1", 1: names[lane], _LANE_ROWS - 1: "-1"})
    return [*lines, _time_axis(report, wide)]


def _spectrum(report: AnalysisReport, picture: TrackPicture, wide: int) -> list[Line]:
    line, cutoff_hz = picture.spectrum, report.analysis.tone.cutoff_hz
    bottom, top = spectrum_range(line)
    nyquist_hz = report.analysis.measurements.sample_rate_hz / 2.0
    octaves = math.log2(nyquist_hz / 20.0)

    def place(hz: float) -> float:
        return math.log2(hz / 20.0) / octaves

    canvas = _Canvas(wide, _PANEL_ROWS)
    xs = (np.arange(canvas.width) + 0.5) / canvas.width
    levels = np.interp(xs, [place(hz) for hz in line.frequencies_hz.tolist()], line.levels_db)
    for x, level in enumerate(levels.tolist()):
        canvas.fill(x, (top - level) / (top - bottom), 1.0, "cyan")
    head = [Span("average spectrum, dB", ("bold",))]
    if cutoff_hz is not None:
        column = min(wide - 1, round(place(cutoff_hz) * (wide - 1)))
        for row in range(_PANEL_ROWS):
            canvas.letter(row, column, "╎", "red")
        head.append(Span(f"   cut-off {cutoff_hz / 1e3:.1f} kHz ╎", ("red",)))
    labels = {0: f"{top:.0f}", _PANEL_ROWS // 2: f"{(top + bottom) / 2:.0f}", _PANEL_ROWS - 1: f"{bottom:.0f}"}
    return [tuple(head), *canvas.lines(labels), _axis(wide, frequency_ticks(nyquist_hz), place, "Hz")]


def _loudness(report: AnalysisReport, picture: TrackPicture, wide: int) -> list[Line]:
    measured = report.analysis.measurements
    bottom, top = loudness_range(measured, picture)
    canvas = _Canvas(wide, _PANEL_ROWS)

    def height(lufs: float) -> float:
        return (top - lufs) / (top - bottom)

    for line, style in ((picture.momentary, "dim"), (picture.short_term, "cyan")):
        _curve(canvas, line, measured.duration_s, height, style, joined=style == "cyan")
    head = [Span("loudness, LUFS", ("bold",)), Span("   momentary ⠄⠂", ("dim",)), Span("   short-term ⠤⠒", ("cyan",))]
    if math.isfinite(measured.integrated_lufs):
        row = min(_PANEL_ROWS - 1, max(0, int(height(measured.integrated_lufs) * _PANEL_ROWS)))
        for column in range(wide):
            canvas.letter(row, column, "╌", "yellow")
        head.append(Span(f"   integrated {measured.integrated_lufs:.1f} ╌", ("yellow",)))
    if math.isfinite(measured.true_peak_dbtp):
        place = report.analysis.evidence.true_peak_frame / max(1, measured.frames)
        row = min(_PANEL_ROWS - 1, max(0, int(height(measured.true_peak_dbtp) * _PANEL_ROWS)))
        canvas.letter(row, min(wide - 1, int(place * wide)), "▼", "red", over=True)
        head.append(Span(f"   true peak {measured.true_peak_dbtp:.1f} dBTP ▼", ("red",)))
    labels = {0: f"{top:.0f}", _PANEL_ROWS // 2: f"{(top + bottom) / 2:.0f}", _PANEL_ROWS - 1: f"{bottom:.0f}"}
    return [*_wrapped(head, wide + _GUTTER), *canvas.lines(labels), _time_axis(report, wide)]


def _wrapped(spans: Sequence[Span], columns: int) -> list[Line]:
    """As many lines as the heading needs."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        if lines[-1] and sum(len(one.text) for one in lines[-1]) + len(span.text) > columns:
            lines.append([Span(span.text, span.styles)])
        else:
            lines[-1].append(span)
    return [tuple(line) for line in lines]


def _curve(
    canvas: _Canvas,
    line: LoudnessLine,
    duration_s: float,
    height: Callable[[float], float],
    style: str,
    *,
    joined: bool,
) -> None:
    """One dot a column, or an unbroken line; gaps where there is nothing or it is below the panel."""
    if len(line.times_s) == 0:
        return
    xs = (np.arange(canvas.width) + 0.5) / canvas.width * duration_s
    nearest: NDArray[np.int64] = np.searchsorted(line.times_s, xs).clip(0, len(line.times_s) - 1)
    before: float | None = None
    for x, (time_s, index) in enumerate(zip(xs.tolist(), nearest.tolist(), strict=True)):
        here = height(float(line.lufs[index]))
        if time_s < line.times_s[0] - 0.05 or not 0.0 <= here <= 1.0:
            before = None
            continue
        ends = (here, here if before is None or not joined else before)
        canvas.fill(x, min(ends), max(ends), style)
        before = here
