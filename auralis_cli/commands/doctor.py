"""`auralis doctor`: tests the installation and says what to do."""

from __future__ import annotations

import typer

from auralis_cli.commands.options import AsJson
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.model.reports import InstallationCheck
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, printable

PAGE = Page(
    examples=(
        ("auralis doctor", "See whether everything works here."),
        ("auralis doctor --json > report.json", "Keep the findings for a bug report."),
    ),
    needs_settings=False,
    exit_status=((0, "Everything works."), (1, "A check failed; its hint says what to do."), (130, "Interrupted.")),
    details=(
        "Each check does a small piece of real work: decoders read a tone back, encoders write and compare, kernels "
        "are compiled and give a known value, a 1 kHz tone at -23 dBFS must read -23.0 LUFS.",
    ),
)


def doctor(context: typer.Context, json: AsJson = False) -> int:
    """Test this installation.

    Tries Python, packages, folders, kernels, loudness meter, decoders, encoders, settings and library by using them,
    and lists what there is to play on.
    """
    from auralis_cli.services.doctor import examine_installation

    session = session_of(context)
    with session.output.progress() as progress:
        report = examine_installation(
            progress, session.cancel, session.output.variables, session.config_file, lambda: session.library_path
        )
    if json:
        session.output.document({"ok": report.ok, "checks": report.checks})
    else:
        for check in report.checks:
            _show(session.output, check)
    return 0 if report.ok else 1


def _show(output: Output, check: InstallationCheck) -> None:
    mark = output.styled("ok", "green") if check.ok else output.styled("no", "bold", "red")
    output.result(align((mark, check.name, printable(check.detail)), (2, 15, 0)))
    if check.hint:
        output.result(align(("", "", output.styled(f"→ {check.hint}", "yellow")), (2, 15, 0)))
