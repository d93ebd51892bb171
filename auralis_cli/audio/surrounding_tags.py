"""Tags before and behind the audio: ID3v2, APE, Lyrics3, ID3v1. What lies between them is the audio."""

from __future__ import annotations

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.survey import Texts
from auralis_cli.audio.tag_names import APE_NAMES, APE_NUMBERS, LIBRARY_NAMES
from auralis_cli.audio.texts_id3 import V1_BYTES
from auralis_cli.quick_dataclasses import dataclass

_ID3_HEAD_BYTES = 10
_APE_HEAD_BYTES = 32
_APE_MARK = b"APETAGEX"
_APE_HAS_HEAD = 1 << 31
_LYRICS_MARK, _LYRICS_TAIL_BYTES = b"LYRICS200", 15
_TAIL_BYTES = 2048
_MAX_TAGS = 8
_MAX_APE_BYTES = 16 << 20
_MAX_APE_ITEMS = 1024
_MAX_KEY_BYTES = 256
_BINARY = 1


@dataclass(slots=True)
class TagPlaces:
    """Where the tags around the audio begin; None where there is none of a kind."""

    # First byte of the audio, and the one behind its last.
    start: int = 0
    end: int = 0
    id3: int | None = None
    # The items of an APE tag: their first byte, their size.
    ape: tuple[int, int] | None = None
    v1: bytes = b""


def leading_tag_bytes(head: bytes) -> int:
    """Length of the ID3v2 or APE tag that begins so, 0 where there is none. `head`: 32 bytes, where there are."""
    if len(head) >= _ID3_HEAD_BYTES and head[:3] == b"ID3" and max(head[6:10]) <= 0x7F:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        has_footer = head[5] & 0x10
        return _ID3_HEAD_BYTES + size + (_ID3_HEAD_BYTES if has_footer else 0)
    if len(head) == _APE_HEAD_BYTES and head[:8] == _APE_MARK:
        return _APE_HEAD_BYTES + int.from_bytes(head[12:16], "little")
    return 0


def leading_tags(file: FileWindow) -> TagPlaces:
    """The tags in front; the audio is taken to last to the end of the file."""
    places = TagPlaces(end=file.size_bytes)
    for _ in range(_MAX_TAGS):
        head = file.at(places.start, _APE_HEAD_BYTES)
        size = leading_tag_bytes(head)
        if size == 0:
            break
        if head[:3] == b"ID3" and places.id3 is None:
            places.id3 = places.start
        elif head[:8] == _APE_MARK and places.ape is None:
            places.ape = places.start + _APE_HEAD_BYTES, size - _APE_HEAD_BYTES
        places.start += size
    return places


def find_trailing_tags(file: FileWindow, places: TagPlaces) -> None:
    """Adds the tags behind, in whatever order they stand."""
    for _ in range(_MAX_TAGS):
        size = _trailing_tag_bytes(file, places)
        if size == 0 or places.end - size < places.start:
            return
        places.end -= size


def _trailing_tag_bytes(file: FileWindow, places: TagPlaces) -> int:
    end = places.end
    first = max(0, end - _TAIL_BYTES if end == file.size_bytes else end - V1_BYTES)
    tail = file.at(first, end - first)
    if tail[-V1_BYTES : -V1_BYTES + 3] == b"TAG":
        places.v1 = places.v1 or tail[-V1_BYTES:]
        return V1_BYTES
    foot = tail[-_APE_HEAD_BYTES:]
    if foot[:8] == _APE_MARK:
        size, flags = int.from_bytes(foot[12:16], "little"), int.from_bytes(foot[20:24], "little")
        if _APE_HEAD_BYTES <= size <= end:
            places.ape = places.ape or (end - size, size - _APE_HEAD_BYTES)
            return size + (_APE_HEAD_BYTES if flags & _APE_HAS_HEAD else 0)
    if tail[-9:] == _LYRICS_MARK and tail[-_LYRICS_TAIL_BYTES:-9].isdigit():
        return int(tail[-_LYRICS_TAIL_BYTES:-9]) + _LYRICS_TAIL_BYTES
    if tail[-_ID3_HEAD_BYTES:-7] == b"3DI" and len(tail) >= _ID3_HEAD_BYTES:
        size = leading_tag_bytes(b"ID3" + tail[-7:]) or 0
        places.id3 = end - size if places.id3 is None and end >= size else places.id3
        return size
    return 0


def ape_texts(file: FileWindow, place: tuple[int, int]) -> Texts:
    """What the library keeps of an APE tag, as far as it is there."""
    start, size = place
    texts: Texts = {}
    data = file.at(start, min(size, _MAX_APE_BYTES))
    at = 0
    for _ in range(_MAX_APE_ITEMS):
        value_bytes, flags = (
            int.from_bytes(data[at : at + 4], "little"),
            int.from_bytes(data[at + 4 : at + 8], "little"),
        )
        key_end = data.find(b"\0", at + 8, at + 8 + _MAX_KEY_BYTES)
        value_end = key_end + 1 + value_bytes
        if key_end < 0 or value_end > len(data):
            break
        if flags >> 1 & 3 != _BINARY:
            _add_item(texts, data[at + 8 : key_end].decode("latin-1").lower(), data[key_end + 1 : value_end])
        at = value_end
    return texts


def _add_item(texts: Texts, key: str, value: bytes) -> None:
    values = [text for text in value.decode("utf-8", "replace").split("\0") if text]
    if key in APE_NUMBERS and values:
        for name, part in zip(APE_NUMBERS[key], values[0].partition("/")[::2], strict=True):
            if part.strip():
                texts.setdefault(name, []).append(part.strip())
    elif (name := APE_NAMES.get(key, key)) in LIBRARY_NAMES and values:
        texts.setdefault(name, []).extend(values)
