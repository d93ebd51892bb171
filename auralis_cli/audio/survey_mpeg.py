"""MPEG audio (mp1, mp2, mp3) without decoding: how long it is, by a table at its start or its frames.

A table is a claim: one that the file has no room for is not believed, and the frames are counted.
"""

from __future__ import annotations

import os
import struct

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.mpeg import first_frame, frame_at, mean_frame_bytes, samples_in_frame
from auralis_cli.audio.surrounding_tags import TagPlaces
from auralis_cli.audio.survey import NothingToHearError, Survey
from auralis_cli.audio.sync_frames import FrameLength, count_frames
from auralis_cli.quick_dataclasses import dataclass

_FIRST_BYTES = 65_536
_TABLE_BYTES = 512
_NAME_WITHIN = 64
_HAS_FRAMES, _HAS_BYTES, _HAS_PLACES, _HAS_QUALITY = 1, 2, 4, 8
# Writers whose notes on delay and padding decoders heed.
_WRITERS = (b"LAME", b"Lavf", b"Lavc")
_DELAY_AT = 21
_FIELD_BITS = 12
_VBRI_AT = 36
_MONO = 3
# Of the frames of one bit rate, some are a byte longer.
_PROBES = 3
_PROBE_BYTES = 4096
# A file this small is counted at once.
_SMALL_BYTES = 65_536
# Frames of the lowest bit rates are no shorter, those of the highest no longer.
_SHORTEST_BYTES, _LONGEST_BYTES = 24, 2881
# A table may count what tags took since.
_TRUNCATED = 0.98

Kind = tuple[int, int, int]


@dataclass(slots=True)
class _Table:
    """What the first frame says of all."""

    frames: int
    # Of the whole stream; 0 where it does not say.
    stream_bytes: int = 0
    # Samples at both ends that are no music.
    padding: int = 0


def survey_mpeg(file: FileWindow, places: TagPlaces) -> Survey:
    """The MPEG stream between the tags."""
    start, end = places.start, places.end
    head = file.at(start, min(_FIRST_BYTES, max(0, len(file.head) - start)))
    first = first_frame(head)
    if first is None:
        head = file.at(start, _FIRST_BYTES)
        first = first_frame(head)
    found = None if first is None else frame_at(head, first)
    if first is None or found is None:
        raise NothingToHearError("holds no MPEG audio")
    _, kind = found
    version, layer, rate_hz = kind
    samples = samples_in_frame(version, layer)
    table = _table(file.at(start + first, _TABLE_BYTES))
    begin = start + first
    survey = Survey(f"mp{layer}", rate_hz, 1 if head[first + 3] >> 6 == _MONO else 2, lossless=False)
    # Tags grow and shrink by what stands between them and the first frame.
    survey.audio = ((begin, end - begin),)
    if table is not None and _is_believable(table, end - begin):
        frames = table.frames * samples - table.padding
    else:
        bitrate = head[first + 2] >> 4
        if end - begin > _SMALL_BYTES and _is_constant(file, (begin, end), kind, bitrate):
            frames = round((end - begin) / mean_frame_bytes(head, first)) * samples
        else:
            counted = count_frames(file.descriptor, begin, end, _frame_of(kind))
            frames = (counted - (table is not None)) * samples
            if counted == 0:
                raise NothingToHearError("holds no whole frame of MPEG audio")
    survey.duration_s = frames / rate_hz
    return survey


def _table(frame: bytes) -> _Table | None:
    """The table of Xing (VBR), Info (CBR) or Fraunhofer (VBRI) in the first frame."""
    at = max(frame.find(b"Xing", 0, _NAME_WITHIN), frame.find(b"Info", 0, _NAME_WITHIN))
    if at < 0:
        if frame[_VBRI_AT : _VBRI_AT + 4] != b"VBRI" or len(frame) < _VBRI_AT + 18:
            return None
        stream_bytes, frames = struct.unpack_from(">II", frame, _VBRI_AT + 10)
        return _Table(frames, stream_bytes) if frames else None
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & _HAS_FRAMES:
        return None
    frames, place = int.from_bytes(frame[at + 8 : at + 12], "big"), at + 12
    stream_bytes = int.from_bytes(frame[place : place + 4], "big") if flags & _HAS_BYTES else 0
    place += 4 * bool(flags & _HAS_BYTES) + 100 * bool(flags & _HAS_PLACES) + 4 * bool(flags & _HAS_QUALITY)
    padding = 0
    if frame[place : place + 4] in _WRITERS:
        field = int.from_bytes(frame[place + _DELAY_AT : place + _DELAY_AT + 3], "big")
        padding = (field >> _FIELD_BITS) + (field & (1 << _FIELD_BITS) - 1)
    return _Table(frames, stream_bytes, padding) if frames else None


def _is_believable(table: _Table, room_bytes: int) -> bool:
    fits = table.frames * _SHORTEST_BYTES <= room_bytes <= table.frames * _LONGEST_BYTES
    return fits and room_bytes >= _TRUNCATED * table.stream_bytes


def _is_constant(file: FileWindow, span: tuple[int, int], kind: Kind, bitrate: int) -> bool:
    """Whether frames here and there are of one bit rate."""
    begin, end = span
    for number in range(1, _PROBES + 1):
        block = os.pread(file.descriptor, _PROBE_BYTES, begin + (end - begin) * number // (_PROBES + 1))
        place = block.find(b"\xff")
        while place >= 0:
            found = frame_at(block, place)
            if found is not None and found[1] == kind:
                after = frame_at(block, place + found[0])
                if after is not None and after[1] == kind:
                    break
            place = block.find(b"\xff", place + 1)
        if place < 0 or block[place + 2] >> 4 != bitrate:
            return False
    return True


def _frame_of(kind: Kind) -> FrameLength:
    def length_at(block: bytes, place: int) -> int | None:
        found = frame_at(block, place)
        return found[0] if found is not None and found[1] == kind else None

    return length_at
