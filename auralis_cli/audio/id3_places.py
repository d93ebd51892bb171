"""Where files of each kind keep their ID3 tag, and reading it without trusting what it says of itself."""

from __future__ import annotations

import io
import os
import struct
from typing import IO

from mutagen.id3 import ID3, ID3NoHeaderError

from auralis_cli.audio.chunks import chunks_of
from auralis_cli.quick_dataclasses import dataclass

_HEAD_BYTES = 10
# The old tag of 128 bytes at the end, and what may stand just before it.
_TAIL_BYTES = 1024
_MAX_TAG_BYTES = 96 << 20
# mutagen copies what is left of a tag for each of its frames.
_MAX_COPIED_BYTES = 8 << 30
_MAX_PACKED_BYTES = 1 << 18
_UNSYNCHRONISED_OR_EXTENDED = 0xC0
# Encodings, marks of byte order and ends of strings: what a frame holds that has nothing to say.
_NO_TEXT = b"\0\1\2\3\xfe\xff"
# Kinds that keep the tag somewhere inside, not before and after everything.
_EMBEDDING = ("wav", "aiff", "dff", "dsf")


def read_id3_tag(file: IO[bytes], key: str) -> tuple[ID3 | None, list[str]]:
    """The ID3 tag of a file of the registry's kind `key`, None where it has none; the frames that are damaged.

    Raises ValueError for a tag that is out of all proportion, what mutagen raises for one it cannot read.
    """
    place = _place(file, key)
    if place is None:
        return None, []
    head, tail = _head(file, *place), b""
    if key not in _EMBEDDING:
        file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, len(head)))
        tail = file.read()
    return _parsed(head, tail)


def _parsed(head: bytes, tail: bytes) -> tuple[ID3 | None, list[str]]:
    names = _survey(head)
    try:
        tag = ID3(fileobj=io.BytesIO(head + tail), translate=False)
    except ID3NoHeaderError:
        return None, []
    unknown = [raw[:4].decode("latin-1") for raw in tag.unknown_frames]
    known = {*unknown, *(frame.FrameID for frame in tag.values())}
    tag.update_to_v24()
    return tag, [*(name for name in names if name not in known), *unknown]


def _head(file: IO[bytes], start: int, room_bytes: int) -> bytes:
    """The whole ID3v2 tag that begins at `start`; nothing where none does."""
    file.seek(start)
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or head[:3] != b"ID3":
        return b""
    size = _syncsafe(head[6:10])
    if size > _MAX_TAG_BYTES:
        raise ValueError(f"the ID3 tag is {size >> 20} MiB long")
    return head + file.read(min(size, room_bytes - _HEAD_BYTES))


def refuse_endless(tag: bytes) -> None:
    """Raises ValueError for a tag that would take mutagen forever to read."""
    _survey(tag)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the head of a frame says."""

    name: str
    size: int
    is_packed: bool
    is_empty: bool


def _survey(tag: bytes) -> list[str]:
    """The names of the frames that say something, where told for certain; refuses what would take forever to read."""
    if len(tag) < _HEAD_BYTES:
        return []
    version, flags = tag[3], tag[5]
    # Sizes of ID3v2.4 may wrongly be whole numbers.
    walks = [_walk(tag, version, whole) for whole in ((False, True) if version == 4 else (True,))]
    for frames, _ in walks:
        if len(frames) * len(tag) > _MAX_COPIED_BYTES:
            raise ValueError(f"the ID3 tag is cut into {len(frames)} pieces")
        if any(frame.is_packed and frame.size > _MAX_PACKED_BYTES for frame in frames):
            raise ValueError("the ID3 tag is packed beyond all measure")
    frames, is_complete = walks[0]
    certain = is_complete and version in (3, 4) and not flags & _UNSYNCHRONISED_OR_EXTENDED
    return [frame.name for frame in frames if not frame.is_empty] if certain else []


def _walk(tag: bytes, version: int, whole: bool) -> tuple[list[_Frame], bool]:
    """The frames, and whether they fill the tag."""
    frames: list[_Frame] = []
    start = _HEAD_BYTES
    head_bytes, name_bytes = (6, 3) if version == 2 else (10, 4)
    packed_flag = {3: 0x80, 4: 0x08}.get(version, 0)
    # One more than may be, which tells that there are too many.
    most = _MAX_COPIED_BYTES // len(tag) + 1
    while start + head_bytes <= len(tag) and tag[start] and len(frames) <= most:
        head = tag[start : start + head_bytes]
        raw_size = head[name_bytes : 2 * name_bytes]
        size = int.from_bytes(raw_size, "big") if whole else _syncsafe(raw_size)
        name = head[:name_bytes].decode("latin-1")
        start += head_bytes
        # mutagen unpacks only frames it knows by name.
        is_packed = name.isascii() and name.isalnum() and bool(packed_flag and head[9] & packed_flag)
        frames.append(_Frame(name, size, is_packed, not tag[start : start + min(size, 16)].strip(_NO_TEXT)))
        start += size
    return frames, start == len(tag) or (start < len(tag) and not tag[start])


def _syncsafe(size: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))


def _place(file: IO[bytes], key: str) -> tuple[int, int] | None:
    """First byte of the tag and the room it has; None where there is none."""
    file.seek(0)
    head = file.read(32)
    if key == "dsf":
        (pointer,) = struct.unpack_from("<Q", head.ljust(32, b"\0"), 20)
        return (pointer, _MAX_TAG_BYTES) if pointer else None
    if key not in _EMBEDDING or head[:3] == b"ID3":
        return 0, _MAX_TAG_BYTES
    for name, start, size in chunks_of(file.fileno()):
        if name in (b"id3 ", b"ID3 "):
            return start, size
    return None


def append_id3_to_rf64(file: IO[bytes], tag: bytes) -> None:
    """Adds an `id3 ` chunk at the end of an RF64 file of ours, which begins with its `ds64` chunk."""
    tag += bytes(len(tag) % 2)
    end = file.seek(0, os.SEEK_END)
    file.write(bytes(end % 2) + b"id3 " + struct.pack("<I", len(tag)) + tag)
    size = file.tell()
    # RIFF's own size stands first in ds64, which stands first in the file.
    file.seek(20)
    file.write(struct.pack("<Q", size - 8))
    file.flush()
