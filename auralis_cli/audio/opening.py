"""Opens whatever the user named: a file, standard input, raw samples, a track of a cue sheet."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from auralis_cli.audio.bounded import BoundedReader
from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.formats import READABLE, format_of_content
from auralis_cli.audio.pcm import PcmReader
from auralis_cli.audio.raw_pcm import open_raw_file, open_raw_stream
from auralis_cli.audio.reader import AudioReader, open_reader, open_reader_on
from auralis_cli.audio.source_file import check_size, size_of
from auralis_cli.audio.span import read_track
from auralis_cli.audio.spool import spool_bytes, spool_folder
from auralis_cli.audio.wav_stream import read_wav_header
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.source import STANDARD_STREAM, AudioSource

_HEAD_BYTES = 1 << 16


def open_audio(source: AudioSource, stdin: BinaryIO | None = None) -> AudioReader:
    """A reader of `source`, which may be `stdin`; that can be read once.

    Raises like `open_reader`, and InputError where the source exceeds its limits: at once where its header says so
    and can be believed, else while it is read.
    """
    reader = _open_stream(source, stdin) if source.path is None else _open_file(source, source.path)
    try:
        if source.cue is not None:
            reader = read_track(reader, source.cue, source.name)
        size_bytes = None if source.path is None else size_of(source.path)
        return BoundedReader(reader, source.name, source.limits.max_duration_s, size_bytes)
    except BaseException:
        reader.close()
        raise


def _open_file(source: AudioSource, path: Path) -> AudioReader:
    check_size(path, source.limits.max_bytes)
    if source.raw is not None:
        return open_raw_file(path, source.raw, source.limits)
    return open_reader(path)


def _open_stream(source: AudioSource, stdin: BinaryIO | None) -> AudioReader:
    """Uncompressed audio is read as it comes; everything else has to lie in a file, for the decoders seek."""
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
