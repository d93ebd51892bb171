"""Pictures into files and out of them: only those of the kind that is asked for change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class EmbedCover:
    """Puts a picture into a file, in the place of those of its kind: a `FileEdit`."""

    picture: CoverPicture

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """See `FileEdit.apply`; raises UnsupportedError where the format cannot hold it."""
        raise UnsupportedError(format_key, "holds no pictures")


@dataclass(frozen=True, slots=True)
class RemoveCovers:
    """Takes the pictures of some kinds out of a file, all of them where none is named: a `FileEdit`."""

    # By their numbers in ID3 and FLAC.
    kinds: tuple[int, ...] = ()

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """See `FileEdit.apply`."""
        raise UnsupportedError(format_key, "holds no pictures")
