"""The tags of a file of every format that is read, as plain tags: one reader for each row of the registry."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import IO, Any, cast

from mutagen import MutagenError
from mutagen.asf import ASF
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis

from auralis_cli.audio.ape_tag import find_ape
from auralis_cli.audio.bounded_file import BoundedFile
from auralis_cli.audio.chunks import chunks_of
from auralis_cli.audio.id3_places import read_id3_tag
from auralis_cli.audio.tag_edit_chunks import aiff_text_values
from auralis_cli.audio.tag_names import INFO_NAMES, INFO_NUMBERS
from auralis_cli.audio.tag_set import TagSet, listed, shown
from auralis_cli.audio.tags_ape import read_ape
from auralis_cli.audio.tags_asf import read_asf
from auralis_cli.audio.tags_id3 import read_id3
from auralis_cli.audio.tags_mp4 import read_mp4
from auralis_cli.audio.tags_vorbis import read_vorbis
from auralis_cli.errors import InputError

_MAX_INFO_BYTES = 4 << 20
# mutagen lets through whatever its parsers stumble over.
UNREADABLE = (
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
_PAGE_BYTES = 65_536
_OGG_CODECS: dict[bytes, type[Any]] = {
    b"\x01vorbis": OggVorbis,
    b"OpusHead": OggOpus,
    b"Speex   ": OggSpeex,
    b"\x7fFLAC": OggFLAC,
}


def read_tags_or_warn(descriptor: int, key: str) -> TagSet:
    """Like `read_tags` of a descriptor that stays open; what cannot be read is a warning and no tags."""
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return read_tags(file, key)
    except UNREADABLE as error:
        return TagSet(warnings=[unreadable_tags(error)])


def unreadable_tags(error: Exception) -> str:
    """One line on tags that could not be read."""
    why = error.why if isinstance(error, InputError) else shown(str(error)) or type(error).__name__
    return f"tags were left out: they cannot be read ({why})"


def read_tags(file: IO[bytes], key: str) -> TagSet:
    """The tags of a file of the registry's kind `key`; of several places, the first that holds any.

    Raises what mutagen's parsers stumble over.
    """
    bounded = cast(IO[bytes], BoundedFile(file))
    found = TagSet()
    for read in READERS[key]:
        warnings = found.warnings
        file.seek(0)
        found = read(bounded, key)
        found.warnings[:0] = warnings
        if found.says_more_than_stale():
            break
    return found


def read_all_tags(file: IO[bytes], key: str) -> TagSet:
    """The tags of all places together: what one says, those asked after it do not say again.

    Raises what parsers stumble over.
    """
    bounded = cast(IO[bytes], BoundedFile(file))
    found = TagSet()
    for read in _readers_of_all(file, key):
        file.seek(0)
        found.add_unsaid(read(bounded, key))
    return found


def _readers_of_all(file: IO[bytes], key: str) -> tuple[Reader, ...]:
    readers = READERS[key]
    if readers == _ID3_OR_APE:
        # An old tag alone, whose texts are cut, is asked last.
        file.seek(0)
        return (_read_id3, _read_ape) if file.read(3) == b"ID3" else (_read_ape, _read_id3)
    return (_read_id3, _read_aiff_texts) if key == "aiff" else readers


def _read_id3(file: IO[bytes], key: str) -> TagSet:
    tag, damaged = read_id3_tag(file, key)
    found = TagSet() if tag is None else read_id3(tag)
    if damaged:
        found.warnings.append(f"tags that are damaged or unknown were left out: {listed(damaged)}")
    return found


def _read_leading_id3(file: IO[bytes], key: str) -> TagSet:
    """ID3v2, with what ID3v1 adds; but not ID3v1 alone, which cuts its texts after 30 letters."""
    has_any = file.read(3) == b"ID3"
    return _read_id3(file, key) if has_any else TagSet()


def _read_ape(file: IO[bytes], _: str) -> TagSet:
    return read_ape(find_ape(file).items)


def _read_flac(file: IO[bytes], _: str) -> TagSet:
    audio: Any = FLAC(fileobj=file)
    return read_vorbis(audio.tags or (), audio.pictures)


def _read_aiff_texts(file: IO[bytes], _: str) -> TagSet:
    """NAME, AUTH and ANNO, without the library that reads AIFF, which takes its time to load."""
    found = TagSet()
    for name, values in aiff_text_values(file).items():
        for value in values:
            found.add(name, value)
    return found


def _read_ogg(file: IO[bytes], _: str) -> TagSet:
    head = file.read(_PAGE_BYTES)
    file.seek(0)
    places = {codec: head.find(codec) for codec in _OGG_CODECS}
    present = [codec for codec, place in places.items() if place >= 0]
    if not present:
        return TagSet()
    kind = _OGG_CODECS[min(present, key=places.__getitem__)]
    return read_vorbis(kind(fileobj=file).tags or ())


def _read_mp4(file: IO[bytes], _: str) -> TagSet:
    audio: Any = MP4(fileobj=file)
    return TagSet() if audio.tags is None else read_mp4(audio.tags)


def _read_asf(file: IO[bytes], _: str) -> TagSet:
    audio: Any = ASF(fileobj=file)
    return read_asf(audio.tags or ())


def _read_info(file: IO[bytes], _: str) -> TagSet:
    """The LIST INFO chunks of a WAV file, in UTF-8 or what Windows wrote before that."""
    found = TagSet()
    for name, start, size in chunks_of(file.fileno()):
        if name == b"LIST" and size <= _MAX_INFO_BYTES:
            file.seek(start)
            body = file.read(size)
            if body[:4] == b"INFO":
                _add_info(body, found)
    return found


def _add_info(body: bytes, found: TagSet) -> None:
    start = 4
    while start + 8 <= len(body):
        name, size = body[start : start + 4].decode("latin-1"), int.from_bytes(body[start + 4 : start + 8], "little")
        text = body[start + 8 : start + 8 + size].rstrip(b"\0")
        if name in INFO_NUMBERS:
            found.add_numbered("tracknumber", "tracktotal", _decoded(text))
        elif name in INFO_NAMES:
            found.add(INFO_NAMES[name], _decoded(text))
        start += 8 + size + size % 2


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _read_texts(file: IO[bytes], _: str) -> TagSet:
    """The container's own text chunks, as libsndfile reads them: NAME, AUTH, ANNO of AIFF; CAF's info."""
    # Imported where it is needed: it brings NumPy.
    import soundfile

    found = TagSet()
    # Of the descriptor itself: seeking in the buffered file may not move it.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    try:
        with soundfile.SoundFile(file.fileno(), closefd=False) as audio:
            for name, value in audio.copy_metadata().items():
                found.add(name, value)
    except soundfile.SoundFileError:
        pass  # the other decoder reads it, which tells nothing of these chunks
    return found


Reader = Callable[[IO[bytes], str], TagSet]
_ID3_OR_APE: tuple[Reader, ...] = (_read_leading_id3, _read_ape, _read_id3)
_APE_OR_ID3: tuple[Reader, ...] = (_read_ape, _read_id3)

# Where each row of the registry keeps its tags, in the order they are looked for.
READERS: dict[str, tuple[Reader, ...]] = {
    "wav": (_read_id3, _read_info),
    "aiff": (_read_id3, _read_texts),
    "w64": (_read_texts,),
    "caf": (_read_texts,),
    "au": (_read_texts,),
    "flac": (_read_flac, _read_id3),
    "oggflac": (_read_ogg,),
    "ogg": (_read_ogg,),
    "opus": (_read_ogg,),
    "spx": (_read_ogg,),
    "mp3": _ID3_OR_APE,
    "aac": _ID3_OR_APE,
    "ac3": _ID3_OR_APE,
    "eac3": _ID3_OR_APE,
    "tta": _ID3_OR_APE,
    "dsf": (_read_id3,),
    "dff": (_read_id3,),
    "m4a": (_read_mp4,),
    "wma": (_read_asf,),
    "ape": _APE_OR_ID3,
    "wv": _APE_OR_ID3,
    "mpc": _APE_OR_ID3,
    "mpc8": _APE_OR_ID3,
    "tak": _APE_OR_ID3,
}
