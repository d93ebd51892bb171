"""The one table of what a player can be told: for `ctl`, the control socket, MPRIS, keys and palette alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from auralis_cli.errors import UsageError
from auralis_cli.kinds import Kind, Switch
from auralis_cli.model import action_kinds as kinds
from auralis_cli.model import player_choices
from auralis_cli.quick_dataclasses import dataclass


class ActionArea(StrEnum):
    """What an action is about; headings of lists of them."""

    PLAYING = "playing"
    SOUND = "sound"
    MASTERING = "mastering"
    QUEUE = "queue"
    PLAYER = "player"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an action."""

    name: str
    kind: Kind[Any]
    # How help names it: `MODE`.
    metavar: str
    # What it is where nothing is said; None for one that has to be given.
    default: str | None = None
    # Whether all words of a command line from here on are it.
    takes_rest: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the player can be told, by the same name and with the same arguments everywhere."""

    id: str
    help: str
    area: ActionArea
    arguments: tuple[Argument, ...] = ()

    @property
    def usage(self) -> str:
        """How a command line has it: `repeat MODE`, `mute [on|off|toggle]`."""
        words = [self.id]
        for one in self.arguments:
            words.append(one.metavar if one.default is None else f"[{one.metavar}]")
            if one.takes_rest:
                break
        return " ".join(words)

    def read(self, given: Mapping[str, object]) -> tuple[Any, ...]:
        """The checked values in the order of the arguments; UsageError for what is missing, unknown or wrong."""
        known = [one.name for one in self.arguments]
        for name in given:
            if name not in known:
                hint = f"it takes {', '.join(known)}" if known else "it takes none"
                raise UsageError(self.id, f"has no argument {name[:80]!r}", hint)
        return tuple(self._value(one, given) for one in self.arguments)

    def named(self, words: Sequence[str]) -> dict[str, str]:
        """Words of a command line by the names of the arguments; UsageError for too many or too few."""
        last = self.arguments[-1] if self.arguments else None
        if last is not None and last.takes_rest and len(words) > len(self.arguments):
            before = len(self.arguments) - 1
            words = (*words[:before], " ".join(words[before:]))
        needed = sum(one.default is None for one in self.arguments)
        if not needed <= len(words) <= len(self.arguments):
            what = (
                words[len(self.arguments)] if len(words) > len(self.arguments) else self.arguments[len(words)].metavar
            )
            why = "more than is wanted" if len(words) > len(self.arguments) else "is missing"
            raise UsageError(what, why, f"auralis ctl {self.usage}")
        return dict(zip((one.name for one in self.arguments), words, strict=False))

    def _value(self, argument: Argument, given: Mapping[str, object]) -> Any:
        value = given.get(argument.name, argument.default)
        if value is None:
            raise UsageError(f"{self.id}: {argument.name}", "is missing", self.usage)
        try:
            return argument.kind.read(value)
        except ValueError as error:
            raise UsageError(self.id, str(error)) from error


def _toggling(name: str) -> tuple[Argument, ...]:
    return (Argument(name, kinds.SwitchOrToggle(), "on|off|toggle", "toggle"),)


_PLAYING, _SOUND, _MASTERING = ActionArea.PLAYING, ActionArea.SOUND, ActionArea.MASTERING
_QUEUE, _PLAYER = ActionArea.QUEUE, ActionArea.PLAYER
_TRACKS = Argument("tracks", kinds.Tracks(), "TRACK...", takes_rest=True)
_POSITION = Argument("position", kinds.Position(), "N")

_TABLE = (
    Action("play", "Play, or play on.", _PLAYING),
    Action("pause", "Pause.", _PLAYING),
    Action("toggle", "Pause, or play on.", _PLAYING),
    Action("stop", "Stop; the track begins anew.", _PLAYING),
    Action("next", "Play the next track.", _PLAYING),
    Action("previous", "Begin the track again; in its first 5 s, play the one before.", _PLAYING),
    Action(
        "seek",
        "Go to a place in the track: 1:30, +10, -10 (seconds from here), 50%.",
        _PLAYING,
        (Argument("to", kinds.Seek(), "PLACE"),),
    ),
    Action(
        "stop-after-current", "Stop at the end of this track, or do not.", _PLAYING, _toggling("stop_after_current")
    ),
    Action("rate", "Rate the track that plays, 0 to 5; none takes the rating away.", _PLAYING, (
        Argument("rating", kinds.RATING, "VALUE"),
    )),
    Action("favourite", "Make the track that plays a favourite, or none any more.", _PLAYING, _toggling("favourite")),
    Action(
        "volume", "Set the volume, 0 to 100, or change it: +5, -5.", _SOUND,
        (Argument("level", kinds.VolumeChange(), "LEVEL"),),
    ),
    Action("mute", "Mute, or be heard again.", _SOUND, _toggling("mute")),
    Action(
        "normalize", "Make tracks equally loud: off, track, album or smart.", _SOUND,
        (Argument("mode", player_choices.NORMALIZE, "MODE"),),
    ),
    Action(
        "crossfade", "Fade from one track to the next for so many seconds; 0 is none.", _SOUND,
        (Argument("seconds", player_choices.CROSSFADE, "SECONDS"),),
    ),
    Action(
        "device", "Play on another device; default is the system's own.", _SOUND,
        (Argument("name", player_choices.DeviceName(), "NAME"),),
    ),
    Action("enhance", "Master what plays, or do not.", _MASTERING, _toggling("enhance")),
    Action(
        "preset", "Give the master another character.", _MASTERING,
        (Argument("name", player_choices.PRESET, "NAME"),),
    ),
    Action(
        "intensity", "Say how far the mastering goes, 0 to 1.", _MASTERING,
        (Argument("amount", player_choices.INTENSITY, "AMOUNT"),),
    ),
    Action(
        "tilt", "Tilt the master's tone, -3 to 3 dB from 100 Hz to 10 kHz; more is brighter.", _MASTERING,
        (Argument("tilt_db", kinds.TILT, "DB"),),
    ),
    Action(
        "width", "Raise or lower the side of the master, -3 to 3 dB; more is wider.", _MASTERING,
        (Argument("width_db", kinds.WIDTH, "DB"),),
    ),
    Action(
        "preferences", "Use what was learnt of your choices (see prefs), or do not.", _MASTERING,
        _toggling("preferences"),
    ),
    Action(
        "reference", "Master towards another recording, or halfway there with hybrid; off is without one.", _MASTERING,
        (
            Argument("profile", kinds.ReferenceProfile(), "FILE|off"),
            Argument("mode", kinds.REFERENCE_MODE, "MODE", "reference"),
        ),
    ),
    Action(
        "compare", "Hear original and master equally loud: original, mastered, toggle, or off.", _MASTERING,
        (Argument("side", kinds.COMPARE, "SIDE", "toggle"),),
    ),
    Action("repeat", "Repeat off, all or one.", _QUEUE, (Argument("mode", player_choices.REPEAT, "MODE"),)),
    Action(
        "shuffle", "Shuffle what follows: tracks, albums (kept whole) or smart; off restores the order.", _QUEUE,
        (Argument("order", kinds.SHUFFLE, "ORDER", "toggle"),),
    ),
    Action("consume", "Take tracks out of the queue once they were played, or do not.", _QUEUE, _toggling("consume")),
    Action("jump", "Play the track at a position of the queue.", _QUEUE, (_POSITION,)),
    Action(
        "set-queue", "Put other tracks in place of all there are.", _QUEUE,
        (_TRACKS, Argument("start", kinds.Position(), "N", "1"), Argument("play", Switch(), "on|off", "on")),
    ),
    Action(
        "add", "Put tracks at the end of the queue, and play the first of them if that is wanted.", _QUEUE,
        (_TRACKS, Argument("play", Switch(), "on|off", "off")),
    ),
    Action("play-next", "Put tracks behind the one that plays.", _QUEUE, (_TRACKS,)),
    Action("insert", "Put tracks in front of a position.", _QUEUE, (_POSITION, _TRACKS)),
    Action(
        "remove", "Take positions out of the queue, such as 3 5-7.", _QUEUE,
        (Argument("positions", kinds.Positions(), "N...", takes_rest=True),),
    ),
    Action(
        "move", "Move a track of the queue.", _QUEUE,
        (Argument("origin", kinds.Position(), "FROM"), Argument("target", kinds.Position(), "TO")),
    ),
    Action("clear", "Empty the queue.", _QUEUE),
    Action("undo", "Take the last edit of the queue back.", _QUEUE),
    Action("redo", "Do again what was taken back.", _QUEUE),
    Action("quit", "End the player.", _PLAYER),
)  # fmt: skip

ACTIONS: dict[str, Action] = {action.id: action for action in _TABLE}


def action_named(action_id: str, besides: Iterable[str] = ()) -> Action:
    """The action of that name; UsageError for one that is none, with those there are and those `besides`."""
    found = ACTIONS.get(action_id)
    if found is None:
        known = (*besides, *ACTIONS)
        close = get_close_matches(action_id[:80], known, n=1)
        near = f"did you mean {close[0]}? " if close else ""
        raise UsageError(action_id[:80], "no such action", f"{near}one of {', '.join(known)}")
    return found
