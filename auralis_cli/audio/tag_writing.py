"""Plain tags into a finished file of ours: one writer for each format that is written.

What the encoder itself wrote there (its name, how many samples are padding) stays.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from typing import IO, Any

from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from auralis_cli.audio.id3_places import append_id3_to_rf64
from auralis_cli.audio.tag_set import TagSet, is_stale, listed
from auralis_cli.audio.tags_id3 import frames_of
from auralis_cli.audio.tags_mp4 import atoms_of
from auralis_cli.audio.tags_vorbis import blocks_of, comments_of, encoded_blocks_of

# RIFF and AIFF count bytes in 32 bits; heads of chunks and some padding of mutagen's are allowed for.
_MAX_COUNTED_BYTES = (1 << 32) - (1 << 16)


def write_tags(file: IO[bytes], key: str, tags: TagSet) -> None:
    """Puts `tags` into a file of ours of the registry's kind `key`, open for reading and writing.

    What the format has no place for is added to the warnings of `tags`. Raises MutagenError or OSError.
    """
    file.seek(0)
    WRITERS[key](file, tags)


def _write_flac(file: IO[bytes], tags: TagSet) -> None:
    audio: Any = FLAC(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    _replace_comments(audio.tags, comments_of(tags))
    _say_nameless(tags, "flac")
    audio.clear_pictures()
    for block in blocks_of(tags):
        audio.add_picture(block)
    _save(audio, file)


def _write_ogg(kind: type[Any], key: str) -> Writer:
    def write(file: IO[bytes], tags: TagSet) -> None:
        audio = kind(fileobj=file)
        _replace_comments(audio.tags, [*comments_of(tags), *encoded_blocks_of(tags)])
        _say_nameless(tags, key)
        _save(audio, file)

    return write


def _write_aiff(file: IO[bytes], tags: TagSet) -> None:
    _write_id3_chunk(AIFF, file, tags)


def _write_wav(file: IO[bytes], tags: TagSet) -> None:
    is_rf64 = file.read(4) == b"RF64"
    file.seek(0)
    if is_rf64:
        append_id3_to_rf64(file, _rendered(frames_of(tags)))
    else:
        _write_id3_chunk(WAVE, file, tags)


def _write_id3_chunk(kind: type[Any], file: IO[bytes], tags: TagSet) -> None:
    frames = frames_of(tags)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size + len(_rendered(frames)) > _MAX_COUNTED_BYTES:
        tags.warnings.append("tags were left out: they would take the file beyond the 4 GiB its header can count")
        return
    audio = kind(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    _replace_frames(audio.tags, frames)
    _save(audio, file)


def _rendered(frames: Iterable[Any]) -> bytes:
    tag, buffer = ID3(), io.BytesIO()
    _replace_frames(tag, frames)
    tag.save(buffer)
    return buffer.getvalue()


def _write_mp3(file: IO[bytes], tags: TagSet) -> None:
    try:
        tag = ID3(fileobj=file)
    except ID3NoHeaderError:
        tag = ID3()
    _replace_frames(tag, frames_of(tags))
    _save(tag, file)


def _write_mp4(file: IO[bytes], tags: TagSet) -> None:
    audio: Any = MP4(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    # Its own iTunSMPB and encoder are true of it; ours never bear those names.
    audio.tags.update(atoms_of(tags))
    _say_nameless(tags, "m4a")
    _save(audio, file)


def _replace_comments(comments: Any, new: Iterable[tuple[str, str]]) -> None:
    own = [(name, value) for name, value in comments if is_stale(name)]
    comments.clear()
    comments.extend([*own, *new])


def _replace_frames(tag: ID3, new: Iterable[Any]) -> None:
    own = [frame for frame in tag.values() if frame.FrameID == "TSSE"]
    tag.clear()
    for frame in (*own, *new):
        tag.add(frame)


def _say_nameless(tags: TagSet, key: str) -> None:
    if tags.nameless:
        tags.warnings.append(f"tags {key} has no place for were left out: {listed(sorted(tags.nameless))}")


def _save(audio: Any, file: IO[bytes]) -> None:
    file.seek(0)
    audio.save(fileobj=file)


Writer = Callable[[IO[bytes], TagSet], None]

WRITERS: dict[str, Writer] = {
    "flac": _write_flac,
    "wav": _write_wav,
    "aiff": _write_aiff,
    "ogg": _write_ogg(OggVorbis, "ogg"),
    "opus": _write_ogg(OggOpus, "opus"),
    "mp3": _write_mp3,
    "m4a": _write_mp4,
}
