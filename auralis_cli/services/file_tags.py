"""What the tags of one file say, and what failed with a file, as values. Needs neither the library nor a decoder."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.audio.opened_tags import asked_of_tags
from auralis_cli.audio.tag_editing import read_file_tags
from auralis_cli.errors import AuralisError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.model.tagged_files import TaggedFile


def read_tagged_file(target: TagTarget) -> TaggedFile:
    """What the tags of a file say. Raises InputError for what is no audio file, or whose tags cannot be read."""
    key, found = asked_of_tags(Path(target.path), lambda file, key: (key, read_file_tags(file, key)))
    return TaggedFile(target.path, key, found.values, found.others, target.id, found.pictures, found.warnings)


def failure_at(path: str, error: AuralisError) -> FileFailure:
    """An error about the file at `path`, as a value."""
    why = f"{error.what}: {error.why}" if error.what not in ("", path) else error.why
    return FileFailure(None, path, error.code, why, error.hint)
