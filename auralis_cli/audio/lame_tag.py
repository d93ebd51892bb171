"""The Info frame of an mp3: how many frames to drop at its start and end (LAME's tag, revision 1)."""

from __future__ import annotations

import os

from auralis_cli.audio.encoder import EncodeError

_FRAME_BYTES = 1500
_FRAMES_STATED = 1
# Fields after "Info" and the flags, each there where its flag is.
_OPTIONAL_BYTES = ((1, 4), (2, 4), (4, 100), (8, 4))
# In LAME's own part.
_PADDING_AT = 21
_CHECKSUM_AT = 34
_FIELD_BITS = 12


def state_length(descriptor: int, frames: int, first: int = 0) -> None:
    """Corrects the padding at the end, so that what is left is `frames` long.

    libavformat states only what the last packet adds, although two may be beyond the end. The file's first frame
    is the Info frame, at byte `first`. Raises EncodeError where it is not.
    """
    frame = bytearray(os.pread(descriptor, _FRAME_BYTES, first))
    at = max(frame.find(b"Info", 0, 64), frame.find(b"Xing", 0, 64))
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if at < 0 or not flags & _FRAMES_STATED:
        raise EncodeError("the encoder did not say how long the mp3 is")
    mpeg_frames = int.from_bytes(frame[at + 8 : at + 12], "big")
    lame = at + 8 + sum(size for flag, size in _OPTIONAL_BYTES if flags & flag)
    field = int.from_bytes(frame[lame + _PADDING_AT : lame + _PADDING_AT + 3], "big")
    delay = field >> _FIELD_BITS
    padding = mpeg_frames * _samples_per_frame(frame) - delay - frames
    if not 0 <= padding < 1 << _FIELD_BITS:
        raise EncodeError(f"the encoder made {mpeg_frames} MPEG frames of {frames} frames")
    frame[lame + _PADDING_AT : lame + _PADDING_AT + 3] = (delay << _FIELD_BITS | padding).to_bytes(3, "big")
    end = lame + _CHECKSUM_AT
    frame[end : end + 2] = _crc16(frame[:end]).to_bytes(2, "big")
    os.pwrite(descriptor, bytes(frame[: end + 2]), first)


def _samples_per_frame(header: bytes | bytearray) -> int:
    """Layer III: MPEG 1 has two granules of 576 samples, the others one."""
    return 1152 if header[1] & 0x18 == 0x18 else 576


def _crc16(data: bytes | bytearray) -> int:
    """CRC-16 of polynomial 0x8005, mirrored, starting at 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
