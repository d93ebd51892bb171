"""Streams without a header of their own, ADTS and AC-3: told from noise by frames that lead to each other."""

from __future__ import annotations

import os
from collections.abc import Callable

# Length in bytes of the frame at an offset, None where there is none.
FrameLength = Callable[[bytes, int], int | None]

_FRAMES_IN_A_ROW = 4
_CHUNK_BYTES = 1 << 20
_MAX_FRAME_BYTES = 8192
# By the index that ADTS and the configuration of AAC in MP4 have for it.
AAC_RATES_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
# kbit/s by half of the frame size code; words per kbit/s and frame at 48, 44.1 and 32 kHz.
_AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
# 9 and 10 are AC-3 of half and a quarter of the rate.
_AC3_HIGHEST_BSID = 10
_EAC3_HIGHEST_BSID = 16


def is_adts(head: bytes) -> bool:
    """AAC in ADTS."""
    return _leads_on(head, adts_length)


def is_ac3(head: bytes) -> bool:
    """AC-3."""
    return _leads_on(head, ac3_length)


def is_eac3(head: bytes) -> bool:
    """E-AC-3, which other decoders call AC-3 with a bit stream of version 16."""
    return _leads_on(head, eac3_length)


def count_frames(descriptor: int, start: int, end: int, length_at: FrameLength, mark: bytes = b"\xff") -> int:
    """How many whole frames there are from `start` to `end`, each beginning with `mark`; junk between
    them is stepped over. The file is read a part at a time."""
    frames = 0
    while start < end:
        block = os.pread(descriptor, min(_CHUNK_BYTES, end - start), start)
        is_last = start + len(block) >= end or not block
        place, stop = 0, len(block) if is_last else len(block) - _MAX_FRAME_BYTES
        while 0 <= place < stop:
            length = length_at(block, place)
            if length is None:
                place = block.find(mark, place + 1)
            else:
                place += length
                frames += place <= len(block)
        if is_last:
            break
        start += place if place > 0 else stop
    return frames


def _leads_on(head: bytes, length_of: FrameLength) -> bool:
    """Whether frames follow each other from the start, some of them or as many as there are."""
    start = 0
    for _ in range(_FRAMES_IN_A_ROW):
        if start >= len(head) and start:
            return True
        length = length_of(head, start)
        if length is None:
            return False
        start += length
    return True


def adts_length(head: bytes, start: int) -> int | None:
    """ISO/IEC 13818-7, 6.2: sync word, layer 0, a rate that exists, 13 bits of length."""
    if start + 7 > len(head) or head[start] != 0xFF or head[start + 1] & 0xF6 != 0xF0:
        return None
    if (head[start + 2] >> 2) & 0xF > 12:
        return None
    length = (head[start + 3] & 3) << 11 | head[start + 4] << 3 | head[start + 5] >> 5
    return length if length >= 7 else None


def ac3_length(head: bytes, start: int) -> int | None:
    """ATSC A/52, 5.3.1."""
    if _bit_stream_id(head, start) not in range(_AC3_HIGHEST_BSID + 1):
        return None
    rate_code, size_code = head[start + 4] >> 6, head[start + 4] & 0x3F
    if rate_code == 3 or size_code >= 2 * len(_AC3_KBPS):
        return None
    kbps = _AC3_KBPS[size_code // 2]
    return 2 * (2 * kbps, 320 * kbps // 147 + size_code % 2, 3 * kbps)[rate_code]


def eac3_length(head: bytes, start: int) -> int | None:
    """ATSC A/52, E.2.3.1."""
    if _bit_stream_id(head, start) not in range(_AC3_HIGHEST_BSID + 1, _EAC3_HIGHEST_BSID + 1):
        return None
    return 2 * (((head[start + 2] & 7) << 8 | head[start + 3]) + 1)


def _bit_stream_id(head: bytes, start: int) -> int | None:
    if start + 6 > len(head) or head[start : start + 2] != b"\x0b\x77":
        return None
    return head[start + 5] >> 3
