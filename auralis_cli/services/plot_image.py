"""Draws a track's picture into a PNG or SVG file: waveform, spectrum, loudness over time.

The same report gives the same bytes: no dates, no random names. matplotlib is imported when it is needed.
"""

from __future__ import annotations

import io
import logging
import math
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from auralis_cli.errors import OutputError, RefusedError, UsageError
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.picture import TrackPicture
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.services.plot_scales import clip_level, frequency_ticks, loudness_range, spectrum_range, time_ticks
from auralis_cli.services.publishing import publish_document

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")

_INK, _MUTED, _GRID = "#1f2933", "#616e7c", "#e4e7eb"
_WAVE, _CLIP, _SPECTRUM = "#2f6f9f", "#c81e1e", "#2f6f9f"
_MOMENTARY, _SHORT_TERM, _INTEGRATED, _PEAK = "#a9c5d8", "#1d4e73", "#b45309", "#c81e1e"
_WIDTH_IN, _DPI = 12.0, 120
# Columns of the waveform: about as many as the file has pixels.
_COLUMNS = 1400
_MAX_LANES = 8
_LONGEST_TITLE = 96
_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.parse_math": False,
    "text.color": _INK,
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": _MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.unicode_minus": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "legend.frameon": False,
    "path.simplify": True,
    "svg.hashsalt": "auralis",
    "svg.fonttype": "none",
}


def check_plot_file(path: Path, *, force: bool) -> None:
    """Says before the work what would fail after it: another suffix, no folder, a file in place, no matplotlib."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError("--plot", f"{str(path)!r} ends neither in .png nor in .svg", "- draws in the terminal")
    if not path.parent.is_dir():
        raise OutputError(str(path), "its folder does not exist")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(str(path), "its folder may not be written to")
    if path.is_dir():
        raise OutputError(str(path), "is a folder")
    if (path.exists() or path.is_symlink()) and not force:
        raise RefusedError(str(path), "exists already", "--force replaces it; the old file goes to the trash")
    _matplotlib()


def _matplotlib() -> None:
    # It remarks on fonts and folders; that is nothing the user can act on.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise OutputError(
            "--plot", "matplotlib is missing", "pip install matplotlib, or --plot - for the terminal"
        ) from error


def write_plot(path: Path, title: str, subtitle: str, report: AnalysisReport) -> PublishedFile:
    """Draws into `path`, whole or not at all; what is there goes to the trash.

    `title` and `subtitle` must be printable; they are shown as they are, never as markup.
    """
    return publish_document(path, draw(path.suffix.lower().removeprefix("."), title, subtitle, report))


def draw(kind: str, title: str, subtitle: str, report: AnalysisReport) -> bytes:
    """The picture as `png` or `svg`; `report.analysis.picture` must be there."""
    _matplotlib()
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    picture = report.analysis.picture
    if picture is None:
        raise ValueError("the analysis was made without a picture")
    lanes = min(picture.waveform.lowest.shape[1], _MAX_LANES)
    height_in = 6.4 + 1.1 * lanes
    out = io.BytesIO()
    # Nothing of the user's own settings, so that the same input gives the same file.
    settings: dict[Any, Any] = {**mpl.rcParamsDefault, **_STYLE}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # Letters that the font has not.
        warnings.simplefilter("ignore")
        figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI, facecolor="white")
        canvas = FigureCanvasSVG(figure) if kind == "svg" else FigureCanvasAgg(figure)
        _compose(figure, lanes, height_in, report, picture)
        top_in = height_in - 0.30
        figure.text(0.065, top_in / height_in, _shortened(title), size=14, weight="bold", va="center")
        figure.text(0.065, (top_in - 0.27) / height_in, subtitle, size=9.5, color=_MUTED, va="center")
        metadata = {"Date": None, "Creator": "Auralis"} if kind == "svg" else {"Software": "Auralis"}
        canvas.print_figure(out, format=kind, dpi=_DPI, metadata=metadata)
    return out.getvalue()


def _shortened(title: str) -> str:
    if len(title) <= _LONGEST_TITLE:
        return title
    half = _LONGEST_TITLE // 2
    return f"{title[: half - 1]}…{title[-half:]}"


def _compose(figure: Figure, lanes: int, height_in: float, report: AnalysisReport, picture: TrackPicture) -> None:
    ratios = [1.1] * lanes + [0.6, 2.0, 0.72, 1.9]
    grid = figure.add_gridspec(
        len(ratios), 1, height_ratios=ratios, hspace=0.12,
        left=0.065, right=0.975, top=1.0 - 1.08 / height_in, bottom=0.5 / height_in,
    )  # fmt: skip
    for lane in range(lanes):
        _waveform(figure.add_subplot(grid[lane]), lane, lanes, report, picture)
    _spectrum(figure.add_subplot(grid[lanes + 1]), report, picture)
    _loudness(figure.add_subplot(grid[lanes + 3]), report.analysis.measurements, report, picture)


def _head(axes: Axes, text: str) -> None:
    """A heading to the left above the axes, the legend, if there is one, to the right."""
    axes.set_title(text, loc="left", size=10, weight="bold", color=_INK, pad=7)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(
            loc="lower right", ncols=4, fontsize=9, bbox_to_anchor=(1.004, 0.99), borderaxespad=0.2,
            columnspacing=1.6, handlelength=1.6,
        )  # fmt: skip


def _joined(curve: Any, columns: int, join: Any) -> Any:
    """Neighbours joined until there are at most `columns`; the last may be of fewer."""
    together = -(-len(curve) // columns)
    return join.reduceat(curve, np.arange(0, len(curve), max(1, together)))


def _time_axis(axes: Axes, duration_s: float) -> None:
    ticks = time_ticks(duration_s, 12)
    axes.set_xlim(0.0, duration_s)
    axes.set_xticks([second for second, _ in ticks], [label for _, label in ticks])


def _waveform(axes: Axes, lane: int, lanes: int, report: AnalysisReport, picture: TrackPicture) -> None:
    waveform, measured = picture.waveform, report.analysis.measurements
    low = _joined(waveform.lowest[:, lane], _COLUMNS, np.minimum)
    high = _joined(waveform.highest[:, lane], _COLUMNS, np.maximum)
    bin_s = waveform.bin_s * max(1, -(-len(waveform.lowest) // _COLUMNS))
    edges_s = np.append(np.arange(len(low)) * bin_s, measured.duration_s)
    axes.stairs(high, edges_s, baseline=low, fill=True, color=_WAVE, linewidth=0.4)
    loudest = float(max(np.abs(low).max(initial=0.0), np.abs(high).max(initial=0.0)))
    reach = max(1.0, loudest) * 1.12
    clipped = clip_level(report, lane)
    if clipped is not None:
        touching = np.flatnonzero(np.maximum(-low, high) >= clipped)
        centres_s = (touching + 0.5) * bin_s
        axes.plot(
            centres_s, np.full(len(touching), reach * 0.96), "|", color=_CLIP, markersize=7, markeredgewidth=1.1,
            clip_on=False, label="clipped",
        )  # fmt: skip
    axes.axhline(0.0, color="white", linewidth=0.5, alpha=0.7)
    for level in (-1.0, 1.0):
        axes.axhline(level, color="#9aa5b1", linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set_ylim(-reach, reach)
    axes.set_yticks([-1.0, 0.0, 1.0])
    _time_axis(axes, measured.duration_s)
    name = {1: ("mono",), 2: ("left", "right")}.get(measured.channels)
    axes.set_ylabel(name[lane] if name else f"channel {lane + 1}")
    if lane == 0:
        _head(axes, "Waveform")
    if lane < lanes - 1:
        axes.tick_params(labelbottom=False)


def _spectrum(axes: Axes, report: AnalysisReport, picture: TrackPicture) -> None:
    line, cutoff_hz = picture.spectrum, report.analysis.tone.cutoff_hz
    bottom, top = spectrum_range(line)
    levels = np.maximum(line.levels_db, bottom)
    axes.set_xscale("log")
    axes.fill_between(line.frequencies_hz, levels, bottom, color=_SPECTRUM, alpha=0.16, linewidth=0.0)
    axes.plot(line.frequencies_hz, levels, color=_SPECTRUM, linewidth=1.1)
    nyquist_hz = report.analysis.measurements.sample_rate_hz / 2.0
    axes.set_xlim(20.0, nyquist_hz)
    axes.set_ylim(bottom, top)
    ticks = frequency_ticks(nyquist_hz)
    axes.set_xticks([hz for hz, _ in ticks], [label for _, label in ticks])
    axes.minorticks_off()
    if cutoff_hz is not None:
        axes.axvline(cutoff_hz, color=_CLIP, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.annotate(
            f"cut-off {cutoff_hz / 1e3:.1f} kHz", (cutoff_hz, top), xytext=(-5, -4), textcoords="offset points",
            ha="right", va="top", color=_CLIP, fontsize=9,
        )  # fmt: skip
    axes.set_ylabel("dB")
    axes.set_xlabel("frequency, Hz", labelpad=1)
    _head(axes, "Average spectrum")


def _loudness(axes: Axes, measured: Measurements, report: AnalysisReport, picture: TrackPicture) -> None:
    bottom, top = loudness_range(measured, picture)
    for line, color, width, name in (
        (picture.momentary, _MOMENTARY, 1.0, "momentary"),
        (picture.short_term, _SHORT_TERM, 1.6, "short-term"),
    ):
        axes.plot(line.times_s, np.maximum(line.lufs, bottom - 5.0), color=color, linewidth=width, label=name)
    if math.isfinite(measured.integrated_lufs):
        name = f"integrated {_number(measured.integrated_lufs)} LUFS"
        axes.axhline(measured.integrated_lufs, color=_INTEGRATED, linewidth=1.2, linestyle=(0, (5, 3)), label=name)
    if math.isfinite(measured.true_peak_dbtp):
        place_s = report.analysis.evidence.true_peak_frame / measured.sample_rate_hz
        name = f"true peak {_number(measured.true_peak_dbtp)} dBTP"
        level = max(bottom, measured.true_peak_dbtp)
        axes.plot([place_s], [level], "v", color=_PEAK, markersize=6, linestyle="none", label=name, clip_on=False)
    axes.set_ylim(bottom, top)
    _time_axis(axes, measured.duration_s)
    axes.set_ylabel("LUFS")
    axes.set_xlabel("time", labelpad=1)
    _head(axes, "Loudness")


def _number(value: float) -> str:
    return f"{value:z.1f}".replace("-", "−")
