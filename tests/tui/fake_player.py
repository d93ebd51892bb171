"""Players without sound or socket for pilot tests of the terminal player: the very protocol, answered at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import fake_player

from auralis_cli.config import load_config
from auralis_cli.errors import NoPlayerError
from auralis_cli.model.playback import Snapshot
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control_connection import Connection
from auralis_cli.player.control_protocol import error_of, line_of, read_line, read_request
from auralis_cli.player.control_requests import answer
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.context import UiContext


class _Staging:
    """The part of a connection that requests use."""

    def __init__(self) -> None:
        self.staged: list[QueueTrack] = []


class FakePort:
    """A connection to the fake player, through the lines of the protocol."""

    def __init__(self, players: FakePlayers) -> None:
        self._players = players
        self._connection: Any = _Staging()
        self._player = players.player

    def do(self, action: str, **arguments: object) -> Any:
        self._players.check()
        if self._players.player is not self._player:
            # As the socket of one that is gone.
            raise NoPlayerError("", "the player has ended")
        self._players.asked.append((action, arguments))
        request = read_request(line_of({"id": 1, "action": action, "args": arguments}))
        told = read_line(answer(self._players.actions, self._connection, request).line)
        if "error" in told:
            raise error_of(told["error"])
        return told["ok"]

    def edit(self, action: str, tracks: Iterable[QueueTrack], **others: object) -> None:
        told = [{"path": one.path, "cue_number": one.cue_number, "track_id": one.track_id} for one in tracks]
        self.do(action, tracks=told, **others)

    def close(self) -> None:
        pass


class FakePlayers:
    """One fake player that can be ended and begun again; `player` is what it did, `asked` what it was told."""

    name = "player"

    def __init__(self, tracks: Iterable[str | QueueTrack] = ()) -> None:
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.begin_anew(tracks)

    def begin_anew(self, tracks: Iterable[str | QueueTrack] = ()) -> None:
        """Another player, with a queue of its own."""
        self.player = fake_player.FakePlayer()
        self.has_quit = False
        self.actions = PlayerActions(self.player.as_player, self._quit)
        queued = [QueueTrack(one) if isinstance(one, str) else one for one in tracks]
        if queued:
            self.player.set_queue(queued, play=False)
        # It is found with its queue.
        self.is_running = True

    def _quit(self) -> None:
        self.has_quit = True
        self.is_running = False

    def check(self) -> None:
        if not self.is_running:
            raise NoPlayerError("", "no player runs")

    def connect(self) -> FakePort:
        self.check()
        return FakePort(self)

    def watch(self, look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        self.check()
        news: SimpleQueue[Snapshot] = SimpleQueue()
        unsubscribe = self.player.subscribe(news.put)
        try:
            yield PlayerStatus.of(self.player.snapshot())
            while self.is_running:
                look_around()
                try:
                    yield PlayerStatus.of(news.get(timeout=0.02))
                except Empty:
                    continue
        finally:
            unsubscribe()


def context(home: Path, **changed: Any) -> UiContext:
    """A user without settings, whose clock stands still at 1000."""
    variables = {"AURALIS_HOME": str(home), "HOME": str(home)}
    given: dict[str, Any] = {
        "library_path": home / "data" / "library.db",
        "config": load_config(variables, None),
        "variables": variables,
        "clock_s": lambda: 1000.0,
        "now_s": lambda: 1_700_000_000.0,
    }
    return UiContext(**{**given, **changed})


def app_over(players: FakePlayers, home: Path, first_view: str = "now", **changed: Any) -> AuralisApp:
    """The terminal player over a fake one, to be run by `run_test`."""
    return AuralisApp(players, context(home, **changed), first_view)


__all__ = ["Connection", "FakePlayers", "FakePort", "app_over", "context"]
