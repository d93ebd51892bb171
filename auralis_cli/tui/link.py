"""The terminal player's line to the player: what is to be done goes out at once, what it does comes in as messages."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from textual.message import Message

from auralis_cli.errors import AuralisError, NoPlayerError, RefusedError
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_place import DEFAULT_NAME
from auralis_cli.player.control_protocol import STATUS
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.remote_player import RemotePlayer, watch
from auralis_cli.tui.merging import merged
from auralis_cli.tui.messages import ActionRefused, PlayerGone, StatusTold

_TURN_S = 0.25
_ENDS_WITHIN_S = 2.0
_Answer = TypeVar("_Answer")
# As many as anybody takes back.
_MOST_EDITS = 100


class Port(Protocol):
    """One connection to a player; calls wait for its answer, and raise what it refuses with."""

    def do(self, action: str, **arguments: object) -> Any:
        """Does an action, or asks a question."""

    def edit(self, action: str, tracks: Iterable[QueueTrack], **others: object) -> None:
        """Does an action that takes tracks, however many there are."""

    def close(self) -> None:
        """Ends the connection."""


class Players(Protocol):
    """Where a player is found, again and again."""

    @property
    def name(self) -> str:
        """What it is called, for others that connect to it."""

    def connect(self) -> Port:
        """A connection of its own; NoPlayerError where none runs."""

    def watch(self, look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        """What one player does until it ends; NoPlayerError where none runs. `look_around` may raise to end it."""


class RunningPlayers:
    """The player of that name, over its control socket."""

    def __init__(self, name: Callable[[], str] = lambda: DEFAULT_NAME, environ: Mapping[str, str] = os.environ) -> None:
        self._name = name
        self._environ = environ

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name()

    def connect(self) -> RemotePlayer:
        """A connection of its own; NoPlayerError where none runs."""
        return RemotePlayer(self._name(), self._environ)

    def watch(self, look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        """What one player does until it ends; NoPlayerError where none runs."""
        return watch(self._name(), self._environ, look_around=look_around, once=True)


@dataclass(frozen=True, slots=True)
class _Errand:
    """One thing for the sender to do."""

    name: str
    run: Callable[[Port], Message | None]
    # Of an action that may become one with the next of its kind.
    arguments: Mapping[str, object] | None = None


class _LeftError(Exception):
    """The app is left."""


class PlayerLink:
    """Watches the player on one thread and tells it what to do on another; the loop waits for neither."""

    def __init__(
        self,
        players: Players,
        tell: Callable[[Message], object],
        now_s: Callable[[], float],
        is_coming: Callable[[], bool] = lambda: False,
    ) -> None:
        """`tell` takes messages from any thread; `now_s` is the app's clock.

        While `is_coming` says that a player was started, what is asked for waits for it.
        """
        self._players = players
        self._is_coming = is_coming
        self._tell = tell
        self._now_s = now_s
        self._errands: deque[_Errand] = deque()
        self._has_errands = threading.Condition(threading.RLock())
        self._left = threading.Event()
        # When the queue was given tracks, and that was not taken back: the last of these edits.
        self._edits_s: deque[float] = deque(maxlen=_MOST_EDITS)
        # Counts the connections that were watched; the watching thread alone writes it.
        self._run = 0
        self._threads = [
            threading.Thread(target=self._watch, name="watches the player", daemon=True),
            threading.Thread(target=self._send, name="tells the player", daemon=True),
        ]

    def begin(self) -> None:
        """Starts both threads."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Ends both, once what was asked for is done."""
        self._left.set()
        with self._has_errands:
            self._has_errands.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_ENDS_WITHIN_S)

    def do(self, action: str, **arguments: object) -> None:
        """Has the player do an action; returns at once, a refusal comes as ActionRefused.

        Arguments have been checked. Steps that wait for the player become one.
        """
        if action == "undo" and self._edits_s:
            self._edits_s.pop()
        with self._has_errands:
            last = self._errands[-1] if self._errands else None
            if last is not None and last.name == action and last.arguments is not None:
                both = merged(action, last.arguments, arguments)
                if both is not None:
                    self._errands.pop()
                    arguments = dict(both)
            self._put(_errand_of(action, arguments))

    def do_next(self, action: str, reckoned: Callable[[PlayerStatus], Mapping[str, object]]) -> None:
        """Has the player do what comes after what it does by then: two presses of a key are two steps."""

        def run(port: Port) -> None:
            port.do(action, **reckoned(PlayerStatus.read(port.do(STATUS))))

        self._put(_Errand(action, run))

    def refresh(self) -> None:
        """Asks the player what it does now, as after a sleep; it comes as StatusTold."""

        def question(port: Port) -> Message:
            run = self._run
            return StatusTold(PlayerStatus.read(port.do(STATUS)), self._now_s(), run)

        self.ask(question)

    @property
    def edited_s(self) -> float | None:
        """When the queue was last given tracks that may be taken back, by the app's clock; None for never."""
        return self._edits_s[-1] if self._edits_s else None

    def edit(self, action: str, tracks: Iterable[QueueTrack], **others: object) -> None:
        """Has the player do an action that takes tracks, behind what it was told before."""
        self._edits_s.append(self._now_s())

        def run(port: Port) -> None:
            port.edit(action, tracks, **others)

        self._put(_Errand(action, run))

    def forget_edits(self) -> None:
        """The queue is another player's."""
        self._edits_s.clear()

    def ask(self, question: Callable[[Port], Message | None]) -> None:
        """Asks the player behind all it was told before; the message that the question makes, if any, is posted."""
        self._put(_Errand("question", question))

    def meant_for(self, run: int, work: Callable[[Port], _Answer]) -> Callable[[Port], _Answer]:
        """The same for that player alone, by the count of connections: numbers of its items mean others to the next.

        It raises RefusedError where another one has come meanwhile.
        """

        def same(port: Port) -> _Answer:
            if run != self._run:
                raise RefusedError("player", "another one has come, which does not have that")
            return work(port)

        return same

    @property
    def player_name(self) -> str:
        """What the player is called, for processes that connect to it."""
        return self._players.name

    def connect(self) -> Port:
        """A connection for a worker thread of one's own, which closes it; NoPlayerError where no player runs."""
        return self._players.connect()

    def _put(self, errand: _Errand) -> None:
        with self._has_errands:
            self._errands.append(errand)
            self._has_errands.notify()

    @property
    def waiting(self) -> int:
        """How much the player is still to be told."""
        return len(self._errands)

    def _send(self) -> None:
        port: Port | None = None
        run = self._run
        while (errand := self._next()) is not None:
            try:
                if port is not None and run != self._run:
                    # Of a player that has ended.
                    port.close()
                    port = None
                run = self._run
                port = port or self._connected()
                answer = errand.run(port)
            except AuralisError as error:
                answer = ActionRefused(errand.name, str(error))
                if port is not None and isinstance(error, NoPlayerError):
                    port.close()
                    port = None
            if answer is not None:
                self._tell(answer)
        if port is not None:
            port.close()

    def _connected(self) -> Port:
        """A connection; a player that has just been started is waited for."""
        while True:
            try:
                return self._players.connect()
            except NoPlayerError:
                if not self._is_coming() or self._left.wait(_TURN_S):
                    raise

    def _next(self) -> _Errand | None:
        with self._has_errands:
            while not self._errands:
                if self._left.is_set():
                    return None
                self._has_errands.wait()
            return self._errands.popleft()

    def _look_around(self) -> None:
        if self._left.is_set():
            raise _LeftError

    def _watch(self) -> None:
        while not self._left.is_set():
            why = "the player has ended"
            try:
                for status in self._players.watch(self._look_around):
                    self._look_around()
                    self._tell(StatusTold(status, self._now_s(), self._run))
            except _LeftError:
                return
            except AuralisError as error:
                why = str(error)
            # What the one before has still to tell is stale from now on.
            self._run += 1
            self._tell(PlayerGone(why))
            self._left.wait(_TURN_S)


def _errand_of(action: str, arguments: Mapping[str, object]) -> _Errand:
    def run(port: Port) -> None:
        port.do(action, **arguments)

    return _Errand(action, run, arguments)
