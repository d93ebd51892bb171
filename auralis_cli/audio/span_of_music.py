"""The part of what a decoder gives that was encoded on purpose."""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MusicSpan:
    """Counted from the first frame a decoder gives, in units of `scale_hz` (a codec may decode at twice that rate)."""

    start: int
    # None: up to the end.
    length: int | None
    scale_hz: int | None = None

    def in_frames(self, sample_rate_hz: int) -> tuple[int, int | None]:
        """First frame and number of frames at a rate."""
        scale = self.scale_hz or sample_rate_hz
        first = self.start * sample_rate_hz // scale
        return first, None if self.length is None else self.length * sample_rate_hz // scale
