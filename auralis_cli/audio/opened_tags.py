"""The tags of one file, whatever format it is, for who asks them of a path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_reading import UNREADABLE, read_tags
from auralis_cli.audio.tag_set import TagSet, shown
from auralis_cli.errors import AuralisError, InputError


@dataclass(frozen=True, slots=True)
class OpenedTags:
    """An open file, its kind in the registry, and what its tags say."""

    file: IO[bytes]
    key: str
    tags: TagSet


@contextmanager
def opened_tags(path: Path) -> Iterator[OpenedTags]:
    """Open for as long as the context lasts. Raises InputError, also for tags that cannot be read."""
    descriptor = open_source(path)
    with os.fdopen(descriptor, "rb") as file:
        key = sniff(path, descriptor).format.key
        try:
            yield OpenedTags(file, key, read_tags(file, key))
        except AuralisError:
            raise
        except UNREADABLE as error:
            why = shown(str(error)) or type(error).__name__
            raise InputError(str(path), f"its tags cannot be read ({why})") from error
