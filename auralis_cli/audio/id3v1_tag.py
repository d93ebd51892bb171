"""The old tag of 128 bytes at the end of a file, kept in step where there is one: it is never made."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO

from mutagen.id3 import TCON

from auralis_cli.audio.texts_id3 import V1_BYTES

_TEXTS = {"title": (3, 30), "artist": (33, 30), "album": (63, 30), "date": (93, 4)}
_COMMENT, _COMMENT_BYTES, _COMMENT_BYTES_WITH_NUMBER = 97, 30, 28
_NUMBER, _GENRE, _NO_GENRE = 126, 127, 255
_MAX_NUMBER = 255


def change_v1(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the fields into the tag at the end, cut and in Latin letters as it has them."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - V1_BYTES))
    tag = bytearray(file.read())
    if len(tag) != V1_BYTES or tag[:3] != b"TAG":
        return
    for name, values in fields.items():
        _put(tag, name.lower(), values[0] if values else "")
    file.seek(end - V1_BYTES)
    file.write(tag)
    file.flush()


def _put(tag: bytearray, name: str, text: str) -> None:
    if name in _TEXTS:
        _put_text(tag, *_TEXTS[name], text)
    elif name == "comment":
        has_number = not tag[_NUMBER - 1] and tag[_NUMBER]
        _put_text(tag, _COMMENT, _COMMENT_BYTES_WITH_NUMBER if has_number else _COMMENT_BYTES, text)
    elif name == "tracknumber":
        is_held = text.isascii() and text.isdigit() and int(text) <= _MAX_NUMBER
        if is_held or not tag[_NUMBER - 1]:
            tag[_NUMBER - 1], tag[_NUMBER] = 0, int(text) if is_held else 0
    elif name == "genre":
        known = [genre.lower() for genre in TCON.GENRES]
        tag[_GENRE] = known.index(text.lower()) if text.lower() in known else _NO_GENRE


def _put_text(tag: bytearray, start: int, size: int, text: str) -> None:
    tag[start : start + size] = text.encode("latin-1", "replace")[:size].ljust(size, b"\0")
