"""Files that get other names."""

from __future__ import annotations

from auralis_cli.model.library import FileFailure
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileMove:
    """A file and the name it is to have."""

    path: str
    new_path: str


@dataclass(frozen=True, slots=True)
class MovedFile:
    """What came of one move; with a failure the file is where it was."""

    path: str
    new_path: str
    # Files of the same name beside it that went along, by their new names.
    companions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: FileFailure | None = None
