"""One setting changed in the user's file, as `auralis config set` does it, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auralis_cli.config import check_change, chosen_file, user_file
from auralis_cli.errors import RefusedError
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What stood in a settings file, and what stands there now."""

    path: Path
    key: str
    before: str
    after: str


def change_setting(variables: Mapping[str, str], config_file: Path | None, key: str, word: str | None) -> SettingChange:
    """Sets `key` to what `word` says, or takes it out of the file without one.

    Raises UsageError where it cannot be served, OutputError where the file cannot be written: nothing is changed then.
    """
    from auralis_cli.settings_edit import text_of, text_with, text_without, write_text

    path = chosen_file(variables, config_file) or user_file(variables)
    before = text_of(path)
    after = text_without(before, path, key) if word is None else text_with(before, path, key, word)
    check_change(variables, config_file, path, after)
    if after != before:
        write_text(path, after)
    return SettingChange(path, key, before, after)


def take_back(change: SettingChange) -> None:
    """Puts back what stood in the file. Raises RefusedError where somebody has written it since."""
    from auralis_cli.settings_edit import text_of, write_text

    if text_of(change.path) != change.after:
        raise RefusedError(str(change.path), "was changed since by somebody else", "nothing is taken back")
    write_text(change.path, change.before)
