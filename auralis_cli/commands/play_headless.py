"""A player without a user interface: says what plays, and stays until it is told to leave."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue

from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, CancelledError, DeviceError, InputError
from auralis_cli.model.play_request import PlayRequest
from auralis_cli.model.playback import PlaybackProblem, PlayerState, Snapshot
from auralis_cli.output import Output
from auralis_cli.player.control_place import ControlClaim
from auralis_cli.units import seconds_to_clock

# How soon a signal is noticed; a player that does nothing wakes this often.
_TURN_S = 0.25


def play_headless(
    session: Session, request: PlayRequest, claim: ControlClaim, *, keeps: bool, quit_at_end: bool
) -> int:
    """Plays until it is told to quit; the exit code. Raises DeviceError where there is nothing to play on."""
    from auralis_cli.services.player_session import PlayerPlaces, open_player

    news: SimpleQueue[Snapshot | str | None] = SimpleQueue()
    places = PlayerPlaces(
        session.library_path, session.config.presets, session.output.variables, keeps, claim,
        quit_player=lambda: news.put(None), complain=news.put,
    )  # fmt: skip
    with open_player(places, request) as playing:
        if not playing.has_something_to_play:
            if quit_at_end:
                return 0
            session.output.note("the queue is empty (auralis queue add fills it)")
        playing.player.subscribe(news.put)
        playing.begin()
        try:
            return _stay(session, news, quit_at_end=quit_at_end)
        except CancelledError:
            # The way by which a player without a user interface is left: no failure, so nothing is said of it.
            return CancelledError.exit_code


def _stay(session: Session, news: SimpleQueue[Snapshot | str | None], *, quit_at_end: bool) -> int:
    heard, told = False, Teller(session.output)
    while True:
        session.cancel.raise_if_cancelled()
        try:
            snapshot = news.get(timeout=_TURN_S)
        except Empty:
            continue
        if snapshot is None:
            return 0
        if isinstance(snapshot, str):
            session.output.warning(snapshot)
            continue
        told.tell(snapshot)
        heard = heard or snapshot.state is PlayerState.PLAYING
        if snapshot.state is PlayerState.ERROR and (quit_at_end or not heard) and snapshot.problem is not None:
            raise failure_of(snapshot.problem)
        if quit_at_end and told.has_ended:
            return 0


def failure_of(problem: PlaybackProblem) -> AuralisError:
    """The problem that stopped a player, as the failure of a verb."""
    kind: Callable[..., AuralisError] = DeviceError if problem.code == DeviceError.code else InputError
    return kind(problem.path or "", problem.message)


class Teller:
    """Says each track once, when it begins, and each problem once."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._ticket: int | None = None
        self._problem: PlaybackProblem | None = None
        self._was_on = False
        # Whether the queue came to its end.
        self.has_ended = False

    def tell(self, snapshot: Snapshot) -> None:
        """What is new since the last."""
        if snapshot.problem is not None and snapshot.problem != self._problem:
            where = f"{snapshot.problem.path}: " if snapshot.problem.path else ""
            self._output.warning(f"{where}{snapshot.problem.message}")
        self._problem = snapshot.problem
        is_on = snapshot.state in (PlayerState.PLAYING, PlayerState.LOADING)
        self.has_ended = self._was_on and snapshot.state is PlayerState.STOPPED
        self._was_on = is_on
        if snapshot.state is PlayerState.STOPPED:
            self._ticket = None
        elif snapshot.state is PlayerState.PLAYING and snapshot.track is not None and snapshot.item is not None:
            if snapshot.item.ticket != self._ticket:
                self._output.note(line_of(snapshot))
            self._ticket = snapshot.item.ticket


def line_of(snapshot: Snapshot) -> str:
    """`[3/12] Artist – Title (Album)  4:05`."""
    track = snapshot.track
    assert track is not None
    artist = f"{track.artist} – " if track.artist else ""
    album = f" ({track.album})" if track.album else ""
    length = f"  {seconds_to_clock(snapshot.duration_s)}" if snapshot.duration_s is not None else ""
    return f"[{snapshot.queue_index + 1}/{snapshot.queue_length}] {artist}{track.title}{album}{length}"
