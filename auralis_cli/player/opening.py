"""One track being looked up and opened ahead, on a thread of its own, while another one plays."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from auralis_cli.errors import AuralisError, unforeseen
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.player.feed_request import Following
from auralis_cli.player.ports import TrackLookup
from auralis_cli.player.track_stream import TrackStream, is_read_on, open_track

# What decoders and parsers of tags let through on damaged files, besides the errors they should raise.
UNFORESEEN = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
)


class OpenedTrack:
    """A track and its stream; without one where the stream before is to be read on."""

    def __init__(self, track: PlayableTrack, stream: TrackStream | None) -> None:
        self.track, self.stream = track, stream

    def close(self) -> None:
        """Gives the file back, where one was opened."""
        if self.stream is not None:
            self.stream.close()


def opened(
    lookup: TrackLookup, following: Following, before: PlayableTrack | None, wanted: Callable[[], bool]
) -> OpenedTrack:
    """What `following` names, looked up where it is not known; raises AuralisError.

    Where `before` goes over into it in one file, nothing is opened, nor where it is no more `wanted`.
    """
    try:
        track = following.track or lookup.look_up(following.item.track)
        if (before is not None and is_read_on(before, track)) or not wanted():
            return OpenedTrack(track, None)
        return OpenedTrack(track, open_track(lookup, track))
    except UNFORESEEN as error:
        raise unforeseen(error) from error


class TrackOpening:
    """`opened` on a thread: begun at once, taken or cancelled once, by the thread that made it."""

    def __init__(
        self,
        lookup: TrackLookup,
        following: Following,
        before: PlayableTrack | None,
        done: Callable[[OpenedTrack], None],
    ) -> None:
        """`done` is called on the thread, as soon as the track is open; not after a failure."""
        self.following = following
        self._lookup, self._before = lookup, before
        self._done: Callable[[OpenedTrack], None] | None = done
        self._results: queue.SimpleQueue[OpenedTrack | AuralisError] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"opening {following.item.ticket}", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> OpenedTrack | None:
        """What was opened, the caller's from now on; None where it is not there yet. Raises AuralisError."""
        try:
            result = self._results.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(result, AuralisError):
            raise result
        return result

    def cancel(self) -> None:
        """Closed as soon as it is open; returns at once."""
        self._cancelled.set()
        self._drop()

    def join(self, timeout_s: float) -> bool:
        """Waits for the thread; False where it is stuck in a file that does not answer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        # What is there to be found where the thread dies of something that nobody thought of.
        result: OpenedTrack | AuralisError = AuralisError("unforeseen", "a track could not be opened")
        try:
            result = opened(self._lookup, self.following, self._before, lambda: not self._cancelled.is_set())
            if self._done is not None and not self._cancelled.is_set():
                self._done(result)
        except AuralisError as error:
            result = error
        finally:
            # It holds who made this, who holds this: a circle of rings and streams for the collector to find, late.
            self._done = None
            self._results.put(result)
            if self._cancelled.is_set():
                self._drop()

    def _drop(self) -> None:
        """Whoever finds it closes it: here or there, once."""
        try:
            result = self._results.get_nowait()
        except queue.Empty:
            return
        if isinstance(result, OpenedTrack):
            result.close()
