"""`auralis config …`: shows what is set and who says so, and changes the settings file."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.options import AsJson
from auralis_cli.commands.parsers import Suggestion
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.output import Output
from auralis_cli.settings import SETTINGS
from auralis_cli.terminal_text import align, display_width, printable

if TYPE_CHECKING:
    from auralis_cli.config import Config

ABOUT = """Show and change settings.

Settings are defaults of options, said once instead of every time, and presets and targets of your own. They stand in
a file of TOML, which may as well be edited by hand."""

PAGE = Page(
    examples=(
        ("auralis config show --origin", "What holds here, and who says so."),
        ("auralis config set master.target apple", "Deliver to Apple from now on."),
        ("auralis config edit", "Write presets and targets of your own."),
    ),
    exit_status=(
        (0, "Done."),
        (1, "The file cannot be written, or the editor failed."),
        (2, "Usage; or a setting that cannot be served: the line says where it stands and what it may be."),
    ),
    details=("The file, every setting in it, and which of several values wins are told in auralis-config(5).",),
)
_CHANGES = (
    (0, "The file is written, or says so already."),
    (1, "The file cannot be written."),
    (2, "Usage; or the settings could not be served."),
)

_WIDEST_VALUE = 40

Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY", parser=Suggestion(SETTINGS), help="A setting, as master.preset or presets.mine.air_db."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be written, and write nothing.")]


def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
    json: AsJson = False,
) -> int:
    """Show every setting.

    Prints what holds for each, with everything taken into account, and the presets and targets of your own. With
    --json the origin of each is always told.
    """
    session = session_of(context)
    config = session.config
    for name in config.unknown_variables:
        session.output.note(f"{name}: there is no such variable, and it does nothing")
    if json:
        session.output.document(_document(config))
    else:
        _show_table(session.output, config, with_origin=origin)
    return 0


def get(context: typer.Context, key: Key, json: AsJson = False) -> int:
    """Print what holds for one setting.

    Prints an empty line where nothing is set and the program decides from case to case.
    """
    session = session_of(context)
    value, origin = _look_up(session.config, key)
    if json:
        session.output.document({"key": key, "value": value, "origin": origin})
    else:
        session.output.result(printable(_shown(value)))
    return 0


def set_(
    context: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its value, as the option would take it.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Set one setting in the file.

    Changes the user's own file, or that of --config, and keeps its comments. Keys such as presets.mine.base make
    presets and targets of your own.
    """
    from auralis_cli.settings_edit import text_with

    session = session_of(context)
    path = _file_to_change(session)
    before = _text_of(path)
    return _change(session, path, before, text_with(before, path, key, value), key, dry_run=dry_run, as_json=json)


def unset(context: typer.Context, key: Key, dry_run: DryRun = False, json: AsJson = False) -> int:
    """Take one setting out of the file.

    KEY may also be a whole section, as presets.mine. What is not there need not be taken out.
    """
    from auralis_cli.settings_edit import text_without

    session = session_of(context)
    path = _file_to_change(session)
    before = _text_of(path)
    return _change(session, path, before, text_without(before, path, key), key, dry_run=dry_run, as_json=json)


def path_(context: typer.Context, json: AsJson = False) -> int:
    """Print the name of the settings file.

    Prints the user's own file, or that of --config, whether it exists or not.
    """
    session = session_of(context)
    path = _file_to_change(session)
    if json:
        session.output.document({"path": path, "exists": path.exists()})
    else:
        session.output.result(printable(path))
    return 0


def edit(context: typer.Context) -> int:
    """Open the settings file in your editor.

    Runs $VISUAL or $EDITOR on a copy, and puts that in place when every value in it can be served. Otherwise your text
    is kept beside the file, and the next edit begins with it.
    """
    from auralis_cli.config import check_change
    from auralis_cli.settings_edit import text_of, write_text

    session = session_of(context)
    path = _file_to_change(session)
    kept = path.with_name(path.name + ".rejected")
    before = text_of(path)
    text = _edited(session, text_of(kept) if kept.exists() else before or TEMPLATE)
    try:
        check_change(session.output.variables, session.config_file, path, text)
    except UsageError as error:
        write_text(kept, text)
        hint = f"your text is kept in {kept}; nothing has changed"
        raise UsageError(error.what, error.why, hint) from error
    if text == before:
        session.output.note(f"{path}: nothing has changed")
    else:
        write_text(path, text)
    kept.unlink(missing_ok=True)
    return 0


TEMPLATE = """\
# Settings of auralis. `auralis config show` lists all there are, `man auralis-config` explains them.
#
# [master]
# target = "apple"
#
# [presets.mine]
# base = "warm"
# air_db = 0.5
"""


def _edited(session: Session, text: str) -> str:
    """What the user's editor makes of the text."""
    variables = session.output.variables
    command = variables.get("VISUAL") or variables.get("EDITOR")
    if not command:
        if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
            raise UsageError("EDITOR", "is not set, and there is no terminal for vi", "use auralis config set")
        command = "vi"
    with tempfile.TemporaryDirectory(prefix="auralis-") as folder:
        copy = Path(folder) / "config.toml"
        copy.write_text(text, encoding="utf-8")
        # Our standard error, not descriptor 2: that is kept quiet.
        stderr = sys.stderr.fileno() if session.output.variables is os.environ else None
        try:
            code = subprocess.run([*shlex.split(command), str(copy)], stderr=stderr, check=False).returncode
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise AuralisError(command, f"the editor cannot be started: {why}", "set EDITOR") from error
        if code != 0:
            raise AuralisError(command, f"the editor failed with code {code}", "nothing has changed")
        try:
            return copy.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AuralisError(command, "left no text behind", "nothing has changed") from error


def _file_to_change(session: Session) -> Path:
    from auralis_cli.config import chosen_file, user_file

    variables = session.output.variables
    return chosen_file(variables, session.config_file) or user_file(variables)


def _text_of(path: Path) -> str:
    from auralis_cli.settings_edit import text_of

    return text_of(path)


def _change(session: Session, path: Path, before: str, after: str, key: str, *, dry_run: bool, as_json: bool) -> int:
    from auralis_cli.config import check_change
    from auralis_cli.settings_edit import write_text

    old, new = _entry(before, path, key), _entry(after, path, key)
    check_change(session.output.variables, session.config_file, path, after)
    if after != before and not dry_run:
        write_text(path, after)
    if as_json:
        session.output.document({"path": path, "key": key, "before": old, "value": new, "dry_run": dry_run})
    elif after == before:
        session.output.note(f"{path}: nothing to change")
    elif dry_run:
        session.output.result(
            printable(f"{path}: {key} = {_shown(new)}" if new is not None else f"{path}: {key} unset")
        )
    return 0


def _entry(text: str, path: Path, key: str) -> Any:
    from auralis_cli.settings_file import parse_toml

    with suppress(UsageError):
        value: Any = parse_toml(text, path)
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value
    return None


def _look_up(config: Config, key: str) -> tuple[Any, str]:
    """What holds for a setting, or for a number of a preset or target, built in or not."""
    from auralis_cli.settings_file import nearest

    if key in SETTINGS:
        value = config.values[key]
        return None if value.word is None else SETTINGS[key].kind.plain(value.word), value.origin
    section, _, rest = key.partition(".")
    name, _, entry = rest.partition(".")
    if section == "presets" and name in config.presets:
        figures = asdict(config.presets[name])
    elif section == "targets" and name in config.targets:
        figures = asdict(config.targets[name])
    else:
        raise UsageError(key, "there is no such setting", nearest(key, SETTINGS))
    if entry not in figures:
        raise UsageError(key, "there is no such setting", nearest(entry, figures))
    return figures[entry], config.origins.get(f"{section}.{name}", "built in")


def _document(config: Config) -> dict[str, object]:
    items: list[dict[str, object]] = []
    for key, setting in SETTINGS.items():
        value, origin = _look_up(config, key)
        default = None if setting.default is None else setting.kind.plain(setting.default)
        items.append({"key": key, "value": value, "origin": origin, "default": default, "variable": setting.variable})
    own: dict[str, list[dict[str, object]]] = {}
    for section, known in (("presets", config.presets), ("targets", config.targets)):
        own[section] = [
            {**asdict(one), "origin": config.origins.get(f"{section}.{name}", "built in")}
            for name, one in known.items()
        ]
    own["keys"] = [
        {"line": line, "keys": keys, "origin": config.origins[f"keys.{line}"]} for line, keys in config.keys.items()
    ]
    return {"auralis": FORMAT_VERSION, "items": items, **own, "unknown_variables": config.unknown_variables}


def _show_table(output: Output, config: Config, *, with_origin: bool) -> None:
    rows: list[tuple[str, str, str]] = []
    for key, setting in SETTINGS.items():
        value = config.values[key]
        shown = printable(value.word) if value.word is not None else output.styled(setting.otherwise, "dim")
        rows.append((key, output.styled(shown, "bold") if value.is_set else shown, value.origin))
    for key, origin in config.origins.items():
        rows.append((key, printable(_own_in_words(config, *key.split(".", 1))), origin))
    widest = max(display_width(shown) for _, shown, _ in rows)
    widths = (max(display_width(key) for key, _, _ in rows), min(widest, _WIDEST_VALUE), 0)
    for key, shown, origin in rows:
        cells = (printable(key), shown, output.styled(printable(origin), "dim") if with_origin else "")
        output.result(align(cells, widths))


def _own_in_words(config: Config, section: str, name: str) -> str:
    if section == "keys":
        return config.keys[name]
    return _figures_in_words(asdict(config.presets[name] if section == "presets" else config.targets[name]))


def _figures_in_words(figures: dict[str, Any]) -> str:
    return " ".join(f"{name}={value:g}" for name, value in figures.items() if isinstance(value, float))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _page(examples: Iterable[tuple[str, str]], exit_status: Iterable[tuple[int, str]] = ((0, "Done."),)) -> Page:
    return Page(tuple(examples), tuple(exit_status), needs_settings=False, takes_numbers=True)


VERBS = {
    "show": SubVerb("Show every setting.", show, _page([("auralis config show --origin", "And who says so.")])),
    "get": SubVerb("Print one setting.", get, _page([("auralis config get master.preset", "The preset that holds.")])),
    "set": SubVerb(
        "Set one setting.",
        set_,
        _page(
            [
                ("auralis config set master.loudness -16", "Louder or quieter than targets and presets ask."),
                ("auralis config set -n presets.mine.base warm", "Only say what would be written."),
            ],
            _CHANGES,
        ),
    ),
    "unset": SubVerb(
        "Take a setting out of the file.",
        unset,
        _page([("auralis config unset master.loudness", "Back to the default.")], _CHANGES),
    ),
    "path": SubVerb(
        "Print the name of the settings file.", path_, _page([('cat "$(auralis config path)"', "See the file itself.")])
    ),
    "edit": SubVerb(
        "Open the settings file in your editor.",
        edit,
        _page([("EDITOR=nano auralis config edit", "In an editor of your choice.")], PAGE.exit_status),
    ),
}
