"""MPEG audio (mp1, mp2, mp3) as bits: told from noise by frame headers that lead to each other.

Layout of the header: ISO/IEC 11172-3, 2.4.1.3; MPEG-2: 13818-3; MPEG-2.5 as every decoder reads it.
"""

from __future__ import annotations

# kbit/s by index 1…14, for (MPEG-1?, layer).
_BITRATES = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Containers that may carry MPEG frames inside without being MPEG audio.
_CONTAINERS = (b"RIFF", b"RF64", b"FORM", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"0&\xb2u", b"caff", b"MAC ", b"wvpk")
_FRAMES_AFTER_JUNK = 4
_JUNK_LIMIT_BYTES = 32_768
_TABLE_NAMES = (b"Xing", b"Info", b"VBRI")


def starts_with_mpeg_audio(head: bytes) -> bool:
    """Whether MPEG frames begin at `head`, or soon after some junk."""
    return first_frame(head) is not None


def announces_length(head: bytes) -> bool:
    """Whether the first frame is a table that states the number of frames (Xing, Info or VBRI)."""
    start = first_frame(head)
    return start is not None and any(name in head[start : start + 200] for name in _TABLE_NAMES)


def first_frame(head: bytes) -> int | None:
    """Where the first of some MPEG frames begins, None where there are none."""
    start = len(head) - len(head.lstrip(b"\0"))
    if _leads_on(head, start, 2):
        return start
    if head.startswith(_CONTAINERS) or head[4:8] == b"ftyp":
        return None
    while (start := head.find(b"\xff", start + 1, _JUNK_LIMIT_BYTES)) >= 0:
        if _leads_on(head, start, _FRAMES_AFTER_JUNK):
            return start
    return None


def _leads_on(head: bytes, start: int, frames: int) -> bool:
    """Whether `frames` headers of one kind follow each other, or the file ends with the first of them."""
    kind = None
    for number in range(frames):
        found = frame_at(head, start)
        if found is None:
            return number == 1 and frames == 2 and _is_end(head, start)
        length, this_kind = found
        if kind not in (None, this_kind):
            return False
        kind, start = this_kind, start + length
    return True


def _is_end(head: bytes, start: int) -> bool:
    """A single frame may be followed by nothing or by a tag."""
    return start >= len(head) or head[start : start + 3] == b"TAG" or head[start : start + 8] == b"APETAGEX"


def frame_at(head: bytes, start: int) -> tuple[int, tuple[int, int, int]] | None:
    """Length in bytes and kind (version, layer, rate) of the frame at `start`, None where there is none."""
    fields = _fields(head, start)
    if fields is None:
        return None
    version, layer, rate_hz, bits, padding = fields
    if layer == 1:
        return (12 * bits // rate_hz + padding) * 4, (version, layer, rate_hz)
    return samples_in_frame(version, layer) // 8 * bits // rate_hz + padding, (version, layer, rate_hz)


def mean_frame_bytes(head: bytes, start: int) -> float:
    """Length of the frames of a stream of one bit rate, of which one is at `start`: some are rounded up."""
    fields = _fields(head, start)
    if fields is None:
        raise ValueError("no MPEG frame is here")
    version, layer, rate_hz, bits, _ = fields
    return samples_in_frame(version, layer) / 8 * bits / rate_hz


def samples_in_frame(version: int, layer: int) -> int:
    """Of each channel."""
    if layer == 1:
        return 384
    return 576 if layer == 3 and version != 3 else 1152


def _fields(head: bytes, start: int) -> tuple[int, int, int, int, int] | None:
    """Version, layer, rate, bits per second and padding of the frame at `start`, None where there is none."""
    if start + 4 > len(head) or head[start] != 0xFF or head[start + 1] & 0xE0 != 0xE0:
        return None
    version, layer_code = (head[start + 1] >> 3) & 3, (head[start + 1] >> 1) & 3
    bitrate_index, rate_index = head[start + 2] >> 4, (head[start + 2] >> 2) & 3
    if version == 1 or layer_code == 0 or bitrate_index in (0, 15) or rate_index == 3:
        return None
    layer = 4 - layer_code
    bits = _BITRATES[version == 3, layer][bitrate_index - 1] * 1000
    return version, layer, _RATES_HZ[version][rate_index], bits, (head[start + 2] >> 1) & 1
