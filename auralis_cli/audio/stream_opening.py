"""Opens what comes through a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.formats import READABLE, format_of_content
from auralis_cli.audio.pcm import PcmReader
from auralis_cli.audio.raw_pcm import open_raw_stream
from auralis_cli.audio.reader import AudioReader, open_reader_on
from auralis_cli.audio.spool import spool_bytes, spool_folder
from auralis_cli.audio.wav_stream import read_wav_header
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.source import STANDARD_STREAM, AudioSource

_HEAD_BYTES = 1 << 16


def open_stream(source: AudioSource, stdin: BinaryIO | None) -> AudioReader:
    """A reader of `stdin`; raises like `open_reader`.

    Uncompressed audio is read as it comes; everything else has to lie in a file, for the decoders seek.
    """
    if stdin is None:
        raise InputError(source.name, "standard input is closed", "pipe audio into it, or name a file")
    stream = ByteInput(stdin, source.name, source.limits.max_bytes)
    head = stream.peek(_HEAD_BYTES if source.raw is None else 1)
    if not head:
        raise InputError(source.name, "is empty")
    if source.raw is not None:
        return open_raw_stream(stream, source.raw)
    if (layout := read_wav_header(stream)) is not None:
        return PcmReader(stream, layout)
    # A tag of any length may stand in front; what begins with nothing known is refused before it fills a disk.
    if head[:3] != b"ID3" and format_of_content(head) is None:
        raise UnsupportedError(source.name, "is not audio of a kind read here", f"Auralis reads {READABLE}")
    return open_reader_on(spool_bytes(stream, spool_folder()), Path(STANDARD_STREAM))
