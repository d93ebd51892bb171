"""What the player asks of the world: tracks, plans, a memory, an output, a clock. Given to it when it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader
from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish
from auralis_cli.model.playback import PlayableTrack, PlayerSettings, TrackLevels
from auralis_cli.model.plays import LikingWish, PlayOutcome
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack, ShuffleMode


class Render(Protocol):
    """What a device calls, on a thread of its own, for what is heard next."""

    def __call__(self, out: NDArray[np.float32], delay_s: float = 0.0) -> None:
        """Fills `(frames, 2)` float32, the first of which is heard `delay_s` from now."""
        ...


class TrackLookup(Protocol):
    """Finds what is needed to play a track of the queue; may read files and the library, so never under a lock."""

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        """Raises InputError where the file is missing or nothing that is played."""
        ...

    def open(self, track: PlayableTrack) -> AudioReader:
        """Its audio in one or two channels (more are mixed down), at its own rate; raises InputError."""
        ...


class PlanSource(Protocol):
    """Makes plans and measures loudness beside the player, each once however often it is asked."""

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        """The best plan that is there at once; None where nothing is known. Never blocks for long (≤ 20 ms)."""
        ...

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Callable[[], None]:
        """Asks for the SOLVED plan; a newer request goes first. Calling what is returned takes this one back.

        `done` is called from another thread, first with a PREDICTED plan (the one that is `ready`) where the track
        was analysed before. What is asked for twice is computed once.
        """
        ...

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Callable[[], None]:
        """Asks for the loudness of a track of which nothing is known. Calling what is returned takes this one back."""
        ...

    def close(self) -> None:
        """Stops what is under way and gives everything back."""
        ...


class PlayerMemory(Protocol):
    """Keeps queue, place and plays. Returns at once: what it writes, it writes on a thread of its own, in order."""

    def save_queue(self, queue: Queue, edit: QueueEdit) -> None:
        """An edit, which can be taken back later."""
        ...

    def save_undone(self, queue: Queue) -> None:
        """What came of taking the newest edit back (`QueueHistory.undo`), which can be made again later."""
        ...

    def save_redone(self, queue: Queue) -> None:
        """What came of making again the edit that was taken back last (`QueueHistory.redo`)."""
        ...

    def save_place(self, queue: Queue, settings: PlayerSettings, *, playing: bool) -> None:
        """Where the queue plays; the newest replaces what was not written yet."""
        ...

    def record_play(self, track: PlayableTrack, started_at: int, played_s: float, outcome: PlayOutcome) -> None:
        """A play that came to its end."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        ...

    def like(self, track_id: int, wish: LikingWish) -> None:
        """What people say of a track of the library; it may be gone from there by now."""
        ...

    def close(self) -> None:
        """Writes what is left."""
        ...


class Shuffler(Protocol):
    """Puts queues in an order of chance; may read the library, so never under a lock."""

    def __call__(self, queue: Queue, mode: ShuffleMode) -> tuple[int, ...]:
        """Its tickets in the new order, for `Queue.shuffle`: what plays first, or its whole album. Never fails."""
        ...


class OutputStream(Protocol):
    """An open device that calls `Render` until it is closed."""

    @property
    def sample_rate_hz(self) -> int:
        """Of the device, frames of which `Render` fills."""
        ...

    @property
    def device(self) -> str:
        """Its name, for people."""
        ...

    def start(self) -> None:
        """Raises DeviceError; started twice is fine."""
        ...

    def close(self) -> None:
        """Gives the device back; closing twice is fine."""
        ...


class OutputOpener(Protocol):
    """Opens the chosen device."""

    def __call__(self, sample_rate_hz: int, render: Render, lost: Callable[[str], None]) -> OutputStream:
        """At `sample_rate_hz` where the device can, else at its own rate. `lost` is called, once, from any thread,
        with the reason when the device goes away. Raises DeviceError."""
        ...


Clock = Callable[[], float]
