"""ReplayGain and R128 in the tags of a file: what stands there, and what is to stand there instead.

Names are those of Vorbis comments. What other programs wrote is replaced wherever it stands, however it is spelt, so
that no player finds an old gain beside a new one: in APE tags behind an mp3, in small letters, in frames of ID3 made
for volumes (RVA2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import IO, cast

from auralis_cli.audio.bounded_file import BoundedFile
from auralis_cli.audio.id3_places import read_id3_tag
from auralis_cli.audio.opened_tags import asked_of_tags
from auralis_cli.audio.tag_edit_id3 import VOLUME_FRAMES
from auralis_cli.audio.tag_editing import change_raw_fields
from auralis_cli.audio.tag_places import unwritable
from auralis_cli.audio.tag_reading import READERS
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.replaygain import GAIN_NAMES
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GainTags:
    """What a file says of gains."""

    # By the names of Vorbis comments, as they are written.
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Whether two places of it do not say the same, or one says it in a way of its own.
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class GainsEdit:
    """Makes the gains of a file those of `changes`; a name without values goes. A FileEdit."""

    changes: Mapping[str, tuple[str, ...]]

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """Edits a copy of the file in place; raises what `change_raw_fields` raises."""
        return change_raw_fields(file, format_key, {name.upper(): values for name, values in self.changes.items()})


def read_gain_tags(path: Path) -> GainTags:
    """The gains that a file's tags tell of.

    Raises InputError for what cannot be read, UnsupportedError for a format whose tags nobody would find.
    """

    def asked(file: IO[bytes], key: str) -> GainTags:
        if (reason := unwritable(key)) is not None:
            raise UnsupportedError(str(path), reason)
        return _gain_tags(file, key)

    return asked_of_tags(path, asked)


def _gain_tags(file: IO[bytes], key: str) -> GainTags:
    found: dict[str, tuple[str, ...]] = {}
    is_odd = False
    bounded = cast(IO[bytes], BoundedFile(file))
    for read in READERS[key]:
        file.seek(0)
        in_place: dict[str, tuple[str, ...]] = {}
        for name, value in read(bounded, key).fields:
            if (plain := name.lower()) in GAIN_NAMES:
                in_place[plain] = (*in_place.get(plain, ()), value)
        is_odd = is_odd or any(found.get(name, values) != values for name, values in in_place.items())
        found = in_place | found
    return GainTags(found, is_odd or _has_volume_frames(file, key))


def _has_volume_frames(file: IO[bytes], key: str) -> bool:
    tag, unknown = read_id3_tag(file, key)
    names = [*unknown, *(() if tag is None else (frame.FrameID for frame in tag.values()))]
    return any(name in VOLUME_FRAMES for name in names)
