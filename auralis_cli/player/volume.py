"""The volume people set, 0 to 100, and the gain it means: the curve of mpv and PulseAudio.

    gain = (volume / 100)³, in dB 60 · log10(volume / 100)

100 is unity exactly (samples pass unchanged), 0 is silence; 50 is −18 dB, 25 is −36 dB, 10 is −60 dB.
"""

from __future__ import annotations

from auralis_cli.model.player_choices import VOLUME_RANGE


def volume_to_gain(volume: float) -> float:
    """Linear gain, 0 to 1; raises ValueError outside of 0 to 100."""
    lowest, highest = VOLUME_RANGE
    if not lowest <= volume <= highest:
        raise ValueError(f"volume must lie in {lowest:g}…{highest:g}, not {volume}")
    return (volume / highest) ** 3
