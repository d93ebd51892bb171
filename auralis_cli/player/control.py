"""The control socket: one thread that listens, reads and writes, and one that does what is asked.

Neither waits for a client, and no client is kept waiting by another: each has one request under way, is read from
only once it has taken its answer, and is told of the newest state only. One that does not read is let go.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue

from auralis_cli.errors import AuralisError, NoPlayerError, RefusedError, UsageError, unforeseen
from auralis_cli.json_form import Json
from auralis_cli.model.playback import Snapshot
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control_connection import Connection
from auralis_cli.player.control_place import ControlClaim
from auralis_cli.player.control_protocol import (
    LONGEST_LINE_BYTES,
    peer_uid,
    quit_event,
    read_request,
    refusal,
    snapshot_event,
)
from auralis_cli.player.control_requests import Answered, answer
from auralis_cli.player.ports import Clock

# More at a time are refused.
MOST_CLIENTS = 32
# One that has read nothing for so long, though there is something to read, is let go.
UNREAD_FOR_S = 30.0
# What is under way at the end has so long to be done.
ENDS_WITHIN_S = 1.0
_NO_HANDLE_FOR_S = 0.1
# Who connects meanwhile waits, and is answered, if only that there are too many.
_BACKLOG = 4 * MOST_CLIENTS

Replies = SimpleQueue[tuple[Connection, Answered]]


class ControlServer:
    """Listens under a claimed name, and does for its clients what the actions do."""

    def __init__(
        self,
        claim: ControlClaim,
        actions: PlayerActions,
        *,
        said: Callable[[str], None] = lambda _message: None,
        clock: Clock = time.monotonic,
        unread_for_s: float = UNREAD_FOR_S,
        peer: Callable[[socket.socket], int | None] = peer_uid,
        ends_within_s: float = ENDS_WITHIN_S,
    ) -> None:
        """`said` is told, from the server's thread, why a client was let go."""
        self._claim = claim
        self._actions = actions
        self._said = said
        self._clock = clock
        self._unread_for_s = unread_for_s
        self._peer = peer
        self._ends_within_s = ends_within_s
        self._clients: set[Connection] = set()
        self._replies: Replies = SimpleQueue()
        self._ending = threading.Event()
        # Guards the two below, for as long as it takes to compare two numbers.
        self._news = threading.Lock()
        self._latest = actions.player.snapshot()
        self._seq = 1
        self._listener = _listener(claim)
        self._ears, self._mouth = socket.socketpair()
        for end in (self._ears, self._mouth):
            end.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="auralis-control-work")
        self._thread = threading.Thread(target=self._serve, name="auralis-control", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Listens from now on."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._ears, selectors.EVENT_READ)
        self._unsubscribe = self._actions.player.subscribe(self._heard)
        self._thread.start()

    def close(self) -> None:
        """Says good-bye to all and gives socket, lock and threads back; closing twice is fine.

        A thread that is held up is not waited for: it gives back what there is when it goes on.
        """
        if self._ending.is_set():
            return
        self._unsubscribe()
        self._ending.set()
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(self._ends_within_s + 1.0)
        if not self._thread.is_alive():
            self._give_back()

    # Called from threads of others

    def _heard(self, snapshot: Snapshot) -> None:
        with self._news:
            # One that comes late says nothing new.
            if snapshot.revision < self._latest.revision:
                return
            self._latest = snapshot
            self._seq += 1
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is awake; closed: it has ended
            self._mouth.send(b"\0")

    # The server's own thread

    def _serve(self) -> None:
        while not self._ending.is_set():
            for key, events in self._selector.select(self._patience_s()):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._ears:
                    self._empty_ears()
                else:
                    self._attend(key.data, events)
            self._reply()
            self._tell()
            self._let_go_of_the_deaf()
        self._say_goodbye()
        self._give_back()

    def _patience_s(self) -> float | None:
        """When the first of those who do not read is to be let go; None where all have read everything."""
        due = [one.read_at + self._unread_for_s for one in self._clients if one.has_to_read]
        return max(min(due) - self._clock(), 0.0) if due else None

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            # No handle is left for it: it waits, and so do we.
            self._ending.wait(_NO_HANDLE_FOR_S)
            return
        accepted.setblocking(False)
        one = Connection(accepted, self._clock())
        refused = self._refused(accepted)
        if refused is None:
            self._clients.add(one)
            self._selector.register(accepted, selectors.EVENT_READ, one)
            return
        with suppress(OSError):
            one.send(refusal(None, refused), self._clock())
        one.close()
        self._said(str(refused))

    def _refused(self, accepted: socket.socket) -> AuralisError | None:
        if self._peer(accepted) not in (None, os.geteuid()):
            return RefusedError("player", "it is another user's")
        if len(self._clients) >= MOST_CLIENTS:
            return NoPlayerError("player", f"has {MOST_CLIENTS} clients already", "end one of them")
        return None

    def _empty_ears(self) -> None:
        with suppress(BlockingIOError):
            while self._ears.recv(4096):
                pass

    def _attend(self, one: Connection, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                one.flush(self._clock())
            if events & selectors.EVENT_READ and one.is_ready:
                one.receive()
            self._look_at(one)
        except OSError:
            self._forget(one)

    def _look_at(self, one: Connection) -> None:
        """Its next request, once it has taken the answer to the one before; then what it is waited for."""
        while one.is_ready or (one.is_done and not one.is_busy and not one.has_to_read):
            line = one.next_line()
            if line is None:
                break
            self._take(one, line)
        if one.is_done and not one.is_busy and not one.has_to_read:
            self._forget(one)
            return
        waited_for = selectors.EVENT_READ if one.is_ready else 0
        waited_for |= selectors.EVENT_WRITE if one.has_to_read else 0
        self._wait_for(one, waited_for)

    def _wait_for(self, one: Connection, events: int) -> None:
        is_waited_for = one.socket in self._selector.get_map()
        if not events:
            if is_waited_for:
                self._selector.unregister(one.socket)
        elif is_waited_for:
            self._selector.modify(one.socket, events, one)
        else:
            self._selector.register(one.socket, events, one)

    def _take(self, one: Connection, line: bytes) -> None:
        try:
            if not line:
                raise UsageError("request", f"is longer than {LONGEST_LINE_BYTES} bytes", "send it in several turns")
            request = read_request(line)
        except UsageError as error:
            one.send(refusal(None, error), self._clock())
            return
        one.is_busy = True
        done = self._worker.submit(answer, self._actions, one, request)
        done.add_done_callback(lambda future: self._answered(one, request.id, future))

    def _answered(self, one: Connection, request_id: Json, future: Future[Answered]) -> None:
        if future.cancelled():
            answered = Answered(refusal(request_id, NoPlayerError("player", "it has ended")))
        elif isinstance(failed := future.exception(), Exception):
            # A defect of ours costs one answer.
            answered = Answered(refusal(request_id, unforeseen(failed)))
        else:
            answered = future.result()
        self._replies.put((one, answered))
        self._wake()

    def _reply(self) -> None:
        with suppress(Empty):
            while True:
                one, answered = self._replies.get_nowait()
                if one not in self._clients:
                    self._actions.player.tap.release(one)
                    continue
                one.is_busy = False
                if answered.begins_watch:
                    one.is_watching, one.seen_seq = True, 0
                try:
                    one.send(answered.line, self._clock())
                    self._look_at(one)
                except OSError:
                    self._forget(one)

    def _tell(self) -> None:
        """The newest state to those who watch, do not know it, and have taken all that they were sent before."""
        with self._news:
            latest, seq = self._latest, self._seq
        behind = [one for one in self._clients if one.is_watching and one.seen_seq < seq and not one.has_to_read]
        line = snapshot_event(seq, PlayerStatus.of(latest)) if behind else b""
        for one in behind:
            one.seen_seq = seq
            try:
                one.send(line, self._clock())
                self._look_at(one)
            except OSError:
                self._forget(one)

    def _let_go_of_the_deaf(self) -> None:
        now = self._clock()
        for one in [one for one in self._clients if one.has_to_read and one.read_at + self._unread_for_s <= now]:
            self._said(f"a client was let go: it has read nothing for {self._unread_for_s:g} s")
            self._forget(one)

    def _forget(self, one: Connection) -> None:
        """Once for each client, whatever ended it."""
        if one in self._clients:
            self._clients.remove(one)
            self._actions.player.tap.release(one)
            self._wait_for(one, 0)
            one.close()

    def _say_goodbye(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
        until = self._clock() + self._ends_within_s
        with suppress(Empty):
            # What asked for the end is answered.
            while any(one.is_busy for one in self._clients) and (left := until - self._clock()) > 0.0:
                one, answered = self._replies.get(timeout=left)
                one.is_busy = False
                with suppress(OSError):
                    one.send(answered.line, self._clock())
        # Who sees the connection end may start the next player.
        self._listener.close()
        self._claim.release()
        for one in list(self._clients):
            if one.is_watching and not one.has_to_read:
                with suppress(OSError):
                    one.send(quit_event(self._seq + 1), self._clock())
            self._forget(one)

    def _give_back(self) -> None:
        """What its thread uses, which is over or was never begun. Giving it back twice is fine."""
        self._listener.close()
        self._claim.release()
        self._selector.close()
        self._ears.close()
        self._mouth.close()


def _listener(claim: ControlClaim) -> socket.socket:
    """The socket at the claimed place, for its owner alone before anybody can connect."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(claim.socket_path))
        os.chmod(claim.socket_path, 0o600)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise UsageError(str(claim.socket_path), f"no socket can be made: {error.strerror}") from error
    return listener
