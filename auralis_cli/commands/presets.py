"""`auralis presets …`: shows the characters a master can be given, and hands those of one's own on to others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.exported_file import target_of
from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.options import AsJson, DryRun, parse_path
from auralis_cli.commands.parsers import setting_parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.model.presets import ADAPTIVE, PRESETS, Preset
from auralis_cli.settings_file import figures_of
from auralis_cli.terminal_text import align, display_width, printable
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.config import Config

ABOUT = """Show and exchange presets.

A preset leans a master to one side of what the music itself asks for. Six are built in; those of one's own stand in
the settings file (auralis config)."""

PAGE = Page(
    examples=(
        ("auralis presets list", "Which there are, and what each adds."),
        ("auralis presets export evening > evening.toml", "One of your own, for somebody else."),
        ("auralis presets import evening.toml", "And theirs for you."),
    ),
    exit_status=(
        (0, "Done."),
        (1, "A file cannot be written."),
        (2, "Usage; or a preset that is none, or cannot be served; or one that is there and is another (see --force)."),
    ),
    details=("What the numbers of a preset mean is told in auralis-config(5).",),
)

PresetName = Annotated[
    str, typer.Argument(metavar="NAME", parser=setting_parser("master.preset"), help="The name of a preset.")
]


def list_(context: typer.Context, json: AsJson = False) -> int:
    """List all presets.

    What each adds to the adaptive decision; built-in ones first.
    """
    session = session_of(context)
    config = session.config
    if json:
        items = [_document(config, preset) for preset in config.presets.values()]
        session.output.document({"auralis": FORMAT_VERSION, "items": items})
        return 0
    width = max(display_width(name) for name in config.presets)
    for name, preset in config.presets.items():
        leans = " ".join(_said(figure, value) for figure, value in _leanings(preset).items())
        said = leans or session.output.styled("as the music asks", "dim")
        session.output.result(align((session.output.styled(name, "bold"), said), (width, 0)))
    return 0


def show(context: typer.Context, name: PresetName, json: AsJson = False) -> int:
    """Show every number of a preset, with what it means."""
    from auralis_cli.config import find_preset

    session = session_of(context)
    preset = find_preset(session.config, "NAME", name)
    if json:
        session.output.document(_document(session.config, preset))
        return 0
    figures = asdict(preset)
    width = max(map(len, figures))
    for key, figure in figures_of("presets").items():
        value = figures[key]
        session.output.result(f"{key:<{width}}  {value:>6g}  {session.output.styled(figure.meaning, 'dim')}")
    return 0


def export(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", parser=setting_parser("master.preset"), help="Presets of your own."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", parser=parse_path, help="Write to FILE instead of printing.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace FILE where it exists; the old one goes to the trash.")
    ] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Print presets of your own as a file that presets import takes.

    All of them, or those that are named. Each is written in full: what it is based on may change, it will not.
    """
    session = session_of(context)
    own = {name: preset for name, preset in session.config.presets.items() if name not in PRESETS}
    for name in names or ():
        if name in PRESETS:
            raise UsageError(name, "is built in: everybody has it")
        if name not in own:
            raise UsageError(name, "there is no such preset", f"your own are {', '.join(own)}" if own else None)
    chosen = [own[name] for name in dict.fromkeys(names)] if names else list(own.values())
    text = "\n".join(_in_toml(preset) for preset in chosen)
    target = target_of(to, {"--force": force, "--dry-run": dry_run, "--json": json})
    if not chosen:
        session.output.note("there are no presets of your own")
    if target is None:
        if text:
            session.output.result(text.rstrip("\n"))
        return 0
    _write(session, target, text, force=force, dry_run=dry_run)
    if json:
        session.output.document({"path": str(to), "exported": [one.name for one in chosen], "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count_in_words(len(chosen), 'preset')} exported")
    return 0


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=parse_path, help="A file with presets.")],
    force: Annotated[bool, typer.Option("--force", help="Replace presets that are there and are others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be taken, change nothing.")] = False,
    json: AsJson = False,
) -> int:
    """Take presets into the settings file.

    FILE may be a whole settings file: only its presets are taken. All of them are, or none.
    """
    from auralis_cli.config import chosen_file, user_file
    from auralis_cli.settings_file import read_file

    session = session_of(context)
    variables = session.output.variables
    place = chosen_file(variables, session.config_file) or user_file(variables)
    found = read_file(file).presets
    if not found:
        raise UsageError(str(file), "holds no presets")
    known = session.config.presets
    changes = {name: _change(known, preset) for name, preset in found.items()}
    others = [name for name, change in changes.items() if change == "replaced"]
    if others and not force:
        why = f"presets that are there and are others: {', '.join(others)}"
        raise RefusedError(str(file), why, "--force replaces them")
    if not dry_run:
        _take(session, place, [found[name] for name, change in changes.items() if change != "unchanged"])
    if json:
        items = [{"name": name, "change": change} for name, change in changes.items()]
        session.output.document({"auralis": FORMAT_VERSION, "path": place, "dry_run": dry_run, "items": items})
    else:
        for name, change in changes.items():
            session.output.result(f"{name}: {change}")
    return 0


def _take(session: Session, place: Path, presets: Sequence[Preset]) -> None:
    from auralis_cli.config import check_change
    from auralis_cli.settings_edit import text_of, text_with, text_without, write_text

    before = after = text_of(place)
    for preset in presets:
        section = f"presets.{preset.name}"
        after = text_without(after, place, section)
        for key, value in (_leanings(preset) or {"low_db": 0.0}).items():
            after = text_with(after, place, f"{section}.{key}", f"{value:g}")
    check_change(session.output.variables, session.config_file, place, after)
    if after != before:
        write_text(place, after)


def _change(known: Mapping[str, Preset], preset: Preset) -> str:
    if preset.name not in known:
        return "added"
    return "unchanged" if known[preset.name] == preset else "replaced"


def _leanings(preset: Preset) -> dict[str, float]:
    """The numbers in which it is not as the adaptive one."""
    plain, figures = asdict(ADAPTIVE), asdict(preset)
    return {key: figures[key] for key in figures_of("presets") if figures[key] != plain[key]}


def _said(figure: str, value: float) -> str:
    """`low_db=+1.8`, `fast_release_ms=60`: what may be negative is told with its sign."""
    return f"{figure}={value:{'+' if figures_of('presets')[figure].low < 0 else ''}g}"


def _in_toml(preset: Preset) -> str:
    lines = [f"{key} = {value!r}" for key, value in _leanings(preset).items()] or ["low_db = 0.0"]
    return "\n".join([f"[presets.{preset.name}]", *lines, ""])


def _document(config: Config, preset: Preset) -> dict[str, object]:
    return {**asdict(preset), "origin": config.origins.get(f"presets.{preset.name}", "built in")}


def _write(session: Session, path: Path, text: str, *, force: bool, dry_run: bool) -> None:
    from auralis_cli.commands.written_journal import note_in_journal
    from auralis_cli.services.publishing import publish_document

    if path.is_dir() or (os.path.lexists(path) and not force):
        raise RefusedError(printable(path), "exists already", "--force replaces it; the old file goes to the trash")
    if not dry_run:
        note_in_journal(session, "presets export", [(path, publish_document(path, text.encode()))])


def _page(*examples: tuple[str, str]) -> Page:
    return Page(examples, PAGE.exit_status, needs_settings=True)


VERBS = {
    "list": SubVerb("List all presets.", list_, _page(("auralis presets list", "With what each adds."))),
    "show": SubVerb("Show one preset.", show, _page(("auralis presets show warm", "All its numbers."))),
    "export": SubVerb(
        "Print presets of your own.",
        export,
        _page(("auralis presets export --to mine.toml", "All, to a file.")),
    ),
    "import": SubVerb(
        "Take presets of others.", import_, _page(("auralis presets import -n mine.toml", "Only say what it brings."))
    ),
}
