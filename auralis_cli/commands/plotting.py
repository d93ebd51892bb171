"""`analyze --plot`: into a file, or in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.inputs import Inputs
from auralis_cli.commands.options import parse_path
from auralis_cli.commands.verb import Session
from auralis_cli.commands.written_journal import note_in_journal
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.model.source import STANDARD_STREAM, Destination
from auralis_cli.terminal_text import number, printable

_WIDEST_COLUMNS = 160


def parse_plot(word: str) -> Destination:
    """A file to draw into, or `-` for the terminal."""
    if word == STANDARD_STREAM:
        return Destination(None)
    path = parse_path(word)
    if path.suffix.lower() not in (".png", ".svg"):
        raise UsageError("--plot", f"{word!r} ends neither in .png nor in .svg", "- draws in the terminal")
    return Destination(path)


Plot = Annotated[
    Destination | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        parser=parse_plot,
        help="Draw waveform, spectrum and loudness into FILE (.png or .svg), or in the terminal with -.",
    ),
]
ReplacePlot = Annotated[
    bool, typer.Option("--force", help="Replace an existing --plot FILE; the old one goes to the trash.")
]


def check_plot(plot: Destination | None, inputs: Inputs, *, force: bool, as_json: bool) -> None:
    """Refuses, before the work, a plot that could not be shown or written after it."""
    if plot is None:
        if force:
            raise UsageError("--force", "replaces the FILE of --plot", "give --plot as well")
        return
    if len(inputs.found) != 1:
        raise UsageError("--plot", f"draws one input, not {len(inputs.found)}", "name one file")
    if plot.path is None:
        if as_json:
            raise UsageError("--plot -", "excludes --json and --jsonl", "name a file to draw into")
        return
    from auralis_cli.services.plot_image import check_plot_file

    (source,) = inputs.found
    path = getattr(source, "path", None)
    if path is not None and plot.path.exists() and path.exists() and plot.path.samefile(path):
        raise RefusedError(plot.name, "is the input")
    check_plot_file(plot.path, force=force)


def draw_plot(session: Session, report: AnalysisReport, plot: Destination, subtitle: str) -> None:
    """Draws what was measured; text from outside stays text. A file is noted in the journal."""
    output = session.output
    if plot.path is None:
        from auralis_cli.services.plot_text import text_plot

        output.result()
        for line in text_plot(report, output.columns(_WIDEST_COLUMNS)):
            output.result("".join(output.styled(span.text, *span.styles) for span in line).rstrip())
        return
    from auralis_cli.services.plot_image import write_plot

    title = printable(Path(report.source.name).name)
    written = write_plot(plot.path, title, printable(subtitle), report)
    note_in_journal(session, "analyze", [(plot.path, written)])
    output.flush()
    output.note(f"Plot written to {plot.name}")


def figures_of(report: AnalysisReport) -> str:
    """`−14.0 LUFS, range 5.2 LU, true peak −0.3 dBTP`."""
    measured = report.analysis.measurements
    figures = (
        f"{number(measured.integrated_lufs)} LUFS, range {number(measured.lra_lu)} LU, "
        f"true peak {number(measured.true_peak_dbtp)} dBTP"
    )
    return figures.replace("-", "−")
