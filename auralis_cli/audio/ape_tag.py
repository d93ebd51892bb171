"""APEv2 tags as items of bytes: found at either end of a file, taken apart, put together again."""

from __future__ import annotations

import os
import struct
from dataclasses import field
from typing import IO

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.resizing import replace_bytes
from auralis_cli.audio.surrounding_tags import find_trailing_tags, leading_tags
from auralis_cli.quick_dataclasses import dataclass

_MARK = b"APETAGEX"
_HEAD_BYTES = 32
_HAS_HEAD, _IS_HEAD = 1 << 31, 1 << 29
_VERSION = 2000
_MAX_ITEMS = 65_536
_MAX_KEY_BYTES = 256


@dataclass(frozen=True, slots=True)
class ApeItem:
    """One item as it is stored; bits 1 and 2 of the flags tell texts (0), bytes (1) and addresses (2) apart."""

    key: str
    value: bytes
    flags: int = 0

    @property
    def is_binary(self) -> bool:
        """Whether its value is bytes, not texts in UTF-8 that zeros keep apart."""
        return self.flags >> 1 & 3 == 1


@dataclass(slots=True)
class ApeTag:
    """The items, and the bytes of the file they take, their head and foot included."""

    start: int
    size_bytes: int = 0
    items: list[ApeItem] = field(default_factory=list)


def find_ape(file: IO[bytes]) -> ApeTag:
    """The APE tag of a file; one without items, where it would stand, where there is none. ValueError: it is cut."""
    size = file.seek(0, os.SEEK_END)
    window = FileWindow(file.fileno(), size)
    places = leading_tags(window)
    find_trailing_tags(window, places)
    if places.ape is None:
        return ApeTag(places.end)
    start, items_bytes = places.ape
    file.seek(start)
    items = _items(file.read(items_bytes))
    end = start + items_bytes
    if window.at(end, len(_MARK)) == _MARK:
        end += _HEAD_BYTES
    if start >= _HEAD_BYTES and window.at(start - _HEAD_BYTES, len(_MARK)) == _MARK:
        start -= _HEAD_BYTES
    return ApeTag(start, end - start, items)


def write_ape(file: IO[bytes], tag: ApeTag) -> None:
    """Puts the tag where it was found; one without items is taken away."""
    replace_bytes(file, tag.start, tag.size_bytes, _rendered(tag.items) if tag.items else b"")


def _items(data: bytes) -> list[ApeItem]:
    items: list[ApeItem] = []
    place = 0
    while place < len(data) and len(items) < _MAX_ITEMS:
        if place + 8 > len(data):
            raise ValueError("its APE tag is cut")
        size, flags = struct.unpack_from("<II", data, place)
        key_end = data.find(b"\0", place + 8, place + 8 + _MAX_KEY_BYTES)
        end = key_end + 1 + size
        if key_end < 0 or end > len(data):
            raise ValueError("its APE tag is cut")
        items.append(ApeItem(data[place + 8 : key_end].decode("latin-1"), data[key_end + 1 : end], flags))
        place = end
    return items


def _rendered(items: list[ApeItem]) -> bytes:
    body = b"".join(
        struct.pack("<II", len(item.value), item.flags) + item.key.encode("latin-1") + b"\0" + item.value
        for item in items
    )
    size = len(body) + _HEAD_BYTES
    head, foot = (
        _MARK + struct.pack("<IIIIQ", _VERSION, size, len(items), flags, 0)
        for flags in (_HAS_HEAD | _IS_HEAD, _HAS_HEAD)
    )
    return head + body + foot
