"""What a file's audio is told by, however it is tagged and called, without reading all of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b, sha256

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.survey import Span, Survey

_DIGEST_BYTES = 16
# Up to here all of it is read.
_SMALL_BYTES = 16_384
_BLOCK_BYTES = 2048
_BLOCKS = 5
_CHUNK_BYTES = 1 << 20
# Silence, encoded or not, repeats itself.
_REPEATED_BYTES = 32
# Sequence number and checksum of an Ogg page, counted from its mark.
_PAGE_MARK, _NUMBERED_AT, _NUMBERED_BYTES = b"OggS\0", 18, 8
_MARGIN_BYTES = _NUMBERED_AT + _NUMBERED_BYTES


def content_id(file: FileWindow, survey: Survey, key: str) -> str:
    """The same for the same audio, whatever its tags; `key` is its format's. Other audio may have it too: it is a guess
    that `full_content_hash` proves.

    FLAC has a checksum of its samples. Of other audio its length and blocks of it, the first and the last among
    them, are hashed; all of it where it is short, or where those blocks say nothing. A gain in its header, by which
    it sounds louder, makes it another.
    """
    if survey.audio_md5 is not None:
        return f"flac:{survey.audio_md5}"
    heard = f"{key}{survey.header_gain_db:+}dB" if survey.header_gain_db else key
    size = sum(length for _, length in survey.audio)
    digest = blake2b(size.to_bytes(8, "little"), digest_size=_DIGEST_BYTES)
    if size > _SMALL_BYTES:
        step = (size - _BLOCK_BYTES) // (_BLOCKS - 1)
        starts = [number * step for number in range(_BLOCKS - 1)] + [size - _BLOCK_BYTES]
        blocks = [_read(file, survey, start, _BLOCK_BYTES) for start in starts]
        if not all(map(_repeats_itself, blocks)):
            for block in blocks:
                digest.update(block)
            return f"{heard}:{digest.hexdigest()}"
    for start in range(0, size, _CHUNK_BYTES):
        digest.update(_read(file, survey, start, min(_CHUNK_BYTES, size - start)))
    return f"{heard}:{digest.hexdigest()}"


def full_content_hash(file: FileWindow, survey: Survey, going_on: Callable[[], None] = lambda: None) -> str:
    """A hash of every byte of the audio and of what they mean; equal for files that differ in tags only.

    `going_on` is called for every part of it.
    """
    size = sum(length for _, length in survey.audio)
    # Of what is in Python, processors have instructions for this one: it is three times as fast as others.
    digest = sha256(f"{survey.codec} {survey.sample_rate_hz} {survey.channels} {survey.bits} {size}".encode())
    for start in range(0, size, _CHUNK_BYTES):
        going_on()
        digest.update(_read(file, survey, start, min(_CHUNK_BYTES, size - start)))
    return digest.hexdigest()


def is_same_audio(file: FileWindow, survey: Survey, other: FileWindow, of_other: Survey) -> bool:
    """Whether every byte of the audio is the same in both; Ogg pages may be numbered otherwise."""
    size = sum(length for _, length in survey.audio)
    if size != sum(length for _, length in of_other.audio) or survey.audio_md5 != of_other.audio_md5:
        return False
    return all(
        _read(file, survey, start, min(_CHUNK_BYTES, size - start))
        == _read(other, of_other, start, min(_CHUNK_BYTES, size - start))
        for start in range(0, size, _CHUNK_BYTES)
    )


def _repeats_itself(block: bytes) -> bool:
    return block.find(block[-_REPEATED_BYTES:]) < len(block) - _REPEATED_BYTES


def _read(file: FileWindow, survey: Survey, start: int, size: int) -> bytes:
    """Bytes of the audio as if it were in one piece."""
    if len(survey.audio) == 1:
        return _read_span(file, survey, survey.audio[0], start, size)
    parts = []
    for span in survey.audio:
        if size > 0 and start < span[1]:
            part = min(size, span[1] - start)
            parts.append(_read_span(file, survey, span, start, part))
            size -= part
            start = 0
        else:
            start = max(0, start - span[1])
    return b"".join(parts)


def _read_span(file: FileWindow, survey: Survey, span: Span, start: int, size: int) -> bytes:
    first = span[0] + start
    if not survey.is_paged:
        return os.pread(file.descriptor, size, first)
    before = min(start, _MARGIN_BYTES)
    return _unnumbered(os.pread(file.descriptor, before + size + _MARGIN_BYTES, first - before))[before : before + size]


def _unnumbered(pages: bytes) -> bytes:
    """Ogg pages without what is new when tags before them took more or fewer pages."""
    place = pages.find(_PAGE_MARK)
    if place < 0:
        return pages
    data = bytearray(pages)
    while place >= 0:
        end = min(place + _MARGIN_BYTES, len(data))
        start = min(place + _NUMBERED_AT, end)
        data[start:end] = bytes(end - start)
        place = pages.find(_PAGE_MARK, place + 1)
    return bytes(data)
