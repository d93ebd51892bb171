"""What a request over the control socket does, and the line it is answered with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.json_form import to_json
from auralis_cli.model.action_kinds import MOST_TRACKS
from auralis_cli.model.actions import action_named
from auralis_cli.model.heard_plan import HeardPlan
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import Queue, QueueTrack
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control_connection import Connection
from auralis_cli.player.control_protocol import (
    PLAN,
    PROTOCOL_VERSION,
    QUERIES,
    SHOW_QUEUE,
    STAGE,
    STATUS,
    TAP,
    Request,
    refusal,
    reply,
)
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.player.player import Player

# So many characters of paths go into one answer.
_PAGE_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What comes of a request."""

    line: bytes
    # Set where its sender is to be told of changes from now on.
    begins_watch: bool = False


def answer(actions: PlayerActions, client: Connection, request: Request) -> Answered:
    """Does what is asked; whatever is wrong with it is the answer."""
    try:
        if request.action not in QUERIES:
            _perform(actions, client, request)
            return Answered(reply(request.id, None))
        values = QUERIES[request.action].read(request.arguments)
        if request.action == STATUS:
            return Answered(reply(request.id, _status(actions)))
        if request.action == SHOW_QUEUE:
            return Answered(reply(request.id, _page(*_queue_of(actions.player), *values)))
        if request.action == STAGE:
            return Answered(reply(request.id, _stage(client, *values)))
        if request.action == TAP:
            return Answered(reply(request.id, {"path": os.fspath(actions.player.tap.open(client))}))
        if request.action == PLAN:
            return Answered(reply(request.id, _plan(actions)))
        return Answered(reply(request.id, None), begins_watch=True)
    except AuralisError as error:
        return Answered(refusal(request.id, error))


def _status(actions: PlayerActions) -> dict[str, Any]:
    status = to_json(PlayerStatus.of(actions.player.snapshot()))
    assert isinstance(status, dict)
    return {**status, "pid": os.getpid(), "version": VERSION, "protocol": PROTOCOL_VERSION}


def _plan(actions: PlayerActions) -> HeardPlan | None:
    plan = actions.player.snapshot().plan
    return None if plan is None else HeardPlan.of(plan)


def _perform(actions: PlayerActions, client: Connection, request: Request) -> None:
    action = action_named(request.action, QUERIES)
    arguments = dict(request.arguments)
    if client.staged and any(one.name == "tracks" for one in action.arguments):
        (given,) = QUERIES[STAGE].read({"tracks": arguments.get("tracks", [])})
        arguments["tracks"] = (*client.staged, *given)
        client.staged = []
    actions.perform(action.id, arguments)


def _stage(client: Connection, tracks: tuple[QueueTrack, ...]) -> dict[str, int]:
    if len(client.staged) + len(tracks) > MOST_TRACKS:
        raise UsageError("tracks", f"no more than {MOST_TRACKS:,} are taken at a time")
    client.staged += tracks
    return {"staged": len(client.staged)}


def _queue_of(player: Player) -> tuple[Queue, int]:
    """The queue with its revision, which are asked for one after the other."""
    while True:
        before = player.snapshot().queue_revision
        queue = player.queue
        if player.snapshot().queue_revision == before:
            return queue, before


def _page(queue: Queue, revision: int, first: int) -> dict[str, Any]:
    """Items from `first` on; `next` is where the following page begins, None at the end."""
    items: list[dict[str, Any]] = []
    characters = 0
    for item in queue.items[first:]:
        if characters > _PAGE_CHARACTERS:
            break
        track = item.track
        items.append(
            {"ticket": item.ticket, "path": track.path, "cue_number": track.cue_number, "track_id": track.track_id}
        )
        characters += len(track.path) + 60
    following = first + len(items)
    return {
        "revision": revision,
        "index": queue.index if queue.items else None,
        "length": len(queue.items),
        "items": items,
        "next": following if following < len(queue.items) else None,
    }
