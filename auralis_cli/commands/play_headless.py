"""A player without a user interface: says what plays, and stays until it is told to leave."""

from __future__ import annotations

import gc
from queue import Empty, SimpleQueue

from auralis_cli.commands.online_settings import scrobble_settings
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
    from auralis_cli.services.warm_up import announce_compilation

    with session.output.progress() as progress:
        announce_compilation(progress)
    news: SimpleQueue[Snapshot | str | None] = SimpleQueue()
    places = PlayerPlaces(
        session.library_path, session.config.presets, session.output.variables, keeps, claim,
        quit_player=lambda: news.put(None), complain=news.put, scrobbling=scrobble_settings(session.config),
        goes_by_taste=session.config.value("master.preferences"),
    )  # fmt: skip
    with open_player(places, request) as playing:
        if not playing.has_something_to_play:
            if quit_at_end:
                return 0
            session.output.note("the queue is empty (auralis queue add fills it)")
        playing.player.subscribe(news.put)
        told = Teller(session.output, since=playing.begin(), quit_at_end=quit_at_end)
        # What is there by now stays: looking through it again and again would hold up the sound.
        gc.freeze()
        try:
            return _stay(session, news, told)
        except CancelledError:
            # The way by which a player without a user interface is left: no failure, so nothing is said of it.
            return CancelledError.exit_code


def _stay(session: Session, news: SimpleQueue[Snapshot | str | None], told: Teller) -> int:
    while True:
        session.cancel.raise_if_cancelled()
        try:
            told_of = news.get(timeout=_TURN_S)
        except Empty:
            continue
        if told_of is None:
            return 0
        if isinstance(told_of, str):
            session.output.warning(told_of)
        elif told.tell(told_of):
            return 0


class Teller:
    """Says each track once, when it begins, and each problem once."""

    def __init__(self, output: Output, *, since: int, quit_at_end: bool) -> None:
        """Snapshots up to the revision `since` are of before anything was to be played."""
        self._output = output
        self._revision = since
        self._quit_at_end = quit_at_end
        self._ticket: int | None = None
        self._problem: PlaybackProblem | None = None
        self._heard = False

    def tell(self, snapshot: Snapshot) -> bool:
        """Says what is new; whether the player is to be left. Raises what has to end the program."""
        if snapshot.revision <= self._revision:
            return False
        self._revision = snapshot.revision
        for earlier in snapshot.earlier_problems:
            self._say(earlier)
        if failed := self._failure(snapshot):
            raise failed
        self._say(snapshot.problem)
        if snapshot.state is PlayerState.PLAYING and snapshot.track is not None and snapshot.item is not None:
            self._heard = True
            if snapshot.item.ticket != self._ticket:
                self._output.note(line_of(snapshot))
            self._ticket = snapshot.item.ticket
        if snapshot.state is not PlayerState.STOPPED:
            return False
        self._ticket = None
        return self._quit_at_end

    def _say(self, problem: PlaybackProblem | None) -> None:
        if problem is not None and problem != self._problem:
            self._output.warning(problem.message)
        self._problem = problem

    def _failure(self, snapshot: Snapshot) -> AuralisError | None:
        """What a player that cannot play ends with, where nobody is there to see to it; None while it may go on."""
        problem = snapshot.problem
        if problem is None or (self._heard and not self._quit_at_end):
            return None
        if snapshot.state is PlayerState.ERROR:
            has_failed = self._quit_at_end or problem.code == DeviceError.code
        else:
            # It came to its end with nothing heard.
            has_failed = snapshot.state is PlayerState.STOPPED and self._quit_at_end and not self._heard
        if not has_failed:
            return None
        return (DeviceError if problem.code == DeviceError.code else InputError)("", problem.message)


def line_of(snapshot: Snapshot) -> str:
    """`[3/12] Artist – Title (Album)  4:05`."""
    track = snapshot.track
    assert track is not None
    artist = f"{track.artist} – " if track.artist else ""
    album = f" ({track.album})" if track.album else ""
    length = f"  {seconds_to_clock(snapshot.duration_s)}" if snapshot.duration_s is not None else ""
    return f"[{snapshot.queue_index + 1}/{snapshot.queue_length}] {artist}{track.title}{album}{length}"
