"""What every verb has in common: its session, its help, the options that go before or after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from auralis_cli.model.progress import CancelToken
from auralis_cli.model.source import NO_STREAMS, StandardStreams
from auralis_cli.output import Output, ProgressMode


@dataclass(slots=True)
class Session:
    """One run of the program: where it speaks, how it is stopped, what it is busy with."""

    output: Output
    cancel: CancelToken = field(default_factory=CancelToken)
    # Standard input and output where they carry audio.
    streams: StandardStreams = NO_STREAMS
    # Name of the source a failure is about, once the verb knows it.
    subject: str | Path | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What help and manual say about a verb beyond its options."""

    # Command lines with what they do.
    examples: tuple[tuple[str, str], ...]
    # Exit codes this verb gives, with their meaning here.
    exit_status: tuple[tuple[int, str], ...]
    # Paragraphs for the manual only.
    details: tuple[str, ...] = ()


def session_of(context: typer.Context) -> Session:
    """The session that `cli.run` put into the context."""
    session = context.find_root().obj
    assert isinstance(session, Session)
    return session


def _show_help(context: typer.Context, value: bool) -> None:
    if value and not context.resilient_parsing:
        session_of(context).output.result(context.get_help())
        raise typer.Exit(0)


def _set_quiet(context: typer.Context, value: bool) -> None:
    if value:
        session_of(context).output.verbosity = -1


def _set_verbose(context: typer.Context, value: int) -> None:
    if value:
        session_of(context).output.verbosity = min(value, 2)


def _set_progress(context: typer.Context, value: ProgressMode | None) -> None:
    if value is not None:
        session_of(context).output.progress_mode = value


def shared_options(
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", callback=_set_quiet, expose_value=False, help="Print results and errors only."),
    ] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            callback=_set_verbose,
            expose_value=False,
            help="Say more about what was found and decided; -vv says everything.",
            show_default=False,
        ),
    ] = 0,
    progress: Annotated[
        ProgressMode | None,
        typer.Option(
            "--progress",
            metavar="WHEN",
            callback=_set_progress,
            expose_value=False,
            help="Show progress on stderr: auto (on a terminal), always, never, or json (one object a line).",
        ),
    ] = None,
    show_help: Annotated[
        bool,
        typer.Option(
            "--help", "-h", callback=_show_help, expose_value=False, is_eager=True, help="Show this help and exit."
        ),
    ] = False,
) -> None:
    """Options that are accepted before the verb and after it."""


def shared_parameters() -> list[Any]:
    """Fresh parameter objects of `shared_options`, to be appended to a command's own."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(add_help_option=False)(shared_options)
    return list(typer.main.get_command(app).params)


class VerbCommand(typer.core.TyperCommand):
    """A verb: the shared options after its own, and help with short lines and examples."""

    page: Page

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] IN OUT`, in the words of the manual."""
        arguments = [param for param in self.params if param.param_type_name == "argument"]
        return ["[OPTIONS]", *(f"{label_of(param)}{'...' if param.nargs != 1 else ''}" for param in arguments)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, each with its metavar and help; choices and defaults stand in the help."""
        for kind, title in (("argument", "Arguments"), ("option", "Options")):
            rows = [(label_of(param), help_of(param)) for param in self.params if param.param_type_name == kind]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples of the verb's page."""
        with formatter.section("Examples"):
            for line, meaning in self.page.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
                formatter.indent()
                formatter.write_text(meaning)
                formatter.dedent()


def label_of(param: Any) -> str:
    """`-q, --quiet` or `--loudness LUFS` or `IN`: how help and manual name a parameter."""
    if param.param_type_name == "argument":
        return str(param.metavar)
    spellings = ", ".join(sorted(param.opts, key=len))
    takes_value = not (param.is_flag or param.count)
    return f"{spellings} {param.metavar}" if takes_value else spellings


def help_of(param: Any) -> str:
    """The help of a parameter with its default."""
    default = param.default
    shown = getattr(param, "show_default", False)
    if isinstance(shown, str):
        return f"{param.help}  [default: {shown}]"
    if shown and default not in (None, False):
        return f"{param.help}  [default: {getattr(default, 'value', default)}]"
    return str(param.help)


def build_verb(name: str, short_help: str, function: Callable[..., int], page: Page) -> VerbCommand:
    """The command for `function`; what it returns becomes the exit code."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=VerbCommand, short_help=short_help, add_help_option=False)(function)
    command = typer.main.get_command(app)
    assert isinstance(command, VerbCommand)
    command.page = page
    command.params.extend(shared_parameters())
    return command
