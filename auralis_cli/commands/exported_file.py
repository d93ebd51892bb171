"""A file that an export of this program wrote, to be read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from auralis_cli.commands.verb import Session
from auralis_cli.errors import InputError
from auralis_cli.model.source import STANDARD_STREAM


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
