"""What a player learns of somebody's choices, and what it uses of that: the library's, by the way of its memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.playback import PlayerState, Side, Snapshot
from auralis_cli.model.preferences import Aspect, Observation, SoundChoice
from auralis_cli.model.presets import Preset
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.player.player import Player
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.forgetful_memory import ForgetfulMemory
from auralis_cli.services.player_memory import LibraryMemory
from auralis_cli.services.preferences import learnt_taste, taste_of

# What is heard for less was tried, and not chosen.
KEPT_FOR_S = 30.0
# What snapshots may be late by, against what was heard between them.
_LATE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Tried:
    """A figure that was changed while a track plays."""

    before: object
    value: object
    heard_s: float = 0.0


class KeptChoices:
    """Tells of snapshots what was changed of the master while a track played, and then heard for long enough of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: Snapshot | None = None
        self._looked_s = 0.0
        self._tried: dict[Aspect, _Tried] = {}

    def hear(self, snapshot: Snapshot) -> SoundChoice | None:
        """What is a choice by now; each once."""
        before, now_s = self._before, self._clock()
        passed_s, self._before, self._looked_s = now_s - self._looked_s, snapshot, now_s
        if before is None or _ticket_of(before) != _ticket_of(snapshot) or not _goes_by_the_music(snapshot):
            self._tried.clear()
            return None
        heard_s = _heard_s(before, snapshot, passed_s)
        self._tried = {aspect: replace(one, heard_s=one.heard_s + heard_s) for aspect, one in self._tried.items()}
        self._take_changes(before, snapshot)
        kept = {aspect: one.value for aspect, one in self._tried.items() if one.heard_s >= KEPT_FOR_S}
        self._tried = {aspect: one for aspect, one in self._tried.items() if aspect not in kept}
        return SoundChoice(**{aspect.value: value for aspect, value in kept.items()}) if kept else None  # type: ignore[arg-type]

    def _take_changes(self, before: Snapshot, now: Snapshot) -> None:
        for aspect in (Aspect.PRESET, Aspect.INTENSITY, Aspect.TILT, Aspect.WIDTH):
            was, value = (getattr(one.wish, aspect.value) for one in (before, now))
            if was == value:
                continue
            first = self._tried[aspect].before if aspect in self._tried else was
            if value == first:
                # It is as it was: nothing was chosen.
                del self._tried[aspect]
            else:
                self._tried[aspect] = _Tried(first, value)


class PlayerTaste:
    """Keeps the taste of a player that of its library, and notes there what is chosen while it plays."""

    def __init__(
        self,
        player: Player,
        memory: LibraryMemory | ForgetfulMemory,
        library: Path | None,
        presets: Mapping[str, Preset],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The player goes by what was learnt from here on."""
        self._player, self._presets = player, presets
        self._memory = memory if isinstance(memory, LibraryMemory) else None
        self._kept = KeptChoices(clock)
        self._ticket: int | None = None
        player.use_taste(None if library is None else learnt_taste(library, presets, now=int(time.time())))

    def hear(self, snapshot: Snapshot) -> None:
        """Is told of every change of the player, on a thread of its own; returns at once."""
        if self._memory is None:
            return
        choice = self._kept.hear(snapshot)
        kind = None if snapshot.plan is None else snapshot.plan.kind
        if choice is not None and kind is not None and snapshot.track is not None:
            self._memory.note_choice(snapshot.track.source, kind, choice)
        ticket = _ticket_of(snapshot)
        if ticket != self._ticket and snapshot.state is PlayerState.PLAYING:
            # What was chosen, rated or forgotten meanwhile holds from the next track on.
            self._ticket = ticket
            self._memory.look_up_choices(self._learn)

    def _learn(self, observations: Sequence[Observation]) -> None:
        with suppress(NoPlayerError):
            self._player.use_taste(taste_of(observations, self._presets))


def _ticket_of(snapshot: Snapshot) -> int | None:
    return None if snapshot.item is None else snapshot.item.ticket


def _goes_by_the_music(snapshot: Snapshot) -> bool:
    """Towards a reference it is the reference that was chosen."""
    return snapshot.wish.mode is MasteringMode.ADAPTIVE


def _heard_s(before: Snapshot, now: Snapshot, passed_s: float) -> float:
    """What was heard of the master between the two; nothing where it was sought in between."""
    for one in (before, now):
        hears_master = one.is_enhanced if one.compared is None else one.compared is Side.MASTERED
        if one.state is not PlayerState.PLAYING or not hears_master or one.plan is None or one.plan.kind is None:
            return 0.0
    heard_s = now.position_s - before.position_s
    return heard_s if 0.0 < heard_s <= passed_s + _LATE_S else 0.0
