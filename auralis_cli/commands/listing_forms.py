"""The forms in which listings go out for programs: lines of a format, paths with a NUL, JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

import typer

from auralis_cli.errors import UsageError
from auralis_cli.json_form import listing_lines
from auralis_cli.model.fields import FieldTable
from auralis_cli.model.templates import parse_template
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable

Format = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="Print FORMAT, as '$artist - $title', for each."),
]
Print0 = Annotated[bool, typer.Option("--print0", help="Print the path, or FORMAT, of each with a NUL behind it.")]


def check_one(given: Mapping[str, bool]) -> None:
    """Raises UsageError where more than one of the options is given."""
    chosen = [option for option, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise UsageError(chosen[0], f"excludes {chosen[1]}", "choose one")


def show_json(output: Output, found: Iterable[object]) -> None:
    """One document of all that was found."""
    for line in listing_lines(found):
        output.result(line)


def show_json_lines(output: Output, found: Iterable[object]) -> None:
    """A JSON object a line."""
    for thing in found:
        output.json_line(thing)


def for_programs(
    output: Output, fields: FieldTable, template: str | None, *, print0: bool, json: bool, jsonl: bool
) -> Callable[[Output, Iterable[object]], None] | None:
    """What shows things in the form that was asked for; None where that is the one for people.

    Raises UsageError where more than one was asked for, and for a format that cannot be served.
    """
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None})
    check_one({"--json": json, "--jsonl": jsonl, "--print0": print0})
    if json or jsonl:
        return show_json if json else show_json_lines
    if template is None and not print0:
        return None
    return in_format(output, template or "$path", fields, print0=print0)


def in_format(
    output: Output, template: str, fields: FieldTable, *, print0: bool
) -> Callable[[Output, Iterable[object]], None]:
    """What shows things in a format. Raises UsageError for one that cannot be served."""
    filled = parse_template(template, fields).fill
    shown = _exactly if print0 else _for_a_terminal if output.is_on_terminal else _for_a_pipe
    end = "\0" if print0 else "\n"

    def show(output: Output, found: Iterable[object]) -> None:
        for number, thing in enumerate(found):
            output.exact(filled(thing, shown), end)
            if number == 0:
                output.flush()

    return show


def in_parts(names: Sequence[str], fields: FieldTable, *, print0: bool) -> Callable[[Output, Iterable[object]], None]:
    """What shows of things these fields, ` - ` between them; what is not known is left out."""
    parts = [parse_template(f"${name}", fields).fill for name in names]
    shown = _exactly if print0 else _for_a_pipe

    def show(output: Output, found: Iterable[object]) -> None:
        for number, thing in enumerate(found):
            said = (part(thing, shown) for part in parts)
            output.exact(" - ".join(filter(None, said)), "\0" if print0 else "\n")
            if number == 0:
                output.flush()

    return show


def _exactly(text: str, _is_path: bool) -> str:
    return text


def _for_a_terminal(text: str, _is_path: bool) -> str:
    return printable(text)


def _for_a_pipe(text: str, is_path: bool) -> str:
    """One line a thing: names of files keep their bytes, but none can pass for two."""
    return text.replace("\n", "\\n") if is_path else printable(text)
