"""The meters' process on behalf of a view: there while the view is seen and a player plays, no longer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.message import Message

from auralis_cli.model.sound_frame import SoundFrame
from auralis_cli.services.sound_feed import SoundFeed
from auralis_cli.tui.ui_state import UiState

# A process that ended by itself is not begun again at once.
_AGAIN_AFTER_S = 3.0


class SoundTold(Message):
    """There is a frame to take."""


class SoundLook:
    """One view's look at the sound. All of it is called from the event loop."""

    def __init__(
        self,
        player: Callable[[], str],
        variables: Mapping[str, str],
        tell: Callable[[Message], object],
        clock_s: Callable[[], float],
    ) -> None:
        """`player` names it; `tell` takes SoundTold from a thread."""
        self._player, self._variables, self._tell, self._clock_s = player, variables, tell, clock_s
        self._feed: SoundFeed | None = None
        self._begun_at_s = -_AGAIN_AFTER_S
        self._ticket: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there, or about to be."""
        return self._feed is not None and self._feed.is_running

    @property
    def problem(self) -> str:
        """Why it ended by itself; empty where it did not."""
        return "" if self._feed is None else self._feed.problem

    def follow(self, state: UiState) -> None:
        """Looks while there is a player, and tells of each track that begins."""
        status = state.status
        if status is None or not state.is_connected:
            self.end()
            return
        if not self.is_running and self._clock_s() - self._begun_at_s >= _AGAIN_AFTER_S:
            self._begun_at_s = self._clock_s()
            self._feed = self.new_feed()
            self._feed.begin()
        ticket = None if status.track is None else status.track.ticket
        if ticket != self._ticket and self._feed is not None:
            self._feed.forget_track()
        self._ticket = ticket

    def new_feed(self) -> SoundFeed:
        """What starts the process."""
        return SoundFeed(self._player(), self._variables, lambda: self._tell(SoundTold()))

    def take(self) -> SoundFrame | None:
        """The newest frame; None where there is none."""
        return None if self._feed is None else self._feed.take()

    def end(self) -> None:
        """Looks no more."""
        feed, self._feed = self._feed, None
        self._begun_at_s = -_AGAIN_AFTER_S
        if feed is not None:
            feed.end()
