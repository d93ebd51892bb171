"""The command line: the table of verbs, one run of it, and how every failure ends.

Verbs are imported when they are called, so that help and completion cost Typer and nothing else.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer
import typer.core
import typer.main
from typer.exceptions import TyperException

from auralis_cli.commands.verb import Session, VerbCommand, build_verb, help_of, label_of, session_of, shared_parameters
from auralis_cli.errors import AuralisError, CancelledError, OutputError, UsageError, unforeseen
from auralis_cli.output import When, failure
from auralis_cli.version import VERSION

PROGRAM = "auralis"

# Name → short help; the module is `auralis_cli.commands.<name>` with a function of the same name and a PAGE.
VERBS: dict[str, str] = {
    "master": "Master a track: tone, dynamics, loudness, true peak.",
    "analyze": "Measure files: loudness, peaks, dynamics, stereo.",
    "verify": "Check finished files against a delivery target.",
    "doctor": "Test this installation.",
    "completion": "Print the completion script of a shell.",
}


class VerbGroup(typer.core.TyperGroup):
    """The program's root: knows its verbs by a table and imports one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> VerbCommand | None:
        """The verb's command, imported now; None for a word that is no verb."""
        return load_verb(cmd_name) if cmd_name in VERBS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As Typer's, but an unknown verb is refused in our words."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            close = get_close_matches(args[0], VERBS)
            hint = f"did you mean {close[0]}?" if close else f"see: {PROGRAM} --help"
            raise UsageError(args[0], "no such command", hint)
        return super().resolve_command(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] COMMAND …`."""
        return ["[OPTIONS] COMMAND ..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The verbs, from the table alone, then the options."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))
        with formatter.section("Options"):
            formatter.write_dl([(label_of(param), help_of(param)) for param in self.params])


def load_verb(name: str) -> VerbCommand:
    """Imports the module of a verb and builds its command."""
    module = importlib.import_module(f"auralis_cli.commands.{name}")
    return build_verb(name, VERBS[name], getattr(module, name), module.PAGE)


def _set_color(context: typer.Context, value: When | None) -> None:
    if value is not None:
        session_of(context).output.color = value


def _show_version(context: typer.Context, value: bool) -> None:
    if value:
        session_of(context).output.result(f"{PROGRAM} {VERSION}")
        raise typer.Exit(0)


def _root(
    context: typer.Context,
    color: Annotated[
        When | None,
        typer.Option(
            "--color",
            metavar="WHEN",
            callback=_set_color,
            expose_value=False,
            help="Colour the output: auto (on a terminal, unless NO_COLOR is set), always or never.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, expose_value=False, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> int:
    """Measure, master and check the music you keep as files."""
    if context.invoked_subcommand is None:
        session_of(context).output.result(context.get_help())
    return 0


def build_program() -> VerbGroup:
    """The whole command tree, no verb imported yet."""
    app = typer.Typer(
        cls=VerbGroup,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        add_help_option=False,
    )
    app.callback()(_root)
    group = typer.main.get_group(app)
    assert isinstance(group, VerbGroup)
    group.params.extend(shared_parameters())
    return group


def run(arguments: Sequence[str], session: Session) -> int:
    """Runs one command line and returns its exit code; every failure becomes its line and its code.

    A closed pipe (BrokenPipeError) is left to the caller, who knows how to die of it.
    """
    try:
        code = _invoke(list(arguments) or ["--help"], session)
        session.output.flush()
        return code
    except BrokenPipeError:
        raise
    except AuralisError as error:
        failed = error
    except TyperException as error:
        failed = _usage_error(error)
    except KeyboardInterrupt as error:
        failed = CancelledError()
        failed.__cause__ = error
    except Exception as error:  # the last line of the command line: whatever it is, the user gets one line
        failed = unforeseen(error)
    return _fail(arguments, session, failed)


def _invoke(words: list[str], session: Session) -> int:
    # Not Typer's own `main`: it turns Ctrl-C and closed pipes into exit codes of its own.
    program = build_program()
    try:
        with program.make_context(PROGRAM, words, obj=session) as context:
            return int(program.invoke(context))
    except typer.Exit as left:
        return left.exit_code


def _fail(arguments: Sequence[str], session: Session, error: AuralisError) -> int:
    output = session.output
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        if "--json" in words:
            output.document(failure(session.subject, error))
        elif "--jsonl" in words:
            output.json_line(failure(session.subject, error))
        output.flush()
    except OutputError:
        pass  # where stdout cannot be written, the line on stderr is all there is
    output.error(error)
    return error.exit_code


def _usage_error(error: TyperException) -> UsageError:
    """Typer's complaint in our shape: what = the option or argument, why = the rest of its words."""
    context = getattr(error, "ctx", None)
    hint = f"see: {context.command_path if context is not None else PROGRAM} --help"
    why = error.message.removeprefix("Value error, ").rstrip(".")
    param = getattr(error, "param", None)
    what = getattr(error, "option_name", "")
    why = why.removeprefix(f"Option {what!r} ")
    if param is not None:
        what = param.metavar if param.param_type_name == "argument" else max(param.opts, key=len)
    if extra := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", why):
        what, why = extra.group(1), "more than is wanted"
    if getattr(error, "possibilities", None) is not None or why.startswith("No such option"):
        close = get_close_matches(what, getattr(error, "possibilities", None) or (), cutoff=0.75)
        why, hint = "no such option", f"did you mean {close[0]}?" if close else hint
    failed = UsageError(what, why[:1].lower() + why[1:] if why else "is missing", hint)
    failed.__cause__ = error
    return failed
