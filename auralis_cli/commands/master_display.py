"""Which view of a master is shown when: in full when it is alone, as a line among many, as a document."""

from __future__ import annotations

from functools import partial

from auralis_cli.commands import mastering_text as text
from auralis_cli.commands.items import Display
from auralis_cli.model.master_reports import MasterPreview, MasterReport, MasterSkipped
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, number, printable
from auralis_cli.units import count_in_words

Result = MasterReport | MasterPreview | MasterSkipped

_WIDTHS = (6, 6, 6, 6)


def display_of(output: Output, *, explain: bool, on_stderr: bool) -> Display[Result]:
    """How results are shown; `on_stderr` where standard output carries audio."""
    return Display(
        json=document_of,
        alone=partial(show, output, explain=explain, on_stderr=on_stderr),
        row=partial(show_row, output, explain=explain),
        head=partial(show_head, output),
    )


def document_of(result: Result) -> object:
    """The JSON of one result."""
    if isinstance(result, MasterReport):
        return text.report_document(result)
    if isinstance(result, MasterPreview):
        return text.preview_document(result)
    return {
        "path": result.source.name,
        "destination": result.destination.name,
        "dry_run": result.dry_run,
        "skipped": True,
        "reason": "done already and unchanged",
        "warnings": result.warnings,
    }


def show(output: Output, result: Result, *, explain: bool, on_stderr: bool) -> None:
    """One result in full."""
    _tell_details(output, result)
    if on_stderr:
        if output.verbosity < 0:
            return
        output = output.aside()
    if isinstance(result, MasterReport):
        text.show_report(output, result, explain=explain)
    elif isinstance(result, MasterPreview):
        text.show_preview(output, result, explain=explain)


def show_head(output: Output) -> None:
    """What stands above the rows."""
    head = align(("LUFS", "after", "dBTP", "gain"), _WIDTHS, right=range(4))
    output.result(output.styled(f"{head}  file", "dim"))


def show_row(output: Output, result: Result, *, explain: bool) -> None:
    """One result of several: loudness before and after, true peak, gain, and where it lies."""
    _tell_details(output, result)
    if isinstance(result, MasterSkipped):
        output.result(f"{_row(())}  {printable(result.destination.name)} {output.styled('(done already)', 'dim')}")
        return
    if isinstance(result, MasterReport):
        before, held = result.analysis.measurements, text.held_back_in_words(result)
        levels = (result.output.integrated_lufs, result.output.true_peak_dbtp, result.solved.gain_db)
        remark = f" (held back by {held})" if held else ""
    else:
        before = result.input
        levels = (*text.predicted_levels(result), result.plan.predicted_gain_db)
        remark = " (predicted)"
    if text.plan_of(result).taste is not None:
        remark += " (with your taste)"
    row = _row((before.integrated_lufs, *levels))
    output.result(f"{row}  {printable(result.destination.name)}{output.styled(remark, 'dim')}")
    album = result.album
    # What was decided for an album was decided once.
    if explain and (album is None or album.number == 1):
        text.show_reasons(output, result)
    if album is not None and album.number == album.tracks:
        loudness = f"{number(album.input_lufs)} to {number(album.integrated_lufs)} LUFS"
        output.note(f"{printable(album.title)}: {count_in_words(album.tracks, 'track')} as one, from {loudness}")


def _row(values: tuple[float, ...]) -> str:
    cells = tuple(number(value) for value in values) or ("–",) * 4
    return align(cells, _WIDTHS, right=range(4))


def _tell_details(output: Output, result: Result) -> None:
    if not isinstance(result, MasterSkipped):
        text.tell_details(output, result)
