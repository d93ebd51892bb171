"""Landmarks: by which the same recording is known again, however it was encoded, at whatever level, wherever cut.

They say nothing of how music sounds; that is the fingerprint (`model/fingerprint.py`).
"""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass

# Of the way they are made: what an older one found is found again.
LANDMARKS_VERSION = 1
# From one word to the next.
LANDMARK_HOP_S = 1365 / 11_025


@dataclass(frozen=True, slots=True)
class Landmarks:
    """One word of 32 bits per hop; each has its signs from the bands of its moment (`dsp/landmarks.py`)."""

    # uint32, little endian.
    words: bytes
    # One bit per word, the first in the lowest bit of the first byte: whether something was heard there. What is not
    # valid matches nothing, so that silence is never the same as silence.
    valid: bytes

    @property
    def count(self) -> int:
        """How many words there are."""
        return len(self.words) // 4
