"""What the arguments of the player's actions may be: the one check for flags, settings, `ctl`, socket and keys."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from typing import ClassVar

from auralis_cli.kinds import Choice, Duration, Kind, Number, NumberOrWord
from auralis_cli.model.playback import Side
from auralis_cli.model.player_choices import (
    VOLUME,
    can_be_name,
)
from auralis_cli.model.plays import BEST_RATING
from auralis_cli.model.queue import QueueTrack, ShuffleMode
from auralis_cli.model.sound_profile import Reference, reference_of_json
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB, MasteringMode
from auralis_cli.quick_dataclasses import dataclass

# More than this is put into the queue in several turns.
MOST_TRACKS = 1_000_000
_LONGEST_TRACK_S = 10_000 * 3600.0
_TRACK_KEYS = frozenset(("path", "cue_number", "track_id"))

TILT = Number(*TILT_RANGE_DB, " dB")
WIDTH = Number(*WIDTH_RANGE_DB, " dB")
RATING: Kind[float | None] = NumberOrWord(0.0, BEST_RATING, "", "none", lambda rating: rating)


class SeekFrom(StrEnum):
    """What a place to seek to is counted from."""

    START_S = "start"
    HERE_S = "here"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class SeekTarget:
    """A place in the track: seconds from its start or from here, or a share of it, 0 to 1."""

    amount: float
    origin: SeekFrom


class Seek(Kind[SeekTarget]):
    """A place to seek to: `90`, `1:30`, `+10`, `-1:00`, `50%`."""

    expected = "a place such as 90, 1:30, +10, -10 or 50%"
    toml_types: ClassVar[tuple[type, ...]] = (str, int, float)
    _duration = Duration(0.0, _LONGEST_TRACK_S)
    _percent = Number(0.0, 100.0)

    def word_of(self, value: object) -> str:
        """As the kind has it, but a fraction of a second is written out."""
        return f"{value:.6f}" if isinstance(value, float) else super().word_of(value)

    def parse(self, word: str) -> SeekTarget:
        """The place."""
        try:
            if word.endswith("%"):
                return SeekTarget(self._percent.parse(word[:-1]) / 100.0, SeekFrom.SHARE)
            if word[:1] in ("+", "-"):
                sign = -1.0 if word[0] == "-" else 1.0
                return SeekTarget(sign * self._duration.parse(word[1:]), SeekFrom.HERE_S)
            return SeekTarget(self._duration.parse(word), SeekFrom.START_S)
        except ValueError:
            raise self.refused(word) from None


@dataclass(frozen=True, slots=True)
class Level:
    """A volume, or how much louder or softer."""

    amount: float
    is_relative: bool


class VolumeChange(Kind[Level]):
    """A volume, `80`, or a step, `+5`, `-5`."""

    expected = f"{VOLUME.expected}, nor a step such as +5 or -5"
    toml_types: ClassVar[tuple[type, ...]] = (str, int, float)

    def parse(self, word: str) -> Level:
        """The volume or the step."""
        is_step = word[:1] in ("+", "-")
        try:
            amount = VOLUME.parse(word[1:] if is_step else word)
        except ValueError:
            raise self.refused(word) from None
        return Level(-amount if word[:1] == "-" else amount, is_step)


class SwitchOrToggle(Kind[bool | None]):
    """on, off, or None for toggle: the other than now."""

    expected = "on, off or toggle"
    choices = ("on", "off", "toggle")
    toml_types: ClassVar[tuple[type, ...]] = (str, bool)
    _words: ClassVar[dict[str, bool | None]] = {
        **dict.fromkeys(("on", "true", "yes", "1"), True),
        **dict.fromkeys(("off", "false", "no", "0"), False),
        "toggle": None,
    }

    def parse(self, word: str) -> bool | None:
        """True, False, or None."""
        if word.lower() not in self._words:
            raise self.refused(word)
        return self._words[word.lower()]


class Comparison(StrEnum):
    """What to listen to while original and master are compared."""

    ORIGINAL = Side.ORIGINAL.value
    MASTERED = Side.MASTERED.value
    # The other than is heard.
    TOGGLE = "toggle"
    OFF = "off"


class ShuffleOrder(StrEnum):
    """How the queue is put into another order, or back into its own."""

    TRACKS = ShuffleMode.TRACKS.value
    ALBUMS = ShuffleMode.ALBUMS.value
    SMART = ShuffleMode.SMART.value
    # Its own order again.
    OFF = "off"
    # Tracks, or off where it is shuffled.
    TOGGLE = "toggle"


COMPARE = Choice(Comparison, Comparison)
SHUFFLE = Choice(("on", *ShuffleOrder), lambda word: ShuffleOrder.TRACKS if word == "on" else ShuffleOrder(word))


REFERENCE_MODE = Choice((MasteringMode.REFERENCE.value, MasteringMode.HYBRID.value), MasteringMode)


class ReferenceProfile(Kind[Reference | None]):
    """What the master is to sound like: `{"name", "tracks", "profile"}`; None for `off`.

    The player listens to no reference itself: whoever asks has done that.
    """

    expected = "off, nor a reference with its profile: auralis ctl reference FILE sends one"
    choices = ("off",)
    toml_types: ClassVar[tuple[type, ...]] = (str, dict)

    def parse(self, word: str) -> None:
        """None for off."""
        if word != "off":
            raise self.refused(word[:80])

    def read(self, value: object) -> Reference | None:
        """The reference, which may have been read before."""
        if isinstance(value, Reference):
            return value
        if not isinstance(value, str):
            return reference_of_json(value)
        self.parse(value)
        return None


class Position(Kind[int]):
    """A place in the queue, counted from 1; the value counts from 0."""

    expected = "a position, 1 for the first"
    toml_types: ClassVar[tuple[type, ...]] = (int,)
    _digits = re.compile(r"[1-9]\d{0,8}", re.ASCII)

    def parse(self, word: str) -> int:
        """The position from 0."""
        if not self._digits.fullmatch(word):
            raise self.refused(word[:80])
        return int(word) - 1


class Positions(Kind[tuple[int, ...]]):
    """Several places in the queue: a list, or one word such as `3 5-7`."""

    expected = "positions such as 3 or 5-7"
    toml_types: ClassVar[tuple[type, ...]] = (str, int, list)
    _one = Position()

    def parse(self, word: str) -> tuple[int, ...]:
        """The positions from 0, each once, in order."""
        found: set[int] = set()
        # So many at most, also of many ranges: a line of them would fill all the memory there is.
        left = MOST_TRACKS
        for part in word.replace(",", " ").split():
            first, dash, last = part.partition("-")
            begin = self._one.parse(first)
            end = self._one.parse(last) if dash else begin
            if not begin <= end < begin + left:
                raise self.refused(part)
            left -= end - begin + 1
            found.update(range(begin, end + 1))
        if not found:
            raise self.refused(word)
        return tuple(sorted(found))

    def word_of(self, value: object) -> str:
        """The positions of a list as one word."""
        if isinstance(value, list):
            return " ".join(self._one.word_of(one) for one in value)
        return super().word_of(value)


class Tracks(Kind[tuple[QueueTrack, ...]]):
    """Tracks for the queue: `{"path", "cue_number"?, "track_id"?}` each, or a path alone.

    A path is absolute: whose folder another would be relative to, the player cannot know. What words of a query find
    and what a relative path means is settled by who asks.
    """

    expected = "a list of tracks with absolute paths"
    toml_types: ClassVar[tuple[type, ...]] = (str, list)

    def parse(self, word: str) -> tuple[QueueTrack, ...]:
        """The file of that path."""
        return (QueueTrack(self._path(word)),)

    def read(self, value: object) -> tuple[QueueTrack, ...]:
        """The tracks of a list, or of one path; a tuple was read before."""
        if isinstance(value, str):
            return self.parse(value)
        if isinstance(value, tuple):
            return value
        if not isinstance(value, list) or len(value) > MOST_TRACKS:
            raise ValueError(f"this is not {self.expected}")
        return tuple(self._track(one) for one in value)

    def _track(self, value: object) -> QueueTrack:
        if isinstance(value, str):
            return QueueTrack(self._path(value))
        if not isinstance(value, dict) or not _TRACK_KEYS.issuperset(value):
            raise ValueError(f"{str(value)[:80]!r} is not a track: path, cue_number, track_id")
        number, track_id = value.get("cue_number", 0), value.get("track_id")
        if type(number) is not int or not 0 <= number <= 999:
            raise ValueError(f"{str(number)[:80]} is not the number of a track in a cue sheet")
        if track_id is not None and (type(track_id) is not int or not 0 < track_id < 1 << 63):
            raise ValueError(f"{str(track_id)[:80]} is not the number of a track in the library")
        return QueueTrack(self._path(value.get("path")), number, track_id)

    def _path(self, value: object) -> str:
        if not isinstance(value, str) or not os.path.isabs(value) or "\0" in value or not can_be_name(value):
            raise ValueError(f"{str(value)[:80]!r} is not an absolute path")
        return value
