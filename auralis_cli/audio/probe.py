"""What a file is, told by its content and never by its name."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.audio.announced import announced_audio
from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.audio.formats import READABLE, AudioFormat, LengthPromise, format_of_content
from auralis_cli.audio.mp4 import music_in_mp4
from auralis_cli.audio.mpeg import announces_length
from auralis_cli.audio.musepack import music_in_sv7, music_in_sv8
from auralis_cli.audio.ogg_pages import last_page
from auralis_cli.audio.signatures import stranger
from auralis_cli.audio.span_of_music import MusicSpan
from auralis_cli.errors import UnsupportedError
from auralis_cli.quick_dataclasses import dataclass

_HEAD_BYTES = 65_536
_ID3_HEAD_BYTES = 10
_APE_HEAD_BYTES = 32
_MAX_TAGS = 8
# What their demuxers announce is guessed from the size of the file.
_GUESSED = ("aac", "ac3", "eac3", "mp3")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes of a file say, and for Ogg the last."""

    format: AudioFormat
    # The file's first bytes behind any tags.
    head: bytes
    # Whether the length a demuxer announces was written by the encoder, not guessed from the size of the file.
    states_length: bool = True
    # Frames the header announces, whatever follows it; None where it announces none.
    announced_frames: int | None = None
    # How many of them may be missing without being lost.
    announced_tolerance: int = 0
    # Channels the header announces, None where the decoders are safe to tell.
    announced_channels: int | None = None
    # Whether a WAV header says "no audio" although audio follows: written to a pipe, or by a program that died.
    unfinished_header: bool = False
    # The part of what is decoded that is music, where the file states it and decoders do not heed it.
    music: MusicSpan | None = None
    # Whether an Ogg stream breaks off: its length stands at its end only.
    breaks_off: bool = False


def sniff(path: Path, descriptor: int) -> Sniffed:
    """The format of an open file; raises UnsupportedError for what is none of ours."""
    head = _head(descriptor)
    found = format_of_content(head)
    if found is None:
        known = stranger(head)
        why = "is not audio of a kind read here" + (f" (it is {known})" if known else "")
        raise UnsupportedError(str(path), why, f"Auralis reads {READABLE}")
    return facts(descriptor, head, found)


def facts(descriptor: int, head: bytes, row: AudioFormat) -> Sniffed:
    """What a file of the format `row` states beside what decoders tell."""
    announced = announced_audio(descriptor, row.key)
    states_length = row.key not in _GUESSED or (row.key == "mp3" and announces_length(head))
    music, breaks_off = None, False
    if row.key == "m4a":
        music = music_in_mp4(descriptor)
    elif row.key == "dsf":
        music = _music_in_dsf(head)
    elif row.key == "mpc":
        music = music_in_sv7(head)
    elif row.key == "mpc8":
        music = music_in_sv8(head)
    elif row.demuxer == "ogg" and (last := last_page(descriptor, head)) is not None:
        breaks_off = not last.is_end
        if row.key == "ogg" and last.is_of_first and last.granule and row.length is LengthPromise.EXACT:
            music = MusicSpan(0, last.granule)
    return Sniffed(
        row,
        head,
        states_length,
        announced_frames=announced.frames,
        announced_tolerance=announced.tolerance,
        announced_channels=announced.channels,
        unfinished_header=announced.unfinished,
        music=music,
        breaks_off=breaks_off,
    )


def _music_in_dsf(head: bytes) -> MusicSpan | None:
    """The data is padded to whole blocks; the header counts bits, of which 8 make a frame."""
    bits = int.from_bytes(head[64:72], "little")
    return MusicSpan(0, bits // 8) if bits else None


def _head(descriptor: int) -> bytes:
    """The first bytes after any ID3v2 and APE tags, which may stand before every format."""
    offset = 0
    for _ in range(_MAX_TAGS):
        size = _tag_bytes(bytes_at(descriptor, _APE_HEAD_BYTES, offset))
        if size == 0:
            break
        offset += size
    return bytes_at(descriptor, _HEAD_BYTES, offset)


def _tag_bytes(head: bytes) -> int:
    """Length of the tag that begins so, 0 where there is none."""
    if len(head) >= _ID3_HEAD_BYTES and head[:3] == b"ID3" and max(head[6:10]) <= 0x7F:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        has_footer = head[5] & 0x10
        return _ID3_HEAD_BYTES + size + (_ID3_HEAD_BYTES if has_footer else 0)
    if len(head) == _APE_HEAD_BYTES and head[:8] == b"APETAGEX":
        return _APE_HEAD_BYTES + int.from_bytes(head[12:16], "little")
    return 0
