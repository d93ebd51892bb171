"""What the terminal player shows, as one frozen value, and what an event makes of it. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import replace

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.quick_dataclasses import dataclass

_NOTICE_LASTS_S = 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that is shown for a while."""

    text: str
    is_error: bool
    until_s: float


@dataclass(frozen=True, slots=True)
class UiState:
    """All that views show of the player, and which view is shown."""

    view: str
    # None until the player has told something.
    status: PlayerStatus | None = None
    # When it told that, by the app's clock.
    told_at_s: float = 0.0
    # Counts the connections to players; what an earlier one tells is stale.
    run: int = -1
    is_connected: bool = False
    # Why no player can be reached.
    gone: str = ""
    notice: Notice | None = None

    def position_s(self, now_s: float) -> float:
        """How far the track has played at that time of the app's clock: between two events it goes on."""
        status = self.status
        if status is None:
            return 0.0
        position_s = status.position_s
        if status.state == "playing" and self.is_connected:
            position_s += max(0.0, now_s - self.told_at_s)
        return position_s if status.duration_s is None else min(position_s, status.duration_s)


@dataclass(frozen=True, slots=True)
class Told:
    """The player said what it does."""

    status: PlayerStatus
    at_s: float
    run: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The player is gone."""

    why: str


@dataclass(frozen=True, slots=True)
class Viewed:
    """Another view is looked at."""

    view: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something is to be said."""

    text: str
    at_s: float
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""

    at_s: float


Event = Told | Gone | Viewed | Noticed | Ticked


def after(state: UiState, event: Event) -> UiState:
    """The state that an event makes of one; the same one where it changes nothing, as what comes late."""
    match event:
        case Told():
            return _told(state, event)
        case Gone(why):
            return replace(state, is_connected=False, gone=why) if state.is_connected or why != state.gone else state
        case Viewed(view):
            return state if view == state.view else replace(state, view=view)
        case Noticed(text, at_s, is_error):
            return replace(state, notice=Notice(text, is_error, at_s + _NOTICE_LASTS_S))
        case Ticked(at_s):
            is_over = state.notice is not None and at_s >= state.notice.until_s
            return replace(state, notice=None) if is_over else state


def _told(state: UiState, event: Told) -> UiState:
    if event.run < state.run:
        return state
    is_late = state.status is not None and event.run == state.run and event.status.revision < state.status.revision
    if is_late:
        return state
    return replace(state, status=event.status, told_at_s=event.at_s, run=event.run, is_connected=True, gone="")
