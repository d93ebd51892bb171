"""`auralis history [ID]`: what was done to the library and to files; `--played`: what was played."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.kinds import Whole
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.journal import EntryState, FileChange, FileOperation, JournalEntry
from auralis_cli.model.query_values import interval_of
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import moment_in_words

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.model.plays import Play
    from auralis_cli.model.query import Query

PAGE = Page(
    examples=(
        ("auralis history", "The latest changes."),
        ("auralis history 12", "One change, with the files it touched."),
        ("auralis history --played --limit 5", "The last five tracks that were played."),
        ("auralis history --played --since -1w artist:monk", "What was played of an artist this week."),
    ),
    exit_status=(
        (0, "Done, or there is nothing to list."),
        (2, "Usage; or there is no such change."),
        (5, "The library cannot be used."),
    ),
    details=(
        "Every command that changes the library or files stands here, with what it did, the latest first. auralis undo "
        "takes any of them back. A change that is open is under way, or its command ended before it did: "
        "the next scan closes those of scan and cleanup.",
    ),
    usage="[ID | QUERY...]",
)
_MOST = 1_000_000
_DEFAULT_LIMIT = 20
_ID = Whole(1, 2**63 - 1)

ENTRY = Annotated[
    int | None,
    typer.Argument(
        metavar="ID",
        parser=Parser("ID", _ID),
        help="The number of a change, as auralis history lists it.",
        show_default=False,
    ),
]
_STATES = {EntryState.OPEN: "open", EntryState.DONE: "", EntryState.UNDONE: "undone"}
_OPERATIONS = {
    FileOperation.TRASHED: "to the trash",
    FileOperation.CREATED: "made",
    FileOperation.REWRITTEN: "rewritten",
    FileOperation.MOVED: "renamed",
}


def history(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="The number of a change, as listed; with --played, words of a query for the tracks.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", parser=Parser("--limit", Whole(1, _MOST)), help="List so many at most.")
    ] = _DEFAULT_LIMIT,
    played: Annotated[bool, typer.Option("--played", help="List what was played instead.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="With --played: from then on, such as 2026-05, -3w or 2026-05-04T18."
        ),
    ] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """List what was done, or played.

    Shows the latest changes of the library and of files, or one of them with its files; with --played the latest
    plays, all or those of tracks that a query finds.
    """
    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    if since is not None and not played:
        raise UsageError("--since", "is for --played")
    if not played and words and len(words) > 1:
        raise UsageError(words[1], "is more than one change", "with --played, words of a query are taken")
    since_s = None if since is None else _moment(since)
    query = asked_query(words) if played and words else None
    entry_id = Parser("ID", _ID)(words[0]) if words and not played else None
    with opened_library(session, read_only=True) as store:
        if entry_id is not None:
            entry = store.journal.entry(entry_id)
            if entry is None:
                raise UsageError(str(entry_id), "there is no such change", "auralis history lists them")
            _show_one(session, entry, store.journal.files(entry_id), as_json=json, as_json_lines=jsonl)
            return 0
        entries = () if played else store.journal.entries(limit)
        plays = _played(store, query, since_s, limit) if played else ()
    documents = [*map(document_of, entries), *map(document_of_play, plays)]
    if json:
        session.output.document({"auralis": FORMAT_VERSION, "items": documents})
    elif jsonl:
        for document in documents:
            session.output.json_line(document)
    elif not documents:
        is_part = query is not None or since is not None
        nothing = "nothing of that was played" if is_part else "nothing was played yet"
        session.output.note(nothing if played else "nothing was changed yet")
    else:
        _show_entries(session.output, entries)
        for play in plays:
            session.output.result(_play_in_words(play))
    return 0


def _moment(word: str) -> float:
    """When that began: the beginning of a day, month or year; `-1w` is a week ago."""
    try:
        return interval_of(TRACK_FIELDS.by_name["last_played_at"], word, int(time.time())).exact
    except ValueError as error:
        raise UsageError("--since", f"{word!r} is not a date such as 2026-05-04, nor a while such as -3w") from error


def _played(store: Store, query: Query | None, since_s: float | None, limit: int) -> Sequence[Play]:
    from auralis_cli.services.found_tracks import found_ids

    of_tracks = None if query is None else list(found_ids(store, query))
    return store.plays.history(limit=limit, of_tracks=of_tracks, since=since_s)


def in_one_line(entry: JournalEntry) -> str:
    """`change 12 (cleanup: 3 missing)`."""
    state = ", interrupted" if entry.state is EntryState.OPEN else ""
    return f"change {entry.id} ({entry.verb}: {entry.summary}{state})"


def document_of(entry: JournalEntry) -> Mapping[str, object]:
    """The JSON of an entry."""
    return {
        "id": entry.id,
        "verb": entry.verb,
        "summary": entry.summary,
        "started_at": entry.started_at,
        "finished_at": entry.finished_at,
        "state": entry.state,
        "undone_at": entry.undone_at,
        "rows": entry.rows,
        "files": entry.files,
    }


def document_of_play(play: Play) -> Mapping[str, object]:
    """The JSON of a play."""
    return {
        "id": play.track.id,
        "path": play.track.path,
        "title": play.track.title,
        "artist": play.track.artist,
        "started_at": play.started_at,
        "played_s": play.played_s,
        "outcome": play.outcome,
    }


def _show_entries(output: Output, entries: Sequence[JournalEntry]) -> None:
    widest = max((len(str(entry.id)) for entry in entries), default=1)
    verbs = max((len(entry.verb) for entry in entries), default=1)
    for entry in entries:
        cells = (
            str(entry.id),
            moment_in_words(entry.started_at),
            entry.verb,
            _STATES[entry.state],
            printable(entry.summary),
        )
        line = align(cells, (widest, 16, max(verbs, 8), 6, 0), right=(0,))
        output.result(output.styled(line, "dim") if entry.state is EntryState.UNDONE else line)


def _show_one(
    session: Session, entry: JournalEntry, files: Sequence[FileChange], *, as_json: bool, as_json_lines: bool
) -> None:
    if as_json or as_json_lines:
        touched = [
            {"operation": file.operation, "path": file.path, "place": file.place, "state": file.state}
            for file in reversed(files)
        ]
        write = session.output.document if as_json else session.output.json_line
        write({**document_of(entry), "touched": touched})
        return
    _show_entries(session.output, [entry])
    session.output.result(f"  {entry.rows:,} row{'s' * (entry.rows != 1)} of the library")
    for file in reversed(files):
        name = f" to {printable(file.place)}" if file.operation is FileOperation.MOVED and file.place else ""
        session.output.result(f"  {_OPERATIONS[file.operation]}: {printable(file.path)}{name}")
    if entry.undone_at is not None:
        session.output.result(f"  undone {moment_in_words(entry.undone_at)}")


def _play_in_words(play: Play) -> str:
    name = play.track.title if play.track.artist is None else f"{play.track.artist} - {play.track.title}"
    return align((moment_in_words(play.started_at), play.outcome, printable(name)), (16, 8, 0))
