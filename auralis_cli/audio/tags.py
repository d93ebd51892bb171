"""Tags and covers go along from source to result, less what is no longer true."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import soundfile
from mutagen import MutagenError
from mutagen.aiff import AIFF
from mutagen.apev2 import APENoHeaderError, APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from auralis_cli.audio.formats import AudioFormat
from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_set import TagSet
from auralis_cli.audio.tags_id3 import frames_of, fresh_frames, picture_frames, read_id3
from auralis_cli.audio.tags_vorbis import blocks_of, comments_of, read_vorbis
from auralis_cli.errors import InputError, OutputError

# mutagen lets through whatever its parsers stumble over.
_UNREADABLE = (
    MutagenError,
    InputError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_APE_NAMES = {"track": "tracknumber", "disc": "discnumber", "year": "date", "album artist": "albumartist"}


def copy_tags(source: Path, destination: Path) -> tuple[str, ...]:
    """Puts the tags and covers of `source` onto `destination`, a finished wav or flac file of ours.

    Left out is what described the source's level, length or encoder. Returns a line for each thing
    that could not be taken along, unreadable tags included. Raises OutputError where `destination`
    cannot be written.
    """
    try:
        found, own_frames = _read(source)
    except _UNREADABLE as error:
        return (f"tags were left out: they cannot be read ({_short(error)})",)
    if not found.fields and not found.pictures and not own_frames:
        return tuple(found.warnings)
    try:
        return _write(found, own_frames, destination)
    except (MutagenError, OSError) as error:
        cause = error.__cause__ or error.__context__ or error
        full = isinstance(cause, OSError) and cause.errno in _FULL
        why = "the disk is full" if full else f"its tags cannot be written ({_short(error)})"
        raise OutputError(str(destination), why) from error


def _read(source: Path) -> tuple[TagSet, list[Any]]:
    """The tags, and where the source keeps ID3 its frames as they are, for a result that keeps ID3 too."""
    descriptor = open_source(source)
    with os.fdopen(descriptor, "rb") as file:
        row = sniff(source, descriptor).format
        return _READERS[row.key](file)


def _read_mp3(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    try:
        return _id3(ID3(fileobj=file))
    except ID3NoHeaderError:
        file.seek(0)
    try:
        items = APEv2(fileobj=file)
    except APENoHeaderError:
        return TagSet(), []
    found = TagSet()
    for name, values in items.items():
        if values.kind == 0:  # text
            for value in values:
                found.add(_APE_NAMES.get(name.lower(), name), value)
    return found, []


def _read_wav(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    return _id3(WAVE(fileobj=file).tags) if _is_riff(file) else (TagSet(), [])


def _read_aiff(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    return _id3(AIFF(fileobj=file).tags)


def _with_chunks(read: Callable[[IO[bytes]], tuple[TagSet, list[Any]]]) -> Callable[[IO[bytes]], Any]:
    """`read`, and where there is no ID3 the container's own text chunks (LIST INFO; NAME, AUTH, ANNO)."""

    def both(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
        found, frames = read(file)
        if found.fields or found.pictures or frames:
            return found, frames
        # Of the descriptor itself: seeking in the buffered file may not move it.
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        try:
            with soundfile.SoundFile(file.fileno(), closefd=False) as audio:
                for name, value in audio.copy_metadata().items():
                    found.add(name, value)
        except soundfile.SoundFileError:
            pass  # the other decoder reads it, which tells nothing of these chunks
        return found, frames

    return both


def _read_flac(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    audio: Any = FLAC(fileobj=file)
    return read_vorbis(audio.tags or (), audio.pictures), []


def _read_ogg(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    return read_vorbis(OggVorbis(fileobj=file).tags or ()), []


def _read_opus(file: IO[bytes]) -> tuple[TagSet, list[Any]]:
    return read_vorbis(OggOpus(fileobj=file).tags or ()), []


def _id3(tags: ID3 | None) -> tuple[TagSet, list[Any]]:
    return (TagSet(), []) if tags is None else (read_id3(tags), fresh_frames(tags))


_READERS: dict[str, Callable[[IO[bytes]], tuple[TagSet, list[Any]]]] = {
    "wav": _with_chunks(_read_wav),
    "aiff": _with_chunks(_read_aiff),
    "flac": _read_flac,
    "ogg": _read_ogg,
    "opus": _read_opus,
    "mp3": _read_mp3,
}


def _write(found: TagSet, own_frames: list[Any], destination: Path) -> tuple[str, ...]:
    with open(destination, "r+b") as file:
        row: AudioFormat = sniff(destination, file.fileno()).format
        return _WRITERS[row.key](file, found, own_frames)


def _write_flac(file: IO[bytes], found: TagSet, _: list[Any]) -> tuple[str, ...]:
    audio: Any = FLAC(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    audio.tags.clear()
    audio.tags.extend(comments_of(found))
    blocks, warnings = blocks_of(found)
    if found.only_in_id3:
        warnings.append(f"tags flac has no place for were left out: {', '.join(sorted(set(found.only_in_id3)))}")
    audio.clear_pictures()
    for block in blocks:
        audio.add_picture(block)
    file.seek(0)
    audio.save(fileobj=file)
    return (*found.warnings, *warnings)


def _write_wav(file: IO[bytes], found: TagSet, own_frames: list[Any]) -> tuple[str, ...]:
    if not _is_riff(file):
        return (*found.warnings, "tags were left out: a WAV file beyond 4 GiB takes none")
    audio: Any = WAVE(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    audio.tags.clear()
    for frame in (*(own_frames or frames_of(found)), *picture_frames(found)):
        audio.tags.add(frame)
    file.seek(0)
    audio.save(fileobj=file)
    return tuple(found.warnings)


_WRITERS: dict[str, Callable[[IO[bytes], TagSet, list[Any]], tuple[str, ...]]] = {
    "flac": _write_flac,
    "wav": _write_wav,
}


def _is_riff(file: IO[bytes]) -> bool:
    file.seek(0)
    is_riff = file.read(4) == b"RIFF"
    file.seek(0)
    return is_riff


def _short(error: BaseException) -> str:
    """The first line of what went wrong, or what kind it was."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
