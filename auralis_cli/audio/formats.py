"""The registry of formats: what each is called, how it begins, who decodes it, what can be written.

A further format is a further row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from auralis_cli.audio.mpeg import starts_with_mpeg_audio
from auralis_cli.errors import UsageError
from auralis_cli.model.audio import OutputFormat, Subtype


class Decoder(StrEnum):
    """A library that decodes."""

    LIBSNDFILE = "libsndfile"
    PYAV = "PyAV"


class TagKind(StrEnum):
    """How a format keeps its tags."""

    ID3 = "id3"
    VORBIS = "vorbis"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One row of the registry."""

    key: str
    extensions: tuple[str, ...]
    mime: str
    tags: TagKind
    # In the order they are asked: the first that opens the file decodes it.
    decoders: tuple[Decoder, ...]
    # What ffmpeg calls the container: it may try this demuxer and no other.
    demuxer: str
    # Whether a file that begins so (an ID3v2 tag skipped) is of this format.
    matches: Callable[[bytes], bool]
    # What can be written; empty where nothing can.
    subtypes: tuple[Subtype, ...] = ()
    max_channels: int = 32
    max_sample_rate_hz: int = 384_000


_SNDFILE_FIRST = (Decoder.LIBSNDFILE, Decoder.PYAV)
# libsndfile ends a VBR mp3 without a Xing header at 61 %, and its mpg123 writes to stderr what it thinks of
# damaged files, none of which it reads any better.
_PYAV_ONLY = (Decoder.PYAV,)
_OGG_PAGE_HEAD_BYTES = 28


def _is_wav(head: bytes) -> bool:
    return head[:4] in (b"RIFF", b"RF64", b"RIFX") and head[8:12] == b"WAVE"


def _is_aiff(head: bytes) -> bool:
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def _is_flac(head: bytes) -> bool:
    return head[:4] == b"fLaC"


def _ogg_carries(codec: bytes) -> Callable[[bytes], bool]:
    """The first page of an Ogg stream names its codec; it holds that one packet only."""
    return lambda head: head[:4] == b"OggS" and head[_OGG_PAGE_HEAD_BYTES:].startswith(codec)


FORMATS: tuple[AudioFormat, ...] = (
    AudioFormat(
        key="wav",
        extensions=(".wav", ".wave"),
        mime="audio/wav",
        tags=TagKind.ID3,
        decoders=_SNDFILE_FIRST,
        demuxer="wav",
        matches=_is_wav,
        subtypes=(Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT),
    ),
    AudioFormat(
        key="flac",
        extensions=(".flac",),
        mime="audio/flac",
        tags=TagKind.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="flac",
        matches=_is_flac,
        subtypes=(Subtype.PCM_16, Subtype.PCM_24),
        max_channels=8,
    ),
    AudioFormat(
        key="aiff",
        extensions=(".aiff", ".aif", ".aifc"),
        mime="audio/aiff",
        tags=TagKind.ID3,
        decoders=_SNDFILE_FIRST,
        demuxer="aiff",
        matches=_is_aiff,
    ),
    AudioFormat(
        key="ogg",
        extensions=(".ogg", ".oga"),
        mime="audio/ogg",
        tags=TagKind.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="ogg",
        matches=_ogg_carries(b"\x01vorbis"),
    ),
    AudioFormat(
        key="opus",
        extensions=(".opus",),
        mime="audio/ogg",
        tags=TagKind.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="ogg",
        matches=_ogg_carries(b"OpusHead"),
    ),
    # Last: the others begin with their names, MPEG audio only with a pattern of bits.
    AudioFormat(
        key="mp3",
        extensions=(".mp3",),
        mime="audio/mpeg",
        tags=TagKind.ID3,
        decoders=_PYAV_ONLY,
        demuxer="mp3",
        matches=starts_with_mpeg_audio,
    ),
)

_BY_KEY = {row.key: row for row in FORMATS}
_READABLE = [row.key for row in FORMATS]
READABLE = f"{', '.join(_READABLE[:-1])} and {_READABLE[-1]}"
# As the end of a name: `.wav or .flac`.
WRITABLE = " or ".join(f".{row.key}" for row in FORMATS if row.subtypes)


def format_named(key: str) -> AudioFormat:
    """The row called `key`; raises KeyError for a name no reader or writer announces."""
    return _BY_KEY[key]


def format_of_content(head: bytes) -> AudioFormat | None:
    """The format a file beginning with `head` is of, None where it is none of ours."""
    return next((row for row in FORMATS if row.matches(head)), None)


def writable_format(path: Path) -> AudioFormat:
    """The format an output called `path` is written in; raises UsageError where there is none."""
    extension = path.suffix.lower()
    row = next((row for row in FORMATS if extension in row.extensions), None)
    if row is None:
        why = f"no format is known by the name {extension}" if extension else "its name does not tell a format"
        raise UsageError(str(path), why, f"name it {WRITABLE}")
    if not row.subtypes:
        raise UsageError(str(path), f"{row.key} is read but not written", f"name it {WRITABLE}")
    return row


def check_output(output: OutputFormat) -> AudioFormat:
    """The row of a format that can hold `output`; raises UsageError where it cannot."""
    row = format_named(output.format)
    if output.subtype not in row.subtypes:
        held = ", ".join(row.subtypes) or "nothing that is written here"
        raise UsageError(row.key, f"holds no {output.subtype}", f"it holds {held}")
    if not 1 <= output.channels <= row.max_channels:
        raise UsageError(row.key, f"holds at most {row.max_channels} channels, not {output.channels}")
    if not 1 <= output.sample_rate_hz <= row.max_sample_rate_hz:
        raise UsageError(row.key, f"holds no rate of {output.sample_rate_hz} Hz")
    return row
