"""Changes to a settings file: comments and order stay, what is wrong is refused, and a reader never sees half of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from auralis_cli.errors import OutputError, UsageError
from auralis_cli.settings_file import kind_of, parse_toml
from auralis_cli.whole_file import write_whole_file


def text_of(path: Path) -> str:
    """The text that stands in the file; none where it does not exist."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise UsageError(str(path), "is not UTF-8") from error


def text_with(text: str, path: Path, key: str, word: str) -> str:
    """The text with one more value; UsageError where the key takes no such value."""
    kind = kind_of(key)
    try:
        kind.parse(word)
    except ValueError as error:
        raise UsageError(key, str(error)) from error
    document = _parsed(text, path)
    *sections, name = key.split(".")
    table: Any = document
    for depth, section in enumerate(sections):
        if section not in table:
            # Of [presets.mine], the first part needs no header of its own.
            table[section] = tomlkit.table(is_super_table=depth < len(sections) - 1)
        table = table[section]
        if not isinstance(table, Mapping):
            raise UsageError(f"{path}: {'.'.join(sections[: depth + 1])}", "is a value, not a section")
    table[name] = kind.plain(word)
    return tomlkit.dumps(document)


def text_without(text: str, path: Path, key: str) -> str:
    """The text without a value, or without a whole section such as `presets.mine`; as it is where there is none."""
    document = _parsed(text, path)
    *sections, name = key.split(".")
    table: Any = document
    for section in sections:
        table = table.get(section) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or name not in table:
        return text
    del table[name]  # type: ignore[attr-defined]
    return tomlkit.dumps(document)


def write_text(path: Path, text: str) -> None:
    """Puts the text in place of the file, of what a link points to, whole or not at all."""
    place = Path(os.path.realpath(path))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Settings are private unless the user has made the file otherwise.
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o600
    except OSError as error:
        raise OutputError(str(path), error.strerror or "cannot be written") from error
    write_whole_file(place, text.encode("utf-8"), mode=mode)


def _parsed(text: str, path: Path) -> Any:
    # First by the parser that reads it in every run, whose complaint names the line.
    parse_toml(text, path)
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(str(path), f"is not TOML: {error}") from error
