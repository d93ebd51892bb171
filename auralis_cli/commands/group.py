"""Commands that choose among others: the program among its verbs, a verb such as `config` among its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import typer
import typer.core
import typer.main

from auralis_cli.commands.verb import (
    Page,
    VerbCommand,
    build_verb,
    help_of,
    label_of,
    session_of,
    shared_parameters,
    write_examples,
)
from auralis_cli.errors import UsageError
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubVerb:
    """A verb below a verb: `config set`."""

    help: str
    function: Callable[..., int]
    page: Page


class CommandTable(typer.core.TyperGroup):
    """Knows its commands by a table and builds one when it is asked for."""

    # Name → short help.
    table: Mapping[str, str]
    load: Callable[[str], Any]
    # Short names that are not listed.
    aliases: Mapping[str, str] = MappingProxyType({})
    # What may be meant by words that are no commands.
    meant: Mapping[str, str] = MappingProxyType({})

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, built now; None for a word that is none."""
        name = self.aliases.get(cmd_name, cmd_name)
        return self.load(name) if name in self.table else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As Typer's, but an unknown command is refused in our words."""
        if args[0] not in self.table and args[0] not in self.aliases and not args[0].startswith("-"):
            raise UsageError(args[0], "no such command", self._hint(ctx.command_path, *args))
        return super().resolve_command(ctx, args)

    def _hint(self, command_path: str, word: str, *others: str) -> str:
        if word == "help":
            about = "".join(f" {other}" for other in others[:1] if other in self.table)
            return f"see: {command_path}{about} --help"
        near = [self.meant[word]] if word in self.meant else get_close_matches(word, self.table, n=1)
        return f"did you mean {near[0]}?" if near else f"see: {command_path} --help"

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] COMMAND …`."""
        return ["[OPTIONS] COMMAND ..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands, from the table alone, then the options."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))
        with formatter.section("Options"):
            formatter.write_dl([(label_of(param), help_of(param)) for param in self.params])


class VerbGroup(CommandTable):
    """A verb with verbs of its own; alone it runs the one its page names, else it shows its help."""

    page: Page
    verbs: Mapping[str, VerbCommand]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer's, but where nothing is named, and no help wanted, what runs alone is meant: with its options."""
        is_alone = not args or args[0].startswith("-")
        if self.page.alone is not None and is_alone and not {*self.table, "-h", "--help"}.intersection(args):
            args = [self.page.alone, *args]
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples of the verb's page."""
        write_examples(formatter, self.page)


def build_group(name: str, about: str, sub_verbs: Mapping[str, SubVerb], page: Page) -> VerbGroup:
    """The command `name` with its sub-verbs; `about` is its help."""
    app = typer.Typer(
        name=name,
        cls=VerbGroup,
        help=about,
        add_completion=False,
        add_help_option=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
    )
    app.callback()(_show_help_alone)
    group = typer.main.get_group(app)
    assert isinstance(group, VerbGroup)
    group.verbs = _SubCommands(sub_verbs)
    group.table = {sub: one.help for sub, one in sub_verbs.items()}
    group.load = group.verbs.__getitem__
    group.page = page
    group.params.extend(shared_parameters())
    return group


class _SubCommands(Mapping[str, VerbCommand]):
    """The commands of sub-verbs, each built when it is asked for: a run needs one of them."""

    def __init__(self, sub_verbs: Mapping[str, SubVerb]) -> None:
        self._sub_verbs = sub_verbs
        self._built: dict[str, VerbCommand] = {}

    def __getitem__(self, name: str) -> VerbCommand:
        if name not in self._built:
            one = self._sub_verbs[name]
            self._built[name] = build_verb(name, one.help, one.function, one.page)
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sub_verbs)

    def __len__(self) -> int:
        return len(self._sub_verbs)


def _show_help_alone(context: typer.Context) -> int:
    if context.invoked_subcommand is None:
        session_of(context).output.result(context.get_help())
    return 0
