"""A player in another process, over its control socket: told what to do, asked what it does, watched."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from auralis_cli.errors import AuralisError, NoPlayerError, UsageError
from auralis_cli.json_form import to_json
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_place import DEFAULT_NAME, check_private, known_players, socket_path
from auralis_cli.player.control_protocol import (
    LONGEST_LINE_BYTES,
    QUIT,
    SHOW_QUEUE,
    STAGE,
    STATUS,
    WATCH,
    LatestEvents,
    error_of,
    line_of,
    peer_uid,
    read_line,
)
from auralis_cli.quick_dataclasses import dataclass

# A player that does not answer for so long hangs.
PATIENCE_S = 5.0
# How often a watcher that is told nothing looks around.
LOOKS_AROUND_EVERY_S = 0.5
_RECONNECTS_EVERY_S = 0.5
_LONGEST_ANSWER_BYTES = 16 << 20
_PIECE_BYTES = 64 << 10
_STAGED_CHARACTERS = LONGEST_LINE_BYTES // 8
_START_ONE = "auralis play --headless starts one"


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item of a running player's queue."""

    ticket: int
    track: QueueTrack


@dataclass(frozen=True, slots=True)
class RemoteQueue:
    """The queue of a running player at one moment."""

    revision: int
    # From 0; None where it is empty.
    index: int | None
    items: tuple[QueuedItem, ...]


class RemotePlayer:
    """The player of that name; NoPlayerError where it cannot be reached, then or later."""

    def __init__(
        self,
        name: str = DEFAULT_NAME,
        environ: Mapping[str, str] = os.environ,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.name = name
        self._environ = environ
        self._patience_s = patience_s
        self._line = _Line(connected(name, environ, patience_s))
        self._requests = 0

    def do(self, action: str, **arguments: object) -> Any:
        """Does an action, or asks a question, and returns what the player answers; raises what it refuses with."""
        self._requests += 1
        self._line.write(line_of({"id": self._requests, "action": action, "args": to_json(arguments)}))
        while True:
            answer = self._line.read()
            if "error" in answer:
                raise error_of(answer["error"])
            if answer.get("id") == self._requests:
                return answer.get("ok")

    def status(self) -> PlayerStatus:
        """What it does at this moment."""
        return PlayerStatus.read(self.do(STATUS))

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self.do(STATUS)["pid"])

    def queue(self) -> RemoteQueue:
        """Its whole queue, as it was at one moment."""
        while True:
            items: list[QueuedItem] = []
            page = first = self.do(SHOW_QUEUE)
            while page["revision"] == first["revision"]:
                items += [queued_item(one) for one in page["items"]]
                if page["next"] is None:
                    return RemoteQueue(first["revision"], first["index"], tuple(items))
                page = self.do(SHOW_QUEUE, first=page["next"])

    def add(self, tracks: Iterable[QueueTrack], *, play: bool = False) -> None:
        """More tracks at the end; plays the first of them if that is wanted."""
        self.edit("add", tracks, play=play)

    def play_next(self, tracks: Iterable[QueueTrack]) -> None:
        """More tracks right behind the one that plays."""
        self.edit("play-next", tracks)

    def insert(self, position: int, tracks: Iterable[QueueTrack]) -> None:
        """More tracks in front of a position, counted from 0."""
        self.edit("insert", tracks, position=position + 1)

    def set_queue(self, tracks: Iterable[QueueTrack], *, start: int = 0, play: bool = True) -> None:
        """Other tracks in place of all there are; `start` counts from 0."""
        self.edit("set-queue", tracks, start=start + 1, play=play)

    def edit(self, action: str, tracks: Iterable[QueueTrack], **others: object) -> None:
        """Does an action that takes tracks, however many there are."""
        self.do(action, tracks=self._staged(tracks), **others)

    def quit(self) -> None:
        """Ends it, and waits until it is gone."""
        # It may be gone before it could answer.
        with suppress(_EndedError):
            self.do("quit")
        with suppress(NoPlayerError):
            while True:
                self._line.read()

    def watch(
        self, *, look_around: Callable[[], None] = lambda: None, reconnect: bool = False
    ) -> Iterator[PlayerStatus]:
        """What it does now, and then whenever that changes, until it ends; on a connection of its own.

        Where the connection breaks and a player is there, watching goes on from what that does now. With `reconnect`
        the next player is waited for. `look_around` is called again and again while nothing is told; what it raises
        ends the watching.
        """
        yield from watch(self.name, self._environ, look_around=look_around, reconnect=reconnect)

    def close(self) -> None:
        """Ends the connection; closing twice is fine."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _staged(self, tracks: Iterable[QueueTrack]) -> list[dict[str, object]]:
        """What is left of the tracks to go into the edit itself, once as many as do not fit were sent ahead."""
        piece: list[dict[str, object]] = []
        characters = 0
        for track in tracks:
            piece.append({"path": track.path, "cue_number": track.cue_number, "track_id": track.track_id})
            characters += len(track.path) + 60
            if characters > _STAGED_CHARACTERS:
                self.do(STAGE, tracks=piece)
                piece, characters = [], 0
        return piece


def watch(
    name: str = DEFAULT_NAME,
    environ: Mapping[str, str] = os.environ,
    *,
    look_around: Callable[[], None] = lambda: None,
    reconnect: bool = False,
    once: bool = False,
    patience_s: float = PATIENCE_S,
) -> Iterator[PlayerStatus]:
    """As `RemotePlayer.watch`; with `reconnect` the first player is waited for as well, with `once` no other one.

    Raises NoPlayerError for one that does not say within `patience_s` what it does now.
    """
    pause = threading.Event()
    is_known = False
    while True:
        try:
            line = _Line(connected(name, environ, patience_s))
        except NoPlayerError:
            if reconnect:
                look_around()
                pause.wait(_RECONNECTS_EVERY_S)
                continue
            if is_known:
                return
            raise
        is_known = True
        try:
            has_quit = yield from _told(line, look_around, patience_s)
        except NoPlayerError:
            if not reconnect:
                raise
            has_quit = False
            look_around()
            pause.wait(_RECONNECTS_EVERY_S)
        finally:
            line.close()
        if once or (has_quit and not reconnect):
            return


def is_running(name: str = DEFAULT_NAME, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a player of that name can be reached."""
    try:
        connected(name, environ, PATIENCE_S).close()
    except (NoPlayerError, UsageError):
        return False
    return True


def find_player(word: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The name of the player that a name, or the number of its process, means; NoPlayerError where that is none."""
    if word is None:
        return DEFAULT_NAME
    known = known_players(environ)
    for one in known:
        if word == one.name or (one.pid is not None and word == str(one.pid)):
            return one.name
    running = [one.name for one in known if is_running(one.name, environ)]
    hint = f"there are: {', '.join(running)}" if running else _START_ONE
    raise NoPlayerError(word[:80], "no such player runs", hint)


def connected(name: str, environ: Mapping[str, str], patience_s: float) -> socket.socket:
    """A connection to the player of that name, which is the user's own; NoPlayerError where there is none."""
    try:
        path = socket_path(name, environ)
    except UsageError as error:
        raise NoPlayerError(error.what, error.why, error.hint) from error
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        check_private(path.parent)
        line.settimeout(patience_s)
        line.connect(os.fspath(path))
        if peer_uid(line) not in (None, os.geteuid()):
            raise NoPlayerError("player", "it is another user's")
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        line.close()
        raise NoPlayerError("" if name == DEFAULT_NAME else name, "no player runs", _START_ONE) from error
    except BlockingIOError as error:
        # As many wait as may: it takes none of them.
        line.close()
        raise NoPlayerError(name, "it does not answer") from error
    except OSError as error:
        line.close()
        raise NoPlayerError(name, f"cannot be reached: {error.strerror or error}") from error
    except AuralisError:
        line.close()
        raise
    return line


def _told(line: _Line, look_around: Callable[[], None], patience_s: float) -> Generator[PlayerStatus, None, bool]:
    """What one connection tells until it ends; returns whether the player has quit.

    Raises NoPlayerError where it tells nothing at all: what it does now is told at once.
    """
    latest = LatestEvents()
    with suppress(NoPlayerError):
        line.write(line_of({"action": WATCH}))
    deadline_s = time.monotonic() + patience_s
    while not line.has_news(min(LOOKS_AROUND_EVERY_S, patience_s)):
        look_around()
        if time.monotonic() >= deadline_s:
            raise NoPlayerError("player", "it does not answer")
    while True:
        while not line.has_news(LOOKS_AROUND_EVERY_S):
            look_around()
        try:
            event = line.read()
        except NoPlayerError:
            return False
        if "error" in event:
            # Not the end of the connection, after which another is made at once, to be refused again.
            raise error_of(event["error"])
        if event.get("event") == QUIT:
            return True
        if (status := latest.take(event)) is not None:
            yield status


def queued_item(told: Mapping[str, Any]) -> QueuedItem:
    """The item of its JSON."""
    return QueuedItem(told["ticket"], QueueTrack(told["path"], told["cue_number"], told["track_id"]))


class _EndedError(NoPlayerError):
    """The player is gone."""


class _Line:
    """A connection, line by line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._incoming = bytearray()

    def write(self, line: bytes) -> None:
        """Sends a line; NoPlayerError where nobody takes it."""
        try:
            # Who was hung up on reads why.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._connection.sendall(line)
        except TimeoutError as error:
            raise NoPlayerError("player", "it does not answer") from error
        except OSError as error:
            raise _EndedError("player", "it has ended") from error

    def has_news(self, patience_s: float) -> bool:
        """Whether there is something to read, or the end, within so long."""
        return b"\n" in self._incoming or bool(select.select([self._connection], [], [], patience_s)[0])

    def read(self) -> dict[str, Any]:
        """The next line; NoPlayerError where none comes."""
        while (end := self._incoming.find(b"\n")) < 0:
            try:
                piece = self._connection.recv(_PIECE_BYTES)
            except TimeoutError as error:
                raise NoPlayerError("player", "it does not answer") from error
            except OSError as error:
                raise _EndedError("player", "it has ended") from error
            if not piece:
                raise _EndedError("player", "it has ended")
            if len(self._incoming) > _LONGEST_ANSWER_BYTES:
                raise NoPlayerError("player", "it answers without end")
            self._incoming += piece
        line = bytes(self._incoming[:end])
        del self._incoming[: end + 1]
        try:
            return read_line(line)
        except UsageError as error:
            raise NoPlayerError("player", "what answers is no player") from error

    def close(self) -> None:
        """Ends it."""
        self._connection.close()
