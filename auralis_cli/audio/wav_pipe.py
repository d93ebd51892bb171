"""WAV written straight to a pipe: its sizes are true where the length is known before the first byte."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.chunks import MAX_SIZE, SIZE_ELSEWHERE
from auralis_cli.audio.formats import check_output
from auralis_cli.dsp.dither import quantize
from auralis_cli.errors import OutputError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

_PLAIN, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")
# Which loudspeakers the channels are for, in the order of WAV: mono, stereo, 3.0, quad, 5.0, 5.1, 6.1, 7.1.
_LOUDSPEAKERS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x13F, 8: 0x63F}


class WavPipeWriter:
    """Blocks as WAV to a stream; `close` after the last. BrokenPipeError where nobody reads any more."""

    def __init__(self, stream: BinaryIO, output: OutputFormat, frames: int | None) -> None:
        """Writes the header, for as many as come where `frames` are not known.

        Raises UsageError where WAV cannot hold `output`.
        """
        check_output(output)
        self._stream, self._output, self._frames = stream, output, frames
        self.frames_written = 0
        self._send(wav_header(output, frames))

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`; raises OutputError where it cannot be written."""
        self._send(_stored(block, self._output, self.frames_written))
        self.frames_written += len(block)

    def close(self) -> None:
        """Ends the audio; raises OutputError where it is not as long as its header says."""
        if self._frames is not None and self.frames_written != self._frames:
            raise OutputError("standard output", f"{self.frames_written} of {self._frames} frames were written")
        if _data_bytes(self._output, self.frames_written) % 2:
            self._send(b"\0")

    def _send(self, data: bytes) -> None:
        write_all(self._stream, data)


def write_all(stream: BinaryIO, data: bytes) -> None:
    """Writes `data`; a full disk behind standard output is an OutputError, a consumer who left is not."""
    try:
        done = 0
        while done < len(data):
            done += stream.write(memoryview(data)[done:])
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError("standard output", f"cannot be written ({error.strerror or error})") from error


def wav_header(output: OutputFormat, frames: int | None) -> bytes:
    """Everything before the first sample: RIFF, or RF64 where 32 bits cannot count the bytes.

    Where nobody knows yet how many `frames` come, the sizes are the largest there are: read to the end, they say.
    """
    bits = output.subtype.bits or 0
    frame_bytes = output.channels * bits // 8
    codec = _FLOAT if output.subtype is Subtype.FLOAT else _PLAIN
    # More than 16 bits or two channels are told in the longer form only.
    extensible = output.channels > 2 or (codec == _PLAIN and bits > 16)
    rate_hz = output.sample_rate_hz
    head = (_EXTENSIBLE if extensible else codec, output.channels, rate_hz, rate_hz * frame_bytes, frame_bytes, bits)
    described = struct.pack("<HHIIHH", *head)
    if extensible:
        described += struct.pack("<HHIH", 22, bits, _LOUDSPEAKERS.get(output.channels, 0), codec) + _SUBFORMAT_TAIL
    chunks = _chunk(b"fmt ", described)
    if codec == _FLOAT:
        chunks += _chunk(b"fact", struct.pack("<I", SIZE_ELSEWHERE if frames is None else min(frames, SIZE_ELSEWHERE)))
    if frames is None:
        endless = struct.pack("<I", SIZE_ELSEWHERE)
        return b"RIFF" + endless + b"WAVE" + chunks + b"data" + endless
    data_bytes = _data_bytes(output, frames)
    riff_bytes = 4 + len(chunks) + 8 + data_bytes + data_bytes % 2
    if riff_bytes < MAX_SIZE:
        return struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE") + chunks + struct.pack("<4sI", b"data", data_bytes)
    sizes = _chunk(b"ds64", struct.pack("<QQQI", riff_bytes + 36, data_bytes, frames, 0))
    head64 = struct.pack("<4sI4s", b"RF64", SIZE_ELSEWHERE, b"WAVE")
    return head64 + sizes + chunks + struct.pack("<4sI", b"data", SIZE_ELSEWHERE)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def _data_bytes(output: OutputFormat, frames: int) -> int:
    return frames * output.channels * (output.subtype.bits or 0) // 8


def _stored(block: NDArray[np.float32], output: OutputFormat, first_frame: int) -> bytes:
    """The block as it stands in the file, the very samples that a file would hold."""
    block = np.ascontiguousarray(block)
    if output.subtype is Subtype.FLOAT:
        return block.astype("<f4", copy=False).tobytes()
    bits, dither = output.subtype.bits or 0, output.dither is Dither.TPDF
    whole = quantize(block, bits, dither=dither, first_frame=first_frame).astype("<i4", copy=False)
    return whole.reshape(-1, 1).view(np.uint8)[:, 4 - bits // 8 :].tobytes()
