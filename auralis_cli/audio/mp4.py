"""Which frames of an MP4's audio track are music: its edit list, or iTunes' note about the encoder's padding.

ISO/IEC 14496-12: boxes are read as far as they are there, none into memory beyond a few kilobytes.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator

from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.audio.span_of_music import MusicSpan
from auralis_cli.quick_dataclasses import dataclass

_MAX_BOXES = 10_000
_MAX_DEPTH = 8
_MAX_TABLE_ENTRIES = 4096
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"ilst", b"----")
_EMPTY_EDIT = -1
_ITUNES_NOTE = b"iTunSMPB"
_MAX_NOTE_BYTES = 512
# Two packets. (A track that decodes at twice its scale is counted at either.)
_NOTE_TOLERANCE = 4096


@dataclass(slots=True)
class Mp4Track:
    """What the boxes of one track say."""

    is_audio: bool = False
    timescale: int = 0
    # In units of `timescale`: all samples together, by their table; 0 where it does not say.
    duration: int = 0
    # Duration in units of the movie's scale, and first unit of the media, of each edit.
    edits: tuple[tuple[int, int], ...] = ()


def music_in_mp4(descriptor: int) -> MusicSpan | None:
    """The span of music of the first audio track, None where the file does not say."""
    movie_timescale = 0
    tracks: list[Mp4Track] = []
    note: bytes | None = None
    budget = iter(range(_MAX_BOXES))
    for path, start, size in _boxes(descriptor, 0, os.fstat(descriptor).st_size, budget):
        name = path[-1]
        if name == b"trak":
            tracks.append(Mp4Track())
        elif path[:2] == (b"moov", b"mvhd"):
            movie_timescale = _timescale(bytes_at(descriptor, 32, start))
        elif tracks and b"trak" in path:
            _tell(tracks[-1], name, descriptor, start, size)
        elif path[-2:] == (b"----", b"data") and size <= _MAX_NOTE_BYTES:
            note = _itunes_note(descriptor, start, size) or note
    track = next((track for track in tracks if track.is_audio), None)
    if track is None or track.timescale == 0:
        return None
    return music_of_track(track, movie_timescale, note)


def music_of_track(track: Mp4Track, movie_timescale: int, note: bytes | None) -> MusicSpan | None:
    """The span of music by iTunes' note, else by the edits; None where neither says."""
    return _from_note(note, track) or _from_edits(track, movie_timescale)


def _boxes(
    descriptor: int, start: int, end: int, budget: Iterator[int], above: tuple[bytes, ...] = ()
) -> Iterator[tuple[tuple[bytes, ...], int, int]]:
    """Names from the outermost box to this, first byte and size of the body; containers come before their content."""
    for _ in budget:
        head = bytes_at(descriptor, 16, start)
        if start + 8 > end or len(head) < 8:
            return
        size, name = struct.unpack(">I4s", head[:8])
        head_bytes = 8
        if size == 1 and len(head) == 16:
            size, head_bytes = int.from_bytes(head[8:], "big"), 16
        elif size == 0:
            size = end - start
        if size < head_bytes:
            return
        path, body, stop = (*above, name), start + head_bytes, min(start + size, end)
        yield path, body, stop - body
        if name in _CONTAINERS and len(path) < _MAX_DEPTH:
            yield from _boxes(descriptor, body, stop, budget, path)
        elif name == b"meta":
            # Four bytes of version and flags stand before its boxes, in QuickTime none.
            skipped = 0 if bytes_at(descriptor, 8, body)[4:] == b"hdlr" else 4
            yield from _boxes(descriptor, body + skipped, stop, budget, path)
        start += size


def _tell(track: Mp4Track, name: bytes, descriptor: int, start: int, size: int) -> None:
    """Notes what one more of its boxes says of a track."""
    if name == b"hdlr":
        # A second one stands in the tags of some tracks.
        track.is_audio = track.is_audio or bytes_at(descriptor, 12, start)[8:] == b"soun"
    elif name == b"mdhd":
        track.timescale = _timescale(bytes_at(descriptor, 32, start))
    elif name == b"stts":
        track.duration = sum(count * delta for count, delta in _table(descriptor, start, size, ">II"))
    elif name == b"elst":
        wide = bytes_at(descriptor, 1, start) == b"\x01"
        entries = _table(descriptor, start, size, ">QqI" if wide else ">IiI")
        track.edits = tuple((entry[0], entry[1]) for entry in entries)


def _timescale(header: bytes) -> int:
    """Of a movie's or a track's header, whose times are of 32 or, in version 1, of 64 bits."""
    offset = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[offset : offset + 4], "big")


def _table(descriptor: int, start: int, size: int, layout: str) -> list[tuple[int, ...]]:
    """The entries of a table that are there; none where it claims more than is read of any."""
    entry_bytes = struct.calcsize(layout)
    claimed = int.from_bytes(bytes_at(descriptor, 4, start + 4), "big")
    if claimed > _MAX_TABLE_ENTRIES or 8 + claimed * entry_bytes > size:
        return []
    data = bytes_at(descriptor, claimed * entry_bytes, start + 8)
    return list(struct.iter_unpack(layout, data)) if len(data) == claimed * entry_bytes else []


def _itunes_note(descriptor: int, start: int, size: int) -> bytes | None:
    """The text of a free-form tag, where the one before it names iTunSMPB."""
    before = bytes_at(descriptor, 32, max(0, start - 8 - 32))
    return bytes_at(descriptor, size, start)[8:] if _ITUNES_NOTE in before else None


def _from_note(note: bytes | None, track: Mp4Track) -> MusicSpan | None:
    """` 00000000 DELAY PADDING LENGTH …` in hexadecimal."""
    found = re.match(rb" ?[0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{16})", note or b"")
    if found is None:
        return None
    delay, padding, length = (int(word, 16) for word in found.groups())
    # A note that another encoder's file was copied with does not add up.
    total = delay + padding + length
    if length == 0 or (track.duration and min(abs(total - n * track.duration) for n in (1, 2)) > _NOTE_TOLERANCE):
        return None
    return MusicSpan(delay, length, track.timescale)


def _from_edits(track: Mp4Track, movie_timescale: int) -> MusicSpan | None:
    """One edit that shows a part of the media; its length, rounded to the movie's scale, is taken from the table."""
    edits = [edit for edit in track.edits if edit[1] != _EMPTY_EDIT]
    if len(edits) != 1 or len(track.edits) > 1 or movie_timescale == 0 or track.duration == 0:
        return None
    shown, first = edits[0]
    rest = track.duration - first
    if first < 0 or rest <= 0:
        return None
    rounded = shown * track.timescale / movie_timescale
    one_unit = track.timescale / movie_timescale
    length = rest if abs(rest - rounded) <= one_unit else round(rounded)
    return MusicSpan(first, min(length, rest), track.timescale) if length > 0 else None
