"""Pictures in ID3 tags, wherever a format keeps them: their frames changed, all others byte for byte as they were."""

from __future__ import annotations

from typing import IO

from auralis_cli.audio.cover_change import CoverChange
from auralis_cli.audio.id3_editing import id3_tag_of, write_id3
from auralis_cli.audio.id3_tag import Id3Frame, Id3Tag, plain_body
from auralis_cli.audio.tag_set import CoverPicture

_FRAME = "APIC"
_OTHER = 0
_LATIN_1, _UTF_16, _UTF_8 = 0, 1, 3
_ENCODINGS = {_LATIN_1: "latin-1", _UTF_16: "utf-16", 2: "utf-16-be", _UTF_8: "utf-8"}
_WIDE = (1, 2)


def has_id3(file: IO[bytes], key: str) -> bool:
    """Whether there is an ID3v2 tag."""
    return id3_tag_of(file, key) is not None


def edit_id3_pictures(file: IO[bytes], key: str, change: CoverChange, *, wanted: bool) -> None:
    """Frames of the file's ID3v2 tag; a new tag is of version 2.4."""
    tag = id3_tag_of(file, key)
    if tag is None:
        if not wanted or change.picture is None:
            return
        tag = Id3Tag()
    pictures = [(frame, *_kind_and_description(frame, tag.version)) for frame in tag.frames if frame.name == _FRAME]
    comes = wanted or any(change.takes(kind) for _, kind, _ in pictures)
    taken = {description for _, kind, description in pictures if not change.takes(kind)}

    def made(picture: CoverPicture) -> tuple[Id3Frame, int, str]:
        description = picture.description
        # Two of one description would be one.
        while description in taken:
            description += " "
        return _frame_of(picture, description, tag.version), picture.kind, description

    after = change.done_to(pictures, lambda picture: picture[1], made if comes else None)
    if after != pictures:
        _put(tag, [frame for frame, _, _ in after])
        write_id3(file, key, tag)


def _put(tag: Id3Tag, pictures: list[Id3Frame]) -> None:
    """Where the first picture stood, else at the end: what is read first stays in front."""
    places = [place for place, frame in enumerate(tag.frames) if frame.name == _FRAME]
    first = places[0] if places else len(tag.frames)
    others = [frame for frame in tag.frames if frame.name != _FRAME]
    tag.frames[:] = [*others[:first], *pictures, *others[first:]]


def _kind_and_description(frame: Id3Frame, version: int) -> tuple[int, str]:
    """What a picture shows, and what is said of it; of one that cannot be told it is another, of which nothing is."""
    body = plain_body(frame, version) or b""
    end = body.find(b"\0", 1)
    if end < 0 or end + 1 >= len(body):
        return _OTHER, ""
    encoding = body[0]
    text, start = b"", end + 2
    step = 2 if encoding in _WIDE else 1
    for place in range(start, len(body) - step + 1, step):
        if not body[place : place + step].strip(b"\0"):
            text = body[start:place]
            break
    return body[end + 1], text.decode(_ENCODINGS.get(encoding, "latin-1"), "replace")


def _frame_of(picture: CoverPicture, description: str, version: int) -> Id3Frame:
    encoding = _LATIN_1 if description.isascii() else _UTF_8 if version == 4 else _UTF_16
    said = description.encode(_ENCODINGS[encoding], "replace") + bytes(2 if encoding in _WIDE else 1)
    head = bytes([encoding]) + picture.mime.encode("latin-1", "replace") + b"\0" + bytes([picture.kind])
    return Id3Frame(_FRAME, head + said + picture.data)
