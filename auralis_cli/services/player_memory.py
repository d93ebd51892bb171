"""What the player keeps between runs: queue and undo, place, settings and plays, written by a thread of its own.

Each thing is one transaction, in order, so that whatever ends the process leaves the state before it or after it.
A library in somebody's hands holds up nothing but this thread: what could not be written is tried again.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, LibraryError, UsageError, unforeseen
from auralis_cli.model.playback import PlayableTrack, PlayerSettings
from auralis_cli.model.plays import Liking, LikingWish, PlayOutcome
from auralis_cli.model.preferences import Observation, SoundChoice
from auralis_cli.model.queue import Queue, QueueEdit
from auralis_cli.model.queue_history import QueueHistory
from auralis_cli.model.source import AudioSource
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.player.opening import UNFORESEEN
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.known_analysis import content_key_of
from auralis_cli.services.rating import rate_tracks
from auralis_cli.version import VERSION

# So many edits wait at most; more become one.
_MOST_WAITING = 64
_BUSY_WAIT_S = 1.0
_RETRY_S = 0.5
# Without anything to write for so long, the library is let go, so that others may restore or migrate it.
_IDLE_S = 5.0
_CLOSING_S = 3.0

Write = Callable[[Store], None]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the queue plays, and how the player is set."""

    queue: Queue
    settings: PlayerSettings
    playing: bool


@dataclass(frozen=True, slots=True)
class _Job:
    """One transaction; of an edit also the queue that it leads to, of a place that one."""

    write: Write
    queue: Queue | None = None
    place: _Place | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a player begins with: how the last one was left."""

    queue: Queue = field(default_factory=Queue)
    history: QueueHistory = field(default_factory=QueueHistory)
    settings: PlayerSettings = field(default_factory=PlayerSettings)
    # Whether it played when it was last heard of.
    was_playing: bool = False


def remembered(library: Path, now: int) -> Remembered:
    """What the library keeps of the last player; nothing where there is no library. Raises LibraryError."""
    if not library.exists():
        return Remembered()
    with Store.open(library, program=VERSION, now=now, read_only=True) as store, store.database.snapshot():
        settings, was_playing = store.player_settings.load()
        return Remembered(store.queue.load(), store.queue.load_history(), settings, was_playing)


class LibraryMemory:
    """Writes into the library; `player/ports.py` says what the player expects."""

    def __init__(
        self,
        library: Path,
        clock: Callable[[], float] = time.time,
        complain: Callable[[str], None] = lambda _line: None,
        listen_queued: Callable[[], None] | None = None,
    ) -> None:
        """`complain` is told, on this memory's thread, when the library begins to refuse what is written.

        With `listen_queued` plays that count are queued for a server as well, and it is called after each.
        """
        self._library = library
        self._clock = clock
        self._complain = complain
        self._listen_queued = listen_queued
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._place: _Place | None = None
        self._closing = False
        self._gives_up_at = math.inf
        self._thread = threading.Thread(target=self._run, name="player-memory", daemon=True)
        self._thread.start()

    @property
    def keeps(self) -> bool:
        """All is, in the library."""
        return True

    def save_queue(self, queue: Queue, edit: QueueEdit) -> None:
        """An edit, which can be taken back later."""
        now = self._now()
        self._add(_Job(lambda store: store.queue.save(queue, edit, now=now), queue))

    def save_undone(self, queue: Queue) -> None:
        """What came of taking the newest edit back."""
        now = self._now()
        self._add(_Job(lambda store: store.queue.undo_to(queue, now=now), queue))

    def save_redone(self, queue: Queue) -> None:
        """What came of making again the edit that was taken back last."""
        now = self._now()
        self._add(_Job(lambda store: store.queue.redo_to(queue, now=now), queue))

    def save_place(self, queue: Queue, settings: PlayerSettings, *, playing: bool) -> None:
        """Where the queue plays; the newest replaces what was not written yet."""
        with self._changed:
            self._place = _Place(queue, settings, playing)
            self._changed.notify()

    def record_play(self, track: PlayableTrack, started_at: int, played_s: float, outcome: PlayOutcome) -> None:
        """A play that came to its end; of a file that the library does not have no history is kept."""
        number, listen_queued = track.track_id, self._listen_queued
        counts = listen_queued is not None and outcome is PlayOutcome.FINISHED
        if number is None and not counts:
            return

        def write(store: Store) -> None:
            with store.database.write():
                if number is not None:
                    # It may be gone from the library by now.
                    with suppress(UsageError):
                        store.plays.record(number, started_at=started_at, played_s=played_s, outcome=outcome)
                if counts:
                    _queue_listen(store, track, started_at)
            if counts and listen_queued is not None:
                listen_queued()

        self._add(_Job(write))

    def like(self, track_id: int, wish: LikingWish) -> None:
        """What people say of a track, a change of the journal like that of `auralis rate`."""
        now = self._now()
        settled: list[LikingWish] = []

        def write(store: Store) -> None:
            # What it is toggled to is decided once, however often that has to be tried.
            if not settled:
                settled.append(wish.settled(store.plays.likings([track_id]).get(track_id, Liking())))
            rate_tracks(store, store.tracks.by_ids([track_id]), settled[0], lambda: now)

        self._add(_Job(write))

    def note_choice(self, source: AudioSource, kind: TrackKind, choice: SoundChoice) -> None:
        """What was chosen for a track of that kind."""
        now = self._now()

        def write(store: Store) -> None:
            # It may be gone by now, and counts all the same.
            observation = Observation(kind, choice, now, content_key=content_key_of(source, store.audio_hashes))
            store.preferences.add([observation], now=now)

        self._add(_Job(write))

    def look_up_choices(self, told: Callable[[Sequence[Observation]], None]) -> None:
        """All that counts by now, with what is noted before this; `told` is called on this memory's thread."""
        now = self._now()
        self._add(_Job(lambda store: told(store.preferences.all(now=now))))

    def close(self) -> None:
        """Writes what is left; what a library in somebody's hands does not take in some seconds is lost."""
        with self._changed:
            self._closing = True
            self._gives_up_at = min(self._gives_up_at, time.monotonic() + _CLOSING_S)
            self._changed.notify()
        self._thread.join(_CLOSING_S + _BUSY_WAIT_S)

    def _now(self) -> int:
        return int(self._clock())

    def _add(self, job: _Job) -> None:
        with self._changed:
            if job.queue is not None:
                self._make_room(job.queue)
            self._jobs.append(job)
            if job.queue is not None and self._place is not None:
                # It is written after the edit, of which it must not be the place before.
                self._place = replace(self._place, queue=job.queue)
            self._changed.notify()

    def _make_room(self, queue: Queue) -> None:
        """Where too many edits wait (the library is in somebody's hands), they become the one that is added now."""
        if sum(job.queue is not None for job in self._jobs) >= _MOST_WAITING:
            self._jobs = deque(job for job in self._jobs if job.queue is None)
            now = self._now()
            self._jobs.append(_Job(lambda store: store.queue.save(queue, QueueEdit.SET, now=now), queue))

    # On its own thread

    def _run(self) -> None:
        store: Store | None = None
        refused = False
        try:
            while self._wait_for_work(None if store is None else _IDLE_S):
                job = self._taken()
                if job is None:
                    _let_go(store)
                    store = None
                    continue
                try:
                    store = store or self._opened()
                    job.write(store)
                    refused = False
                except LibraryError as error:
                    _let_go(store)
                    store = None
                    if not refused:
                        self._complain(str(error))
                    refused = True
                    if not self._try_again(job):
                        return
                except (AuralisError, *UNFORESEEN) as error:
                    # A defect costs what it befell, and nothing that is to be kept after it.
                    _let_go(store)
                    store = None
                    self._complain(f"something could not be kept: {_as_one_line(error)}")
        finally:
            _let_go(store)

    def _wait_for_work(self, timeout_s: float | None) -> bool:
        """Whether there is, or may be, something left to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._place is not None or self._closing, timeout_s)
            return bool(self._jobs) or self._place is not None or not self._closing

    def _taken(self) -> _Job | None:
        """The oldest edit or play, else the newest place."""
        with self._changed:
            if self._jobs:
                return self._jobs.popleft()
            place, self._place = self._place, None
        return None if place is None else _Job(lambda store: _keep(store, place, self._now()), place=place)

    def _try_again(self, job: _Job) -> bool:
        """Puts back what could not be written and waits a little; False where nobody waits for it any longer."""
        with self._changed:
            if job.place is None:
                self._jobs.appendleft(job)
            elif self._place is None:
                # What was edited meanwhile is written before it.
                edited = [later.queue for later in self._jobs if later.queue is not None]
                self._place = replace(job.place, queue=edited[-1]) if edited else job.place
            if not self._closing:
                self._changed.wait_for(lambda: self._closing, _RETRY_S)
            return time.monotonic() < self._gives_up_at

    def _opened(self) -> Store:
        return Store.open(self._library, program=VERSION, now=self._now(), wait_s=_BUSY_WAIT_S)


def _keep(store: Store, place: _Place, now: int) -> None:
    with store.database.write():
        store.queue.keep_place(place.queue, now=now)
        store.player_settings.save(place.settings, playing=place.playing, now=now)


def _queue_listen(store: Store, track: PlayableTrack, started_at: int) -> None:
    from auralis_cli.model.listens import metadata_of

    known = None if track.track_id is None else store.tracks.get(track.track_id)
    metadata = metadata_of(track, known)
    if metadata is not None:
        store.listens.add(started_at, None if known is None else known.id, metadata)


def _as_one_line(error: Exception) -> str:
    return str(error if isinstance(error, AuralisError) else unforeseen(error))


def _let_go(store: Store | None) -> None:
    if store is not None:
        store.close()
