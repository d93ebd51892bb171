"""What of the player can be set beforehand, and what it may be: for settings, which every verb reads at its start.

What players are made of is imported by those who have one.
"""

from __future__ import annotations

import os
from enum import StrEnum

from auralis_cli.kinds import Choice, Kind, Name, Number
from auralis_cli.model.presets import PRESETS

VOLUME_RANGE = (0.0, 100.0)
INTENSITY_RANGE = (0.0, 1.0)
CROSSFADE_RANGE_S = (0.0, 12.0)
_LONGEST_DEVICE_NAME = 200


class RepeatMode(StrEnum):
    """What happens at the end."""

    OFF = "off"
    ALL = "all"
    ONE = "one"


class NormalizeMode(StrEnum):
    """By what loudness tracks are made equal."""

    OFF = "off"
    TRACK = "track"
    ALBUM = "album"
    # The album's where an album plays in its order, else the track's.
    SMART = "smart"


class DeviceName(Kind[str | None]):
    """The name of an audio device, or a part of it; None for `default`, the system's own."""

    expected = "the name of an audio device, nor default"
    choices = ("default",)

    def parse(self, word: str) -> str | None:
        """The name."""
        if not word.strip() or "\0" in word or len(word) > _LONGEST_DEVICE_NAME or not can_be_name(word):
            raise self.refused(word[:_LONGEST_DEVICE_NAME])
        return None if word == "default" else word


def can_be_name(text: str) -> bool:
    """Whether the system could have it as a name: JSON has texts that are no letters in any encoding."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


PRESET = Name("presets", PRESETS)
INTENSITY = Number(*INTENSITY_RANGE)
VOLUME = Number(*VOLUME_RANGE)
CROSSFADE = Number(*CROSSFADE_RANGE_S, " s")
NORMALIZE = Choice(NormalizeMode, NormalizeMode)
REPEAT = Choice(RepeatMode, RepeatMode)
