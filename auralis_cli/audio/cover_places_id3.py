"""Pictures in ID3 tags, wherever a format keeps them: frames changed, the others and the tag's version as they are."""

from __future__ import annotations

import os
from typing import IO, Any

from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.dsdiff import DSDIFF
from mutagen.dsf import DSF
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.wave import WAVE

from auralis_cli.audio.cover_change import CoverChange
from auralis_cli.audio.id3_places import read_id3_tag
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.errors import UnsupportedError

_FRAME = "APIC"
# Kinds that keep the tag in a chunk of theirs.
_CHUNKED: dict[str, type[Any]] = {"wav": WAVE, "aiff": AIFF, "dsf": DSF, "dff": DSDIFF}
_V1_BYTES = 128
_V1_MARK = b"TAG"


def has_leading_id3(file: IO[bytes]) -> bool:
    """Whether the file begins with an ID3v2 tag."""
    file.seek(0)
    return file.read(3) == b"ID3"


def edit_id3_pictures(file: IO[bytes], key: str, change: CoverChange, *, wanted: bool) -> None:
    """Frames of the file's ID3v2 tag; a new tag is of version 2.4."""
    # Refuses, as every reader here does, what would take forever to read.
    read_id3_tag(file, key)
    if key in _CHUNKED:
        _edit_in_chunk(file, key, change, wanted=wanted)
        return
    file.seek(0)
    try:
        tag = ID3(fileobj=file, translate=False, load_v1=False)
    except ID3NoHeaderError:
        tag = ID3()
    if _edit_frames(tag, change, wanted=wanted):
        before = _old_tag(file)
        file.seek(0)
        tag.save(fileobj=file, v2_version=_version_of(tag), v23_sep=None)
        if before:
            # As it was: written anew, its texts would be cut otherwise.
            file.seek(-_V1_BYTES, os.SEEK_END)
            file.write(before)
            file.flush()


def _edit_in_chunk(file: IO[bytes], key: str, change: CoverChange, *, wanted: bool) -> None:
    file.seek(0)
    if file.read(4) in (b"RF64", b"BW64", b"RIFX"):
        raise UnsupportedError("", "a WAV of this kind (RF64, BW64 or RIFX) takes no pictures here")
    file.seek(0)
    audio = _CHUNKED[key](fileobj=file, translate=False)
    if audio.tags is None:
        audio.add_tags()
    if _edit_frames(audio.tags, change, wanted=wanted):
        file.seek(0)
        audio.tags.save(fileobj=file, v2_version=_version_of(audio.tags), v23_sep=None)


def _edit_frames(tag: Any, change: CoverChange, *, wanted: bool) -> bool:
    """Whether any frame is another then."""
    before = list(tag.getall(_FRAME))
    comes = wanted or any(change.takes(int(frame.type)) for frame in before)
    after = change.done_to(before, lambda frame: int(frame.type), _frame_of if comes else None)
    if after == before:
        return False
    tag.delall(_FRAME)
    taken: set[str] = set()
    for frame in after:
        # Two of one description would be one.
        while frame.desc in taken:
            frame.desc += " "
        taken.add(frame.desc)
        tag.add(frame)
    return True


def _frame_of(picture: CoverPicture) -> Any:
    return id3.APIC(
        encoding=id3.Encoding.LATIN1 if picture.description.isascii() else id3.Encoding.UTF16,
        mime=picture.mime,
        type=picture.kind,
        desc=picture.description,
        data=picture.data,
    )


def _version_of(tag: ID3) -> int:
    """2.3 stays so, and 2.2, which nobody writes any more, becomes that."""
    return 3 if tag.version < (2, 4, 0) else 4


def _old_tag(file: IO[bytes]) -> bytes:
    """The tag of 128 bytes at the end, where there is one."""
    if file.seek(0, os.SEEK_END) < _V1_BYTES:
        return b""
    file.seek(-_V1_BYTES, os.SEEK_END)
    tail = file.read()
    return tail if tail.startswith(_V1_MARK) else b""
