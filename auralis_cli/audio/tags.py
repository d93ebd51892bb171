"""Tags and covers go along from source to result, less what is no longer true."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_reading import UNREADABLE, read_tags, unreadable_tags
from auralis_cli.audio.tag_set import TagSet, shown
from auralis_cli.audio.tag_writing import write_tags
from auralis_cli.errors import OutputError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def copy_tags(
    source: Path | None, destination: Path, override: tuple[tuple[str, str], ...] = (), *, of_part: bool = True
) -> tuple[str, ...]:
    """Puts the tags and covers of `source` onto `destination`, a finished file of ours.

    Left out is what described the source's level, length or encoder. Fields in `override` win; where they are
    `of_part` of `source`, say of one track of a cue sheet, what the file says of the whole recording is left
    out as well. Without a `source` they are all there is.
    Returns a line for each thing that could not be taken along, unreadable tags included. Raises
    OutputError where `destination` cannot be written.
    """
    found = TagSet() if source is None else _read(source)
    if override and of_part:
        found.describe_part(override)
    elif override:
        found.override(override)
    if found:
        _write(found, destination)
    return found.report()


def _read(source: Path) -> TagSet:
    try:
        descriptor = open_source(source)
        with os.fdopen(descriptor, "rb") as file:
            found = read_tags(file, sniff(source, descriptor).format.key)
    except UNREADABLE as error:
        return TagSet(warnings=[unreadable_tags(error)])
    found.drop_stale()
    return found


def _write(found: TagSet, destination: Path) -> None:
    try:
        with open(destination, "r+b") as file:
            write_tags(file, sniff(destination, file.fileno()).format.key, found)
    except UNREADABLE as error:
        cause = error.__cause__ or error.__context__ or error
        full = isinstance(cause, OSError) and cause.errno in _FULL
        why = shown(str(error)) or type(error).__name__
        raise OutputError(
            str(destination), "the disk is full" if full else f"its tags cannot be written ({why})"
        ) from error
