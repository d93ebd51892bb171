"""What was done to the library and to files, as it stands in the journal."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.quick_dataclasses import dataclass


class EntryState(StrEnum):
    """How far a change has come."""

    # Under way, or its program ended before it did.
    OPEN = "open"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change: what a command did, from its first row to its last file."""

    id: int
    verb: str
    summary: str
    started_at: int
    finished_at: int | None
    state: EntryState
    undone_at: int | None
    # Rows of the library and files that it touched.
    rows: int
    files: int


class FileOperation(StrEnum):
    """What happened to a file."""

    # Moved to the trash, `place` says where it lies there.
    TRASHED = "trashed"
    CREATED = "created"
    # Its place was taken by an edited copy; `place` holds what the old bytes are made of again.
    REWRITTEN = "rewritten"
    # Has another name now: `place`.
    MOVED = "moved"


class FileState(StrEnum):
    """How far a change of a file has come: it is noted before the file is touched."""

    INTENDED = "intended"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that an entry touched."""

    id: int
    operation: FileOperation
    path: str
    # In the trash; what is needed to have the old bytes again; the new name.
    place: str | None
    # As it was left; whoever finds it otherwise leaves it alone.
    size_bytes: int | None
    mtime_ns: int | None
    state: FileState
    # Of a rewritten file: JSON of what it was.
    before: str | None = None


@dataclass(frozen=True, slots=True)
class IntendedFile:
    """What is about to be done to a file; the fields are those of `FileChange`."""

    path: str
    place: str
    before: str | None = None
    size_bytes: int | None = None
    mtime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class DoneFile:
    """That it was done, and how the file was left."""

    id: int
    size_bytes: int
    mtime_ns: int
    before: str | None = None
