"""What every verb has in common: its session, its help, the options that go before or after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
import typer.main

from auralis_cli.commands.plain_values import read_plainly
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.source import NO_STREAMS, StandardStreams
from auralis_cli.output import Output, ProgressMode, Verbosity, When
from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.config import Config


@dataclass(slots=True)
class Session:
    """One run of the program: where it speaks, how it is stopped, what it is busy with."""

    output: Output
    cancel: CancelToken = field(default_factory=CancelToken)
    # Standard input and output where they carry audio.
    streams: StandardStreams = NO_STREAMS
    # Name of the source a failure is about, once the verb knows it.
    subject: str | Path | None = None
    # The file of --config.
    config_file: Path | None = None
    # The file of --library.
    library_file: Path | None = None
    # The words of the command line, for the log.
    words: tuple[str, ...] = ()
    # Whether documents are lines, for there are many, though --json was said.
    in_lines: bool = False
    _config: Config | None = None

    @property
    def config(self) -> Config:
        """What the user has set, read once; UsageError where that cannot be served."""
        if self._config is None:
            from auralis_cli.config import load_config

            self._config = load_config(self.output.variables, self.config_file)
        return self._config

    @property
    def library_path(self) -> Path:
        """The library of this run: of --library, else what is set, else the user's own. The one place that decides."""
        from auralis_cli.paths import library_file

        chosen = self.library_file or self.config.value("library.file") or library_file(self.output.variables)
        return Path(chosen).absolute()


@dataclass(frozen=True, slots=True)
class Page:
    """What help and manual say about a verb beyond its options."""

    # Command lines with what they do.
    examples: tuple[tuple[str, str], ...]
    # Exit codes this verb gives, with their meaning here.
    exit_status: tuple[tuple[int, str], ...]
    # Paragraphs for the manual only.
    details: tuple[str, ...] = ()
    # Sections of the manual that are tables: a title, and rows of a word with what it means.
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    # What follows the options, where the arguments alone do not tell.
    usage: str | None = None
    # Whether a settings file that cannot be served keeps the verb from running.
    needs_settings: bool = True
    # Whether words such as -16 are values: the verb has no option that begins with a digit.
    takes_numbers: bool = False
    # Whether work on many files is noted, to be begun again where it was interrupted.
    is_job: bool = False
    # Of a verb with verbs of its own: the one that is run where none is named; its help is shown where there is none.
    alone: str | None = None


def session_of(context: typer.Context) -> Session:
    """The session that `cli.run` put into the context."""
    session = context.find_root().obj
    assert isinstance(session, Session)
    return session


def is_said(context: typer.Context, option: str) -> bool:
    """Whether an option, by the name of its parameter, stands on the command line, whatever it says."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _show_help(context: typer.Context, value: bool) -> None:
    if value and not context.resilient_parsing:
        session_of(context).output.result(context.get_help())
        raise typer.Exit(0)


def _set_quiet(context: typer.Context, value: bool) -> None:
    if value:
        session_of(context).output.verbosity = Verbosity.QUIET


def _set_verbose(context: typer.Context, value: int) -> None:
    if value:
        session_of(context).output.verbosity = Verbosity(min(value, Verbosity.EVERYTHING))


def _set_progress(context: typer.Context, value: ProgressMode | None) -> None:
    if value is not None:
        session_of(context).output.progress_mode = value


def _set_color(context: typer.Context, value: When | None) -> None:
    if value is not None:
        session_of(context).output.color = value


def _set_log(context: typer.Context, value: Path | None) -> None:
    if value is not None:
        session = session_of(context)
        session.output.open_log(value, session.words)


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
    log_file: Annotated[
        Path | None,
        typer.Option(
            "--log-file",
            metavar="FILE",
            callback=_set_log,
            expose_value=False,
            help="Append to FILE, with the time, everything that -vv would say, and errors with their traceback.",
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
    parameters = list(typer.main.get_command(app).params)
    read_plainly(parameters)
    return parameters


class VerbCommand(typer.core.TyperCommand):
    """A verb: the shared options after its own, and help with short lines and examples."""

    page: Page

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """As Typer's, with the user's settings as defaults."""
        if parent is not None:
            extra["default_map"] = SettingDefaults(session_of(parent), str(info_name))
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer's, but negative numbers may be values."""
        if self.page.takes_numbers and "--" not in args:
            numbers = [word for word in args if re.match(r"-\.?\d", word)]
            args = [*(word for word in args if word not in numbers), "--", *numbers]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb, unless it needs settings and those cannot be served."""
        if self.page.needs_settings:
            assert session_of(ctx).config
        if not self.page.is_job or ctx.params.get("dry_run"):
            return super().invoke(ctx)
        from auralis_cli.commands.job_note import run_noted

        invoke = super().invoke
        return run_noted(session_of(ctx), str(ctx.info_name), lambda: invoke(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] IN OUT`, in the words of the manual."""
        arguments = [param for param in self.params if param.param_type_name == "argument"]
        if self.page.usage is not None:
            return ["[OPTIONS]", self.page.usage]
        return ["[OPTIONS]", *map(_argument, arguments)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, each with its metavar and help; choices and defaults stand in the help."""
        for kind, title in (("argument", "Arguments"), ("option", "Options")):
            rows = [(label_of(param), help_of(param)) for param in self.params if param.param_type_name == kind]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples of the verb's page."""
        write_examples(formatter, self.page)


class SettingDefaults(Mapping[str, Any]):
    """Defaults of a verb's options from the user's settings, read when the first is asked for."""

    def __init__(self, session: Session, verb: str) -> None:
        self._session = session
        self._verb = verb

    def get(self, name: str, default: Any = None) -> Any:
        """What is set for an option, as a word; `default` where nothing is: the option has its own."""
        from auralis_cli.settings import setting_of

        setting = setting_of(self._verb, name)
        if setting is None:
            return default
        value = self._session.config.values[setting.key]
        if value.word is None or not value.is_set:
            return default
        return setting.kind.parse(value.word) if setting.is_switch else value.word

    def __getitem__(self, name: str) -> Any:
        if (word := self.get(name)) is None:
            raise KeyError(name)
        return word

    def __iter__(self) -> Iterator[str]:
        from auralis_cli.settings import SETTINGS

        return (setting.option for setting in SETTINGS.values() if self.get(setting.option) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def write_examples(formatter: Any, page: Page) -> None:
    """The section of help that shows command lines with what they do."""
    with formatter.section("Examples"):
        for line, meaning in page.examples:
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")
            formatter.indent()
            formatter.write_text(meaning)
            formatter.dedent()


def label_of(param: Any) -> str:
    """`-q, --quiet` or `--loudness LUFS` or `IN`: how help and manual name a parameter."""
    if param.param_type_name == "argument":
        return str(param.metavar)
    spellings = ", ".join([*sorted(param.opts, key=len), *param.secondary_opts])
    takes_value = not (param.is_flag or param.count)
    return f"{spellings} {param.metavar}" if takes_value else spellings


def _argument(param: Any) -> str:
    """`IN`, `PATH...`, or `[ID]` where it may be left out. Many may come from elsewhere, but come they have to."""
    if param.nargs != 1:
        return f"{label_of(param)}..."
    return label_of(param) if param.required else f"[{label_of(param)}]"


def help_of(param: Any) -> str:
    """The help of a parameter with its default."""
    default = param.default
    shown = getattr(param, "show_default", False)
    if isinstance(shown, str):
        return f"{param.help}  [default: {shown}]"
    if shown and default is True:
        # Of --this/--no-this the first holds.
        return f"{param.help}  [default: {max(param.opts, key=len)}]"
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
    read_plainly(command.params)
    command.params.extend(shared_parameters())
    return command
