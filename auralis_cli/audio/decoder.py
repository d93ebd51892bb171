"""What the reader asks of a decoding library."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.audio import StreamInfo

# Some demuxers announce 2^63 − 1 frames where they do not know.
MAX_CLAIMED_FRAMES = 1 << 48


class DecodeError(Exception):
    """A decoder cannot go on; the text says why."""


class NoAudioError(DecodeError):
    """A file is what it says it is, with nothing to hear in it."""


class MissingDecoderError(DecodeError):
    """A decoder is not installed, or cannot be loaded."""


class DecoderStream(Protocol):
    """A decoder at work on an open descriptor, which stays the caller's. Raises DecodeError or OSError."""

    @property
    def info(self) -> StreamInfo:
        """What the header announces."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage met so far."""
        ...

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Writes some frames to the start of `out` and says how many; 0 only at the end."""
        ...

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`."""
        ...

    def close(self) -> None:
        """Frees what the library holds."""
        ...


def claimed_frames(frames: int | None) -> int | None:
    """A header's claim, None where it cannot be meant."""
    return frames if frames is not None and 0 <= frames <= MAX_CLAIMED_FRAMES else None


def truncation(frames: int, announced_frames: int, whole: str = "the announced length") -> str:
    """The warning about audio that ends before it should; what is missing is never rounded away."""
    tenths = min(999, round(1000 * frames / announced_frames))
    share = f"{tenths / 10:g} %" if tenths else "less than 0.1 %"
    return f"truncated: {share} of {whole} is there"
