"""WAV as it comes through a pipe: the header told from what is announced and what is only a place-holder.

libsndfile reads no WAV from a pipe. Programs that write to one do not know the sizes yet and put 0,
the largest number, or something near 2^31 in their place: then the audio ends where the stream does.
"""

from __future__ import annotations

import struct

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.chunks import SIZE_ELSEWHERE, is_placeholder
from auralis_cli.audio.pcm import PcmLayout
from auralis_cli.model.source import RawEncoding
from auralis_cli.quick_dataclasses import dataclass

# Chunks before the audio (tags, covers) are looked at in memory.
_MAX_HEADER_BYTES = 32 << 20
_MAX_CHUNKS = 1000
_PLAIN, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# RIFX is RIFF with the bytes the other way round; RF64 and BW64 keep their sizes in a chunk ds64.
_ORDERS = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<"}
_ENCODINGS = {
    (_PLAIN, 1, "<"): RawEncoding.U8,
    (_PLAIN, 1, ">"): RawEncoding.U8,
    (_PLAIN, 2, "<"): RawEncoding.S16LE,
    (_PLAIN, 2, ">"): RawEncoding.S16BE,
    (_PLAIN, 3, "<"): RawEncoding.S24LE,
    (_PLAIN, 3, ">"): RawEncoding.S24BE,
    (_PLAIN, 4, "<"): RawEncoding.S32LE,
    (_PLAIN, 4, ">"): RawEncoding.S32BE,
    (_FLOAT, 4, "<"): RawEncoding.F32LE,
    (_FLOAT, 4, ">"): RawEncoding.F32BE,
    (_FLOAT, 8, "<"): RawEncoding.F64LE,
    (_FLOAT, 8, ">"): RawEncoding.F64BE,
}


@dataclass(frozen=True, slots=True)
class _Samples:
    """What a fmt chunk says."""

    encoding: RawEncoding
    sample_rate_hz: int
    channels: int


def read_wav_header(source: ByteInput) -> PcmLayout | None:
    """How the samples lie, `source` then standing at the first; None, nothing taken, where it is no plain WAV.

    None is for compressed samples, for damage, and for headers out of all proportion: a library that
    may seek has to judge those.
    """
    head = source.peek(12)
    order = _ORDERS.get(head[:4])
    if order is None or head[8:12] != b"WAVE":
        return None
    riff_bytes: int = struct.unpack(order + "I", head[4:8])[0]
    samples, long_data_bytes, at = None, 0, 12
    for _ in range(_MAX_CHUNKS):
        chunk = source.peek(8, at)
        if len(chunk) < 8 or at > _MAX_HEADER_BYTES:
            return None
        name, size = chunk[:4], struct.unpack(order + "I", chunk[4:])[0]
        at += 8
        if name == b"data":
            if samples is None:
                return None
            source.skip(at)
            data_bytes = _data_bytes(size, long_data_bytes, riff_bytes, at)
            return PcmLayout(samples.encoding, samples.sample_rate_hz, samples.channels, "wav", data_bytes)
        if name == b"fmt ":
            samples = _parse_format(source.peek(min(size, 40), at), order)
            if samples is None:
                return None
        if name == b"ds64":
            long_data_bytes = int.from_bytes(source.peek(8, at + 8), "little")
        at += size + size % 2
    return None


def _parse_format(chunk: bytes, order: str) -> _Samples | None:
    """None for samples that are not stored one by one in whole bytes."""
    if len(chunk) < 16:
        return None
    codec, channels, rate_hz, _, frame_bytes, bits = struct.unpack(order + "HHIIHH", chunk[:16])
    if codec == _EXTENSIBLE and len(chunk) >= 26:
        codec = struct.unpack(order + "H", chunk[24:26])[0]
    if channels == 0 or frame_bytes % channels:
        return None
    sample_bytes = frame_bytes // channels
    encoding = _ENCODINGS.get((codec, sample_bytes, order))
    # Fewer bits than the bytes hold stand in the upper ones.
    if encoding is None or not 8 * (sample_bytes - 1) < bits <= 8 * sample_bytes:
        return None
    return _Samples(encoding, rate_hz, channels)


def _data_bytes(size: int, long_bytes: int, riff_bytes: int, start: int) -> int | None:
    """The announced length of the audio, which begins at byte `start`; None where the announcement is none."""
    if size == SIZE_ELSEWHERE and 0 < long_bytes < 1 << 62:
        return long_bytes
    if size == 0:
        # Nothing is meant only where something else is said to follow.
        return 0 if start < riff_bytes + 8 and not is_placeholder(riff_bytes) else None
    return None if is_placeholder(size) else size
