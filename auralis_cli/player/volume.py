"""How loud the volume's figures are."""

from __future__ import annotations


def volume_to_gain(volume: float) -> float:
    """The gain of a volume of 0 to 100, cubic as with PulseAudio: 100 is 0 dB, 50 is −18 dB, 10 is −60 dB, 0 is silence."""
    return (volume / 100.0) ** 3
