"""What a walk leaves out at the user's wish: patterns as in a `.gitignore`, from ignore files and the settings."""

from __future__ import annotations

import os
import re
import stat
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.errors import InputError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".auralisignore"
# Longer ones are no lists of patterns.
_LONGEST_BYTES = 1 << 20


# Of one name, and of folders in between: a search tries all places for each.
_MOST_STARS, _MOST_BETWEEN = 4, 3


def _takes_long(pattern: str) -> bool:
    """Whether the search for it may take forever in a long name."""
    parts = pattern.split("/")
    return parts.count("**") > _MOST_BETWEEN or any(part.count("*") > _MOST_STARS for part in parts if part != "**")


class Ignored:
    """Patterns that hold in a folder and below it; of those that match, the deepest folder's last one decides."""

    def __init__(self, layers: tuple[tuple[str, GitIgnoreSpec], ...] = ()) -> None:
        # Folders with a slash at their end, the deepest first.
        self.layers = layers

    def within(self, folder: str, patterns: Sequence[str], origin: str) -> Ignored:
        """These and `patterns`, which are relative to `folder`. Raises InputError for what is no pattern."""
        # Imported here: most libraries have no patterns, and pay nothing for them.
        from pathspec import GitIgnoreSpec

        if hard := next(filter(_takes_long, patterns), None):
            raise InputError(origin, f"holds a pattern of too many stars ({hard[:80]})", "it is not heeded")
        try:
            with warnings.catch_warnings():
                # Of what may mean something else in a Python to come.
                warnings.simplefilter("ignore")
                spec = GitIgnoreSpec.from_lines(patterns)
        except (ValueError, TypeError, re.error) as error:
            why = next(iter(str(error).splitlines()), "no pattern")
            raise InputError(origin, f"holds what is no pattern ({why})", "it is not heeded") from error
        return Ignored(((folder.rstrip("/") + "/", spec), *self.layers))

    def read(self, folder: str) -> Ignored:
        """These and what the ignore file of `folder` says. Raises InputError where it cannot be read."""
        path = os.path.join(folder, IGNORE_FILE)
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise InputError(path, "is no regular file", "it is not heeded")
            with open(path, "rb") as file:
                data = file.read(_LONGEST_BYTES + 1)
        except OSError as error:
            raise InputError(path, f"cannot be read ({error.strerror or error})", "it is not heeded") from error
        if len(data) > _LONGEST_BYTES:
            raise InputError(path, "is longer than 1 MiB", "it is not heeded")
        return self.within(folder, os.fsdecode(data).splitlines(), path)

    def holds(self, path: str, *, is_folder: bool) -> bool:
        """Whether `path` is to be left out."""
        name = path + "/" if is_folder else path
        for folder, spec in self.layers:
            if name.startswith(folder):
                verdict = spec.check_file(name[len(folder) :]).include
                if verdict is not None:
                    return verdict
        return False
