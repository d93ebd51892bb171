"""The words of what a player plays, line by line, when they are sung.

The player says where it is when something changes and once a second; between that the place is reckoned on, and what
waits wakes for the next line, not before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

from auralis_cli.errors import AuralisError, CancelledError, InputError
from auralis_cli.model.player_status import PlayerStatus, TrackStatus
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.lyrics import FoundLyrics, LyricsPlace, find_lyrics

_PLAYING, _LOADING = "playing", "loading"
# How often who waits looks around.
_LOOKS_AROUND_EVERY_S = 0.25
_ENDS_WITHIN_S = 2.0

LookAround = Callable[[], None]
# What tells of a player, as `services.remote_player.watch` does; it ends with the player.
Watching = Callable[[LookAround], Iterator[PlayerStatus]]


@dataclass(frozen=True, slots=True)
class SongMoment:
    """What is sung at a moment."""

    track: TrackStatus
    # None where no words are found, `problem` says why where there is a reason.
    found: FoundLyrics | None
    problem: InputError | None
    # The line of what is timed; None before the first, and where nothing is timed.
    line: int | None
    position_s: float


def follow(
    watching: Watching,
    look_around: LookAround,
    places: tuple[LyricsPlace, ...] = tuple(LyricsPlace),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[SongMoment]:
    """A moment for each song that begins, and for each line of it, until the player ends.

    `look_around` is called again and again meanwhile; what it raises ends the following, as does what `watching`
    raises.
    """
    with _Watcher(watching) as watcher:
        place = _Place(clock)
        told: tuple[int, int | None] | None = None
        song: tuple[FoundLyrics | None, InputError | None] = (None, None)
        while True:
            look_around()
            if (status := watcher.news(place.wait_s(song[0]))) is not None:
                if status.state == _LOADING and status.track is not None and status.track.title is None:
                    # What it is called is said in a moment.
                    continue
                changed = place.is_another(status)
                place.take(status)
                if changed and status.track is not None:
                    song, told = song_of(status.track, places), None
            elif watcher.has_ended:
                return
            track = place.track
            if track is None:
                continue
            line = None if song[0] is None else song[0].lyrics.line_at(place.position_s)
            if told != (track.ticket, line):
                told = (track.ticket, line)
                yield SongMoment(track, *song, line, place.position_s)


def song_of(track: TrackStatus, places: tuple[LyricsPlace, ...]) -> tuple[FoundLyrics | None, InputError | None]:
    """The words of a track; of one of a cue sheet none are known, since those in the file are of all of it."""
    if track.cue_number:
        return None, None
    try:
        search = find_lyrics(track.path, places)
    except InputError as error:
        return None, error
    return (search.found[0] if search.found else None), (search.problems[0] if search.problems else None)


class _Place:
    """Where the player is, reckoned on from what it said last."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._status: PlayerStatus | None = None
        self._taken_at = 0.0

    @property
    def track(self) -> TrackStatus | None:
        """What it plays."""
        return None if self._status is None else self._status.track

    @property
    def position_s(self) -> float:
        """How far in the track it is by now."""
        if self._status is None:
            return 0.0
        position_s = self._status.position_s
        if self._status.state == _PLAYING:
            position_s += self._clock() - self._taken_at
        duration_s = self._status.duration_s
        return position_s if duration_s is None else min(position_s, duration_s)

    def is_another(self, status: PlayerStatus) -> bool:
        """Whether that is of another place of the queue than what was said before."""
        before, now = self.track, status.track
        return now is not None and (before is None or (before.ticket, before.path) != (now.ticket, now.path))

    def take(self, status: PlayerStatus) -> None:
        """What it says now."""
        self._status, self._taken_at = status, self._clock()

    def wait_s(self, found: FoundLyrics | None) -> float:
        """How long nothing changes, unless the player says so; short enough to look around."""
        if found is None or self._status is None or self._status.state != _PLAYING:
            return _LOOKS_AROUND_EVERY_S
        position_s = self.position_s
        next_s = found.lyrics.next_change_s(position_s)
        if next_s is None:
            return _LOOKS_AROUND_EVERY_S
        # A hair later, so that rounding never wakes it before the line.
        return min(_LOOKS_AROUND_EVERY_S, next_s - position_s + 0.001)


class _Watcher:
    """Watches on a thread of its own, so that who follows can wait for the next line instead."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching
        self._told: SimpleQueue[PlayerStatus | AuralisError | None] = SimpleQueue()
        self._is_over = threading.Event()
        self.has_ended = False
        self._thread = threading.Thread(target=self._watch, name="lyrics-watcher", daemon=True)

    def __enter__(self) -> _Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(_ENDS_WITHIN_S)

    def news(self, wait_s: float) -> PlayerStatus | None:
        """The newest that was told within so long; raises what ended the watching."""
        newest: PlayerStatus | None = None
        try:
            told = self._told.get(timeout=wait_s)
            while True:
                if isinstance(told, AuralisError):
                    raise told
                if told is None:
                    self.has_ended = True
                    return newest
                newest = told
                told = self._told.get_nowait()
        except Empty:
            # Also where a defect ended the thread, which could say nothing.
            self.has_ended = self.has_ended or not self._thread.is_alive()
            return newest

    def _watch(self) -> None:
        try:
            for status in self._watching(self._look_around):
                self._told.put(status)
            self._told.put(None)
        except AuralisError as error:
            self._told.put(error)

    def _look_around(self) -> None:
        if self._is_over.is_set():
            raise CancelledError
