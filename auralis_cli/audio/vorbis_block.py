"""The block of comments that FLAC, Vorbis, Opus and Speex share: every comment kept as the bytes it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from auralis_cli.audio.tag_names import ALIASES
from auralis_cli.audio.tag_values import NUMBER_PAIRS
from auralis_cli.model.tag_fields import TAG_FIELD_OF_VORBIS
from auralis_cli.quick_dataclasses import dataclass

_COMMENT, _DESCRIPTION = "comment", "description"
_OTHER_NAMES: dict[str, tuple[str, ...]] = {}
for _alias, _usual in ALIASES.items():
    _OTHER_NAMES[_usual] = (*_OTHER_NAMES.get(_usual, ()), _alias)


@dataclass(slots=True)
class CommentBlock:
    """Who wrote it, the comments, and what stands behind them."""

    vendor: bytes = b"Auralis"
    comments: list[bytes] = field(default_factory=list)
    rest: bytes = b""

    def names(self) -> list[str]:
        """The name of each comment, in lower case."""
        return [comment.partition(b"=")[0].decode("latin-1").lower() for comment in self.comments]

    def rendered(self) -> bytes:
        """The block as it stands in a file, without what stands behind it."""
        parts = [len(self.vendor).to_bytes(4, "little"), self.vendor, len(self.comments).to_bytes(4, "little")]
        for comment in self.comments:
            parts += [len(comment).to_bytes(4, "little"), comment]
        return b"".join(parts)


def parsed_block(data: bytes) -> CommentBlock:
    """The block that `data` begins with; ValueError for one that is cut."""
    vendor, place = _string(data, 0)
    count = int.from_bytes(data[place : place + 4], "little")
    place += 4
    comments = []
    for _ in range(count):
        comment, place = _string(data, place)
        comments.append(comment)
    return CommentBlock(vendor, comments, data[place:])


def _string(data: bytes, place: int) -> tuple[bytes, int]:
    size = int.from_bytes(data[place : place + 4], "little")
    end = place + 4 + size
    if len(data) < place + 4 or end > len(data):
        raise ValueError("its Vorbis comments are cut")
    return data[place + 4 : end], end


def change_comments(block: CommentBlock, fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the values of the fields in the place of those that are there, whatever they are called."""
    fields = _as_written(block, fields)
    for name, values in fields.items():
        names = (name.lower(), *_OTHER_NAMES.get(name.lower(), ()))
        present = [other for other in names if other in block.names()]
        # Where there is a comment, a description is another thing.
        if values and present[:1] == [_COMMENT] and _DESCRIPTION in present:
            present.remove(_DESCRIPTION)
        for other in present:
            _replace(block, other, values)
        if not present and values:
            spelling = name.upper() if name in TAG_FIELD_OF_VORBIS else name
            block.comments.extend(f"{spelling}={value}".encode() for value in values)


def _replace(block: CommentBlock, name: str, values: Sequence[str]) -> None:
    """Where the first of that name stood, by the name as it was spelt there."""
    places = [place for place, other in enumerate(block.names()) if other == name]
    spelling = block.comments[places[0]][: len(name)]
    for place in reversed(places):
        del block.comments[place]
    block.comments[places[0] : places[0]] = [spelling + b"=" + value.encode() for value in values]


def _as_written(block: CommentBlock, fields: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """A number that stands with its total, `3/12`, stays so."""
    found = dict(fields)
    for number, total in NUMBER_PAIRS:
        if number in found and total in found and total not in block.names() and _is_pair(block, number):
            text = "/".join(part[0] for part in (found[number] or ("0",), found[total]) if part)
            found[number] = (text,) if found[number] or found[total] else ()
            found[total] = ()
    return found


def _is_pair(block: CommentBlock, number: str) -> bool:
    names = (number, *_OTHER_NAMES.get(number, ()))
    return any(b"/" in comment for comment, name in zip(block.comments, block.names(), strict=True) if name in names)
