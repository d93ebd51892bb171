"""Where `auralis queue` finds the queue: at the player that runs, else in the library; and how it says what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import AsJson
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import NoPlayerError
from auralis_cli.terminal_text import printable
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.queue_editing import EditableQueue, QueueReport, QueueWish

PlayerName = Annotated[
    str | None,
    typer.Option("--player", metavar="NAME", help="The player of that name, or process number, and no other queue."),
]
Json = AsJson

_DONE = {
    "set": "set",
    "add": "added",
    "remove": "removed",
    "move": "moved",
    "shuffle": "shuffled",
    "unshuffle": "in its own order",
    "clear": "cleared",
    "template": "loaded",
    "undo": "taken back",
    "redo": "made again",
    "jump": "gone to",
    "repeat": "repeat set",
}


@contextmanager
def opened_queue(
    session: Session, player: str | None, *, create: bool = False, read_only: bool = False
) -> Iterator[tuple[EditableQueue, Store]]:
    """The queue of the running player, or else that of the library, and the library."""
    from auralis_cli.services.hand_over import reach
    from auralis_cli.services.queue_editing import RunningQueue, StoredQueue
    from auralis_cli.services.remote_player import find_player

    environ = session.output.variables
    try:
        # One that is just starting has read what is stored: what was changed there now, it would not know.
        remote = reach(find_player(player, environ), environ, session.cancel.raise_if_cancelled)
    except NoPlayerError:
        if player is not None:
            raise
        with opened_library(session, create=create and not read_only, read_only=read_only) as store:
            yield StoredQueue(store, int(time.time())), store
        return
    # What the player does it stores itself.
    with remote, opened_library(session, read_only=True) as store:
        yield RunningQueue(remote), store


def edit(
    context: typer.Context,
    wish_of: Callable[[Session, Store], QueueWish],
    player: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    nothing: str,
    create: bool = False,
) -> int:
    """Does what is wished, or says what that would be; `nothing` is said where there is nothing to do."""
    session = session_of(context)
    with opened_queue(session, player, create=create, read_only=dry_run) as (queue, store):
        report = queue.do(wish_of(session, store), dry_run=dry_run)
    if report is None:
        session.output.note(nothing)
        if as_json:
            session.output.document({"edit": None, "dry_run": dry_run})
        return 0
    if as_json:
        session.output.document({**_fields(report), "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{_in_words(report)}")
    return 0


def _fields(report: QueueReport) -> dict[str, object]:
    return {field.name: getattr(report, field.name) for field in fields(report)}


def _in_words(report: QueueReport) -> str:
    """`added: 12 tracks, 3 before, at 2`."""
    parts = [f"{_DONE[report.edit]}: {count_in_words(report.tracks, 'track', 'tracks')}"]
    if report.tracks != report.tracks_before:
        parts.append(f"{report.tracks_before:,} before")
    if report.position is not None:
        parts.append(f"at {report.position:,}")
    return printable(", ".join(parts))
