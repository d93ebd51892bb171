"""`auralis verify PATH… --target T`: may these files be delivered?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated

import typer

from auralis_cli.commands.inputs import Asked, Inputs, inputs_of
from auralis_cli.commands.items import Display, Manner, Task, run_items
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    AudioSources,
    FilesFrom,
    Jobs,
    MaxDuration,
    MaxSize,
    NamesEndInNul,
    Raw,
    RawChannels,
    RawRate,
    StallTimeout,
    raw_of,
)
from auralis_cli.commands.parsers import setting_parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.config import find_target
from auralis_cli.errors import InputError
from auralis_cli.model.degraded import degradations
from auralis_cli.model.reports import LimitCheck, VerifyReport
from auralis_cli.model.source import DecodeLimits
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, number, printable

PAGE = Page(
    examples=(
        ("auralis verify --target streaming song-master.flac", "Check one file."),
        ("auralis verify -q --target broadcast *.wav && upload *.wav", "Deliver only what passes."),
    ),
    exit_status=(
        (0, "Every file passes."),
        (1, "A file fails a check."),
        (2, "Usage."),
        (3, "Some files could not be read; the others pass."),
        (4, "No file could be read, or some could not and another fails."),
        (130, "Interrupted."),
    ),
    details=(
        "Targets: streaming (-14 LUFS, -1 dBTP), apple (-16, -1), broadcast (EBU R 128: -23, -1), podcast (-16, -1) "
        "and loud (-9, -0.3), each with its tolerance. A value passes when it is within its limit to the last digit "
        "that is shown.",
    ),
)

_NAMES = {
    "integrated_lufs": ("loudness", "LUFS"),
    "true_peak_dbtp": ("true peak", "dBTP"),
    "lra_lu": ("loudness range", "LU"),
    "short_term_max_lufs": ("short-term max", "LUFS"),
    "faults": ("faults", ""),
}


def verify(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            parser=setting_parser("verify.target"),
            help="What to check against: streaming, apple, broadcast, podcast, loud, or a target of your own.",
        ),
    ],
    paths: AudioSources = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    raw: Raw = None,
    raw_rate: RawRate = None,
    raw_channels: RawChannels = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Check finished files against a delivery target.

    Measures each file and compares its loudness, true peak and, where the target names one, its loudness range. A
    file that is damaged or ends early fails too.
    """
    session = session_of(context)
    limits, layout = DecodeLimits(max_duration, max_size), raw_of(raw, raw_rate, raw_channels)
    inputs = inputs_of(session, Asked(paths or (), files_from, null, limits, layout))
    display = Display(document_of, partial(show, session.output), partial(show, session.output))
    work, delivery = _work(session, inputs), find_target(session.config, "--target", target)
    tasks = [one if isinstance(one, InputError) else Task(one, work, (one, delivery)) for one in inputs.found]
    tally = run_items(session, tasks, display, Manner(json, jsonl, jobs, stall_timeout), alone=inputs.alone)
    refused = sum(not report.ok for report in tally.reports)
    if refused and tally.failures:
        return InputError.exit_code
    return 1 if refused else tally.exit_code


def _work(session: Session, inputs: Inputs) -> Callable[..., VerifyReport]:
    from auralis_cli.services.verify import verify_file

    # Streams stay with this process, and so does the work on them.
    return partial(verify_file, streams=session.streams) if inputs.alone else verify_file


def document_of(report: VerifyReport) -> Mapping[str, object]:
    """The JSON of one file."""
    checks = [
        {
            "name": check.name,
            "value": check.value,
            "limit": {"min": check.minimum, "max": check.maximum},
            "ok": check.ok,
        }
        for check in report.checks
    ]
    return {
        "path": report.source.name,
        "target": report.target.name,
        "ok": report.ok,
        "checks": checks,
        "warnings": report.warnings,
        "degraded": degradations(report.warnings),
    }


def show(output: Output, report: VerifyReport) -> None:
    """The verdict on one file and the values behind it."""
    verdict = output.styled("passes", "bold", "green") if report.ok else output.styled("fails", "bold", "red")
    output.result(f"{printable(report.source.name)} {verdict} {report.target.name}")
    for check in report.checks:
        name, unit = _NAMES[check.name]
        mark = output.styled("ok", "green") if check.ok else output.styled("no", "red")
        if check.name == "faults" and check.ok:
            continue
        cells = (mark, name, number(check.value), unit, output.styled(limit_in_words(check), "dim"))
        output.result("  " + align(cells, (2, 14, 7, 4, 0), right=(2,)))


def limit_in_words(check: LimitCheck) -> str:
    """`-15.0 to -13.0`, or `at most -1.0`."""
    if check.minimum is not None and check.maximum is not None:
        return f"{number(check.minimum)} to {number(check.maximum)}"
    if check.maximum is not None:
        return f"at most {number(check.maximum)}"
    return f"at least {number(check.minimum)}" if check.minimum is not None else ""
