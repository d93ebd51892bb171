"""What is wrong with the library, and what is done about it."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.errors import AuralisError
from auralis_cli.quick_dataclasses import dataclass


class FindingKind(StrEnum):
    """What may be wrong."""

    # A file of the library that is gone from a root that is there.
    MISSING = "missing"
    # A file that is no sound any more.
    CORRUPT = "corrupt"
    # What nothing refers to.
    ORPHAN = "orphan"
    # A copy of a recording of which another is worth keeping.
    DUPLICATE = "duplicate"


# What is looked for where nothing is said: duplicates take longer, and nothing is wrong with them.
USUAL_KINDS = frozenset({FindingKind.MISSING, FindingKind.CORRUPT, FindingKind.ORPHAN})


class CleanupAction(StrEnum):
    """What is done about a finding, or would be."""

    # The library forgets it.
    FORGET = "forget"
    # The file goes to the trash, and the library forgets it.
    TRASH = "trash"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: FindingKind
    # Of the file, or of the row.
    id: int
    # None where it is no file.
    path: str | None
    action: CleanupAction
    # Why the file cannot be read; or what it is that nothing refers to: "artist Nobody".
    detail: str | None = None
    # Why it could not be mended.
    error: AuralisError | None = None


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row that nothing refers to."""

    # One of `db.orphans.TABLES`.
    table: str
    id: int
    name: str
