"""The pictures embedded in a file, whatever its format."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.audio.opened_tags import asked_of_tags
from auralis_cli.audio.tag_reading import read_all_tags
from auralis_cli.audio.tag_set import CoverPicture


def embedded_pictures(path: Path) -> tuple[CoverPicture, ...]:
    """All of them, in the file's order; raises what `asked_of_tags` raises."""
    return tuple(asked_of_tags(path, read_all_tags).pictures)
