"""What a header announces of its audio, whatever follows it: WAV, Wave64, AIFF, CAF, AU.

libsndfile shortens what it announces to what is there; that a file was cut is seen here only.
"""

from __future__ import annotations

import os
import struct

from auralis_cli.audio.bytes_at import bytes_at
from auralis_cli.audio.chunks import SIZE_ELSEWHERE, chunks_of, is_chain, is_placeholder
from auralis_cli.quick_dataclasses import dataclass

_LONG_WAV = (b"RF64", b"BW64")
_MAX_CHUNKS = 1000
_W64_HEAD_BYTES = 24
# WAV codecs whose frames are of one size: PCM, float, A-law, mu-law, and extensible, which tells its own further on.
_PLAIN_WAV_CODECS = (1, 3, 6, 7, 0xFFFE)
# Bytes per sample of AU's encodings: mu-law, PCM of 8 to 32 bits, floats, A-law.
_AU_SAMPLE_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}


@dataclass(frozen=True, slots=True)
class Announced:
    """What a header says of its audio."""

    # None: no claim.
    frames: int | None = None
    # Frames that may be missing from that without being lost: some encoders count whole packets.
    tolerance: int = 0
    # It says "no audio" although audio follows: written to a pipe, or by a program that died.
    unfinished: bool = False
    # Where they are written in 32 bits: FFmpeg sets up room for that many before it refuses them.
    channels: int | None = None


def announced_audio(descriptor: int, key: str) -> Announced:
    """What the header of a file of the format `key` announces; nothing for formats whose decoders tell."""
    reader = {"wav": _wav, "w64": _wave64, "aiff": _aiff, "caf": _caf, "au": _au}.get(key)
    return Announced() if reader is None else reader(descriptor)


def _wav(descriptor: int) -> Announced:
    file_size, frame_bytes = os.fstat(descriptor).st_size, 0
    kind = bytes_at(descriptor, 4, 0)
    order = ">" if kind == b"RIFX" else "<"
    for name, start, size in chunks_of(descriptor):
        if name == b"fmt ":
            frame_bytes = _plain_frame_bytes(bytes_at(descriptor, 26, start), order)
        if name == b"data":
            if size == 0 and start < file_size and not is_chain(descriptor, order, start):
                return Announced(unfinished=True)
            if size == SIZE_ELSEWHERE or (is_placeholder(size) and kind not in _LONG_WAV):
                return Announced()
            return Announced(size // frame_bytes if frame_bytes else None)
    return Announced()


def _plain_frame_bytes(description: bytes, order: str) -> int:
    """The size of a frame of plain samples, 0 for codecs that pack them."""
    codec, _, _, _, align, _ = struct.unpack(order + "HHIIHH", description[:16].ljust(16, b"\0"))
    if codec == 0xFFFE and len(description) >= 26:
        codec = struct.unpack_from(order + "H", description, 24)[0]
    return align if codec in _PLAIN_WAV_CODECS else 0


def _wave64(descriptor: int) -> Announced:
    """Chunks are named by 16 bytes, sizes count the head of 24 and are padded to 8."""
    frame_bytes, start = 0, 40
    for _ in range(_MAX_CHUNKS):
        head = bytes_at(descriptor, _W64_HEAD_BYTES, start)
        if len(head) < _W64_HEAD_BYTES:
            break
        name, size = head[:4], int.from_bytes(head[16:], "little")
        if size < _W64_HEAD_BYTES:
            break
        if name == b"fmt ":
            frame_bytes = _plain_frame_bytes(bytes_at(descriptor, 26, start + _W64_HEAD_BYTES), "<")
        if name == b"data":
            return Announced((size - _W64_HEAD_BYTES) // frame_bytes if frame_bytes and size < 1 << 62 else None)
        start += size + -size % 8
    return Announced()


def _aiff(descriptor: int) -> Announced:
    for name, start, size in chunks_of(descriptor):
        if name == b"COMM" and size >= 18:
            return Announced(int.from_bytes(bytes_at(descriptor, 4, start + 2), "big"))
    return Announced()


def _caf(descriptor: int) -> Announced:
    """Packets of one size say it by the size of the data, others by their table, which counts true frames."""
    packet_bytes = packet_frames = 0
    plain: int | None = None
    channels: int | None = None
    start = 8
    for _ in range(_MAX_CHUNKS):
        head = bytes_at(descriptor, 12, start)
        if len(head) < 12:
            break
        name, size = head[:4], int.from_bytes(head[4:], "big", signed=True)
        body = bytes_at(descriptor, 32, start + 12)
        if name == b"desc" and len(body) == 32:
            packet_bytes, packet_frames, channels = struct.unpack(">III", body[16:28])
        if name == b"pakt" and len(body) >= 24:
            return Announced(int.from_bytes(body[8:16], "big"), tolerance=packet_frames, channels=channels)
        if name == b"data" and size > 4 and packet_bytes:
            plain = (size - 4) // packet_bytes * packet_frames
        if size < 0:
            break
        start += 12 + size
    return Announced(plain, channels=channels)


def _au(descriptor: int) -> Announced:
    head = bytes_at(descriptor, 24, 0)
    if len(head) < 24:
        return Announced()
    _, size, encoding, _, channels = struct.unpack(">IIIII", head[4:])
    frame_bytes = _AU_SAMPLE_BYTES.get(encoding, 0) * channels
    frames = size // frame_bytes if frame_bytes and size < SIZE_ELSEWHERE else None
    return Announced(frames, channels=channels)
