"""Tags of a file read whole and changed in place, field by field: whatever is not named stays as it is.

A file may keep tags in several places: ID3 and APE in an mp3, ID3 and INFO in a WAV. All that hold a field are changed
alike, or else two readers would disagree. `file` is open for reading and writing and is a copy that nobody else reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import IO

from auralis_cli.audio.tag_places import edit_places, unwritable
from auralis_cli.audio.tag_reading import read_all_tags
from auralis_cli.audio.tag_set import is_stale
from auralis_cli.audio.tag_values import NUMBER_PAIRS, others_in, texts_of, values_in
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.tag_edits import TagEdit, TagValues, edited
from auralis_cli.model.tag_fields import TAG_FIELD_OF_VORBIS
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileTags:
    """All that the tags of a file say, whichever place says it."""

    values: TagValues
    # Texts without a name of ours, by the file's name for them.
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Kinds of frames and atoms that are no text.
    nameless: tuple[str, ...] = ()
    pictures: int = 0
    # One line for each thing that could not be read as it was.
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagsEdit:
    """A FileEdit: tags changed by what is to be done to single fields."""

    edits: tuple[TagEdit, ...]

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        """Does the edits; UnsupportedError where the format cannot hold what they make."""
        changes = edited(read_tag_values(file, format_key), self.edits)
        return change_tag_values(file, format_key, changes) if changes else ()


def read_file_tags(file: IO[bytes], key: str) -> FileTags:
    """What the tags of a file of the registry's kind `key` say; raises `tag_reading.UNREADABLE`."""
    found = read_all_tags(file, key)
    return FileTags(
        values_in({name: values for name, (_, values) in found.values().items()}),
        others_in(found),
        tuple(dict.fromkeys(found.nameless)),
        len(found.pictures),
        found.report(),
    )


def read_tag_values(file: IO[bytes], key: str) -> dict[str, tuple[str, ...]]:
    """The values of the table's fields that a file of the kind `key` has; raises `tag_reading.UNREADABLE`."""
    return values_in({name: values for name, (_, values) in read_all_tags(file, key).values().items()})


def change_tag_values(file: IO[bytes], key: str, changes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Makes fields, by the table's names, hold these canonical values, or nothing where there are none.

    Returns a line for each thing that is to be said of it. Raises KeyError for a name that is not in the table,
    UnsupportedError where the format cannot hold it, and `tag_reading.UNREADABLE` where tags cannot be followed.
    """
    texts = texts_of(changes)
    for name, values in changes.items():
        reason = unwritable(key, name, values)
        if reason is not None:
            raise UnsupportedError("", reason)
    return change_raw_fields(file, key, texts)


def change_raw_fields(file: IO[bytes], key: str, fields: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Makes fields, by the names of Vorbis comments, hold these texts, or nothing where there are none.

    Case tells no names apart. A new field of the table is spelt as its container's users spell it, any other as it is
    given. A kind of ID3 frame without such a name goes by its own: `rva2` without texts takes those frames away. Notes
    and failures are as with `change_tag_values`.
    """
    reason = unwritable(key)
    if reason is not None:
        raise UnsupportedError("", reason)
    texts = _whole_pairs(file, key, fields)
    return edit_places(file, key, texts, lambda: _said(file, key))


def _said(file: IO[bytes], key: str) -> dict[str, list[str]]:
    """All that is worth carrying into a new place, by the file's names."""
    return {
        name if name in TAG_FIELD_OF_VORBIS else spelling: values
        for name, (spelling, values) in read_all_tags(file, key).values().items()
        if not is_stale(name)
    }


def _whole_pairs(file: IO[bytes], key: str, fields: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """With the total of each number and the number of each total, since most containers keep both as one."""
    found = {name.lower() if name.lower() in _PAIRED else name: tuple(texts) for name, texts in fields.items()}
    for pair in NUMBER_PAIRS:
        if any(name in found for name in pair) and not all(name in found for name in pair):
            now = texts_of(read_tag_values(file, key))
            for name in pair:
                found.setdefault(name, now.get(name, ()))
    return found


_PAIRED = frozenset(name for pair in NUMBER_PAIRS for name in pair)
