"""What is said over the control socket: one JSON object a line, both ways. Imports nothing heavy: `ctl` speaks it too.

    → {"id": 1, "action": "seek", "args": {"to": "+10"}}
    ← {"id": 1, "ok": null}                      or {"id": 1, "error": {"code", "message", "hint"?}}
    → {"id": 2, "action": "watch", "args": {}}
    ← {"id": 2, "ok": null}
    ← {"seq": 41, "event": "snapshot", "snapshot": {…}}
    ← {"seq": 57, "event": "quit"}

Actions are those of `model/actions.py`, and those of `QUERIES`. A request may leave out `id` and `args`. Events are
numbered by what happened, not by what was sent: a gap says that something was missed, and since every event tells
everything, nothing has to be asked for again.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn

from auralis_cli import errors
from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.json_form import Json, failure, json_text, to_json
from auralis_cli.kinds import Whole
from auralis_cli.model.action_kinds import Tracks
from auralis_cli.model.actions import Action, ActionArea, Argument
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.quick_dataclasses import dataclass

# Rises when the meaning of a key changes.
PROTOCOL_VERSION = 1
# Longer ones would keep the interpreter busy while the device waits for sound; what is longer is sent in turns.
LONGEST_LINE_BYTES = 256 << 10
# Of lists and objects within each other; what goes through them goes as deep as they do.
_MOST_NESTED = 64
SNAPSHOT, QUIT = "snapshot", "quit"
_PEER = struct.Struct("3i")

STATUS, WATCH, SHOW_QUEUE, STAGE, TAP, PLAN = "status", "watch", "queue", "stage", "tap", "plan"
# What is asked of the socket beside the player's actions.
QUERIES: Mapping[str, Action] = MappingProxyType(
    {
        query.id: query
        for query in (
            Action(STATUS, "Say what the player does.", ActionArea.PLAYER),
            Action(WATCH, "Say what the player does now, and whenever that changes.", ActionArea.PLAYER),
            Action(
                SHOW_QUEUE, "Say what is in the queue, from a place on, counted from 0, as much as goes into a line.",
                ActionArea.QUEUE, (Argument("first", Whole(0, 10**9 - 1), "N", "0"),),
            ),
            Action(
                STAGE, "Hold tracks of this connection ready for the next edit, which they come first in.",
                ActionArea.QUEUE, (Argument("tracks", Tracks(), "TRACK..."),),
            ),
            Action(
                TAP, "Copy what is played into a file in memory, and say which, until this connection ends.",
                ActionArea.SOUND,
            ),
            Action(PLAN, "Say by what plan the track that sounds is mastered; null for none.", ActionArea.SOUND),
        )
    }
)  # fmt: skip

_ERRORS: Final[Mapping[str, type[AuralisError]]] = MappingProxyType(
    {
        kind.code: kind
        for kind in (getattr(errors, name) for name in errors.__all__)
        if isinstance(kind, type) and issubclass(kind, AuralisError)
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """One line of a client's."""

    # What the reply is told by; whatever JSON the client likes, None where it does not care.
    id: Json
    action: str
    arguments: Mapping[str, object]


def line_of(message: object) -> bytes:
    """One JSON object as a line."""
    return json_text(message).encode("ascii") + b"\n"


def read_line(line: bytes) -> dict[str, Any]:
    """The JSON object of a line; UsageError where it is none."""
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError("request", f"is no JSON: {why[:200]}", 'one object a line: {"action": "status"}') from error
    if not isinstance(value, dict):
        raise UsageError("request", "is no JSON object", 'one object a line: {"action": "status"}')
    return value


def read_request(line: bytes) -> Request:
    """The request that a line makes; UsageError where it makes none."""
    said = read_line(line)
    if _is_nested_too_deeply(said):
        raise UsageError("request", "is nested too deeply", f"{_MOST_NESTED} lists or objects at most")
    action, arguments = said.get("action"), said.get("args", {})
    if not isinstance(action, str):
        raise UsageError("request", "names no action", '{"action": "status"}')
    if not isinstance(arguments, dict):
        raise UsageError(action[:80], "its args are no JSON object", '{"action": "volume", "args": {"level": 80}}')
    return Request(to_json(said.get("id")), action, arguments)


def _is_nested_too_deeply(value: object) -> bool:
    """Found level by level: whatever calls itself for each level would itself go too deep."""
    level = [value]
    for _ in range(_MOST_NESTED):
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return False
    return True


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def reply(request_id: Json, result: object) -> bytes:
    """The line that says it was done, with what came of it."""
    return line_of({"id": request_id, "ok": result})


def refusal(request_id: Json, error: AuralisError) -> bytes:
    """The line that says it was not done, and why."""
    return line_of({"id": request_id, "error": failure(None, error)["error"]})


def snapshot_event(seq: int, status: PlayerStatus) -> bytes:
    """The line that says what the player does."""
    return line_of({"seq": seq, "event": SNAPSHOT, SNAPSHOT: status})


def quit_event(seq: int) -> bytes:
    """The line that says that the player ends, the last one."""
    return line_of({"seq": seq, "event": QUIT})


def error_of(described: Mapping[str, Any]) -> AuralisError:
    """The error that a refusal describes, of its class and with its exit code."""
    kind = _ERRORS.get(str(described.get("code")), AuralisError)
    hint = described.get("hint")
    return kind("", str(described.get("message", "failed")), None if hint is None else str(hint))


class LatestEvents:
    """Takes the events of one connection and lets pass only what is newer than all before."""

    def __init__(self) -> None:
        self._seq = -1

    def take(self, event: Mapping[str, Any]) -> PlayerStatus | None:
        """What it tells; None for one that comes late, or tells nothing of the player."""
        seq = event.get("seq")
        if type(seq) is not int or seq <= self._seq:
            return None
        self._seq = seq
        told = event.get(SNAPSHOT)
        return PlayerStatus.read(told) if isinstance(told, dict) else None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def peer_uid(line: socket.socket) -> int | None:
    """Whose process is at the other end of a connection; None where the system does not say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    _pid, uid, _gid = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(uid)
