"""Opens whatever the user named: a file, standard input, raw samples, a track of a cue sheet."""

from __future__ import annotations

from auralis_cli.audio.reader import AudioReader, open_reader
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.source import AudioSource


def open_audio(source: AudioSource) -> AudioReader:
    """A reader of `source`; raises like `open_reader`."""
    if source.path is None or source.raw is not None or source.cue is not None:
        raise UnsupportedError(source.name, "is of a kind that cannot be opened yet")
    return open_reader(source.path)
