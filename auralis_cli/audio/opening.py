"""Opens whatever the user named: a file, standard input, raw samples, a track of a cue sheet.

What only some of them need is imported when they are met: most runs read plain files.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from auralis_cli.audio.bounded import BoundedReader
from auralis_cli.audio.reader import AudioReader, open_reader
from auralis_cli.audio.source_file import check_size, size_of
from auralis_cli.model.source import AudioSource


def open_audio(source: AudioSource, stdin: BinaryIO | None = None) -> AudioReader:
    """A reader of `source`, which may be `stdin`; that can be read once.

    Raises like `open_reader`, and InputError where the source exceeds its limits: at once where its header says so
    and can be believed, else while it is read.
    """
    reader = _open_standard_input(source, stdin) if source.path is None else _open_file(source, source.path)
    try:
        if source.cue is not None:
            from auralis_cli.audio.span import read_track

            reader = read_track(reader, source.cue, source.name)
        size_bytes = None if source.path is None else size_of(source.path)
        return BoundedReader(reader, source.name, source.limits.max_duration_s, size_bytes)
    except BaseException:
        reader.close()
        raise


def _open_file(source: AudioSource, path: Path) -> AudioReader:
    check_size(path, source.limits.max_bytes)
    if source.raw is not None:
        from auralis_cli.audio.raw_pcm import open_raw_file

        return open_raw_file(path, source.raw, source.limits)
    return open_reader(path)


def _open_standard_input(source: AudioSource, stdin: BinaryIO | None) -> AudioReader:
    from auralis_cli.audio.stream_opening import open_stream

    return open_stream(source, stdin)
