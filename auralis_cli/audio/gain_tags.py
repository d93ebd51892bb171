"""ReplayGain and R128 in the tags of a file: what stands there, and what is to stand there instead.

Names are those of Vorbis comments. Whatever other programs wrote is replaced where it stands, however it is spelt, so
that no player finds an old gain beside a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class GainTags:
    """What a file says of gains."""

    # By the names of Vorbis comments, as they are written.
    values: Mapping[str, tuple[str, ...]]
    # Whether it says it in odd places or spellings, so that players may disagree.
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class GainsEdit:
    """Makes the gains of a file those of `changes`; a name without values goes. A FileEdit."""

    changes: Mapping[str, tuple[str, ...]]

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """Edits a copy of the file in place."""
        raise NotImplementedError


def read_gain_tags(path: Path) -> GainTags:
    """The gains that a file's tags tell of. Raises InputError for what cannot be read."""
    raise NotImplementedError
