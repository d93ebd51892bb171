"""Changes of files as wholes: what is to be done to one, and what came of it."""

from __future__ import annotations

from typing import IO, Protocol

from auralis_cli.model.library import FileFailure
from auralis_cli.quick_dataclasses import dataclass


class FileEdit(Protocol):
    """What is done to a copy of a file, which then takes the file's place; picklable, since workers do it."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """Edits the copy in place, open for reading and writing, of the registry's kind `format_key`.

        Returns a line for each thing that is to be said of it. Raises AuralisError where it cannot be done, or what
        mutagen raises (`audio.tag_reading.UNREADABLE`): then the file itself stays as it is.
        """


@dataclass(frozen=True, slots=True)
class RewriteTask:
    """A file to be edited."""

    path: str
    edit: FileEdit


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of one task."""

    path: str
    # Whether its bytes are others than before.
    changed: bool
    notes: tuple[str, ...] = ()
    failure: FileFailure | None = None
