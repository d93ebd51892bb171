"""Tells a server of plays beside the player: on a thread of its own, as soon as they are there and the line is.

The player hears nothing of it: a server that is slow, gone or broken holds up this thread alone. What it could not be
told waits in the library, and is told by this player later, or by the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from auralis_cli.errors import AuralisError, CancelledError, LibraryError
from auralis_cli.model.listens import metadata_of
from auralis_cli.model.playback import PlayableTrack, PlayerState, Snapshot
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.listen_queue import ListenQueue
from auralis_cli.services.scrobbling import send_listens

if TYPE_CHECKING:
    from auralis_cli.services.listenbrainz import ListenServer, Submitted

_FIRST_RETRY_S = 10.0
_LONGEST_RETRY_S = 3600.0
# Another process tells them now; what it leaves is looked for then.
_ELSEWHERE_S = 60.0
_CLOSING_S = 1.0

OpenServer = Callable[[CancelToken], "ListenServer"]


class Scrobbler:
    """Begins at once with what waits from before."""

    def __init__(
        self,
        library: ListenQueue,
        open_server: OpenServer,
        complain: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        first_retry_s: float = _FIRST_RETRY_S,
    ) -> None:
        """`open_server` is called on this one's thread; `complain` is told, once, why plays are not told any more."""
        self._queue, self._open_server, self._complain = library, open_server, complain
        self._clock, self._first_retry_s = clock, first_retry_s
        self._cancel = CancelToken()
        self._changed = threading.Condition()
        self._closing = False
        # Whether there may be something to tell, and from when on it may be tried.
        self._has_more = True
        self._not_before_s = clock()
        self._retry_s = first_retry_s
        self._playing: PlayableTrack | None = None
        self._ticket: int | None = None
        self._thread = threading.Thread(target=self._run, name="scrobbler", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """A play was queued."""
        with self._changed:
            self._has_more = True
            self._changed.notify()

    def hear(self, snapshot: Snapshot) -> None:
        """A subscriber of the player: a track that begins is told as what plays now."""
        if snapshot.state is not PlayerState.PLAYING or snapshot.item is None or snapshot.track is None:
            return
        with self._changed:
            if snapshot.item.ticket != self._ticket:
                self._ticket, self._playing = snapshot.item.ticket, snapshot.track
                self._changed.notify()

    def close(self) -> None:
        """Leaves the rest to the next player; a request under way is left behind."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._cancel.cancel()
        self._thread.join(_CLOSING_S)

    # On its own thread

    def _run(self) -> None:
        try:
            server = self._open_server(self._cancel)
            while (work := self._next()) is not None:
                stopped = self._tell_playing(server, work) if isinstance(work, PlayableTrack) else self._tell(server)
                if stopped is not None:
                    self._complain(f"plays are queued, and not told: {stopped}")
                    return
        except CancelledError:
            return
        except AuralisError as error:
            self._complain(f"plays are queued, and not told: {error}")

    def _next(self) -> PlayableTrack | bool | None:
        """What plays now, else True where listens are to be told; None at the end."""
        with self._changed:
            while not self._closing:
                if self._playing is not None:
                    track, self._playing = self._playing, None
                    return track
                wait_s = self._not_before_s - self._clock() if self._has_more else None
                if wait_s is not None and wait_s <= 0.0:
                    self._has_more = False
                    return True
                self._changed.wait(wait_s)
        return None

    def _tell_playing(self, server: ListenServer, track: PlayableTrack) -> str | None:
        """Why nothing is to be told any more; None where all is well, or will be: this is not told again."""
        from auralis_cli.services.listenbrainz import Verdict

        metadata = metadata_of(track)
        if metadata is None or self._clock() < self._not_before_s:
            return None
        told = server.playing_now(metadata)
        if told.verdict is Verdict.LATER:
            self._later(told)
        return told.why if told.verdict is Verdict.DENIED else None

    def _tell(self, server: ListenServer) -> str | None:
        from auralis_cli.services.listenbrainz import Verdict

        try:
            report = send_listens(self._queue, server)
        except LibraryError:
            # In somebody's hands.
            self._try_again(self._retry_s)
            return None
        if report.is_elsewhere:
            self._try_again(_ELSEWHERE_S)
        elif report.stopped is None:
            self._retry_s = self._first_retry_s
        elif report.stopped.verdict is Verdict.DENIED:
            return report.stopped.why
        else:
            self._later(report.stopped)
        return None

    def _later(self, told: Submitted) -> None:
        """As long as the server asks for, else twice as long as the last time."""
        self._try_again(max(self._retry_s, told.wait_s or 0.0))
        self._retry_s = min(2.0 * self._retry_s, _LONGEST_RETRY_S)

    def _try_again(self, seconds: float) -> None:
        with self._changed:
            self._has_more = True
            self._not_before_s = self._clock() + seconds
