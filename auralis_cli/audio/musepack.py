"""What Musepack headers say of the length, so that it can be cut as Musepack's own decoder does."""

from __future__ import annotations

from auralis_cli.audio.span_of_music import MusicSpan

_FRAME = 1152
# Of the synthesis filter bank; every decoder has it, only Musepack's own takes it out.
_DELAY = 481
_MAX_PACKETS = 16


def music_in_sv7(head: bytes) -> MusicSpan | None:
    """The span by the header of stream version 7."""
    if len(head) < 24:
        return None
    frames, last = int.from_bytes(head[4:8], "little"), int.from_bytes(head[20:24], "little")
    in_last_frame, is_gapless = last >> 20 & 0x7FF, bool(last >> 31)
    total = frames * _FRAME - (_FRAME - (in_last_frame or _FRAME) if is_gapless else _DELAY)
    return MusicSpan(_DELAY, total) if total > 0 else None


def music_in_sv8(head: bytes) -> MusicSpan | None:
    """The span by the stream header packet of version 8."""
    start = 4
    for _ in range(_MAX_PACKETS):
        size, body = _number(head, start + 2)
        if size < 3 or body >= len(head):
            return None
        if head[start : start + 2] == b"SH":
            samples, after = _number(head, body + 5)
            silence, _ = _number(head, after)
            return MusicSpan(_DELAY + silence, samples - silence) if samples > silence else None
        start += size
    return None


def _number(data: bytes, start: int) -> tuple[int, int]:
    """A number in groups of 7 bits, the highest first, and what follows it; 0 where it is cut off or too long."""
    value = 0
    for offset in range(start, min(start + 9, len(data))):
        value = value << 7 | data[offset] & 0x7F
        if data[offset] < 0x80:
            return value, offset + 1
    return 0, len(data)
