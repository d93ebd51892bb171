"""The pictures embedded in a file, whatever its format."""

from __future__ import annotations

import os
from pathlib import Path

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_reading import UNREADABLE, read_all_tags
from auralis_cli.audio.tag_set import CoverPicture, shown
from auralis_cli.errors import AuralisError, InputError


class UnreadableTagsError(InputError):
    """It is audio, and may be played, but what its tags hold cannot be told."""


def embedded_pictures(path: Path) -> tuple[CoverPicture, ...]:
    """All of them, in the file's order.

    Raises InputError where the file cannot be read or is no audio, UnreadableTagsError where its tags cannot be.
    """
    descriptor = open_source(path)
    try:
        with os.fdopen(descriptor, "rb") as file:
            return tuple(read_all_tags(file, sniff(path, descriptor).format.key).pictures)
    except AuralisError:
        raise
    except UNREADABLE as error:
        why = shown(str(error)) or type(error).__name__
        raise UnreadableTagsError(str(path), f"its tags cannot be read ({why})") from error
