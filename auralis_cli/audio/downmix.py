"""More than two channels as two, by ITU-R BS.775-3, annex 4.

What stands in the middle goes to both sides at −3 dB, a surround to its own side at −3 dB, one behind at −3 dB and
−3 dB again; the low-frequency channel is left out, as the recommendation has it. All is then scaled by what a side
sums up to, so that full scale in every channel is full scale on both sides and nothing can clip.

| channels | order (WAV's, which all our decoders give) | left, before scaling |
|---|---|---|
| 3 | L R C | L + 0.707 C |
| 4 | L R Ls Rs | L + 0.707 Ls |
| 5 | L R C Ls Rs | L + 0.707 C + 0.707 Ls |
| 6 | L R C LFE Ls Rs | L + 0.707 C + 0.707 Ls |
| 7 | L R C LFE Cs Lss Rss | L + 0.707 C + 0.5 Cs + 0.707 Lss |
| 8 | L R C LFE Lb Rb Lss Rss | L + 0.707 C + 0.707 Lb + 0.707 Lss |

Beyond eight nobody says what stands where: every other channel goes to the left, the rest to the right, and the last
of an odd number to both.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader, ClosingReader, check_room

Block = NDArray[np.float32]

_HALF = math.sqrt(0.5)
_LEFT, _RIGHT, _CENTRE, _LOW = (1.0, 0.0), (0.0, 1.0), (_HALF, _HALF), (0.0, 0.0)
_LEFT_SURROUND, _RIGHT_SURROUND, _BEHIND = (_HALF, 0.0), (0.0, _HALF), (0.5, 0.5)
_SURROUNDS = (_LEFT_SURROUND, _RIGHT_SURROUND)
# What each channel adds to left and right.
_LAYOUTS: dict[int, tuple[tuple[float, float], ...]] = {
    3: (_LEFT, _RIGHT, _CENTRE),
    4: (_LEFT, _RIGHT, *_SURROUNDS),
    5: (_LEFT, _RIGHT, _CENTRE, *_SURROUNDS),
    6: (_LEFT, _RIGHT, _CENTRE, _LOW, *_SURROUNDS),
    7: (_LEFT, _RIGHT, _CENTRE, _LOW, _BEHIND, *_SURROUNDS),
    8: (_LEFT, _RIGHT, _CENTRE, _LOW, *_SURROUNDS, *_SURROUNDS),
}


def downmix_matrix(channels: int) -> Block:
    """`(channels, 2)`: what each channel adds to left and right; raises ValueError for fewer than three."""
    if channels < 3:
        raise ValueError(f"{channels} channels are not mixed down")
    matrix = np.array(_LAYOUTS.get(channels) or _unknown_layout(channels))
    scaled: Block = (matrix / matrix.sum(axis=0).max()).astype(np.float32)
    return scaled


def _unknown_layout(channels: int) -> tuple[tuple[float, float], ...]:
    pairs = (_LEFT, _RIGHT) * (channels // 2)
    return (*pairs, _CENTRE) if channels % 2 else pairs


def two_channels(reader: AudioReader) -> AudioReader:
    """`reader` itself where it has one channel or two, else one that mixes it down and closes it."""
    return reader if reader.info.channels <= 2 else DownmixedReader(reader)


class DownmixedReader(ClosingReader):
    """An AudioReader of two channels made of the more of another, which it closes."""

    def __init__(self, reader: AudioReader) -> None:
        self._reader = reader
        self._matrix = downmix_matrix(reader.info.channels)
        self._room = np.empty((0, reader.info.channels), np.float32)
        self.info = replace(reader.info, channels=2)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        return self._reader.warnings

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, 2)`, and says how many frames: fewer only at the end, then 0."""
        check_room(out, 2)
        if len(self._room) < len(out):
            self._room = np.empty((len(out), len(self._matrix)), np.float32)
        filled = self._reader.read_into(self._room[: len(out)])
        # Term by term: a product of matrices adds up in another order with other sizes of blocks.
        out[:filled] = 0.0
        for channel, gains in enumerate(self._matrix):
            for side in np.flatnonzero(gains):
                out[:filled, side] += self._room[:filled, channel] * gains[side]
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`, to the sample."""
        self._reader.seek(frame)

    def close(self) -> None:
        """Closes the reader below."""
        self._reader.close()
