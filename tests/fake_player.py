"""A player without sound, for what drives one: it does at once what it is told, and tells who listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from auralis_cli.errors import UsageError
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack, PlayerState, Side, Snapshot
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.queue import Queue, QueueTrack, ShuffleMode
from auralis_cli.model.source import AudioSource
from auralis_cli.player.tap import SoundTap
from auralis_cli.player.wishes import checked_crossfade_s, checked_intensity, checked_preset, checked_volume

if TYPE_CHECKING:
    from auralis_cli.player.player import Player

STREAM = StreamInfo(44_100, 2, None, "flac", "flac", Subtype.PCM_16)
DURATION_S = 200.0


def snapshot(**changed: Any) -> Snapshot:
    """A player that was just started."""
    new = Snapshot(
        revision=1, state=PlayerState.STOPPED, item=None, track=None, stream=None, position_s=0.0, duration_s=None,
        volume=100.0, is_muted=False, normalize=NormalizeMode.OFF, normalize_db=0.0, is_enhanced=False,
        wish=MasteringWish(), plan_stage=None, compared=None, repeat=RepeatMode.OFF, is_shuffled=False, consume=False,
        stop_after_current=False, crossfade_s=0.0, queue_index=-1, queue_length=0, queue_revision=0, device=None,
        sample_rate_hz=None, underruns=0, problem=None,
    )  # fmt: skip
    return replace(new, **changed)


_Verb = TypeVar("_Verb", bound=Callable[..., None])


def _refusing(verb: _Verb) -> _Verb:
    """As the player does, says in its own words that there is no such position."""

    @wraps(verb)
    def refusing(*arguments: Any, **named: Any) -> None:
        try:
            verb(*arguments, **named)
        except IndexError as error:
            raise UsageError("queue", str(error)) from error

    return cast(_Verb, refusing)


class FakePlayer:
    """The verbs of `Player` on a snapshot."""

    def __init__(self) -> None:
        self.closed = False
        self.tap = SoundTap()
        # What it was told, verb by verb.
        self.told: list[str] = []
        self.likings: list[LikingWish] = []
        # The queue and what is told of it change as one: whoever sees the one sees the other.
        self._kept = (Queue(), snapshot())
        self._lock = threading.RLock()
        self._subscribers: list[Callable[[Snapshot], None]] = []
        self._past: list[Queue] = []
        self._undone: list[Queue] = []

    @property
    def as_player(self) -> Player:
        """Itself, for those who ask for a real one."""
        return cast("Player", self)

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    @property
    def queue(self) -> Queue:
        return self._kept[0]

    @property
    def _now(self) -> Snapshot:
        return self._kept[1]

    def snapshot(self) -> Snapshot:
        return self._now

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def change(self, queue: Queue | None = None, **changed: Any) -> None:
        """Becomes so, and says so."""
        with self._lock:
            now = replace(self._now, revision=self._now.revision + 1, **changed)
            self._kept = (self.queue if queue is None else queue, now)
            for subscriber in tuple(self._subscribers):
                subscriber(self._now)

    def tell(self, old: Snapshot) -> None:
        """Says something again that is long past."""
        for subscriber in tuple(self._subscribers):
            subscriber(old)

    def _has(self, queue: Queue, **changed: Any) -> None:
        item = queue.current
        track = None
        if item is not None:
            track = PlayableTrack(AudioSource(None), title=item.track.path.rpartition("/")[2], artist="Somebody")
        self.change(
            queue, item=item, track=track, stream=None if item is None else STREAM,
            duration_s=None if item is None else DURATION_S,
            position_s=0.0, queue_index=queue.index, queue_length=len(queue.items), is_shuffled=queue.is_shuffled,
            queue_revision=self._now.queue_revision + 1, **changed,
        )  # fmt: skip

    def _edited(self, queue: Queue, **changed: Any) -> None:
        self._past.append(self.queue)
        self._undone.clear()
        self._has(queue, **changed)

    def _step(self, origin: list[Queue], target: list[Queue]) -> None:
        """Goes to the queue before, or back; what there is no such of is not refused here."""
        if not origin:
            self.change()
            return
        target.append(self.queue)
        self._has(origin.pop().going_on_from(self.queue))

    def like(self, wish: LikingWish) -> None:
        self.likings.append(wish)

    def play(self) -> None:
        self.told.append("play")
        self.change(state=PlayerState.PLAYING)

    def pause(self) -> None:
        self.told.append("pause")
        self.change(state=PlayerState.PAUSED)

    def toggle(self) -> None:
        self.pause() if self._now.state is PlayerState.PLAYING else self.play()

    def stop(self) -> None:
        self.told.append("stop")
        self.change(state=PlayerState.STOPPED, position_s=0.0)

    def next(self) -> None:
        self.told.append("next")
        self._has(self.queue.next() or self.queue)

    def previous(self) -> None:
        self.told.append("previous")
        self._has(self.queue.previous() or self.queue)

    @_refusing
    def jump(self, position: int) -> None:
        self.told.append(f"jump {position}")
        self._has(self.queue.jump(position), state=PlayerState.PLAYING)

    def seek(self, position_s: float, *, ticket: int | None = None) -> None:
        self.told.append(f"seek {position_s:g}")
        self.change(position_s=min(max(position_s, 0.0), DURATION_S))

    def seek_by(self, seconds: float) -> None:
        self.seek(self._now.position_s + seconds)

    @_refusing
    def set_queue(self, tracks: Iterable[QueueTrack], *, start: int = 0, play: bool = True) -> None:
        self.told.append("set_queue")
        self._edited(self.queue.set(tracks, start), state=PlayerState.PLAYING if play else PlayerState.STOPPED)

    def add(self, tracks: Iterable[QueueTrack], *, play: bool = False) -> None:
        self.told.append("add")
        first = len(self.queue.items)
        self._edited(self.queue.add(tracks))
        if play and len(self.queue.items) > first:
            self.jump(first)

    def play_next(self, tracks: Iterable[QueueTrack]) -> None:
        self.told.append("play_next")
        self._edited(self.queue.insert(self.queue.index + 1, tracks))

    @_refusing
    def insert(self, position: int, tracks: Iterable[QueueTrack]) -> None:
        self.told.append("insert")
        self._edited(self.queue.insert(position, tracks))

    @_refusing
    def remove(self, positions: Collection[int]) -> None:
        self.told.append("remove")
        self._edited(self.queue.remove(positions))

    @_refusing
    def move(self, origin: int, target: int) -> None:
        self.told.append("move")
        self._edited(self.queue.move(origin, target))

    def clear(self) -> None:
        self.told.append("clear")
        self._edited(self.queue.clear(), state=PlayerState.STOPPED)

    def shuffle(self, mode: ShuffleMode = ShuffleMode.TRACKS) -> None:
        self.told.append(f"shuffle {mode}")
        self.change(is_shuffled=True)

    @property
    def is_shuffled(self) -> bool:
        return self.snapshot().is_shuffled

    def unshuffle(self) -> None:
        self.told.append("unshuffle")
        self.change(is_shuffled=False)

    def undo(self) -> None:
        self.told.append("undo")
        self._step(self._past, self._undone)

    def redo(self) -> None:
        self.told.append("redo")
        self._step(self._undone, self._past)

    def set_volume(self, volume: float) -> None:
        self.change(volume=checked_volume(volume))

    def mute(self, *, on: bool | None = None) -> None:
        self.change(is_muted=not self._now.is_muted if on is None else on)

    def enhance(self, *, on: bool | None = None) -> None:
        self.change(is_enhanced=not self._now.is_enhanced if on is None else on)

    def preset(self, name: str) -> None:
        self.change(wish=replace(self._now.wish, preset=checked_preset(name, PRESETS)))

    def intensity(self, intensity: float) -> None:
        self.change(wish=replace(self._now.wish, intensity=checked_intensity(intensity)))

    def lean(self, *, tilt_db: float | None = None, width_db: float | None = None) -> None:
        wish = self._now.wish
        tilt_db, width_db = (
            (wish.tilt_db if tilt_db is None else tilt_db),
            (wish.width_db if width_db is None else width_db),
        )
        self.change(wish=replace(wish, tilt_db=tilt_db, width_db=width_db))

    def preferences(self, *, on: bool | None = None) -> None:
        self.change(goes_by_taste=not self._now.goes_by_taste if on is None else on)

    def reference(self, reference: object, mode: object = None) -> None:
        self.told.append("reference")

    def compare(self, side: Side | None) -> None:
        self.change(compared=side)

    def normalize(self, mode: NormalizeMode) -> None:
        self.change(normalize=mode)

    def repeat(self, mode: RepeatMode) -> None:
        self.change(repeat=mode)

    def consume(self, *, on: bool | None = None) -> None:
        self.change(consume=not self._now.consume if on is None else on)

    def stop_after_current(self, *, on: bool | None = None) -> None:
        self.change(stop_after_current=not self._now.stop_after_current if on is None else on)

    def crossfade(self, seconds: float) -> None:
        self.change(crossfade_s=checked_crossfade_s(seconds))

    def device(self, name: str | None) -> None:
        self.change(device=name)
