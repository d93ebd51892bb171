"""The command line: the table of verbs, one run of it, and how every failure ends.

Verbs are imported when they are called, so that help and completion cost Typer and nothing else.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import typer.main
from typer.exceptions import TyperException

from auralis_cli.commands.group import CommandTable, VerbGroup, build_group
from auralis_cli.commands.options import parse_path
from auralis_cli.commands.plain_values import read_plainly
from auralis_cli.commands.verb import Session, VerbCommand, build_verb, session_of, shared_parameters
from auralis_cli.errors import AuralisError, CancelledError, OutputError, UsageError, unforeseen
from auralis_cli.json_form import failure
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.config import Config

PROGRAM = "auralis"

# Name → short help; the module is `auralis_cli.commands.<name>` with a PAGE and a function of the same name, or
# VERBS of its own.
VERBS: dict[str, str] = {
    "master": "Master a track: tone, dynamics, loudness, true peak.",
    "scan": "Add files to the library, and bring it up to date.",
    "list": "List what the library holds.",
    "fingerprint": "Compute what tracks sound like, and store it.",
    "analyze": "Measure files: loudness, peaks, dynamics, stereo.",
    "verify": "Check finished files against a delivery target.",
    "replaygain": "Write how loud tracks and albums are to be played.",
    "presets": "Show and exchange the characters a master can be given.",
    "recommend": "Say which preset and intensity suit a track, and why.",
    "play": "Play tracks without gaps, mastered while they play.",
    "keys": "Show the keys of the terminal player.",
    "ctl": "Drive the running player.",
    "queue": "Show and edit the queue.",
    "playlist": "Make, show and exchange playlists.",
    "export": "Put tracks into a folder or onto a stick, copied or encoded.",
    "rate": "Say how you like tracks.",
    "prefs": "Show what was learnt of your choices, forget it, hand it on.",
    "plays": "Take over ratings and counts of plays, and hand them on.",
    "lyrics": "Show the words of songs, also in time with the player.",
    "tag": "Show and change tags.",
    "art": "Show, find, embed and extract covers.",
    "stats": "Show the library in numbers and bars.",
    "similar": "Find the tracks that sound most alike.",
    "suggest": "Suggest genres and moods, from those of tracks that sound alike.",
    "duplicates": "Find tracks that are one recording, and the copy worth keeping.",
    "cleanup": "Show what is wrong with the library, and mend it.",
    "scrobble": "Tell a server of what was played.",
    "history": "List what was done, or played.",
    "undo": "Take a change back.",
    "jobs": "Show what runs, and begin again what was interrupted.",
    "config": "Show and change settings.",
    "db": "Check, back up and restore the library.",
    "doctor": "Test this installation.",
    "completion": "Print the completion script of a shell.",
}


# Short names for verbs, for those who expect them.
ALIASES = {"ls": "list"}
# What other programs call something that is here, and what it is here: suggested, not understood.
MEANT = {
    **dict.fromkeys(("add", "import", "update"), "scan"),
    **dict.fromkeys(("find", "search", "query"), "list"),
    **dict.fromkeys(("info", "measure"), "analyze"),
    **dict.fromkeys(("dedupe", "dupes"), "duplicates"),
    **{word: f"ctl {word}" for word in ("pause", "stop", "next", "previous", "volume", "seek", "status")},
    "convert": "export",
    "enhance": "master",
    "normalize": "replaygain",
}


def load_verb(name: str) -> VerbCommand | VerbGroup:
    """Imports the module of a verb and builds its command, with its sub-verbs where it has a table of them."""
    module = importlib.import_module(f"auralis_cli.commands.{name}")
    if sub_verbs := getattr(module, "VERBS", None):
        return build_group(name, module.ABOUT, sub_verbs, module.PAGE)
    return build_verb(name, VERBS[name], getattr(module, name), module.PAGE)


def _use_config(context: typer.Context, value: Path | None) -> None:
    """Comes before the options it gives defaults to; what is wrong with it is said by verbs that need settings."""
    session = session_of(context)
    session.config_file = value
    try:
        config = session.config
    except UsageError:
        return
    _apply_output_settings(session, config)


def _use_library(context: typer.Context, value: Path | None) -> None:
    session_of(context).library_file = value


def _apply_output_settings(session: Session, config: Config) -> None:
    output = session.output
    output.color = config.value("output.color")
    output.progress_mode = config.value("output.progress")
    output.verbosity = config.value("output.verbosity")
    if (log := config.value("log.file")) is not None:
        output.open_log(log, session.words)


def _show_version(context: typer.Context, value: bool) -> None:
    if value:
        session_of(context).output.result(f"{PROGRAM} {VERSION}")
        raise typer.Exit(0)


def _root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            callback=_use_config,
            expose_value=False,
            is_eager=True,
            help="Take settings from FILE; they win over those of the user's own file.",
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            "--library",
            metavar="FILE",
            parser=parse_path,
            callback=_use_library,
            expose_value=False,
            help="Work on this library instead of your own.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, expose_value=False, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> int:
    """Keep a library of your music files, measure them, master them, play them."""
    if context.invoked_subcommand is None:
        session_of(context).output.result(context.get_help())
    return 0


def build_program() -> CommandTable:
    """The whole command tree, no verb imported yet."""
    app = typer.Typer(
        cls=CommandTable,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        add_help_option=False,
    )
    app.callback()(_root)
    group = typer.main.get_group(app)
    assert isinstance(group, CommandTable)
    read_plainly(group.params)
    group.table = VERBS
    group.aliases = ALIASES
    group.meant = MEANT
    group.load = lambda name: load_verb(name)
    group.params.extend(shared_parameters())
    return group


def run(arguments: Sequence[str], session: Session) -> int:
    """Runs one command line and returns its exit code; every failure becomes its line and its code.

    A closed pipe (BrokenPipeError) is left to the caller, who knows how to die of it.
    """
    session.words = tuple(arguments)
    try:
        return _run_to_its_end(arguments, session)
    finally:
        session.output.close_log()


def _run_to_its_end(arguments: Sequence[str], session: Session) -> int:
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
        if "--json" in words and not session.in_lines:
            output.document(failure(session.subject, error))
        elif "--json" in words or "--jsonl" in words:
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
