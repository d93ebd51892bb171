"""`auralis queue …`: shows and edits the queue of the running player, or the one that the next player begins with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import Format, Print0, check_one, for_programs, show_json, show_json_lines
from auralis_cli.commands.options import AsJson, AsJsonLines, DryRun
from auralis_cli.commands.parsers import Lookup
from auralis_cli.commands.queue_edits import (
    add,
    clear,
    jump,
    move,
    next_,
    redo,
    remove,
    repeat,
    set_,
    shuffle,
    undo,
    unshuffle,
)
from auralis_cli.commands.queue_place import PlayerName, edit, opened_queue
from auralis_cli.commands.queue_text import QUEUE_FIELDS, queue_row, show_history, show_queue, show_templates
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.model.queue import QueueHistoryEntry, QueueTemplate

ABOUT = """Show and edit the queue.

It is that of the player that runs; where none does, the one that the library keeps, with which the next player begins.
Positions count from 1. Without a command the queue is shown."""

_SHOWS = ((0, "Done."), (2, "Usage."), (5, "The library cannot be used."), (6, "There is no player of that name."))
_CHANGES = (
    (0, "Done, or there is nothing to do."),
    (2, "Usage; or there is no such position, or no template of that name, or one already."),
    (4, "Nothing that was named can be queued."),
    (5, "The library cannot be used."),
    (6, "There is no player of that name, or it does not answer."),
)
PAGE = Page(
    examples=(
        ("auralis queue show", "What is to be played."),
        ("auralis queue add artist:björk year:1995..", "What a query finds."),
        ("find . -name '*.flac' -print0 | auralis queue add --files-from - -0", "What a pipe names."),
        ("auralis queue next ~/Music/new/*.flac", "Play these next."),
        ("auralis queue shuffle --smart", "No artist twice in a row where that can be."),
        ("auralis queue undo", "Take the last edit back."),
        ("auralis queue save Dinner --tag calm", "Keep it for another day."),
    ),
    exit_status=_CHANGES,
    details=(
        "The last twenty edits can be taken back, and made again until the next edit. The queue has this history of "
        "its own; auralis history and auralis undo are of the library and of files.",
        "A track that plays goes on playing whatever is done to the queue around it. Only where it is removed itself, "
        "or the queue is set anew, does another one play.",
        "An item follows its file when a scan finds it elsewhere.",
    ),
    alone="show",
)

_Name = Annotated[str, typer.Argument(metavar="NAME", parser=Lookup("templates"), help="The name of a template.")]


def show(
    context: typer.Context,
    template: Format = None,
    print0: Print0 = False,
    player: PlayerName = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show what is in the queue.

    The fields of --format are those of auralis list, and position and current.
    """
    from auralis_cli.services.queue_editing import queue_entries

    output = session_of(context).output
    rows = for_programs(output, QUEUE_FIELDS, template, print0=print0, json=json, jsonl=jsonl)
    with opened_queue(session_of(context), player, read_only=True) as (place, store):
        queue = place.queue()
        entries = queue_entries(store, queue)
        if rows is None:
            show_queue(output, entries, queue)
        else:
            rows(output, (queue_row(entry, queue) for entry in entries))
    return 0


def history(context: typer.Context, json: AsJson = False, jsonl: AsJsonLines = False) -> int:
    """List the edits of the queue.

    Those that can be taken back, the newest first, below those that were and can be made again.
    """
    output = session_of(context).output
    check_one({"--json": json, "--jsonl": jsonl})
    with opened_library(session_of(context), read_only=True) as store:
        done, undone = store.queue.history(), store.queue.undone()
    if not (json or jsonl):
        show_history(output, done, undone)
        return 0
    documents = [*_documents(undone[::-1], undone=True), *_documents(done, undone=False)]
    (show_json if json else show_json_lines)(output, documents)
    return 0


def save(
    context: typer.Context,
    name: _Name,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="What to find it by; may be given several times.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the template of that name.")] = False,
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Keep the queue under a name.

    With the track it is at, and how it repeats. A name is the same whatever its case.
    """
    session = session_of(context)
    with opened_queue(session, player, read_only=True) as (place, store):
        queue = place.queue()
        store.queue_templates.check(name, replace=force)
    if not dry_run:
        with opened_library(session, create=True) as store:
            store.queue_templates.save(name, queue, now=int(time.time()), tags=tags or (), replace=force)
    said: dict[str, object] = {"name": name, "tracks": len(queue.items), "tags": list(tags or ())}
    _said(context, said, "kept", dry_run=dry_run, as_json=json)
    return 0


def load(
    context: typer.Context, name: _Name, player: PlayerName = None, dry_run: DryRun = False, json: AsJson = False
) -> int:
    """Put what is kept under a name in place of the queue.

    A player that plays goes on with the track the template is at.
    """
    from auralis_cli.services.queue_editing import loading

    session = session_of(context)
    with opened_library(session, read_only=True) as store:
        kept = store.queue_templates.queue(name)
    code = edit(context, lambda *_: loading(kept), player, dry_run=dry_run, as_json=json, nothing="nothing to load")
    if not dry_run:
        with opened_library(session) as store:
            store.queue_templates.loaded(name, now=int(time.time()))
    return code


def templates(
    context: typer.Context,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help="Only those with this tag.")] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """List the queues that are kept.

    Prints the name of each, how many tracks it has, when it was last loaded, and its tags.
    """
    output = session_of(context).output
    check_one({"--json": json, "--jsonl": jsonl})
    with opened_library(session_of(context), read_only=True) as store:
        found = store.queue_templates.all(tag)
    if json or jsonl:
        (show_json if json else show_json_lines)(output, map(_template_document, found))
    else:
        show_templates(output, found)
    return 0


def forget(context: typer.Context, name: _Name, dry_run: DryRun = False, json: AsJson = False) -> int:
    """Forget what is kept under a name.

    The queue that came of it stays.
    """
    with opened_library(session_of(context), read_only=dry_run) as store:
        tracks = len(store.queue_templates.queue(name).items)
        if not dry_run:
            store.queue_templates.delete(name)
    _said(context, {"name": name, "tracks": tracks}, "forgotten", dry_run=dry_run, as_json=json)
    return 0


def _said(context: typer.Context, document: dict[str, object], word: str, *, dry_run: bool, as_json: bool) -> None:
    from auralis_cli.terminal_text import printable
    from auralis_cli.units import count_in_words

    output, tracks = session_of(context).output, document["tracks"]
    assert isinstance(tracks, int)
    if as_json:
        output.document({**document, "dry_run": dry_run})
    else:
        said = f"{printable(str(document['name']))}: {count_in_words(tracks, 'track', 'tracks')} {word}"
        output.result(f"{'dry run: ' if dry_run else ''}{said}")


def _documents(entries: Sequence[QueueHistoryEntry], *, undone: bool) -> list[dict[str, object]]:
    return [
        {"edit": entry.edit, "tracks": entry.items, "edited_at": entry.edited_at, "undone": undone} for entry in entries
    ]


def _template_document(template: QueueTemplate) -> dict[str, object]:
    return {
        "name": template.name,
        "tracks": template.items,
        "tags": template.tags,
        "repeat": template.repeat,
        "load_count": template.load_count,
        "loaded_at": template.loaded_at,
        "saved_at": template.saved_at,
    }


def _page(
    *examples: tuple[str, str], usage: str | None = None, exit_status: tuple[tuple[int, str], ...] = _CHANGES
) -> Page:
    return Page(examples, exit_status, usage=usage)


VERBS = {
    "show": SubVerb(
        "Show what is in the queue.",
        show,
        _page(("auralis queue show -f '$position $artist - $title'", "In a form of your own."), exit_status=_SHOWS),
    ),
    "add": SubVerb(
        "Put tracks at the end.",
        add,
        _page(("auralis queue add genre:jazz lufs:-14..", "What a query finds."), usage="[QUERY...]"),
    ),
    "next": SubVerb(
        "Put tracks behind the one that plays.",
        next_,
        _page(("auralis queue next so-what.flac", "This one next."), usage="[QUERY...]"),
    ),
    "set": SubVerb(
        "Put other tracks in place of all.",
        set_,
        _page(("auralis queue set album:blue", "One album, and nothing else."), usage="[QUERY...]"),
    ),
    "move": SubVerb("Move a track.", move, _page(("auralis queue move 12 1", "To the top."))),
    "remove": SubVerb(
        "Take tracks out.",
        remove,
        _page(
            ("auralis queue remove 3 5-7", "By their positions."),
            ("auralis queue remove artist:prince", "Those that a query finds."),
        ),
    ),
    "clear": SubVerb("Empty it.", clear, _page(("auralis queue clear -n", "Say how many that would be."))),
    "jump": SubVerb("Go to a position.", jump, _page(("auralis queue jump 7", "The seventh track."))),
    "shuffle": SubVerb(
        "Put it in an order of chance.",
        shuffle,
        _page(
            ("auralis queue shuffle --albums", "Albums stay whole."),
            ("auralis queue shuffle --smart", "No artist twice in a row where that can be."),
        ),
    ),
    "unshuffle": SubVerb("Go back to the order before.", unshuffle, _page(("auralis queue unshuffle", "So."))),
    "repeat": SubVerb("Say what happens at the end.", repeat, _page(("auralis queue repeat all", "Over and over."))),
    "undo": SubVerb("Take the last edit back.", undo, _page(("auralis queue undo -n", "Say what would be there."))),
    "redo": SubVerb("Make it again.", redo, _page(("auralis queue redo", "So."))),
    "history": SubVerb(
        "List the edits.", history, _page(("auralis queue history --json", "For programs."), exit_status=_SHOWS)
    ),
    "save": SubVerb("Keep it under a name.", save, _page(("auralis queue save Dinner --tag calm", "With a tag."))),
    "load": SubVerb("Load what was kept.", load, _page(("auralis queue load dinner", "In place of what there is."))),
    "templates": SubVerb(
        "List what is kept.",
        templates,
        _page(("auralis queue templates --tag calm", "Those with a tag."), exit_status=_SHOWS),
    ),
    "forget": SubVerb("Forget what was kept.", forget, _page(("auralis queue forget dinner", "So."))),
}
