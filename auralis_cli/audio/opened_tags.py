"""The tags of one file, whatever format it is, for who asks them of a path."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_reading import UNREADABLE
from auralis_cli.audio.tag_set import shown
from auralis_cli.errors import AuralisError, InputError

Answer = TypeVar("Answer")


class UnreadableTagsError(InputError):
    """It is audio, and may be played, but what its tags hold cannot be told."""


def asked_of_tags(path: Path, ask: Callable[[IO[bytes], str], Answer]) -> Answer:
    """What `ask` finds in the open file of the registry's kind that it is given as well.

    Raises InputError for a file that cannot be opened or is no audio, UnreadableTagsError where its tags cannot be
    read, and the AuralisErrors of `ask` as they are.
    """
    descriptor = open_source(path)
    with os.fdopen(descriptor, "rb") as file:
        key = sniff(path, descriptor).format.key
        try:
            return ask(file, key)
        except AuralisError:
            raise
        except UNREADABLE as error:
            why = shown(str(error)) or type(error).__name__
            raise UnreadableTagsError(str(path), f"its tags cannot be read ({why})") from error
