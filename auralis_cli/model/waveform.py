"""The shape of a track, as a seek bar draws it: how high and how loud each part of it is. A few hundred bytes."""

from __future__ import annotations

from collections.abc import Iterator

from auralis_cli.quick_dataclasses import dataclass

# A part is at most as long as makes so many of a track.
MOST_PARTS = 1000
# What the lowest level stands for; the highest is 0 LUFS.
FLOOR_LUFS = -60.0
_STEPS = 255


@dataclass(frozen=True, slots=True)
class Waveform:
    """Parts of equal length from beginning to end, a byte each."""

    # 255 is full scale, linear.
    peaks: bytes
    # 0 is -60 LUFS or less, 255 is 0 LUFS or more.
    levels: bytes

    def __post_init__(self) -> None:
        if len(self.peaks) != len(self.levels):
            raise ValueError(f"as many peaks as levels, not {len(self.peaks)} and {len(self.levels)}")

    def __len__(self) -> int:
        return len(self.peaks)

    def columns(self, count: int) -> Iterator[tuple[float, float]]:
        """Peak, 0 to 1, and loudness in LUFS of each of `count` columns: the highest of what a column covers."""
        parts = len(self)
        for column in range(count if parts else 0):
            first = column * parts // count
            last = max((column + 1) * parts // count, first + 1)
            yield max(self.peaks[first:last]) / _STEPS, lufs_of(max(self.levels[first:last]))

    def to_bytes(self) -> bytes:
        """As it is kept."""
        return self.peaks + self.levels

    @staticmethod
    def of_bytes(data: bytes) -> Waveform | None:
        """What was kept; None for what is none."""
        parts, odd = divmod(len(data), 2)
        return None if odd or not 0 < parts <= MOST_PARTS else Waveform(data[:parts], data[parts:])


def level_of(lufs: float) -> int:
    """The step that stands for a loudness."""
    share = (lufs - FLOOR_LUFS) / -FLOOR_LUFS
    return round(min(max(share, 0.0), 1.0) * _STEPS)


def lufs_of(level: int) -> float:
    """The loudness that a step stands for."""
    return FLOOR_LUFS - FLOOR_LUFS * level / _STEPS
