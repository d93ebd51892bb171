"""Files that exports of this program write, and such as are read again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from auralis_cli.commands.verb import Session
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.source import STANDARD_STREAM
from auralis_cli.whole_file import check_no_folder


def target_of(file: Path | None, of_files: Mapping[str, bool]) -> Path | None:
    """Where an export goes, None for standard output, which takes no options of an export into a file (UsageError).

    RefusedError where it is a folder.
    """
    if file is not None and str(file) != STANDARD_STREAM:
        check_no_folder(file)
        return Path(os.path.abspath(file))
    for option, is_given in of_files.items():
        if is_given:
            raise UsageError(option, "is for an export into a file", "what is printed is all there is")
    return None


@contextmanager
def opened_export(session: Session, name: str) -> Iterator[BinaryIO]:
    """The bytes of a file, - for standard input. Raises InputError where it cannot be read, or that is closed."""
    if name == STANDARD_STREAM:
        if session.streams.stdin is None:
            raise InputError(name, "standard input is closed", "pipe an export into it")
        yield session.streams.stdin
        return
    path = Path(name)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(name, error.strerror or "cannot be read") from error
    with stream:
        yield stream
