"""ID3v2 tags as frames of bytes, taken apart and put together again: frames that nobody changes stay as they are."""

from __future__ import annotations

import io
import zlib
from dataclasses import field

from mutagen.id3 import ID3

from auralis_cli.audio.id3_places import refuse_endless
from auralis_cli.audio.texts_id3 import syncsafe
from auralis_cli.quick_dataclasses import dataclass

HEAD_BYTES = 10
_MAX_FRAMES = 65_536
_MAX_UNPACKED_BYTES = 16 << 20
_MAX_TAG_BYTES = (1 << 28) - 1
_ODD_FLAGS = 0xC0
# Padding that is left for the next change, and what is too much of it.
_NEW_PADDING_BYTES, _MAX_PADDING_BYTES = 2048, 1 << 16
# How a frame's body is stored, by the second byte of its flags.
_V3_PACKED, _V3_SECRET, _V3_GROUPED = 0x80, 0x40, 0x20
_V4_GROUPED, _V4_PACKED, _V4_SECRET, _V4_UNSYNCHRONISED, _V4_SIZED = 0x40, 0x08, 0x04, 0x02, 0x01


@dataclass(frozen=True, slots=True)
class Id3Frame:
    """One frame as it is stored."""

    name: str
    body: bytes
    flags: bytes = b"\0\0"


@dataclass(slots=True)
class Id3Tag:
    """The frames of a tag of version 2.3 or 2.4."""

    version: int = 4
    frames: list[Id3Frame] = field(default_factory=list)
    # Whether it was of a kind that is not written: what it says is as it was, its bytes are others.
    is_anew: bool = False


def parsed_tag(data: bytes) -> Id3Tag:
    """The tag that `data` is, which begins with its head; an older or oddly stored one as version 2.4.

    Raises what mutagen raises for a tag that cannot be followed.
    """
    version, flags = data[3], data[5]
    if version in (3, 4) and not flags & _ODD_FLAGS:
        for is_syncsafe in (True, False) if version == 4 else (False,):
            frames = _frames(data, is_syncsafe)
            if frames is not None:
                return Id3Tag(version, frames)
    frames = _frames(_rewritten(data), is_syncsafe=True)
    if frames is None:
        raise ValueError("its ID3 tag cannot be followed")
    return Id3Tag(4, frames, is_anew=True)


def rendered_tag(tag: Id3Tag, room_bytes: int, *, is_exact: bool = False) -> bytes:
    """The tag as it is stored, in as much room as it had where it fits; nothing for one without frames.

    `is_exact`: without padding, where whatever is around it is easily moved.
    """
    if not tag.frames:
        return b""
    body = b"".join(_rendered(frame, tag.version) for frame in tag.frames)
    size = HEAD_BYTES + len(body)
    padding = room_bytes - size
    if not 0 <= padding <= _MAX_PADDING_BYTES + size // 10:
        padding = 0 if is_exact else _NEW_PADDING_BYTES
    size = len(body) + padding
    if size > _MAX_TAG_BYTES:
        raise ValueError("an ID3 tag holds up to 256 MiB")
    return b"ID3" + bytes([tag.version, 0, 0]) + _syncsafe_bytes(size) + body + bytes(padding)


def plain_body(frame: Id3Frame, version: int) -> bytes | None:
    """What the frame holds, unpacked; None where nobody can tell."""
    flags, body = frame.flags[1], frame.body
    if version == 3:
        is_packed, is_secret = flags & _V3_PACKED, flags & _V3_SECRET
        body = body[(4 if is_packed else 0) + (1 if flags & _V3_GROUPED else 0) :]
    else:
        is_packed, is_secret = flags & _V4_PACKED, flags & _V4_SECRET
        body = body[(1 if flags & _V4_GROUPED else 0) + (4 if flags & _V4_SIZED else 0) :]
        if flags & _V4_UNSYNCHRONISED:
            body = body.replace(b"\xff\0", b"\xff")
    if is_secret:
        return None
    if is_packed:
        try:
            return zlib.decompressobj().decompress(body, _MAX_UNPACKED_BYTES)
        except zlib.error:
            return None
    return body


def _frames(data: bytes, is_syncsafe: bool) -> list[Id3Frame] | None:
    """None where what follows the frames is neither the end nor padding."""
    frames: list[Id3Frame] = []
    place = HEAD_BYTES
    end = min(len(data), HEAD_BYTES + syncsafe(data[6:10]))
    while place + HEAD_BYTES <= end and data[place] and len(frames) < _MAX_FRAMES:
        head = data[place : place + HEAD_BYTES]
        size = syncsafe(head[4:8]) if is_syncsafe else int.from_bytes(head[4:8], "big")
        place += HEAD_BYTES
        if not head[:4].isalnum() or place + size > end or (is_syncsafe and max(head[4:8]) > 0x7F):
            return None
        frames.append(Id3Frame(head[:4].decode("ascii"), data[place : place + size], head[8:10]))
        place += size
    return None if data[place:end].strip(b"\0") else frames


def _rewritten(data: bytes) -> bytes:
    """The tag as mutagen understands it."""
    refuse_endless(data)
    buffer = io.BytesIO()
    ID3(fileobj=io.BytesIO(data)).save(buffer, v1=0)
    return buffer.getvalue()


def _rendered(frame: Id3Frame, version: int) -> bytes:
    size = _syncsafe_bytes(len(frame.body)) if version == 4 else len(frame.body).to_bytes(4, "big")
    return frame.name.encode("ascii") + size + frame.flags + frame.body


def _syncsafe_bytes(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
