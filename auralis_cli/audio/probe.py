"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from auralis_cli.audio.chunks import announced_audio
from auralis_cli.audio.formats import READABLE, AudioFormat, format_of_content
from auralis_cli.audio.mpeg import announces_length
from auralis_cli.errors import UnsupportedError

_HEAD_BYTES = 65_536
_ID3_HEAD_BYTES = 10
_MAX_ID3_TAGS = 8


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes of a file say."""

    format: AudioFormat
    # Whether the length a demuxer announces was written by the encoder, not guessed from the size of the file.
    states_length: bool
    # Frames a WAV or AIFF header announces, whatever follows it; None where it announces none.
    announced_frames: int | None
    # Whether a WAV header says "no audio" although audio follows: written to a pipe, or by a program that died.
    unfinished_header: bool


def sniff(path: Path, descriptor: int) -> Sniffed:
    """The format of an open file; raises UnsupportedError for what is none of ours."""
    head = _head(descriptor)
    found = format_of_content(head)
    if found is None:
        raise UnsupportedError(str(path), "is not audio of a kind read here", f"Auralis reads {READABLE}")
    announced, unfinished = announced_audio(descriptor, found.key)
    return Sniffed(found, found.key != "mp3" or announces_length(head), announced, unfinished)


def _head(descriptor: int) -> bytes:
    """The first bytes after any ID3v2 tags, which may stand before every format."""
    offset = 0
    for _ in range(_MAX_ID3_TAGS):
        tag = os.pread(descriptor, _ID3_HEAD_BYTES, offset)
        if len(tag) < _ID3_HEAD_BYTES or tag[:3] != b"ID3" or max(tag[6:10]) > 0x7F:
            break
        size = tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9]
        has_footer = tag[5] & 0x10
        offset += _ID3_HEAD_BYTES + size + (_ID3_HEAD_BYTES if has_footer else 0)
    return os.pread(descriptor, _HEAD_BYTES, offset)
